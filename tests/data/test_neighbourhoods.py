"""The task with a known correct aggregator, against plain loops over its nodes."""

import numpy as np
import pytest

from inductive.data.generated import neighbourhoods


@pytest.mark.parametrize("target", neighbourhoods.TARGETS)
def test_only_the_correct_aggregator_makes_no_error(target: str) -> None:
    """Classes by a loop over nodes; no other aggregator separates them."""
    settings = {"seed": 3, "nodes": 300, "degree": 6, "spread": 1.0, "target": target}
    arrays, _ = neighbourhoods.generate(settings)
    values, edges = arrays["values"][:, 0].astype(float), arrays["edges"]
    around = [[v] for v in range(300)]
    for a, b in edges.T:
        around[a].append(b)
        around[b].append(a)
    levels = {
        name: np.array([getattr(np, name)(values[nodes]) for nodes in around])
        for name in neighbourhoods.TARGETS
    }
    for name, level in levels.items():
        order = arrays["labels"][np.argsort(level)]
        best = max((order[k:].sum() + (1 - order[:k]).sum()) / 300 for k in range(301))
        assert (best == 1) == (name == target), (name, best)
