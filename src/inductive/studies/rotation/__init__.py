"""The rotation study: augmentation against equivariance by construction."""

TITLE = "Rotation"
QUESTION = "Does a convolutional network know a rotated object?"
PROTOCOL = (
    "Three 3×3 convolutions with 2×2 pooling, one hidden layer; trained upright, augmented with "
    "any rotation, or built from group convolutions with as many parameters; tested at every angle."
)
