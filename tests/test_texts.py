"""Texts, and the grammar of generated tales: its entropy is what it says."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inductive.data import tale_twin, text
from inductive.data.grammar import Grammar, Rule
from inductive.errors import InputError
from inductive.studies import language

CPU = torch.device("cpu")


def test_grammar_means_by_enumeration() -> None:
    """A recursive grammar: a^n with n geometric, entropy and length known in closed form."""
    p = 0.75
    chain = Grammar({"S": [Rule(p, ("a", "S")), Rule(1 - p, ("b",))]})
    entropy = (-p * math.log2(p) - (1 - p) * math.log2(1 - p)) / (1 - p)
    assert chain.entropy("S") == pytest.approx(entropy)
    assert chain.length("S") == pytest.approx(1 / (1 - p))


def test_the_tales_have_one_derivation_each() -> None:
    """By the inside algorithm, which adds up all derivations of a text."""
    grammar, rng = tale_twin.grammar(), np.random.default_rng(0)
    for _ in range(100):
        tale, bits = grammar.sample("TALE", rng)
        count, probability = _inside(grammar, tale)["TALE", 0][len(tale)]
        assert count == 1
        assert -math.log2(probability) == pytest.approx(bits)


def _inside(grammar: Grammar, whole: str) -> dict[tuple[str, int], dict[int, tuple[int, float]]]:
    """(symbol, start) -> end -> number of derivations of that stretch, and their probability."""
    table: dict[tuple[str, int], dict[int, tuple[int, float]]] = {}

    def ends(part: str, start: int) -> dict[int, tuple[int, float]]:
        if part not in grammar.rules:
            return {start + len(part): (1, 1.0)} if whole.startswith(part, start) else {}
        if (part, start) not in table:
            found: dict[int, tuple[int, float]] = {}
            for rule in grammar.rules[part]:
                reached = {start: (1, rule.probability)}
                for piece in rule.parts:
                    further: dict[int, tuple[int, float]] = {}
                    for place, (n, p) in reached.items():
                        for end, (m, q) in ends(piece, place).items():
                            before = further.get(end, (0, 0.0))
                            further[end] = before[0] + n * m, before[1] + p * q
                    reached = further
                for end, (n, p) in reached.items():
                    before = found.get(end, (0, 0.0))
                    found[end] = before[0] + n, before[1] + p
            table[part, start] = found
        return table[part, start]

    ends("TALE", 0)
    return table


def test_generated_tales_cost_what_the_grammar_says() -> None:
    arrays, facts = tale_twin.generate({"seed": 1, "characters": 200000})
    costs, ends = arrays["bits"], arrays["ends"]
    lengths = np.diff(ends, prepend=0)
    rate = facts["entropy rate"]
    # The ratio of means is within four standard errors of the exact rate.
    spread = (costs - rate * lengths).std() / np.sqrt(len(costs)) / lengths.mean()
    assert abs(costs.sum() / ends[-1] - rate) < 4 * spread
    whole = arrays["characters"].tobytes().decode()
    assert len(whole) == ends[-1] >= 200000
    tale = whole[: ends[0]]
    assert tale.startswith("Once there was a ")
    assert tale.endswith("lives there still.\n\n")


def test_clean_takes_off_marks_and_licence() -> None:
    raw = (
        "\ufeffThe Project Gutenberg EBook\nLicence\n"
        "*** START OF THIS PROJECT GUTENBERG EBOOK TALES ***\n\n\nOnce.\n*****\nTwice.\n\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK TALES ***\nMore licence\n"
    )
    assert text.clean(raw) == "Once.\n*****\nTwice.\n"
    assert text.clean("Once.") == "Once.\n"


def _own(tmp_path: Path, content: bytes) -> dict[str, Any]:
    (tmp_path / "own.txt").write_bytes(content)
    return {"kind": "own", "path": str(tmp_path / "own.txt"), "generated": {}}


def test_own_texts_that_cannot_be(
    tmp_path: Path, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inductive.data.registry.DATA", tmp_path / "data")
    for content, message in [
        (b"abc\xff" * 99, "own.txt is not UTF-8: byte 3 is 0xff"),
        (b"short", "has 6 characters; 100 are the least"),
        (b"Once upon a time. " * 10, "too few for windows of 32"),
    ]:
        params["data"]["grimm"] = _own(tmp_path, content)
        with pytest.raises(InputError, match=message):
            language.runs(params)
    params["data"]["grimm"] = _own(tmp_path, "Wißt ihr noch? ‘Nein.’\n".encode() * 40)
    run = language.runs(params)[1]
    task = language.task(run, text.load(run.data), CPU)
    assert "ß" in task.alphabet
    assert task.floor is None
