"""How alike the nodes of a graph are: three measures of features (N, d), in double precision."""

import torch
from torch import Tensor

from inductive.nn.graph_tensors import GraphTensors


def feature_std(h: Tensor) -> float:
    """Mean over features of the standard deviation over nodes."""
    return float(h.double().std(0, unbiased=False).mean())


def root_mean_square(h: Tensor) -> float:
    """The size of a typical entry."""
    return float(h.double().square().mean().sqrt())


def dirichlet_energy(h: Tensor, graph: GraphTensors) -> float:
    """½ Σ_ij ‖h_i/√d_i - h_j/√d_j‖² over all edges in both directions, degrees with the self-loop.

    tr(Hᵀ (I - Â) H) for the normalised adjacency Â (Cai and Wang 2020): 0 where rows are the same
    vector times √d, which is what repeated averaging with Â ends in.
    """
    row, column = graph.neighbours.row, graph.neighbours.column.long()
    degree = torch.bincount(row, minlength=graph.num_nodes).double()
    scaled = h.double() / degree.sqrt()[:, None]
    return float((scaled[row] - scaled[column]).square().sum() / 2)


def mean_average_distance(h: Tensor) -> float:
    """Mean cosine distance of all pairs of different nodes (Chen et al. 2020), in [0, 2].

    Nodes of zeros have no direction and are left out; fewer than two others give 0.
    """
    length = h.double().norm(dim=1)
    unit = h.double()[length > 0] / length[length > 0, None]
    n = len(unit)
    if n < 2:
        return 0.0
    # Σ_ij u_i·u_j = ‖Σ u_i‖², of which n are pairs of a node with itself.
    return float(1 - (unit.sum(0).square().sum() - n) / (n * (n - 1)))
