"""Texts of trained language models: statistics of samples, memorised text, continued prompts."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.core.seeding import seed_for
from inductive.data.text import Text
from inductive.nn.gpt import GPT
from inductive.nn.sampling import Sampling, continuations, continue_text
from inductive.studies.language import samples as statistics
from inductive.studies.language.names import of_original, sampling_grid
from inductive.studies.language.task import LanguageTask, Training
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

WRITTEN = 240
"""Characters after each prompt of the report."""


class Samples(TypedDict):
    """How texts are sampled: `count` prompts of `prompt` characters, `characters` after each."""

    count: int
    prompt: int
    characters: int
    temperatures: list[float]
    top_p: list[float]
    top_k: list[int]


class Verbatim(TypedDict):
    """How memorisation is measured: `prompts` prompts of `prompt` characters at most, of whose
    continuation `characters` are compared."""

    prompts: int
    prompt: int
    characters: int


class Prompt(TypedDict):
    """A prompt of the report and its sampling."""

    text: str
    temperature: float
    top_p: float


def network(ensemble: Ensemble, i: int = 0) -> GPT:
    """The i-th network of an ensemble as a module, without gradients."""
    module = ensemble.select(i).to_module()
    assert isinstance(module, GPT)
    return module


def add_samples(
    table: MeasurementTable, task: LanguageTask, ensemble: Ensemble, samples: Samples
) -> None:
    """Statistics of continuations of prompts from the evaluated text, by sampling settings."""
    length, characters = samples["prompt"] + samples["characters"], samples["characters"]
    windows = _windows(task, task.evaluated_part, samples["count"], length)
    prompts, originals = torch.split(windows, [samples["prompt"], characters], dim=1)
    measure = _Statistics(task)
    for metric, by_text in measure(originals).items():
        outcomes = np.tile(by_text, (ensemble.count, 1))
        table.add_outcomes(outcomes, of_original(metric), selection="last")
    grid = sampling_grid(samples["temperatures"], samples["top_p"], samples["top_k"])
    for name, settings in grid.items():
        sampling = Sampling(**settings)  # type: ignore[arg-type]  # top_k is an int
        rows, entropies = [], []
        for i, seed in enumerate(ensemble.seeds):
            generator = torch.Generator(task.device).manual_seed(seed_for(f"sample {name}", seed))
            tokens, entropy = continue_text(
                network(ensemble, i), prompts, characters, sampling, generator
            )
            rows.append(measure(tokens))
            entropies.append(float(entropy.mean()))
        for metric in rows[0]:
            outcomes = np.array([row[metric] for row in rows])  # (S, prompts)
            table.add_outcomes(outcomes, metric, selection="last", split="", **settings)
        table.add(entropies, "entropy of the prediction", selection="last", split="", **settings)


class _Statistics:
    """Statistics of each of some texts (count, length), compared with the training text."""

    def __init__(self, task: LanguageTask) -> None:
        self.decode, self.training = task.decode, task.text["train"]
        self.known = set(statistics.words(self.training))
        self.grams = statistics.ngrams(self.training, 4)

    def __call__(self, tokens: Tensor) -> dict[str, list[float]]:
        texts = [self.decode(row) for row in tokens]
        return {
            "real words": [statistics.real_words(t, self.known) for t in texts],
            "distinct words": [statistics.distinct(t, 1) for t in texts],
            "distinct 2-grams": [statistics.distinct(t, 2) for t in texts],
            "new 4-grams": [statistics.novelty(t, self.grams, 4) for t in texts],
            "longest copy": [statistics.longest_copy(t, self.training) for t in texts],
        }


def add_verbatim(
    table: MeasurementTable, task: LanguageTask, ensemble: Ensemble, verbatim: Verbatim
) -> None:
    """How many characters of the original follow greedily after prompts from the text.

    Prompt and continuation together fit into one block, so that no context is cut.
    """
    length = verbatim["characters"]
    prompt = min(verbatim["prompt"], task.config.block - length)
    for part in task.tokens:
        windows = _windows(task, part, verbatim["prompts"], prompt + length)
        prompts, originals = torch.split(windows, [prompt, length], dim=1)
        rows = []
        for i in range(ensemble.count):
            generator = torch.Generator(task.device)  # greedy: random numbers have no effect
            tokens, _ = continue_text(network(ensemble, i), prompts, length, Sampling(0), generator)
            rows.append(
                [
                    statistics.agreement(task.decode(a), task.decode(b))
                    for a, b in zip(tokens, originals, strict=True)
                ]
            )
        same = np.array(rows)  # (S, prompts)
        add = partial(table.add_outcomes, selection="last", split=part)
        add(same, "characters continued verbatim")
        add(same == length, "prompts continued verbatim")


def _windows(task: LanguageTask, part: str, count: int, length: int) -> Tensor:
    """(count, length) tokens of a part, evenly spaced."""
    tokens = task.tokens[part]
    starts = np.linspace(0, len(tokens) - length, count).astype(int)
    offsets = torch.arange(length, device=task.device)
    return tokens[torch.from_numpy(starts).to(task.device)[:, None] + offsets]


def note_texts(
    table: MeasurementTable,
    task: LanguageTask,
    ensemble: Ensemble,
    prompts: Sequence[Prompt],
    seed: int,
) -> None:
    """The note `texts` of one seed: what its network writes after each prompt."""
    single = ensemble.select(ensemble.seeds.index(seed))
    table.note("texts", [written(task, single, prompt) for prompt in prompts], seed)


def written(task: LanguageTask, ensemble: Ensemble, prompt: Prompt) -> str:
    """WRITTEN characters that a single network writes after a prompt, or in brackets the reason why
    the prompt cannot be used."""
    text, sampling = prompt["text"], Sampling(prompt["temperature"], top_p=prompt["top_p"])
    generator = torch.Generator(task.device).manual_seed(seed_for(f"prompt {text}", 0))
    try:
        tokens = task.encode(text)
    except InputError as error:  # the alphabet depends on the text
        return f"({error})"
    continued, _ = continue_text(network(ensemble), tokens, WRITTEN, sampling, generator)
    return task.decode(continued[0])


def stream(
    run: Run,
    data: Text,
    ensemble: Ensemble,
    prompt: str,
    length: int,
    sampling: Sampling,
    seed: int,
) -> Iterator[str]:
    """`length` characters that continue a prompt, one by one.

    `ensemble` is one trained network of `run`, whose text is `data`; equal seeds give equal texts.
    Raises InputError before the first character where the prompt or the sampling is not valid.
    """
    sampling.check()
    model = network(ensemble)
    device = next(model.parameters()).device
    task = LanguageTask(Training(**run.training), data, device)
    generator = torch.Generator(device).manual_seed(seed)
    drawn = continuations(model, task.encode(prompt), sampling, generator)
    for _ in range(length):
        token, _ = next(drawn)
        yield task.decode(token)
