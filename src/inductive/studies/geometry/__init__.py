"""How many almost orthogonal directions fit into a space? Projections, random sets and angles."""

TITLE = "Geometry"
QUESTION = "How many directions fit into a space, if they need only be almost orthogonal?"
PROTOCOL = (
    "Points projected by random matrices to as many dimensions as the Johnson-Lindenstrauss lemma "
    "asks for; sets of unit vectors grown at random whose products stay below δ; angles of random "
    "vectors. Double precision. Nothing is trained."
)
