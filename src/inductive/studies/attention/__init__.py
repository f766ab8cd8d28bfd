"""Attention in its exact and its efficient forms: which are equal, and what each costs."""

TITLE = "Attention"
QUESTION = "Which forms of attention are equal, and what does each cost?"
PROTOCOL = (
    "Random queries, keys and values: how scores grow with the width, what heads add to the rank, "
    "whether the order of tokens matters, which efficient forms equal the plain one, and time and "
    "memory of one pass by the number of tokens. Nothing is trained."
)
