"""Which parts of a small GPT's design does it need to write a fairy tale?

Position encodings at several context lengths, wide against deep MLPs, forms of attention, all
evaluated on held-out text up to four times as long as their training windows; and the effects of
sampling settings. Only the course's model holds nothing out and is evaluated on its training text.
"""

TITLE = "Language"
QUESTION = "Which parts of a small GPT's design does it need to write a fairy tale?"
PROTOCOL = (
    "Character models of fairy tales, trained on the first part of the text and evaluated on the "
    "last, in bits per character, at up to four times the length that they were trained with "
    "(the course's model, where it is run, on its training text)."
)
