"""Do neighbours help against wrong labels? An example of a study outside the package."""

TITLE = "Label noise"
QUESTION = "Does averaging over neighbours help a network against wrong labels?"
PROTOCOL = (
    "One layer classifies the papers of a citation graph, by a paper's own words or by their "
    "average over the papers that it is linked to. A share of the training papers has the label of "
    "another class; labels for validation and test are right."
)
