"""Graph networks of growing depth, and remedies against oversmoothing."""

TITLE = "Oversmoothing"
QUESTION = "When does depth make all nodes alike, and what helps?"
PROTOCOL = (
    "Graph convolutional networks of growing depth classify the cells of tissues (the course's "
    "task) and the papers of a citation graph; the variants differ in one remedy. Every layer is "
    "measured before and after training."
)
