"""Between mean, max and sum: which aggregator does a task want, and does a network find it?

Softmax aggregation with inverse temperature λ and the power mean with exponent q, each times
|N(v)|^η, fixed on a grid or learnt, on a task whose right aggregator is known and on real graphs.
"""

from typing import TYPE_CHECKING, Any

from inductive.data.celltypegraph import check_split
from inductive.data.registry import resolve
from inductive.errors import InputError
from inductive.run import Run, code_of
from inductive.studies.untrained import measured

if TYPE_CHECKING:
    import torch
    from torch import nn

    from inductive.data.celltypegraph import Tissues
    from inductive.data.graph import Graph
    from inductive.nn.aggregation import Aggregator
    from inductive.studies.graph_tasks import ManyGraphsTask, WholeGraphTask
    from inductive.training.members import Members, Parameters
    from inductive.training.tidy import Tidy

TITLE = "Aggregation"
QUESTION = (
    "Between mean, max and sum: which aggregator does a task want, and does a network find it?"
)
PROTOCOL = (
    "Softmax aggregation (inverse temperature λ) and power mean (exponent q), each times the "
    "number of neighbours to the η, fixed or learnt: as layers of a network, and alone before a "
    "threshold on a task whose right aggregator is known."
)

PARAMETER = {"softmax": "inverse_temperature", "power": "power"}
SYMBOL = {"softmax": "λ", "power": "q"}


def runs(params: dict[str, Any]) -> list[Run]:
    """The limits, and every aggregator on every task."""
    block = params["aggregation"]
    limits = Run(
        study="aggregation",
        variant="limits",
        labels={"task": "limits", "family": "", "parameter": "", "exponent": "", "learnt": ""},
        training=block["limits"],
        evaluation={},
        seeds=tuple(block["seeds"]),
        dataset=None,
        code=code_of(__name__, None),
    )
    wanted = [limits]
    for task_name, numbers in block["tasks"].items():
        name, _, target = task_name.partition("-")
        extra = {"target": target} if target else {}
        dataset = resolve(name, params["data"][name], **extra)
        chosen = {k: v for k, v in numbers.items() if k != "grid"}
        if name == "celltypegraph":
            check_split(dataset, block["split"])
            chosen["split"] = block["split"]
        if name == "neighbourhoods":
            chosen["split"] = "thirds"
        for aggregator in _aggregators(numbers["grid"]):
            shown = {k: str(v) for k, v in aggregator.items()}
            wanted.append(
                Run(
                    study="aggregation",
                    variant=f"{task_name}-{_name(aggregator)}",
                    labels={"task": task_name} | shown,
                    training=chosen | {"graph": name, "aggregator": aggregator},
                    evaluation={},
                    seeds=tuple(block["seeds"]),
                    dataset=dataset,
                    code=code_of(__name__, dataset),
                )
            )
    return wanted


def _aggregators(grid: dict[str, Any]) -> list[dict[str, Any]]:
    """Every fixed aggregator of a grid, and those that are learnt from a starting point."""
    fixed = [
        {"family": family, "parameter": value, "exponent": exponent, "learnt": "fixed"}
        for family in PARAMETER
        for value in grid.get(family, [])
        for exponent in grid["exponents"]
    ]
    learnt = [
        {"family": family, "parameter": start, "exponent": 0.0, "learnt": "learnt"}
        for family, starts in grid.get("learnt", {}).items()
        for start in starts
    ]
    if 0 in grid.get("learnt", {}).get("power", []):
        raise InputError(
            "aggregation.tasks: a learnt power cannot start at 0, where it has no slope"
        )
    if not fixed and not learnt:
        raise InputError("aggregation.tasks: a grid is empty; at least one aggregator is needed")
    return fixed + learnt


def _name(aggregator: dict[str, Any]) -> str:
    learnt = "-learnt" if aggregator["learnt"] == "learnt" else ""
    return f"{aggregator['family']}{aggregator['parameter']}-eta{aggregator['exponent']}{learnt}"


def build_aggregator(chosen: dict[str, Any]) -> "Aggregator":
    """The aggregator of a run, with its starting values."""
    from inductive.nn.aggregation import AGGREGATORS

    own = PARAMETER[chosen["family"]]
    values = {own: float(chosen["parameter"]), "exponent": float(chosen["exponent"])}
    learnable = (own, "exponent") if chosen["learnt"] == "learnt" else ()
    return AGGREGATORS[chosen["family"]](**values, learnable=learnable)


def build_network(training: dict[str, Any], features: int, classes: int) -> "nn.Module":
    """The network of a run."""
    from functools import partial

    from inductive.nn.aggregation_nets import AggregationNet, ThresholdNet

    aggregator = partial(build_aggregator, training["aggregator"])
    if training["graph"] == "neighbourhoods":
        return ThresholdNet(features, classes, aggregator=aggregator)
    return AggregationNet(features, classes, hidden=training["hidden"], aggregator=aggregator)


def task(
    run: Run, data: "Graph | Tissues", device: "torch.device"
) -> "WholeGraphTask | ManyGraphsTask":
    """How a run is trained. An aggregator's own parameters do not decay."""
    from functools import partial

    from inductive.nn.graph_tensors import dense_graph_tensors, graph_tensors
    from inductive.studies.graph_tasks import node_task

    training = run.training

    def decay(parameters: "Parameters") -> dict[str, float]:
        decayed = [name for name in parameters if "aggregator" not in name]
        return dict.fromkeys(decayed, training["weight_decay"])

    if training["graph"] == "neighbourhoods":

        def tensors(graph: "Graph") -> Any:
            return dense_graph_tensors(graph.features.toarray(), graph.edges, device)
    else:

        def tensors(graph: "Graph") -> Any:
            return graph_tensors(graph, device)

    return node_task(training, data, device, partial(build_network, training), decay, tensors)


def evaluate(
    run: Run, data: "Graph | Tissues", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Accuracy on every part, and where learnt parameters ended."""
    from inductive.studies.graph_tasks import add_accuracies
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    add_accuracies(tidy, task(run, data, device), run.training, data, trained, device)
    for selection, members in trained.items():
        for name, values in members.parameters.items():
            owner, _, quantity = name.rpartition(".")
            if owner.endswith("aggregator"):
                layer = int(owner.split(".")[1]) + 1 if owner.startswith("layers") else 1
                tidy.add(values, selection, "", quantity.replace("_", " "), "layer", layer)
    return tidy


def verify(run: Run, device: "torch.device") -> "Tidy":
    """Largest errors of every limit on random neighbourhoods, in double precision."""
    from inductive.studies import aggregation_limits

    return measured(run, aggregation_limits.measure)
