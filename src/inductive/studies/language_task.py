"""How the language study trains a GPT on a text."""

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.data.text import Text, clean
from inductive.errors import InputError
from inductive.nn.gpt import GPT, Shape
from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.randomness import Draws
from inductive.training.task import Step

BATCH = 64  # windows that are scored at a time


class LanguageTask:
    """Random windows of a text, and the next character at every place of each.

    Reads of `training`: the numbers of a `Shape`, `protocol`, `held_out` (share of the text, its
    last part), `batch_size`, `steps`, `epochs` of `report_every` steps, `learning_rate`, `warmup`
    (steps), `final` (share of the learning rate at the end of its cosine; 1 keeps it), `betas`,
    `weight_decay` (of matrices), `clip`, `dropout`, `precision`, `watched` (windows whose loss is
    watched).

    The course takes the file as it is and holds nothing out: what it watches it has trained on.
    """

    patience = None

    def __init__(self, training: dict[str, Any], data: Text, device: torch.device) -> None:
        self.training, self.device = training, device
        self.epochs = training["epochs"]
        course = training["protocol"] == "course"
        text = data.raw if course else clean(data.raw)
        self.alphabet = "".join(sorted(set(text)))
        self.start = len(text) if course else round(len(text) * (1 - training["held_out"]))
        self.text = {"train": text[: self.start]}
        if not course:
            self.text["validation"] = text[self.start :]
        numbers = {f.name: training[f.name] for f in fields(Shape) if f.name != "vocabulary"}
        self.shape = Shape(vocabulary=len(self.alphabet), **numbers)
        for part, string in self.text.items():
            if len(string) <= training["block"]:
                raise InputError(
                    f"language: the {part} part of the text has {len(string)} characters, too few "
                    f"for a block of {training['block']}"
                )
        number = {character: i for i, character in enumerate(self.alphabet)}
        self.tokens = {
            part: torch.tensor([number[c] for c in string], device=device)
            for part, string in self.text.items()
        }
        self.floor = None if course else data.floor(self.start)

    @property
    def judged(self) -> str:
        """The part of the text that losses are reported on."""
        return "validation" if "validation" in self.tokens else "train"

    def build(self) -> nn.Module:
        # Not compiled: torch.compile takes 15 to 20 % off a step of the micro model on a CPU, after
        # 50 s of compilation that only 3,000 steps pay back, and wants a C++ compiler (torch 2.14).
        return GPT(self.shape)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        matrices = [n for n, p in parameters.items() if p.ndim == 3 and n != "tokens.weight"]
        decayed = [n for n in matrices if "positions" not in n]
        return make_adam(
            parameters,
            learning_rate=self._learning_rate,
            betas=tuple(self.training["betas"]),
            weight_decay=dict.fromkeys(decayed, self.training["weight_decay"]),
            decoupled=True,
            clip=self.training["clip"],
        )

    def _learning_rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine down to `final` of the largest."""
        largest, warmup = self.training["learning_rate"], self.training["warmup"]
        if step < warmup:
            return float(largest * (step + 1) / warmup)
        progress = (step - warmup) / max(1, self.training["steps"] - warmup)
        low = self.training["final"] * largest
        return float(low + (largest - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        tokens, block = self.tokens["train"], self.training["block"]
        batch, dropout = self.training["batch_size"], self.training["dropout"]
        place = torch.arange(block + 1, device=self.device)
        for _ in range(self.training["report_every"]):
            first = draws.integers(len(tokens) - block, batch)
            windows = tokens[first[..., None] + place]
            masks = None
            if dropout:
                masks = draws.dropout_masks(self.shape.masks(batch, block), dropout)
            low = self.training["precision"] == "bfloat16"
            with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
                logits = members(windows[..., :-1], masks, stacked=True).float()
            labels = windows[..., 1:].flatten(1)
            losses = F.cross_entropy(
                logits.flatten(0, -2), labels.flatten(), reduction="none"
            ).view(labels.shape)
            correct = (logits.detach().argmax(-1).flatten(1) == labels).float().sum(1)
            yield Step(losses.mean(1), correct, labels.shape[1])

    def validate(self, members: Members) -> dict[str, Tensor]:
        tokens, block = self.tokens[self.judged], self.training["block"]
        there = (len(tokens) - 1) // block
        chosen = np.linspace(0, there - 1, min(self.training["watched"], there)).round() * block
        losses, correct = self.scored(members, self.judged, chosen.astype(int), block)
        return {"loss": losses.mean((1, 2)), "accuracy": correct.mean((1, 2))}

    def scored(
        self, members: Members, part: str, starts: np.ndarray, length: int
    ) -> tuple[Tensor, Tensor]:
        """(S, windows, length) twice: nats of every next character, and whether it was guessed."""
        tokens = self.tokens[part]
        place = torch.arange(length + 1, device=self.device)
        losses, correct = [], []
        for first in torch.from_numpy(starts).to(self.device).split(BATCH):
            windows = tokens[first[:, None] + place]
            labels = windows[:, 1:].expand(members.count, -1, -1)
            logits = members(windows[:, :-1])
            flat = F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none")
            losses.append(flat.view(labels.shape))
            correct.append((logits.argmax(-1) == labels).float())
        return torch.cat(losses, 1), torch.cat(correct, 1)

    def encode(self, text: str) -> Tensor:
        """(1, T) int64. InputError names the characters that the text it learnt from lacks."""
        return encode(self.alphabet, text).to(self.device)

    def decode(self, tokens: Tensor) -> str:
        """(T,) -> text."""
        return "".join(self.alphabet[i] for i in tokens.tolist())


def encode(alphabet: str, text: str) -> Tensor:
    """(1, T) int64, the places of characters in `alphabet`."""
    lacking = "".join(dict.fromkeys(c for c in text if c not in alphabet))
    if lacking:
        raise InputError(
            f"prompt: the text that was learnt has no {lacking!r}; it has {alphabet!r}"
        )
    if not text:
        raise InputError("prompt: expected at least one character, found none")
    return torch.tensor([[alphabet.index(c) for c in text]])
