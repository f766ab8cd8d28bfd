"""The terms of one pixel of a convolution at the border, and output sizes."""

TITLE = "Convolution"
QUESTION = "What is one pixel of a convolution made of, at the border?"
PROTOCOL = (
    "A 3x3 kernel centred on the first pixel of random images: the sum as a source writes it, by "
    "scipy's convolution with each padding, and by torch; and output sizes over a grid of kernels. "
    "Nothing is trained."
)
