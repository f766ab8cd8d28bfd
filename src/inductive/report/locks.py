"""Claims as they were when they were first judged, so that a later edit is seen.

results/<preset>/locks/<study>.json holds all claims that the study ever had since one of them was
judged on results, with their versions in the order in which they were judged. No rule declares the
file, so nothing deletes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from inductive.analysis.comparisons import Claim, split_comparison, table_bodies
from inductive.analysis.quantity import parse_quantity
from inductive.core.errors import InputError
from inductive.core.files import digest, read_json, write_json

_SEEDS = "seeds"
_TEXTS = (
    *("stated", "tested", "type", "replicated", "over", "paired", "practical", "built_in"),
    *("same_examples", _SEEDS),
)
_MAPPINGS = ("about", "needs")
_DEFAULTS = {"replicated": "seeds"}
Locked = dict[str, Any]
"""What a verdict depends on, in one form however it is written in YAML."""
_ABSENT = "nothing"
ADDED = "added after results of the study existed"


def locked_content(claim: Claim, published: Mapping[str, Any], seeds: str = "") -> Locked:
    """A claim's statement and all that its verdict depends on, published cells included.

    `seeds` are the numbers of seeds at which the study is looked at.
    """
    texts = {key: _one_line(claim.get(key, _DEFAULTS.get(key, ""))) for key in _TEXTS}
    mappings = {key: _leaves(claim.get(key, {})) for key in _MAPPINGS}
    comparisons = list(_comparisons(claim, published))
    return texts | mappings | {"comparisons": comparisons, _SEEDS: seeds}


def claim_hash(content: Locked) -> str:
    """Eight hexadecimal digits that change with the claim, but not with the numbers of seeds."""
    return digest({key: value for key, value in content.items() if key != _SEEDS})


def lock(path: Path, claims: Mapping[str, Locked], judged: Sequence[str]) -> dict[str, list[str]]:
    """Add the versions of the judged claims to a study's file; claim -> its edits since the first.

    `claims` are the claims of the study by id, `judged` the ids of those with results. An edit is
    'key: before -> after', or that the claim is younger than the file. The file is written only
    where it changes. Raises InputError where it is damaged.
    """
    known = _read(path)
    begun = bool(known)
    new = [name for name in claims if name not in known]
    for name in new:
        known[name] = {"added": begun, "versions": []}
    changed = [name for name in judged if claims[name] not in known[name]["versions"]]
    for name in changed:
        known[name]["versions"].append(claims[name])
    if (new or changed) and (begun or judged):
        content = {
            name: each
            | {"versions": [{"hash": claim_hash(v), "claim": v} for v in each["versions"]]}
            for name, each in known.items()
        }
        write_json(path, content)
    return {
        name: [ADDED] * known[name]["added"]
        + list(edits(known[name]["versions"][0], claim) if known[name]["versions"] else [])
        for name, claim in claims.items()
    }


def edits(before: Locked, after: Locked) -> Iterator[str]:
    """What differs between two versions of a claim: 'key: before -> after'."""
    for key in (*_TEXTS, *_MAPPINGS):
        if key not in before:  # locked by a version that did not know it
            continue
        old, new = before[key], after[key]
        if key in _TEXTS:
            old, new = {"": old or _ABSENT}, {"": new or _ABSENT}
        yield from _differences(key, old, new)
    olds, news = list(before["comparisons"]), list(after["comparisons"])
    places = list(range(1, len(news) + 1))
    for comparison in before["comparisons"]:  # those that are the same, wherever they stand
        if comparison in news:
            index = news.index(comparison)
            olds.remove(comparison)
            del news[index], places[index]
    for number, old, new in zip_longest(places, olds, news):
        name = f"comparison {number}" if number else "a comparison"
        if old is None or new is None or old["kind"] != new["kind"]:
            yield f"{name}: {_in_words(old)} -> {_in_words(new)}"
        else:
            yield from _differences(name, old, new)


def _differences(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, _ABSENT), after.get(key, _ABSENT)
        if old != new:
            yield f"{name}{', ' if key else ''}{key}: {old} -> {new}"


def _in_words(comparison: Mapping[str, str] | None) -> str:
    if comparison is None:
        return _ABSENT
    parts = [f"{key} {value}" for key, value in comparison.items() if key != "kind"]
    return f"{comparison['kind']} ({', '.join(parts)})"


def _comparisons(claim: Claim, published: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Every comparison as plain texts, with the claim's defaults and the published numbers."""
    written = list(claim.get("comparisons", []))
    if "published_table" in claim:
        written += [{"within": body} for body in table_bodies(claim["published_table"], published)]
    for comparison in written:
        kind, body, each = split_comparison(comparison)
        flat = {"kind": kind} | _leaves({"each": each} if each else {})
        for key, value in body.items():
            selector = isinstance(value, dict)
            flat |= _leaves({key: claim.get("defaults", {}) | value} if selector else {key: value})
        yield flat


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested mappings as one: 'more model' -> 'GAT'. Numbers with units have one spelling."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= _leaves(value, f"{name} ")
        elif quantity := parse_quantity(value):
            flat[name] = f"{quantity.value:.12g} {quantity.unit}".rstrip()
        else:
            flat[name] = _one_line(value)
    return flat


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Claim -> `added`, and `versions`: the contents that were judged, in order."""
    if not path.exists():
        return {}
    content = read_json(path)
    try:
        damaged = any(
            version["hash"] != claim_hash(version["claim"])
            for each in content.values()
            for version in each["versions"]
        )
        known = {
            name: {"added": each["added"], "versions": [v["claim"] for v in each["versions"]]}
            for name, each in content.items()
        }
    except (AttributeError, KeyError, TypeError):
        damaged, known = True, {}
    if damaged:
        raise InputError(
            f"{path}: damaged; delete it to judge these claims as if no results had existed"
        )
    return known
