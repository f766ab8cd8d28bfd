"""Probabilistic context-free grammars: sampling, and exact means of entropy and length."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rule:
    """One way to rewrite a symbol. Parts that name a symbol are rewritten in turn."""

    probability: float
    parts: tuple[str, ...]


class Grammar:
    """Symbols and their rules. Probabilities of a symbol's rules add up to 1.

    Where no expansion of a rule is a prefix of an expansion of another rule of the same symbol, a
    text has exactly one derivation, which parsing from left to right gives, and the probability of
    a text is that of its derivation.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self.rules = rules
        self._index = {symbol: i for i, symbol in enumerate(rules)}
        self._cumulative = {
            symbol: np.cumsum([rule.probability for rule in options])
            for symbol, options in rules.items()
        }

    def sample(self, start: str, rng: np.random.Generator) -> tuple[str, float]:
        """A text derived from `start`, and minus the binary logarithm of its probability."""
        pieces, bits, pending = [], 0.0, [start]
        while pending:
            part = pending.pop()
            if part not in self.rules:
                pieces.append(part)
                continue
            options, cumulative = self.rules[part], self._cumulative[part]
            choice = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], "right"))
            rule = options[min(choice, len(options) - 1)]
            bits -= float(np.log2(rule.probability))
            pending.extend(reversed(rule.parts))
        return "".join(pieces), bits

    def entropy(self, start: str) -> float:
        """Mean bits of a derivation from `start`."""

        def local(rule: Rule) -> float:
            return -float(np.log2(rule.probability))

        return self._mean(start, local)

    def length(self, start: str) -> float:
        """Mean number of characters of a text derived from `start`."""

        def local(rule: Rule) -> float:
            return float(sum(len(part) for part in rule.parts if part not in self.rules))

        return self._mean(start, local)

    def _mean(self, start: str, local: Callable[[Rule], float]) -> float:
        """The mean of a quantity that is the sum of `local` over the rules of a derivation.

        It solves m = l + M m, where M[x, y] is the mean number of symbols y in a rewriting of x and
        l[x] the mean of `local` over the rules of x.
        """
        count = len(self._index)
        constant, matrix = np.zeros(count), np.eye(count)
        for symbol, options in self.rules.items():
            row = self._index[symbol]
            for rule in options:
                constant[row] += rule.probability * local(rule)
                for part in rule.parts:
                    if part in self._index:
                        matrix[row, self._index[part]] -= rule.probability
        return float(np.linalg.solve(matrix, constant)[self._index[start]])
