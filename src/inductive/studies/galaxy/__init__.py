"""A small network on Galaxy10, and how it overfits.

The course's network, data and thirty epochs, with one random split for all seeds; then the same
with a different stratified split per seed, without and with each remedy against overfitting.
"""

TITLE = "Galaxies"
QUESTION = "When does a small network start to memorise instead of learning, and what helps?"
PROTOCOL = (
    "Two 5×5 convolutions and three linear layers classify galaxies by their shape; 80 % of the "
    "pictures are for training, 10 % for validation after every epoch, 10 % for testing."
)
