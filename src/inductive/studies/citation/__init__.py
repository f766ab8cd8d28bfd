"""Does attending to neighbours beat averaging them?"""

TITLE = "Citation"
QUESTION = "Does attending to neighbours beat averaging them?"
PROTOCOL = (
    "Two layers of graph convolution (GCN), of graph attention (GAT) or of neither (MLP) classify "
    "the papers of a citation graph from few labels per class, on the public split and on random "
    "ones."
)
