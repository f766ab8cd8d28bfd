"""Exact and efficient forms of attention: which are equal, and the cost of each."""

TITLE = "Attention"
QUESTION = "Which forms of attention are equal, and what does each cost?"
PROTOCOL = (
    "Random queries, keys and values: the growth of scores with the width, the rank by the number "
    "of heads, the effect of the order of tokens, which efficient forms equal the plain one, and "
    "time and memory of one pass by the number of tokens. Nothing is trained."
)
