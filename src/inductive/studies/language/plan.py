"""The runs of the language study."""

import math
from typing import Any

from inductive.core.errors import InputError, unknown
from inductive.core.run import DatasetSpec, Run
from inductive.data.formats.text import own_length
from inductive.data.registry import Datasets
from inductive.nn import gpt_config
from inductive.studies.language.settings import Evaluation, Protocol, Settings

LABELS = ("protocol", "positions", "block", "attention", "mlp_layers")


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The course's model; every position encoding at every block; MLPs and attentions at the base.

    Raises InputError for settings that make no network, for a text that is too short for its
    evaluation, and where the base is not among the runs.
    """
    dataset = datasets.resolve("grimm")
    base = _numbers(settings, "clean", settings.clean, settings.held_out)
    planned = [
        _run(settings, dataset, base, variant, values)
        for variant, values in _variants(settings, base)
    ]
    if not any(run.labels["base"] and run.labels["protocol"] == "clean" for run in planned):
        raise InputError(
            f"language.positions, language.blocks: none is the base, {base['positions']} at "
            f"{base['block']} (language.clean), with which all others are compared"
        )
    return planned


def _variants(settings: Settings, base: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(name, settings of model and training) of every run."""
    variants = []
    if settings.course is not None:
        variants.append(("course", _numbers(settings, "course", settings.course, 0.0)))
    for name in settings.positions:
        for length in settings.blocks:
            variants.append((f"{name}-{length}", base | {"positions": name, "block": length}))
    for kind in [k for k in settings.attentions if k != base["attention"]]:
        # A rotation before φ encodes no relative position: linear attention uses the learned table.
        positions = "learned" if kind == "linear" else base["positions"]
        change = {"attention": kind, "positions": positions}
        variants.append((f"{kind}-{base['block']}", base | change))
    depths = [d for d in settings.mlp_layers if d != 1]
    return variants + [(f"mlp{d}-{base['block']}", base | {"mlp_layers": d}) for d in depths]


def _numbers(settings: Settings, name: str, protocol: Protocol, held_out: float) -> dict[str, Any]:
    """All settings of one protocol, with those of the model that it names."""
    values = protocol.model_dump()
    model = values.pop("model")
    if model not in settings.models:
        message = unknown("model", model, settings.models)
        raise InputError(f"language.{name}.model: {message}")
    size = settings.models[model].model_dump()
    return values | size | {"protocol": name, "mlp_layers": 1, "held_out": held_out}


def _run(
    settings: Settings,
    dataset: DatasetSpec,
    base: dict[str, Any],
    variant: str,
    numbers: dict[str, Any],
) -> Run:
    # An epoch of the history is a fixed number of steps of random windows.
    epochs = math.ceil(numbers["steps"] / numbers["report_every"])
    longest = round(numbers["block"] * max(settings.evaluation.stretch))
    training = numbers | {"epochs": epochs, "longest": longest}
    try:
        gpt_config.check(training)
    except InputError as error:
        raise InputError(f"language: {variant}: {error}") from None
    _check_length(dataset, training, settings.evaluation)
    is_base = all(training[k] == base[k] for k in base) or variant == "course"
    labels = {k: training[k] for k in LABELS}
    return Run(
        study="language",
        variant=variant,
        labels=labels | {"at_base_block": training["block"] == base["block"], "base": is_base},
        training=training,
        evaluation=settings.evaluation.model_dump(
            include=None if is_base else {"stretch", "windows"}
        ),
        seeds=settings.seeds.seeds,
        looks=settings.seeds.looks,
        dataset=dataset,
    )


def _check_length(dataset: DatasetSpec, training: dict[str, Any], evaluation: Evaluation) -> None:
    """The evaluated part of a text must hold the longest window and prompt with continuation."""
    copied = evaluation.verbatim.characters
    if copied >= training["block"]:
        raise InputError(
            f"language.evaluation.verbatim.characters: {copied} leave no room for a prompt in a "
            f"block of {training['block']}"
        )
    if dataset.kind == "own":
        available = own_length(dataset.settings)
    elif dataset.kind == "generated":
        available = dataset.settings["characters"]
    else:
        return
    evaluated = round(available * training["held_out"]) or available
    samples = evaluation.samples
    needs = {
        "block times evaluation.stretch": training["longest"],
        "evaluation.samples": samples.prompt + samples.characters,
    }
    for name, length in needs.items():
        if evaluated <= length + 1:
            raise InputError(
                f"data.grimm: {available} characters, of which {evaluated} are evaluated, are too "
                f"few for windows of {length} (language: {name})"
            )
