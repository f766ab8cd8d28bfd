"""How many almost orthogonal directions fit into a space? Projections, random sets and angles."""

TITLE = "Geometry"
QUESTION = "How many directions fit into a space, if they need only be almost orthogonal?"
PROTOCOL = (
    "Points projected by random matrices to the number of dimensions that the "
    "Johnson-Lindenstrauss lemma requires; random sets of unit vectors whose inner products are at "
    "most δ; angles of random vectors. Double precision. Nothing is trained."
)
