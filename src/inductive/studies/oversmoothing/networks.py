"""Graph convolutional networks of any depth, with the remedies that let them be deep."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.core.errors import InputError, unknown
from inductive.nn.graph_convolution import (
    GraphConvolution,
    SparseInput,
    first_input,
    input_mask_shape,
    linear,
)
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import sparse_matmul

Masks = dict[str, Tensor]
"""Dropout site -> mask."""

# The operation after a layer: (its output (N, d), its input or an empty tensor) -> (N, d).


def plain(h: Tensor, layer_input: Tensor) -> Tensor:
    """ReLU(h)."""
    return h.relu()


def residual(h: Tensor, layer_input: Tensor) -> Tensor:
    """ReLU(h) + the layer's input, where both have the same width."""
    return h.relu() + layer_input if layer_input.shape == h.shape else h.relu()


def pair_norm(h: Tensor, layer_input: Tensor) -> Tensor:
    """ReLU of PairNorm (Zhao and Akoglu 2020, arXiv:1909.12223): columns centred, then all rows
    scaled to a mean square length of 1."""
    centred = h - h.mean(-2, keepdim=True)
    length = centred.square().sum(-1).mean(-1).clamp(min=1e-12).sqrt()
    return (centred / length[..., None, None]).relu()


def batch_norm(h: Tensor, layer_input: Tensor) -> Tensor:
    """ReLU of columns with mean 0 and variance 1 over the nodes, without learnt scales."""
    centred = h - h.mean(-2, keepdim=True)
    return (centred / (centred.square().mean(-2, keepdim=True) + 1e-5).sqrt()).relu()


class SelfConvolution(nn.Module):
    """D⁻¹ A H W + H B: a linear map W of the neighbours' mean, and a separate linear map B of the
    node's own features. Without neighbours the mean is 0."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.own = nn.Parameter(torch.empty(in_features, out_features))
        for parameter in (self.weight, self.own):
            nn.init.xavier_uniform_(parameter)

    def forward(self, x: Tensor | SparseInput, graph: GraphTensors) -> Tensor:
        """(N, in) -> (N, out)."""
        mixed = sparse_matmul(graph.neighbours, graph.mean, linear(x, self.weight))
        return mixed + linear(x, self.own)


STACKS = {
    "none": (GraphConvolution, plain),
    "self": (SelfConvolution, plain),
    "residual": (GraphConvolution, residual),
    "pair-norm": (GraphConvolution, pair_norm),
    "batch-norm": (GraphConvolution, batch_norm),
    "he": (GraphConvolution, plain),
    "he-unregularised": (GraphConvolution, plain),
}
"""Remedy -> (layer, operation after it), of the remedies that keep the plain stack of layers."""


class DeepGCN(nn.Module):
    """`depth` graph convolutions; dropout on every hidden layer, and on the input if `drop_input`.

    Initial weights are Glorot's times `gain`. A gain of √2 compensates the half of the signal that
    a ReLU removes (He et al. 2015, arXiv:1502.01852). Raises InputError for a depth below 1 and for
    an unknown remedy.
    """

    def __init__(
        self,
        num_features: int,
        num_classes: int,
        *,
        hidden: int,
        depth: int,
        remedy: str = "none",
        gain: float = 1.0,
        drop_input: bool = False,
    ) -> None:
        super().__init__()
        if depth < 1:
            raise InputError(f"depth: {depth} is below 1")
        if remedy not in STACKS:
            raise InputError(unknown("remedy", remedy, (*STACKS, "gcnii")))
        layer, self.activation = STACKS[remedy]
        widths = [num_features, *[hidden] * (depth - 1), num_classes]
        self.layers = nn.ModuleList(layer(a, b) for a, b in pairwise(widths))
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.mul_(gain)  # biases are 0
        self.hidden, self.drop_input = hidden, drop_input

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        hidden = len(self.layers) - 1
        shapes = {"hidden": (hidden, graph.num_nodes, self.hidden)} if hidden else {}
        return shapes | ({"input": input_mask_shape(graph)} if self.drop_input else {})

    def layer_outputs(self, graph: GraphTensors, masks: Masks | None = None) -> list[Tensor]:
        """Every layer's output: (N, hidden) after the activation, and (N, classes), the scores."""
        masks = masks or {}
        x: Tensor | SparseInput = first_input(graph, masks.get("input"))
        outputs = []
        for i, layer in enumerate(self.layers):
            h = layer(x, graph)
            if i + 1 < len(self.layers):
                h = self.activation(h, x if isinstance(x, Tensor) else h.new_empty(0))
                x = h * masks["hidden"][i] if "hidden" in masks else h
            outputs.append(h)
        return outputs

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        return self.layer_outputs(graph, masks)[-1]


class GCNII(nn.Module):
    """Chen et al. 2020 (arXiv:2007.02133), with α = `initial` and θ = `strength`:
    H' = ReLU(((1-α) Â H + α H₀) ((1-β) I + β W)), β = log(θ / layer + 1).

    A linear layer precedes these layers and another one follows them. The parameters W are named
    `mixed`, so that their weight decay can differ. Raises InputError for a depth below 1.
    """

    def __init__(
        self,
        num_features: int,
        num_classes: int,
        *,
        hidden: int,
        depth: int,
        initial: float = 0.1,
        strength: float = 0.5,
        drop_input: bool = False,
    ) -> None:
        super().__init__()
        if depth < 1:
            raise InputError(f"depth: {depth} is below 1")
        self.initial, self.hidden, self.drop_input = initial, hidden, drop_input
        self.betas = [math.log(strength / i + 1) for i in range(1, depth + 1)]
        self.first = nn.Parameter(nn.init.xavier_uniform_(torch.empty(num_features, hidden)))
        self.first_bias = nn.Parameter(torch.zeros(hidden))
        self.mixed = nn.ParameterList(
            nn.Parameter(nn.init.xavier_uniform_(torch.empty(hidden, hidden))) for _ in range(depth)
        )
        self.last = nn.Linear(hidden, num_classes)

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        shapes = {"hidden": (len(self.betas) + 1, graph.num_nodes, self.hidden)}
        return shapes | ({"input": input_mask_shape(graph)} if self.drop_input else {})

    def layer_outputs(self, graph: GraphTensors, masks: Masks | None = None) -> list[Tensor]:
        """Every layer's output: (N, hidden) after the activation, and (N, classes), the scores."""
        masks = masks or {}
        h = F.relu(linear(first_input(graph, masks.get("input")), self.first) + self.first_bias)
        outputs = [h]
        x = initial = h * masks["hidden"][0] if "hidden" in masks else h
        for i, (beta, weight) in enumerate(zip(self.betas, self.mixed, strict=True)):
            mixed = sparse_matmul(graph.neighbours, graph.normalised, x)
            support = (1 - self.initial) * mixed + self.initial * initial
            h = F.relu((1 - beta) * support + beta * (support @ weight))
            outputs.append(h)
            x = h * masks["hidden"][i + 1] if "hidden" in masks else h
        return [*outputs, self.last(x)]

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        return self.layer_outputs(graph, masks)[-1]
