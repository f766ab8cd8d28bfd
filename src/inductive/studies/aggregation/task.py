"""How the networks of the aggregation study are trained."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues
from inductive.nn.aggregation import AGGREGATORS, GeneralizedAggregation
from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors, sparse_graph_tensors
from inductive.studies.aggregation.families import PARAMETER
from inductive.studies.aggregation.networks import AggregationNet, ThresholdNet
from inductive.studies.shared.graph_tasks import GraphTraining, node_task
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Parameters


@dataclass(frozen=True, kw_only=True)
class AggregatorNumbers:
    """An aggregator with its starting values."""

    family: str
    """`softmax` or `power`."""
    parameter: float | str
    """λ or q; `inf` and `-inf` are text."""
    exponent: float
    """η, the exponent of the number of neighbours."""
    learnt: str
    """`learnt` where λ or q, and η, are trained; `fixed` where not."""


@dataclass(frozen=True, kw_only=True)
class Training(GraphTraining):
    """Every setting that determines the weights."""

    graph: str
    """The data set's name."""
    hidden: int = 0
    """Width of the layers; the network of `neighbourhoods` has none."""
    aggregator: dict[str, Any]
    """The fields of `AggregatorNumbers`."""


def build_aggregator(numbers: AggregatorNumbers) -> GeneralizedAggregation:
    """A new aggregator with its starting values."""
    own = PARAMETER[numbers.family]
    values = {own: float(numbers.parameter), "exponent": float(numbers.exponent)}
    learnable = (own, "exponent") if numbers.learnt == "learnt" else ()
    return AGGREGATORS[numbers.family](**values, learnable=learnable)


def build_network(training: Training, num_features: int, num_classes: int) -> nn.Module:
    """The network of a run."""
    aggregator = partial(build_aggregator, AggregatorNumbers(**training.aggregator))
    if training.graph == "neighbourhoods":
        return ThresholdNet(num_features, num_classes, aggregator=aggregator)
    return AggregationNet(num_features, num_classes, hidden=training.hidden, aggregator=aggregator)


def task(run: Run, data: Graph | Tissues, device: torch.device) -> WholeGraphTask | ManyGraphsTask:
    """Aggregators' own parameters have no weight decay."""
    training = Training(**run.training)

    def decay(parameters: Parameters) -> dict[str, float]:
        decayed = [name for name in parameters if "aggregator" not in name]
        return dict.fromkeys(decayed, training.weight_decay)

    def tensors(graph: Graph) -> GraphTensors:
        if training.graph == "neighbourhoods":
            return dense_graph_tensors(graph.features.toarray(), graph.edges, device)
        return sparse_graph_tensors(graph.features, graph.edges, device)

    return node_task(training, data, device, partial(build_network, training), decay, tensors)
