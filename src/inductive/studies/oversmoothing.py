"""When does depth make all nodes alike, and what helps?

Graph convolutional networks of growing depth classify the cells of tissues and the papers of a
citation graph, as they are and with the remedies that were proposed.
"""

import math
import time
from typing import TYPE_CHECKING, Any

from inductive.data.celltypegraph import check_split
from inductive.data.registry import resolve
from inductive.errors import InputError, unknown
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from inductive.data.celltypegraph import Tissues
    from inductive.data.graph import Graph
    from inductive.nn.graph_tensors import GraphTensors
    from inductive.studies.graph_tasks import ManyGraphsTask, WholeGraphTask
    from inductive.training.members import Members, Parameters
    from inductive.training.tidy import Tidy

TITLE = "Oversmoothing"
QUESTION = "When does depth make all nodes alike, and what helps?"
PROTOCOL = (
    "Graph convolutional networks of growing depth classify the cells of tissues (the course's "
    "task) and the papers of a citation graph; the variants differ in one remedy. Every layer is "
    "measured before and after training."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """Every remedy at its depths, on every graph."""
    block = params["oversmoothing"]
    wanted = []
    for name, numbers in block["graphs"].items():
        dataset = resolve(name, params["data"][name])
        if name == "celltypegraph":
            check_split(dataset, block["split"])
        for remedy, depths in numbers["depths"].items():
            if remedy not in block["remedies"]:
                raise InputError(
                    f"oversmoothing.graphs.{name}.depths: "
                    f"{unknown('remedy', remedy, block['remedies'])}"
                )
            for depth in depths:
                training = {k: v for k, v in numbers.items() if k != "depths"}
                training |= {"remedy": remedy, "depth": depth} | block["remedies"][remedy]
                if name == "celltypegraph":
                    training["split"] = block["split"]
                wanted.append(
                    Run(
                        study="oversmoothing",
                        variant=f"{name}-{remedy}-{depth}",
                        labels={"graph": name, "remedy": remedy, "depth": depth},
                        training=training,
                        evaluation={},
                        seeds=tuple(block["seeds"]),
                        dataset=dataset,
                        code=code_of(__name__, dataset),
                    )
                )
    if not wanted:
        raise InputError("oversmoothing.graphs: all lists of depths are empty; one is needed")
    return wanted


def build_network(training: dict[str, Any], features: int, classes: int) -> "nn.Module":
    """The network of a run."""
    from inductive.nn.deep_gcn import GCNII, DeepGCN

    numbers = {k: training[k] for k in ("hidden", "depth", "drop_input")}
    if training["remedy"] == "gcnii":
        own = {k: training[k] for k in ("initial", "strength")}
        return GCNII(features, classes, **numbers, **own)
    gain = training.get("gain", 1.0)
    return DeepGCN(features, classes, **numbers, remedy=training["remedy"], gain=gain)


def task(
    run: Run, data: "Graph | Tissues", device: "torch.device"
) -> "WholeGraphTask | ManyGraphsTask":
    """How a run is trained. It is not told the classes of what it is tested on."""
    from functools import partial

    from inductive.nn.graph_tensors import graph_tensors
    from inductive.studies.graph_tasks import node_task

    training = run.training
    model = partial(build_network, training)

    def decay(parameters: "Parameters") -> dict[str, float]:
        of_mixed = training.get("mixed_weight_decay", training["weight_decay"])
        return {
            name: of_mixed if name.startswith("mixed.") else training["weight_decay"]
            for name in parameters
        }

    return node_task(training, data, device, model, decay, partial(graph_tensors, device=device))


def evaluate(
    run: Run, data: "Graph | Tissues", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Accuracy, what every layer does to its input before and after training, and what it costs."""
    from inductive.studies.graph_tasks import add_accuracies
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    how = task(run, data, device)
    add_accuracies(tidy, how, run.training, data, trained, device)
    fresh = Members.initialise(how.build, run.seeds, device)
    for when, members in [("initial", fresh), ("last", trained["last"])]:
        rows = []
        for i, seed in enumerate(run.seeds):
            found = [_measure(members, i, *probe) for probe in how.probes(seed)]
            rows.append({key: sum(f[key] for f in found) / len(found) for key in found[0]})
        for name, at in rows[0]:
            tidy.add([row[name, at] for row in rows], when, "", name, "layer", at)
    _cost(tidy, how, trained["last"])
    return tidy


def _measure(
    members: "Members", i: int, graph: "GraphTensors", nodes: "Tensor", labels: "Tensor"
) -> dict[tuple[str, int], float]:
    """(metric, layer from 1 on) -> value, for one member."""
    import torch
    import torch.nn.functional as F

    from inductive.nn import smoothness

    with torch.enable_grad():
        one = members.member(i).trainable()
        outputs = one.inspect(graph, "layer_outputs")
        loss = F.cross_entropy(outputs[-1][nodes], labels)
        gradients = torch.autograd.grad(loss, outputs)
    found = {}
    for layer, (h, gradient) in enumerate(zip(outputs, gradients, strict=True), start=1):
        h = h.detach()
        size = smoothness.root_mean_square(h) or 1.0
        energy = smoothness.dirichlet_energy(h, graph)
        std = smoothness.feature_std(h)
        found["feature std", layer] = std
        found["feature std, relative", layer] = std / size
        found["Dirichlet energy", layer] = energy
        found["Dirichlet energy, relative", layer] = energy / (size**2 * h.numel())
        found["mean average distance", layer] = smoothness.mean_average_distance(h)
        found["gradient norm", layer] = float(gradient.double().norm())
    return found


REPEATS = 5


def _cost(tidy: "Tidy", how: Any, members: "Members") -> None:
    """Seconds of a forward and backward pass, the median of a few. Not the same on any two days."""
    import torch

    seconds = []
    for i, seed in enumerate(members.seeds):
        graph, nodes, labels = how.probes(seed)[0]
        times = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            with torch.enable_grad():
                scores = members.member(i).trainable()(graph)[0]
                torch.nn.functional.cross_entropy(scores[nodes], labels).backward()
            float(scores[0, 0])  # waits for a GPU
            times.append(time.perf_counter() - begun)
        seconds.append(sorted(times)[REPEATS // 2])
    depth = how.training["depth"]
    tidy.add([1000 * s for s in seconds], "", "", "milliseconds a step")
    tidy.add([math.log2(1000 * s / depth) for s in seconds], "", "", "log2 milliseconds a layer")
