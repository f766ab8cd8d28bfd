"""Effects of position encodings on attention scores: added, concatenated, and two variants."""

TITLE = "Positions"
QUESTION = "What do position encodings do to attention scores?"
PROTOCOL = (
    "Sinusoidal encodings E of n positions in p dimensions; random features X with the mean and "
    "the standard deviation of E; scores KᵀK of K = X + E and of K = [X; E], with no projections. "
    "Nothing is trained."
)
