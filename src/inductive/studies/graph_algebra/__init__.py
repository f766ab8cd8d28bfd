"""Which identities behind message passing hold as taught?"""

TITLE = "Graph algebra"
QUESTION = "Which identities behind message passing hold as taught?"
PROTOCOL = (
    "Nothing is trained. On the two graphs of the source and on random ones, with other random "
    "features per seed, every identity is computed in two ways and the largest difference is "
    "shown."
)
