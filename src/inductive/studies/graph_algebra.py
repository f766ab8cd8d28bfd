"""Which identities behind message passing hold as taught?

Adjacency powers, Laplacians, index and matrix form, message passing, attention on a complete graph:
each measured, on the two graphs of the source and on random ones. Nothing is trained.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.training.tidy import Tidy

TITLE = "Graph algebra"
QUESTION = "Which identities behind message passing hold as taught?"
PROTOCOL = (
    "The two graphs of the source and random ones, features drawn anew for every seed: every "
    "identity is computed in two ways and the largest difference is shown."
)

# The two graphs of S2 3.1 by the source's numbering from 1, and what is printed for them there.
FIRST = ((1, 2), (1, 3), (1, 5), (2, 3), (3, 4))
SECOND = ((1, 2), (2, 3), (2, 5), (3, 4), (4, 5), (4, 6), (5, 6))
PRINTED_SQUARE = (
    (3, 1, 1, 1, 0),
    (1, 2, 1, 1, 1),
    (1, 1, 3, 0, 1),
    (1, 1, 0, 1, 0),
    (0, 1, 1, 0, 1),
)
PRINTED_LAPLACIAN = (
    (1, -1, 0, 0, 0, 0),
    (-1, 3, -1, 0, -1, 0),
    (0, -1, 2, -1, 0, 0),
    (0, 0, -1, 3, -1, -1),
    (0, -1, 0, -1, 3, -1),
    (0, 0, 0, -1, -1, 2),
)
LONGEST = 6  # steps of the walks that are counted one by one


def runs(params: dict[str, Any]) -> list[Run]:
    """The identities, and what attention costs."""
    return part_runs(__name__, params["graph_algebra"], ("identities", "cost"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """Every identity, or the time of attention by edges and by nodes."""
    if run.labels["part"] == "identities":
        return measured(run, _identities)
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    _cost(tidy, run.training)
    return tidy


def adjacency(edges: tuple[tuple[int, int], ...]) -> "np.ndarray":
    """(n, n) of 0 and 1, from edges that count from 1."""
    import numpy as np

    n = max(max(edge) for edge in edges)
    matrix = np.zeros((n, n), dtype=np.int64)
    for i, j in edges:
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = 1
    return matrix


def laplacian(matrix: "np.ndarray") -> "np.ndarray":
    """D - A."""
    import numpy as np

    result: np.ndarray = np.diag(matrix.sum(1)) - matrix
    return result


def walks(matrix: "np.ndarray", steps: int) -> "np.ndarray":
    """(n, n): how many walks of so many steps lead from u to v, found by walking each."""
    import numpy as np

    n = len(matrix)
    counts = np.zeros((n, n), dtype=np.int64)
    neighbours = [np.flatnonzero(row).tolist() for row in matrix]
    for start in range(n):
        ends = [start]
        for _ in range(steps):
            ends = [v for u in ends for v in neighbours[u]]
        np.add.at(counts[start], ends, 1)
    return counts


def _identities(seed: int, nodes: int, degree: int, width: int) -> Found:
    import numpy as np
    import torch

    from inductive.studies.message_passing import attention_error, passing_error
    from inductive.training.randomness import numpy_generator, seed_for

    rng = numpy_generator("identities", seed)
    first, second = adjacency(FIRST), adjacency(SECOND)
    # Every node of the random graph has a neighbour: the mean of none is not defined.
    chance = np.triu(rng.uniform(size=(nodes, nodes)) < degree / nodes, 1)
    chance[np.arange(nodes - 1), np.arange(1, nodes)] = True
    random = (chance | chance.T).astype(np.int64)

    found: Found = {}
    found["entries of A² unlike the printed ones", "", ""] = float(
        (first @ first != np.array(PRINTED_SQUARE)).sum()
    )
    found["entries of L unlike the printed ones", "", ""] = float(
        (laplacian(second) != np.array(PRINTED_LAPLACIAN)).sum()
    )
    for steps in range(1, LONGEST + 1):
        for name, graph in [("first", first), ("second", second)]:
            wrong = np.linalg.matrix_power(graph, steps) != walks(graph, steps)
            found[f"walks counted wrongly, {name} graph", "steps", steps] = float(wrong.sum())

    # Features of mean 0 and variance 1: (LX)_v has variance d² + d for independent ones.
    x = rng.normal(size=(len(second), 4096))
    change = np.sqrt(((laplacian(second) @ x) ** 2).mean(1))
    for node, (degree_of, size) in enumerate(zip(second.sum(1), change, strict=True), start=1):
        found["degree", "node", node] = float(degree_of)
        found["change under L", "node", node] = float(size)

    h, w, b = (rng.normal(size=s) for s in [(nodes, width), (width, width), (width, width)])
    by_matrix = np.maximum(np.diag(1 / random.sum(1)) @ random @ h @ w + h @ b, 0)
    by_index = np.stack([h[random[v] == 1].mean(0) @ w + h[v] @ b for v in range(nodes)]).clip(0)
    found["index form - matrix form", "", ""] = float(np.abs(by_matrix - by_index).max())

    def around(aggregate: Callable[..., Any], values: np.ndarray) -> np.ndarray:
        return np.stack([aggregate(values[random[v] == 1], axis=0) for v in range(nodes)])

    other = rng.normal(size=h.shape)
    aggregates: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median}
    for name, aggregate in aggregates.items():
        # What a matrix does: f(x + y) = f(x) + f(y).
        broken = around(aggregate, h + other) - around(aggregate, h) - around(aggregate, other)
        found[f"additivity broken by the {name}", "", ""] = float(np.abs(broken).mean())

    generator = torch.Generator().manual_seed(seed_for("message passing", seed))
    found["layer - message passing", "", ""] = passing_error(random, h, w, b)
    found["attention on a complete graph - Transformer", "", ""] = attention_error(
        generator, nodes, width
    )
    return found


def _cost(tidy: "Tidy", numbers: dict[str, Any]) -> None:
    """Milliseconds of one pass by edges and by nodes, and the exponents that they grow with.

    Times are of this machine on this day; only how they grow says something.
    """
    import numpy as np

    from inductive.studies.message_passing import dense_attention, graph_attention
    from inductive.training.cost import milliseconds

    nodes, widths = numbers["nodes"], numbers["width"]
    sweeps = [
        ("graph attention", "edges", numbers["edges"], lambda e: graph_attention(nodes, e, widths)),
        ("dense attention", "nodes", numbers["dense_nodes"], lambda n: dense_attention(n, widths)),
        (
            "graph attention at 8 neighbours",
            "nodes",
            numbers["dense_nodes"],
            lambda n: graph_attention(n, 8 * n, widths),
        ),
    ]
    for name, axis, sizes, make in sweeps:
        times = np.array([[milliseconds(make(size)) for _ in tidy.seeds] for size in sizes])
        for size, row in zip(sizes, times, strict=True):
            tidy.add(row.tolist(), "", "", f"milliseconds, {name}", axis, size)
        # Small sizes cost their overhead; growth is read from the upper half.
        half = min(len(sizes) // 2, len(sizes) - 2)
        slopes = np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0]
        tidy.add(slopes.tolist(), "", "", f"exponent, {name}", axis)
