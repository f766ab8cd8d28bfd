"""Does attending to neighbours beat averaging them?

A graph convolution (GCN), graph attention (GAT) and a network without the graph (MLP) classify the
papers of a citation graph from 20 labels a class.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn

    from inductive.data.graph import Graph
    from inductive.training.members import Members, Parameters
    from inductive.training.optimizers import Optimizer
    from inductive.training.randomness import Draws
    from inductive.training.task import Step
    from inductive.training.tidy import Tidy

TITLE = "Citation"
QUESTION = "Does attending to neighbours beat averaging them?"
PROTOCOL = (
    "Two layers of graph convolution (GCN), graph attention (GAT) or neither (MLP) classify the "
    "papers of a citation graph from few labels a class, on the public split and on random ones."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """Every model on every kind of split."""
    block = params["citation"]
    dataset = resolve("cora", params["data"]["cora"])
    wanted = []
    for split in block["splits"]:
        for model, numbers in block["models"].items():
            training = {"model": model, "split": split, "epochs": block["epochs"]} | numbers
            if split == "random":
                training["random_split"] = block["random_split"]
            wanted.append(
                Run(
                    study="citation",
                    variant=f"{model}-{split}",
                    labels={"model": model, "on": split},
                    training=training,
                    evaluation=block["evaluation"],
                    seeds=tuple(block["seeds"]),
                    dataset=dataset,
                    code=code_of(__name__, dataset),
                )
            )
    return wanted


def split_nodes(graph: "Graph", training: dict[str, Any], seed: int) -> "dict[str, np.ndarray]":
    """split -> nodes: the public split, or the random one of this seed.

    Random splits follow Shchur et al. 2018: so many nodes of every class for training, so many for
    validation, the rest for testing, within the largest connected component where asked for.
    """
    import numpy as np

    from inductive.data.graph import largest_component
    from inductive.training.randomness import numpy_generator

    if training["split"] == "public":
        return {"train": graph.train, "validation": graph.validation, "test": graph.test}
    numbers = training["random_split"]
    nodes = np.flatnonzero(graph.labels >= 0)
    if numbers["largest_component"]:
        nodes = np.intersect1d(nodes, largest_component(graph))
    order = numpy_generator("split", seed).permutation(nodes)
    first = numbers["train_per_class"]
    second = first + numbers["validation_per_class"]
    parts: dict[str, list[np.ndarray]] = {"train": [], "validation": [], "test": []}
    for c in range(graph.num_classes):
        members = order[graph.labels[order] == c]
        if len(members) <= second:
            raise InputError(
                f"citation.random_split: class {c} has {len(members)} nodes, "
                f"train_per_class and validation_per_class take {second} and leave none to test"
            )
        parts["train"].append(members[:first])
        parts["validation"].append(members[first:second])
        parts["test"].append(members[second:])
    return {name: np.sort(np.concatenate(chosen)) for name, chosen in parts.items()}


def task(run: Run, data: "Graph", device: "torch.device") -> "CitationTask":
    """How a run is trained. On the public split the task is not told the test nodes' classes.

    A random split is drawn from all classes, so there it draws first and keeps the chosen ones.
    """
    if run.training["split"] == "public":
        data = data.without_labels(data.test)
    return CitationTask(run.training, data, device)


class CitationTask:
    """The whole graph at every step, Adam, a fixed number of epochs."""

    patience = None

    def __init__(self, training: dict[str, Any], data: "Graph", device: "torch.device") -> None:
        import torch

        from inductive.nn.graph_tensors import graph_tensors

        self.training, self.epochs = training, training["epochs"]
        self.shape = data.features.shape[1], data.num_classes
        self.graph = graph_tensors(data, device)

        @cache
        def supervision(seed: int) -> "dict[str, tuple[Tensor, Tensor]]":
            nodes = split_nodes(data, training, seed)
            return {
                name: (
                    torch.from_numpy(nodes[name]).to(device),
                    torch.from_numpy(data.labels[nodes[name]]).to(device),
                )
                for name in ("train", "validation")
            }

        self._supervision = supervision

    def _targets(self, members: "Members", split: str) -> "tuple[Tensor, Tensor]":
        """Nodes and their classes, both (S, n)."""
        import torch

        pairs = [self._supervision(seed)[split] for seed in members.seeds]
        return torch.stack([p[0] for p in pairs]), torch.stack([p[1] for p in pairs])

    def build(self) -> "nn.Module":
        from inductive.nn.citation_models import MODELS

        sizes = ("hidden", "heads", "output_heads")
        options = {name: self.training[name] for name in sizes if name in self.training}
        return MODELS[self.training["model"]](*self.shape, **options)

    def optimizer(self, parameters: "Parameters") -> "Optimizer":
        from inductive.nn.citation_models import MODELS
        from inductive.training.optimizers import make_adam

        decayed = MODELS[self.training["model"]].decayed or tuple(parameters)
        decay = dict.fromkeys(decayed, self.training["weight_decay"])
        rate = self.training["learning_rate"]
        return make_adam(parameters, learning_rate=rate, weight_decay=decay)

    def steps(self, members: "Members", draws: "Draws") -> "Iterator[Step]":
        from inductive.training.classification import classification_step

        module: Any = members.module
        shapes = module.mask_shapes(self.graph)
        masks = draws.dropout_masks(shapes, self.training["dropout"])
        scores = members(self.graph, masks)
        nodes, labels = self._targets(members, "train")
        yield classification_step(_pick(scores, nodes), labels)

    def validate(self, members: "Members") -> "dict[str, Tensor]":
        from inductive.training.classification import loss_and_accuracy

        nodes, labels = self._targets(members, "validation")
        return loss_and_accuracy(_pick(members(self.graph), nodes), labels)


def _pick(scores: "Tensor", nodes: "Tensor") -> "Tensor":
    """(S, N, classes), (S, n) -> (S, n, classes)."""
    return scores.gather(1, nodes[..., None].expand(-1, -1, scores.shape[-1]))


def evaluate(
    run: Run, data: "Graph", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Accuracy on every split, test accuracy under noise, and what the attention looks like.

    Noise is added to the graph that the trained network reads, not to the one it was trained on.
    """
    from inductive.nn.graph_tensors import graph_tensors
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    nodes = [split_nodes(data, run.training, seed) for seed in run.seeds]
    graph = graph_tensors(data, device)
    for selection, members in trained.items():
        guesses = members(graph).argmax(-1).cpu().numpy()
        for split in ("train", "validation", "test"):
            values = [
                accuracy(g, data.labels, n[split]) for g, n in zip(guesses, nodes, strict=True)
            ]
            tidy.add(values, selection, split, "accuracy")
    _noise_sweeps(tidy, run, data, trained["best"], nodes, device)
    if run.training["model"] == "GAT":
        _attention(tidy, data, graph, trained["best"])
    return tidy


def accuracy(guess: "np.ndarray", labels: "np.ndarray", nodes: "np.ndarray") -> float:
    """The share of `nodes` whose guessed class is the right one."""
    return float((guess[nodes] == labels[nodes]).mean())


def _noise_sweeps(
    tidy: "Tidy",
    run: Run,
    data: "Graph",
    members: "Members",
    nodes: "list[dict[str, np.ndarray]]",
    device: "torch.device",
) -> None:
    from inductive.data.graph_noise import add_random_edges, shuffle_features
    from inductive.nn.graph_tensors import graph_tensors

    for name, disturb in [("edge noise", add_random_edges), ("feature noise", shuffle_features)]:
        for fraction in run.evaluation[name.replace(" ", "_")]:
            values = []
            for i, seed in enumerate(run.seeds):
                noisy = graph_tensors(disturb(data, fraction, seed), device)
                guess = members.member(i)(noisy)[0].argmax(-1).cpu().numpy()
                values.append(accuracy(guess, data.labels, nodes[i]["test"]))
            tidy.add(values, "best", "test", "accuracy", name, fraction)


def _attention(tidy: "Tidy", data: "Graph", graph: Any, members: "Members") -> None:
    """Entropy a head, and attention by the kind of edge; both 1 where attention is an average.

    Entropy is divided by that of uniform attention, over nodes with at least one neighbour.
    Relative attention is α times the number of entries it is shared among.
    """
    import torch

    row, column = graph.neighbours.row, graph.neighbours.column.long()
    degree = torch.bincount(row, minlength=graph.num_nodes).float()
    alpha = members(graph, method="attention")  # (S, E, heads)
    linked = degree > 1
    for head in range(alpha.shape[-1]):
        a = alpha[..., head]
        surprise = -torch.xlogy(a, a)
        entropy = torch.zeros(len(a), graph.num_nodes, device=a.device).index_add(1, row, surprise)
        share = entropy[:, linked] / degree[linked].log()
        tidy.add(share.mean(1), "best", "", "attention entropy", "head", head + 1)
    labels = torch.from_numpy(data.labels).to(row.device)
    known = (labels[row] >= 0) & (labels[column] >= 0) & linked[row]
    same, loop = labels[row] == labels[column], row == column
    kinds = {
        "same class": known & same & ~loop,
        "other class": known & ~same & ~loop,
        "itself": known & loop,
    }
    relative = alpha.mean(-1) * degree[row]
    for kind, chosen in kinds.items():
        tidy.add(relative[:, chosen].mean(1), "best", "", "relative attention", "edge", kind)
