"""The segmentation study: U-Nets with and without skip connections."""

TITLE = "Segmentation"
QUESTION = "What do skip connections carry that a network cannot do without?"
PROTOCOL = (
    "U-Nets with and without skip connections, with equal channels and with equally many "
    "parameters, trained on crops of images of cells, evaluated on whole held-out images: overlap "
    "of cells, and accuracy of their boundaries."
)
