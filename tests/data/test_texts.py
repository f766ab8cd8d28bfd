"""Texts, and the grammar of generated tales, whose entropy is known."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec, Run
from inductive.data.generated import tales
from inductive.data.generated.grammar import Grammar, Rule
from inductive.data.text import clean
from inductive.studies.language.task import task

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
    grammar, rng = tales.grammar(), np.random.default_rng(0)
    for _ in range(100):
        tale, bits = grammar.sample("TALE", rng)
        count, probability = _inside(grammar, tale)["TALE", 0][len(tale)]
        assert count == 1
        assert -math.log2(probability) == pytest.approx(bits)


def _inside(grammar: Grammar, whole: str) -> dict[tuple[str, int], dict[int, tuple[int, float]]]:
    """(symbol, start) -> end -> number of derivations of that substring, and their probability."""
    table: dict[tuple[str, int], dict[int, tuple[int, float]]] = {}

    def ends(part: str, start: int) -> dict[int, tuple[int, float]]:
        if part not in grammar.rules:
            return {start + len(part): (1, 1.0)} if whole.startswith(part, start) else {}
        if (part, start) not in table:
            totals: dict[int, tuple[int, float]] = {}
            for rule in grammar.rules[part]:
                reached = {start: (1, rule.probability)}
                for piece in rule.parts:
                    further: dict[int, tuple[int, float]] = {}
                    for middle, (n, p) in reached.items():
                        for end, (m, q) in ends(piece, middle).items():
                            before = further.get(end, (0, 0.0))
                            further[end] = before[0] + n * m, before[1] + p * q
                    reached = further
                for end, (n, p) in reached.items():
                    before = totals.get(end, (0, 0.0))
                    totals[end] = before[0] + n, before[1] + p
            table[part, start] = totals
        return table[part, start]

    ends("TALE", 0)
    return table


def test_generated_tales_have_the_entropy_rate_of_the_grammar() -> None:
    arrays, facts = tales.generate({"seed": 1, "characters": 200000})
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


def test_clean_removes_marks_and_licence() -> None:
    raw = (
        "\ufeffThe Project Gutenberg EBook\nLicence\n"
        "*** START OF THIS PROJECT GUTENBERG EBOOK TALES ***\n\n\nOnce.\n*****\nTwice.\n\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK TALES ***\nMore licence\n"
    )
    assert clean(raw) == "Once.\n*****\nTwice.\n"
    assert clean("Once.") == "Once.\n"


def _own(tmp_path: Path, content: bytes) -> dict[str, Any]:
    (tmp_path / "own.txt").write_bytes(content)
    return {"kind": "own", "path": str(tmp_path / "own.txt")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc\xff" * 99, "own.txt is not UTF-8: byte 3 is 0xff"),
        (b"short", "has 6 characters; at least 100 are needed"),
        (b"Once upon a time. " * 10, "too few for windows of 32"),
    ],
)
def test_invalid_own_texts_are_refused(
    tmp_path: Path, make_runs: Callable[..., list[Run]], content: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs("language", data={"grimm": _own(tmp_path, content)})


def test_a_user_s_text_can_be_trained_on(
    tmp_path: Path, make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any]
) -> None:
    own = _own(tmp_path, "\ufeffWißt ihr noch? ‘Nein.’\n".encode() * 40)
    run = make_runs("language", data={"grimm": own})[1]
    trained = task(run, make_data(run), CPU)
    assert "ß" in trained.alphabet
    assert trained.floor is None


def test_a_text_survives_the_data_step(
    tmp_path: Path,
    resolve: Callable[..., DatasetSpec],
    make_and_load: Callable[[DatasetSpec], Any],
) -> None:
    content = "\ufeffWißt ihr noch? ‘Nein.’\r\n" * 40
    data = make_and_load(resolve("grimm", **_own(tmp_path, content.encode())))
    assert data.raw == content
    assert data.floor(0) is None
    spec = resolve("grimm")
    data, (arrays, _) = make_and_load(spec), tales.generate(spec.settings)
    assert data.raw == arrays["characters"].tobytes().decode()
    assert data.floor(0) == pytest.approx(arrays["bits"].sum() / arrays["ends"][-1])
