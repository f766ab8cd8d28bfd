"""How the language study trains a GPT on a text."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.text import Text, clean
from inductive.nn.gpt import GPT
from inductive.nn.gpt_config import GPTConfig
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step

BATCH = 64
"""Windows per batch where no gradients are kept."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """Every training setting of a run. Those of the network are explained in `GPTConfig`."""

    protocol: str
    """`course`: the file as it is, nothing held out; `clean`: without header and licence."""
    held_out: float
    """Share of the text, its last part; 0 in the course protocol."""
    layers: int
    heads: int
    width: int
    block: int
    longest: int
    positions: str
    attention: str
    window: int
    mlp_layers: int
    batch_size: int
    steps: int
    report_every: int
    """Steps per epoch."""
    epochs: int
    watched: int
    """Windows whose loss is measured after every epoch."""
    learning_rate: float
    """The largest."""
    warmup: int
    """Steps in which the learning rate rises."""
    final: float
    """The learning rate at the end of its cosine, as a share of the largest; 1: constant."""
    betas: list[float]
    weight_decay: float
    """Of matrices, decoupled."""
    clip: float
    """Largest norm of a network's gradient."""
    dropout: float
    precision: str
    """`bfloat16`: training steps are computed under autocast."""


class LanguageTask:
    """Random windows of a text, and at every position of them the next character.

    The course protocol holds nothing out: its validation loss is that of training windows.
    """

    patience = None

    def __init__(self, training: Training, data: Text, device: torch.device) -> None:
        """Raises InputError where a part of the text is not longer than one block."""
        self.training, self.device, self.epochs = training, device, training.epochs
        course = training.protocol == "course"
        text = data.raw if course else clean(data.raw)
        self.alphabet = "".join(sorted(set(text)))
        start = len(text) if course else round(len(text) * (1 - training.held_out))
        self.text = {"train": text[:start]}
        if not course:
            self.text["validation"] = text[start:]
        self.config = GPTConfig(
            vocabulary=len(self.alphabet),
            layers=training.layers,
            heads=training.heads,
            width=training.width,
            block=training.block,
            longest=training.longest,
            positions=training.positions,
            attention=training.attention,
            window=training.window,
            mlp_layers=training.mlp_layers,
        )
        for part, string in self.text.items():
            if len(string) <= training.block:
                raise InputError(
                    f"language: the {part} part of the text has {len(string)} characters, too few "
                    f"for a block of {training.block}"
                )
        index = {character: i for i, character in enumerate(self.alphabet)}
        self.tokens = {
            part: torch.tensor([index[c] for c in string], device=device)
            for part, string in self.text.items()
        }
        self.floor = None if course else data.floor(start)
        """Bits per character of the held-out text under its own grammar; None: unknown."""

    @property
    def evaluated_part(self) -> str:
        """The part of the text on which losses are reported."""
        return "validation" if "validation" in self.tokens else "train"

    def build(self) -> nn.Module:
        # Not compiled: torch.compile saves 15 to 20 % of a step of the micro model on a CPU, which
        # compensates 50 s of compilation after 3,000 steps, and needs a C++ compiler (torch 2.14).
        return GPT(self.config)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        matrices = [n for n, p in parameters.items() if p.ndim == 3 and n != "tokens.weight"]
        decayed = [n for n in matrices if "positions" not in n]
        beta1, beta2 = self.training.betas
        return make_adam(
            parameters,
            learning_rate=self._learning_rate,
            betas=(beta1, beta2),
            weight_decay=dict.fromkeys(decayed, self.training.weight_decay),
            decoupled=True,
            clip=self.training.clip,
        )

    def _learning_rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine down to the share `final` of the largest."""
        largest, warmup = self.training.learning_rate, self.training.warmup
        if step < warmup:
            return float(largest * (step + 1) / warmup)
        progress = (step - warmup) / max(1, self.training.steps - warmup)
        low = self.training.final * largest
        return float(low + (largest - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        tokens, block = self.tokens["train"], self.training.block
        batch_size, dropout = self.training.batch_size, self.training.dropout
        offsets = torch.arange(block + 1, device=self.device)
        for _ in range(self.training.report_every):
            first = streams.integers(len(tokens) - block, batch_size)  # (S, B)
            windows = tokens[first[..., None] + offsets]  # (S, B, block + 1)
            masks = None
            if dropout:
                shapes = self.config.mask_shapes(batch_size, block)
                masks = streams.dropout_masks(shapes, dropout)
            low = self.training.precision == "bfloat16"
            with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
                logits = ensemble(windows[..., :-1], masks, stacked=True).float()
            labels = windows[..., 1:].flatten(1)  # (S, B block)
            losses = F.cross_entropy(
                logits.flatten(0, -2), labels.flatten(), reduction="none"
            ).view(labels.shape)
            correct = (logits.detach().argmax(-1).flatten(1) == labels).float().sum(1)
            yield Step(losses.mean(1), correct, labels.shape[1])

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        tokens, block = self.tokens[self.evaluated_part], self.training.block
        available = (len(tokens) - 1) // block
        count = min(self.training.watched, available)
        starts = np.linspace(0, available - 1, count).round() * block
        losses, correct = self.scored(ensemble, self.evaluated_part, starts.astype(int), block)
        return {"loss": losses.mean((1, 2)), "accuracy": correct.mean((1, 2))}

    def scored(
        self, ensemble: Ensemble, part: str, starts: np.ndarray, length: int
    ) -> tuple[Tensor, Tensor]:
        """(S, windows, length) twice: the loss in nats of every next character, and 1 where the
        most probable character is the right one, else 0."""
        tokens = self.tokens[part]
        offsets = torch.arange(length + 1, device=self.device)
        losses, correct = [], []
        for first in torch.split(torch.from_numpy(starts).to(self.device), BATCH):
            windows = tokens[first[:, None] + offsets]  # (B, length + 1)
            labels = windows[:, 1:].expand(ensemble.count, -1, -1)
            logits = ensemble(windows[:, :-1])  # (S, B, length, vocabulary)
            flat = F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none")
            losses.append(flat.view(labels.shape))
            correct.append((logits.argmax(-1) == labels).float())
        return torch.cat(losses, 1), torch.cat(correct, 1)

    def encode(self, text: str) -> Tensor:
        """(1, T) int64. InputError names the characters that the training text lacks."""
        return encode(self.alphabet, text).to(self.device)

    def decode(self, tokens: Tensor) -> str:
        """(T,) -> text."""
        return "".join(self.alphabet[i] for i in tokens.tolist())


def encode(alphabet: str, text: str) -> Tensor:
    """(1, T) int64, the indices of characters in `alphabet`. InputError where one is not in it."""
    lacking = "".join(dict.fromkeys(c for c in text if c not in alphabet))
    if lacking:
        raise InputError(f"prompt: the training text has no {lacking!r}; it has {alphabet!r}")
    if not text:
        raise InputError("prompt: expected at least one character, found none")
    return torch.tensor([[alphabet.index(c) for c in text]])


def task(run: Run, data: Text, device: torch.device) -> LanguageTask:
    """How a run is trained."""
    return LanguageTask(Training(**run.training), data, device)
