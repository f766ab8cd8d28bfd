"""What trained language models write: statistics of samples, and what they know by heart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inductive import store
from inductive.data import registry
from inductive.errors import InputError
from inductive.nn.gpt import GPT
from inductive.nn.sampling import Sampling, continuations, continue_text
from inductive.run import Run
from inductive.studies import language_samples as measure
from inductive.studies.language_task import LanguageTask
from inductive.training import machine
from inductive.training.job import restore
from inductive.training.members import Members
from inductive.training.randomness import seed_for
from inductive.training.tidy import Tidy

GREEDY = "greedy"
ITSELF = "the text itself"
"""What the author wrote after the same prompts, measured as samples are: what could be reached."""


def settings(numbers: dict[str, Any]) -> dict[str, Sampling]:
    """Name -> how to sample: greedy, temperature by top-p, and top-k."""
    found = {GREEDY: Sampling(temperature=0)}
    for t in numbers["temperatures"]:
        for p in numbers["top_p"]:
            whole = p == 1
            name = f"temperature {t:g}" + ("" if whole else f", top-p {p:g}")
            found[name] = Sampling(t, top_p=None if whole else p)
    for k in numbers["top_k"]:
        found[f"top-k {k}"] = Sampling(top_k=k)
    return found


def add_samples(tidy: Tidy, run: Run, judge: LanguageTask, members: Members) -> None:
    """Statistics of what follows prompts from the text that is judged on, by way of sampling."""
    numbers = run.evaluation["samples"]
    training = judge.text["train"]
    known, grams = set(measure.words(training)), measure.ngrams(training, 4)
    length = numbers["prompt"] + numbers["characters"]
    stretches = _stretches(judge, judge.judged, numbers["count"], length)
    prompts, originals = stretches.split([numbers["prompt"], numbers["characters"]], dim=1)

    def measured(tokens: torch.Tensor) -> dict[str, float]:
        texts = [judge.decode(row) for row in tokens]
        found: dict[str, list[float]] = {
            "real words": [measure.real_words(t, known) for t in texts],
            "distinct words": [measure.distinct(t, 1) for t in texts],
            "distinct 2-grams": [measure.distinct(t, 2) for t in texts],
            "new 4-grams": [measure.novelty(t, grams, 4) for t in texts],
            "longest copy": [measure.longest_copy(t, training) for t in texts],
        }
        return {metric: sum(values) / len(values) for metric, values in found.items()}

    for metric, value in measured(originals).items():
        tidy.add([value] * members.count, "last", "", metric, "sampling", ITSELF)
    for name, sampling in settings(numbers).items():
        rows = []
        for i, seed in enumerate(members.seeds):
            generator = torch.Generator(judge.device).manual_seed(seed_for(f"sample {name}", seed))
            model: GPT = members.member(i).module_of()  # type: ignore[assignment]
            tokens, entropy = continue_text(
                model, prompts, numbers["characters"], sampling, generator
            )
            rows.append(measured(tokens) | {"entropy of the prediction": float(entropy.mean())})
        for metric in rows[0]:
            tidy.add([r[metric] for r in rows], "last", "", metric, "sampling", name)


def add_verbatim(tidy: Tidy, run: Run, judge: LanguageTask, members: Members) -> None:
    """How many characters of the original follow greedily after prompts from the text.

    A prompt and what follows fit into one block: a context that was cut would know less.
    """
    numbers = run.evaluation["verbatim"]
    length = numbers["characters"]
    prompt = min(numbers["prompt"], judge.shape.block - length)
    for part in judge.tokens:
        stretches = _stretches(judge, part, numbers["prompts"], prompt + length)
        rows = []
        for i in range(members.count):
            model: GPT = members.member(i).module_of()  # type: ignore[assignment]
            generator = torch.Generator(judge.device)
            prompts, originals = stretches.split([prompt, length], dim=1)
            tokens, _ = continue_text(model, prompts, length, Sampling(0), generator)
            rows.append(
                [
                    measure.agreement(judge.decode(a), judge.decode(b))
                    for a, b in zip(tokens, originals, strict=True)
                ]
            )
        same = np.array(rows)
        tidy.add(same.mean(1).tolist(), "last", part, "characters continued verbatim")
        tidy.add((same == length).mean(1).tolist(), "last", part, "prompts continued verbatim")


def _stretches(judge: LanguageTask, part: str, count: int, length: int) -> torch.Tensor:
    """(count, length) tokens of a part, evenly spaced."""
    tokens = judge.tokens[part]
    starts = np.linspace(0, len(tokens) - length, count).astype(int)
    place = torch.arange(length, device=judge.device)
    return tokens[torch.from_numpy(starts).to(judge.device)[:, None] + place]


def written(
    judge: LanguageTask, member: Members, prompt: str, length: int, sampling: Sampling, seed: int
) -> str:
    """What one member writes after a prompt."""
    generator = torch.Generator(judge.device).manual_seed(seed_for(f"prompt {prompt}", seed))
    model: GPT = member.module_of()  # type: ignore[assignment]
    tokens, _ = continue_text(model, judge.encode(prompt), length, sampling, generator)
    return judge.decode(tokens[0])


def stream(
    folder: Path,
    prompt: str,
    length: int,
    sampling: tuple[float, int | None, float | None],
    seed: int,
    network: int,
) -> Iterator[str]:
    """Characters that continue a prompt, by the network of one seed of a trained run.

    `sampling` is temperature, top-k and top-p. Raises InputError before the first character where
    the run, the prompt or the sampling is not as it must be.
    """
    how = Sampling(*sampling)
    how.check()
    facts = folder / "run.json"
    if not facts.is_file():
        raise InputError(
            f"{folder}: no trained run; trained ones are folders of results/<preset>/runs/language"
        )
    run = Run.from_json(store.read_json(facts)["run"])
    if run.study != "language":
        raise InputError(f"{folder}: a run of the {run.study} study; expected one of language")
    if network not in run.seeds:
        raise InputError(f"network: no seed {network} in this run; it has {list(run.seeds)}")
    device = machine.prepare("cpu", torch.get_num_threads())
    data = registry.load(run.data)
    judge = LanguageTask(run.training, data, device)
    member = restore(run, folder, data, device)["last"].member(run.seeds.index(network))
    model: GPT = member.module_of()  # type: ignore[assignment]
    generator = torch.Generator(device).manual_seed(seed)
    drawn = continuations(model, judge.encode(prompt), how, generator)
    yield from (judge.decode(next(drawn)[0]) for _ in range(length))
