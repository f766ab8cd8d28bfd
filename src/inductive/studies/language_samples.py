"""What is measured on texts that a model has written. Plain strings in, numbers out."""

import re
from collections.abc import Collection


def words(text: str) -> list[str]:
    """The words of a text in lower case: letters, with apostrophes and hyphens inside."""
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())


def whole_words(sample: str) -> list[str]:
    """The words of a sample without the first and the last, which may be parts of words."""
    return words(sample)[1:-1]


def real_words(sample: str, known: Collection[str]) -> float:
    """Share of a sample's words that the training text has too. 0 without any word."""
    found = whole_words(sample)
    return sum(word in known for word in found) / len(found) if found else 0.0


def distinct(sample: str, n: int) -> float:
    """Distinct-n: different n-grams of words, as a share of all (Li et al. 2016)."""
    found = whole_words(sample)
    grams = [tuple(found[i : i + n]) for i in range(len(found) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    """All n-grams of words of a text."""
    found = words(text)
    return {tuple(found[i : i + n]) for i in range(len(found) - n + 1)}


def novelty(sample: str, known: Collection[tuple[str, ...]], n: int) -> float:
    """Share of a sample's n-grams of words that the training text does not have."""
    found = whole_words(sample)
    grams = [tuple(found[i : i + n]) for i in range(len(found) - n + 1)]
    return sum(gram not in known for gram in grams) / len(grams) if grams else 0.0


def longest_copy(sample: str, training: str) -> int:
    """Characters of the longest stretch of a sample that stands in the training text verbatim."""
    longest = 0
    for start in range(len(sample)):
        while start + longest < len(sample) and sample[start : start + longest + 1] in training:
            longest += 1
    return longest


def agreement(sample: str, original: str) -> int:
    """How many characters two texts share before they first differ."""
    for i, (a, b) in enumerate(zip(sample, original, strict=False)):
        if a != b:
            return i
    return min(len(sample), len(original))
