"""What of a small GPT's design does it need to write a fairy tale?

Position codes at several context lengths, wide against deep MLPs, forms of attention, all judged on
held-out text up to four times as long as what they were trained with; and what sampling does. Only
the course's model holds nothing out and is judged on what it was trained on.
"""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError, unknown
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch

    from inductive.data.text import Text
    from inductive.studies.language_task import LanguageTask
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

TITLE = "Language"
QUESTION = "What of a small GPT's design does it need to write a fairy tale?"
PROTOCOL = (
    "Character models of fairy tales, trained on the first part of the text and judged on the "
    "last, in bits per character, at up to four times the length that they were trained with "
    "(the course's model, where it is run, on what it was trained on)."
)

BITS = "bits per character"
KNOWN = "bits per character, half a block known"
BINS = 8
"""Parts of a block that losses by place are averaged over."""


def runs(params: dict[str, Any]) -> list[Run]:
    """The course's model; every position code at every block; MLPs and attentions at the base."""
    block = params["language"]
    dataset = resolve("grimm", params["data"]["grimm"])
    found = []
    if "course" in block:
        found.append(("course", _numbers(block, "course", {"held_out": 0.0})))
    base = _numbers(block, "clean", {"held_out": block["held_out"]})
    for name in block["positions"]:
        for length in block["blocks"]:
            found.append((f"{name}-{length}", base | {"positions": name, "block": length}))
    for kind in [k for k in block["attentions"] if k != base["attention"]]:
        # A turn before φ is no relative position: linear attention takes the learned table.
        code = "learned" if kind == "linear" else base["positions"]
        found.append((f"{kind}-{base['block']}", base | {"attention": kind, "positions": code}))
    depths = [d for d in block["mlp_layers"] if d != 1]
    found += [(f"mlp{d}-{base['block']}", base | {"mlp_layers": d}) for d in depths]
    wanted = []
    for variant, chosen in found:
        # An epoch of the history is a number of steps: a text has no other natural pass.
        epochs = math.ceil(chosen["steps"] / chosen["report_every"])
        longest = round(chosen["block"] * max(block["evaluation"]["stretch"]))
        training = chosen | {"epochs": epochs, "longest": longest}
        _check(training)
        _check_length(dataset.kind, dataset.settings, training, block["evaluation"])
        is_base = all(training[k] == base[k] for k in base) or variant == "course"
        judged = dict(block["evaluation"])
        if not is_base:
            judged = {k: judged[k] for k in ("stretch", "windows")}
        shown = ("protocol", "positions", "block", "attention", "mlp_layers")
        labels = {k: training[k] for k in shown}
        labels |= {"at_base_block": training["block"] == base["block"], "base": is_base}
        wanted.append(
            Run(
                study="language",
                variant=variant,
                labels=labels,
                training=training,
                evaluation=judged,
                seeds=tuple(block["seeds"]),
                dataset=dataset,
                code=code_of(__name__, dataset),
            )
        )
    if not any(run.labels["base"] and run.labels["protocol"] == "clean" for run in wanted):
        raise InputError(
            f"language.positions, language.blocks: none is the base, {base['positions']} at "
            f"{base['block']} (language.clean), which all else is compared with"
        )
    return wanted


def _numbers(block: dict[str, Any], protocol: str, more: dict[str, Any]) -> dict[str, Any]:
    """All numbers of one protocol, with those of the model that it names."""
    chosen = dict(block[protocol])
    model = chosen.pop("model")
    if model not in block["models"]:
        raise InputError(f"language.{protocol}.model: {unknown('model', model, block['models'])}")
    return chosen | block["models"][model] | {"protocol": protocol, "mlp_layers": 1} | more


def _check(training: dict[str, Any]) -> None:
    """What a network would refuse, before any job starts. Imports no torch."""
    from inductive.nn.shapes import check

    check(training)


def _check_length(
    kind: str, settings: dict[str, Any], training: dict[str, Any], judged: dict[str, Any]
) -> None:
    """The held-out part of a text must hold the longest window and prompt with what follows."""
    copied = judged["verbatim"]["characters"]
    if copied >= training["block"]:
        raise InputError(
            f"language.evaluation.verbatim.characters: {copied} leave no room for a prompt in a "
            f"block of {training['block']}"
        )
    if kind == "own":
        from inductive.data.text import own_length

        there = own_length(settings)
    elif kind == "generated":
        there = settings["characters"]
    else:
        return
    held = round(there * training["held_out"]) or there
    samples = judged["samples"]
    needs = {
        "block times evaluation.stretch": training["longest"],
        "evaluation.samples": samples["prompt"] + samples["characters"],
    }
    for name, length in needs.items():
        if held <= length + 1:
            raise InputError(
                f"data.grimm: {there} characters, of which {held} are judged on, are too few for "
                f"windows of {length} (language: {name})"
            )


def task(run: Run, data: "Text", device: "torch.device") -> "LanguageTask":
    """How a run is trained."""
    from inductive.studies.language_task import LanguageTask

    return LanguageTask(run.training, data, device)


def evaluate(
    run: Run, data: "Text", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Bits per character by length and by place; for the base models, what they write.

    Of the last step: the text that is judged on is also the one that was watched while training,
    so it must not choose the weights.
    """
    from inductive.studies.language_task import LanguageTask
    from inductive.training.tidy import Tidy

    judge, tidy = LanguageTask(run.training, data, device), Tidy(run.seeds)
    members = trained["last"]
    _add_losses(tidy, run, judge, members)
    if judge.floor is not None:
        tidy.add_constant(judge.floor, "bits per character of the grammar")
    tidy.add_constant(sum(p[0].numel() for p in members.parameters.values()), "parameters")
    if "samples" in run.evaluation:
        from inductive.studies.language_writing import add_samples, add_verbatim

        add_samples(tidy, run, judge, members)
        add_verbatim(tidy, run, judge, members)
    return tidy


def _add_losses(tidy: "Tidy", run: Run, judge: "LanguageTask", members: "Members") -> None:
    """One pass over windows of the longest length gives the loss at every place in them.

    No place sees later ones, so the mean of the first L places is the loss of windows of length L.
    """
    import numpy as np

    part, block = judge.judged, run.training["block"]
    length = run.training["longest"]
    there = max(1, (len(judge.tokens[part]) - 1 - length) // block + 1)
    starts = np.linspace(0, there - 1, min(run.evaluation["windows"], there)).round() * block
    losses, correct = judge.scored(members, part, starts.astype(int), length)
    bits = losses.double().mean(1) / math.log(2)  # (S, length)
    tidy.add(bits[:, :block].mean(1), "last", part, BITS)
    tidy.add(bits[:, block // 2 : block].mean(1), "last", part, KNOWN)
    tidy.add(losses[..., :block].double().mean((1, 2)), "last", part, "loss")
    tidy.add(correct[..., :block].mean((1, 2)), "last", part, "accuracy")
    for stretch in run.evaluation["stretch"]:
        mean = bits[:, : round(stretch * block)].mean(1)
        tidy.add(mean, "last", part, BITS, "length / block", stretch)
    edges = np.linspace(0, length, round(length / block * BINS) + 1).round().astype(int)
    for low, high in pairwise(edges):
        if high > low:
            at = (low + high) / 2 / block
            tidy.add(bits[:, low:high].mean(1), "last", part, BITS, "place / block", at)
