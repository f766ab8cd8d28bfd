"""Does attending to neighbours beat averaging them?

A graph convolution (GCN), graph attention (GAT) and a network without the graph (MLP) classify the
papers of a citation graph from 20 labels a class.
"""

from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.data.graph import Graph
    from inductive.studies.graph_tasks import WholeGraphTask
    from inductive.training.members import Members, Parameters
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


def task(run: Run, data: "Graph", device: "torch.device") -> "WholeGraphTask":
    """How a run is trained. On the public split the task is not told the test nodes' classes.

    A random split is drawn from all classes, so there it draws first and keeps the chosen ones.
    """
    from functools import partial

    from inductive.nn.citation_models import MODELS
    from inductive.nn.graph_tensors import graph_tensors
    from inductive.studies.graph_tasks import WholeGraphTask

    training = run.training
    if training["split"] == "public":
        data = data.without_labels(data.test)
    sizes = ("hidden", "heads", "output_heads")
    options = {name: training[name] for name in sizes if name in training}
    kind = MODELS[training["model"]]

    def decay(parameters: "Parameters") -> dict[str, float]:
        return dict.fromkeys(kind.decayed or tuple(parameters), training["weight_decay"])

    model = partial(kind, **options)
    graph = graph_tensors(data, device)
    return WholeGraphTask(
        training, data, graph, model, decay, lambda seed: split_nodes(data, training, seed)
    )


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
