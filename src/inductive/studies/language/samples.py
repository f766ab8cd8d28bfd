"""Statistics of texts that a model has written, as functions of plain strings."""

import re
from collections.abc import Collection


def words(text: str) -> list[str]:
    """The words of a text in lower case: letters, with apostrophes and hyphens inside."""
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())


def whole_words(sample: str) -> list[str]:
    """The words of a sample without the first and the last, which may be parts of words."""
    return words(sample)[1:-1]


def real_words(sample: str, known: Collection[str]) -> float:
    """Share of a sample's words that are in the training text. 0 without any word."""
    of_sample = whole_words(sample)
    return sum(word in known for word in of_sample) / len(of_sample) if of_sample else 0.0


def distinct(sample: str, n: int) -> float:
    """Distinct-n: different n-grams of words, as a share of all (Li et al. 2016,
    arXiv:1510.03055). 0 without any."""
    grams = _ngrams(whole_words(sample), n)
    return len(set(grams)) / len(grams) if grams else 0.0


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    """All n-grams of words of a text."""
    return set(_ngrams(words(text), n))


def novelty(sample: str, known: Collection[tuple[str, ...]], n: int) -> float:
    """Share of a sample's n-grams of words that are not in the training text. 0 without any."""
    grams = _ngrams(whole_words(sample), n)
    return sum(gram not in known for gram in grams) / len(grams) if grams else 0.0


def _ngrams(sequence: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(sequence[i : i + n]) for i in range(len(sequence) - n + 1)]


def longest_copy(sample: str, training: str) -> int:
    """Characters of the longest part of a sample that is in the training text verbatim."""
    longest = 0
    for start in range(len(sample)):
        while start + longest < len(sample) and sample[start : start + longest + 1] in training:
            longest += 1
    return longest


def agreement(sample: str, original: str) -> int:
    """The number of characters before two texts first differ."""
    for i, (a, b) in enumerate(zip(sample, original, strict=False)):
        if a != b:
            return i
    return min(len(sample), len(original))
