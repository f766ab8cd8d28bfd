"""Similarity of the nodes of a graph: measures of features h (N, d), in double precision."""

import torch
from torch import Tensor

from inductive.nn.graph_tensors import GraphTensors


def feature_std(h: Tensor) -> float:
    """Mean over features of the standard deviation over nodes."""
    return float(h.double().std(0, unbiased=False).mean())


def root_mean_square(h: Tensor) -> float:
    """√ of the mean square of all entries."""
    return float(h.double().square().mean().sqrt())


def dirichlet_energy(h: Tensor, graph: GraphTensors) -> float:
    """½ Σ_ij ‖h_i/√d_i - h_j/√d_j‖² over all edges in both directions, degrees with the self-loop.

    Equal to tr(Hᵀ (I - Â) H) for the normalised adjacency Â (Cai and Wang 2020, arXiv:2006.13318).
    It is 0 where every row is the same vector times √d, the limit of repeated averaging with Â.
    """
    row, column = graph.neighbours.row, graph.neighbours.column.long()
    degree = torch.bincount(row, minlength=graph.num_nodes).double()
    scaled = h.double() / degree.sqrt()[:, None]
    return float((scaled[row] - scaled[column]).square().sum() / 2)


def mean_average_distance(h: Tensor) -> float:
    """Mean cosine distance of all pairs of different nodes, in [0, 2] (Chen et al. 2020,
    arXiv:1909.03211).

    Nodes whose features are all 0 have no direction and are left out; with fewer than two other
    nodes the distance is 0.
    """
    length = h.double().norm(dim=1)
    unit = h.double()[length > 0] / length[length > 0, None]
    n = len(unit)
    if n < 2:
        return 0.0
    # Σ_ij u_i·u_j = ‖Σ u_i‖², of which n are pairs of a node with itself.
    return float(1 - (unit.sum(0).square().sum() - n) / (n * (n - 1)))
