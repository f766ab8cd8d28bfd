"""When do gradients vanish or explode? Measured derivatives and the bounds that hold for them."""

TITLE = "Gradients"
QUESTION = "When do gradients vanish or explode?"
PROTOCOL = (
    "Scalar chains of ReLU units, with unit weights and with random ones, and a recurrent network "
    "x ← sigmoid(W x): derivatives in double precision, and the bounds that a course derives. "
    "Nothing is trained."
)
