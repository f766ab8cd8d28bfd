"""What contrastive learning encodes, and what its projection discards.

SimCLR on galaxies: two views of a picture should lie close together, all others apart. Which
temperature, which views, what happens without negatives, and how much about the picture can be read
from f and from g.
"""

TITLE = "Contrastive learning"
QUESTION = "What does a network learn from nothing but which two views show the same picture?"
PROTOCOL = (
    "An encoder f and a projection g are trained with InfoNCE on two random views of each galaxy. "
    "A linear classifier and nearest neighbours on f and on g evaluate them, compared with a "
    "supervised and with an untrained f."
)
