"""The translation study: information about position that padding gives a convolutional network."""

TITLE = "Translation"
QUESTION = "Which padding lets a convolutional network forget where things are?"
PROTOCOL = (
    "Four 3×3 convolutions, then a global maximum (Net1) or a weight for every position (Net2), "
    "trained on red-left-of-green in the upper band against green-left-of-red in the lower band; "
    "tested with the bands swapped."
)
