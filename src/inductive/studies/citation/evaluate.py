"""The measurements of the trained networks of the citation study."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.graph_noise import add_random_edges, shuffle_features
from inductive.nn.graph_tensors import GraphTensors, sparse_graph_tensors
from inductive.studies.citation.attention_cost import attention_scores
from inductive.studies.citation.task import Training, split_nodes
from inductive.studies.shared.node_accuracy import nodes_right
from inductive.studies.shared.outcomes import add_mean, note_examples
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

Disturb = Callable[[Graph, float, int], Graph]
"""(graph, amount of noise, seed) -> the graph with noise."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Amounts of noise, which is in the graph that a trained network reads, not in the one that it
    was trained on."""

    edge_noise: list[float]
    """Random edges added, as a share of the number of edges."""
    feature_noise: list[float]
    """The share of nodes whose features are shuffled among them."""


def evaluate(
    run: Run, data: Graph, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy on every part, test accuracy under noise, and the attention of a GAT."""
    training, evaluation = Training(**run.training), Evaluation(**run.evaluation)
    table = MeasurementTable(run.seeds)
    nodes = [split_nodes(data, training, seed) for seed in run.seeds]
    graph = sparse_graph_tensors(data.features, data.edges, device)
    public = training.split == "public"
    if not public:
        note_examples(table, nodes[0])
    for selection, ensemble in trained.items():
        predicted = ensemble(graph).argmax(-1).cpu().numpy()
        for part in ("train", "validation", "test"):
            right = [
                nodes_right(classes, data.labels, parts[part])
                for classes, parts in zip(predicted, nodes, strict=True)
            ]
            same = public and part != "train"
            add_mean(table, np.stack(right), "accuracy", same=same, selection=selection, split=part)
    best, test = trained["best"], [parts["test"] for parts in nodes]
    add = partial(add_mean, table, same=public, selection="best", split="test")
    for amount in evaluation.edge_noise:
        noisy = _right_under_noise(data, best, test, device, add_random_edges, amount)
        add(noisy, "accuracy", edge_noise=amount)
    for amount in evaluation.feature_noise:
        noisy = _right_under_noise(data, best, test, device, shuffle_features, amount)
        add(noisy, "accuracy", feature_noise=amount)
    if training.model == "GAT":
        _add_attention(table, data, graph, best)
        for name, counts in attention_scores(data).items():
            table.keep(name, counts)
    return table


def _right_under_noise(
    data: Graph,
    ensemble: Ensemble,
    test: list[np.ndarray],
    device: torch.device,
    disturb: Disturb,
    amount: float,
) -> np.ndarray:
    """(S, n) bool: whether each test node is classified correctly, each seed on its own disturbed
    graph."""
    right = []
    for i, seed in enumerate(ensemble.seeds):
        noisy = disturb(data, amount, seed)
        graph = sparse_graph_tensors(noisy.features, noisy.edges, device)
        predicted = ensemble.select(i)(graph)[0].argmax(-1).cpu().numpy()
        right.append(nodes_right(predicted, data.labels, test[i]))
    return np.stack(right)


def _add_attention(
    table: MeasurementTable, data: Graph, graph: GraphTensors, ensemble: Ensemble
) -> None:
    """Entropy per head, and attention by the kind of edge; both are 1 where attention averages.

    Entropy is divided by that of uniform attention, over nodes with at least one neighbour.
    Relative attention is α times the number of entries of its row.
    """
    row, column = graph.neighbours.row, graph.neighbours.column.long()
    degree = torch.bincount(row, minlength=graph.num_nodes).float()
    alpha = ensemble(graph, method="attention")  # (S, E, heads)
    linked = degree > 1
    for head in range(alpha.shape[-1]):
        a = alpha[..., head]
        terms = -torch.xlogy(a, a)
        entropy = torch.zeros(len(a), graph.num_nodes, device=a.device).index_add(1, row, terms)
        relative_entropy = entropy[:, linked] / degree[linked].log()
        table.add(relative_entropy.mean(1), "attention entropy", selection="best", head=head + 1)
    labels = torch.from_numpy(data.labels).to(row.device)
    known = (labels[row] >= 0) & (labels[column] >= 0) & linked[row]
    same, loop = labels[row] == labels[column], row == column
    kinds = {
        "same class": known & same & ~loop,
        "other class": known & ~same & ~loop,
        "itself": known & loop,
    }
    relative = alpha.mean(-1) * degree[row]
    for kind, edges in kinds.items():
        table.add(relative[:, edges].mean(1), f"relative attention, {kind}", selection="best")
