"""The three node classifiers of the citation study.

Each takes the tensors of a graph and, in training, one dropout mask per site (`mask_shapes`), so
that the masks of every seed can come from its own generator.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.graph_attention import GraphAttention
from inductive.nn.graph_convolution import GraphConvolution, SparseInput, linear
from inductive.nn.graph_tensors import GraphTensors

Masks = dict[str, Tensor]
"""Dropout site -> mask."""


def _drop(x: Tensor, masks: Masks | None, site: str) -> Tensor:
    return x if masks is None else x * masks[site]


class _ELU(torch.autograd.Function):
    """F.elu up to rounding, several times faster on a CPU: vectorised, and in place."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.clamp(max=0).exp_().sub_(1).add_(x.relu())

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (output,) = ctx.saved_tensors
        slope: Tensor = output.clamp(max=0).add_(1)  # e^x below 0, 1 above
        return slope.mul_(grad)


def elu(x: Tensor) -> Tensor:
    """x above 0, e^x - 1 below, element by element."""
    y: Tensor = _ELU.apply(x)
    return y


class GCN(nn.Module):
    """Two graph convolutions, ReLU between them, dropout before each (Kipf and Welling 2017,
    arXiv:1609.02907)."""

    decayed = ("first.weight", "first.bias")
    """Parameters with weight decay."""

    def __init__(self, num_features: int, num_classes: int, *, hidden: int) -> None:
        super().__init__()
        self.first = GraphConvolution(num_features, hidden)
        self.second = GraphConvolution(hidden, num_classes)

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        hidden = self.first.bias.shape[-1]
        return {"input": (len(graph.feature_values),), "hidden": (graph.num_nodes, hidden)}

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        x = SparseInput(graph, None if masks is None else masks["input"])
        hidden = F.relu(self.first(x, graph))
        scores: Tensor = self.second(_drop(hidden, masks, "hidden"), graph)
        return scores


class MLP(nn.Module):
    """The GCN without its graph: it classifies from a node's own features alone."""

    decayed = ("first", "first_bias")
    """Parameters with weight decay."""

    def __init__(self, num_features: int, num_classes: int, *, hidden: int) -> None:
        super().__init__()
        self.first = nn.Parameter(nn.init.xavier_uniform_(torch.empty(num_features, hidden)))
        self.first_bias = nn.Parameter(torch.zeros(hidden))
        self.second = nn.Linear(hidden, num_classes)

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        hidden = self.first_bias.shape[-1]
        return {"input": (len(graph.feature_values),), "hidden": (graph.num_nodes, hidden)}

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        x = SparseInput(graph, None if masks is None else masks["input"])
        hidden = F.relu(linear(x, self.first) + self.first_bias)
        scores: Tensor = self.second(_drop(hidden, masks, "hidden"))
        return scores


class GAT(nn.Module):
    """Two attention layers, ELU between them, dropout on inputs and on attention (Veličković et
    al. 2018, arXiv:1710.10903)."""

    decayed = None
    """All parameters have weight decay."""

    def __init__(
        self, num_features: int, num_classes: int, *, hidden: int, heads: int, output_heads: int
    ) -> None:
        super().__init__()
        self.first = GraphAttention(num_features, hidden, heads=heads)
        self.second = GraphAttention(
            heads * hidden, num_classes, heads=output_heads, concatenate=False
        )

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        edges, first, second = len(graph.normalised), self.first, self.second
        return {
            "input": (len(graph.feature_values),),
            "first attention": (edges, first.heads),
            "hidden": (graph.num_nodes, first.heads * first.out_features),
            "second attention": (edges, second.heads),
        }

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        masks = masks or {}
        x = SparseInput(graph, masks.get("input"))
        hidden = elu(self.first(x, graph, masks.get("first attention")))
        hidden = _drop(hidden, masks or None, "hidden")
        scores: Tensor = self.second(hidden, graph, masks.get("second attention"))
        return scores

    def attention(self, graph: GraphTensors) -> Tensor:
        """α of the first layer, (E, heads), without dropout."""
        return self.first.attention(self.first.project(SparseInput(graph)), graph.neighbours)


MODELS: dict[str, Any] = {"GCN": GCN, "GAT": GAT, "MLP": MLP}
"""Name -> class, built as class(num_features, num_classes, **sizes)."""
