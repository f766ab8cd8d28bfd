"""What contrastive learning encodes, and what its projection discards.

SimCLR on galaxies: two views of a picture should have similar embeddings, all others different
ones. The study varies the temperature and the views, removes the negatives, and measures how much
about the picture can be predicted from f and from g.
"""

TITLE = "Contrastive learning"
QUESTION = "What does a network learn from nothing but which two views show the same picture?"
PROTOCOL = (
    "An encoder f and a projection g are trained with InfoNCE on two random views of each galaxy. "
    "A linear classifier and nearest neighbours on f and on g evaluate them, compared with a "
    "supervised and with an untrained f."
)
