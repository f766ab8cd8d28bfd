"""Between mean, max and sum: which aggregator does a task need, and does a network learn it?"""

TITLE = "Aggregation"
QUESTION = (
    "Between mean, max and sum: which aggregator does a task need, and does a network learn it?"
)
PROTOCOL = (
    "Softmax aggregation (inverse temperature λ) and power mean (exponent q), each times the "
    "number of neighbours to the power of η, fixed or learnt: as layers of a network, and alone "
    "before a threshold on a task with a known correct aggregator."
)
