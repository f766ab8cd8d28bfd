"""How the error rate of 5 % is shared out over the looks at a growing number of seeds."""

from collections.abc import Sequence

LEVEL = 0.05
"""Of all looks together: the chance that any verdict of a study is wrong is at most this."""


def levels(looks: Sequence[int]) -> list[float]:
    """The level of each look, from the numbers of seeds at which one looks, ascending.

    Each look spends in proportion to the seeds that it adds, and all levels sum to LEVEL. The
    chance of any false decision is then at most LEVEL, however the looks depend on each other
    (Bonferroni's inequality over looks).
    """
    steps = [after - before for before, after in zip((0, *looks), looks, strict=False)]
    return [LEVEL * step / looks[-1] for step in steps]
