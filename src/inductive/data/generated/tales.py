"""Generated tales: a probabilistic grammar whose entropy rate is known exactly.

A tale has a hero with an invented name and a pronoun, both the same throughout the tale, so that
the beginning of a tale helps to predict its end. Tales are independent of each other, a name is
independent of the rest of its tale, and every tale has exactly one derivation (see `Grammar`; a
test checks it). So a text of tales has the entropy rate

    (entropy of a name + entropy of a tale) / mean length of a tale    in bits per character

by the law of large numbers for tales and for their lengths.
"""

import math
import re
from functools import cache
from typing import Any

import numpy as np

from inductive.data.generated.grammar import Grammar, Rule
from inductive.data.storage import Arrays

VERSION = 1


def _words(text: str) -> list[str]:
    return text.split()


_SYLLABLES = _words("ba de fi go hu ka le mi no ru sa te vi wo xu zo")
_NAME_SYLLABLES = 3
_BLANK = "@" * (2 * _NAME_SYLLABLES)
"""Placeholder for the hero's name: all names have this length."""

# No word of a list is a prefix of another word of it, so every word's end is unambiguous.
_WORDS = {
    "NOUN": _words(
        "apple axe barrel bell bird boat bone book bread broom cake cart cat chest cloak "
        "coin cow crown cup dog dove dress drum duck egg feather flute fox frog goat "
        "grain hammer hare hat hen horn horse jug key lamp lion meal nail needle owl pear "
        "pig pot purse raven ring robe rope sack shoe spoon stone sword"
    ),
    "LIKE": _words(
        "angry bent black blind blue brave broken burnt cheap clean clever cold dark deaf "
        "dull dusty empty faint fat fine glad golden green grey heavy hollow lame large "
        "lazy little lost mad new old pale poor proud quick red rich round rusty sad "
        "sharp silver small stale strange strong sweet tall thin torn warm weak wet white "
        "wild wise young"
    ),
    "DID": _words(
        "ate begged blessed bought broke brought called carried caught chased cursed cut "
        "drew dropped fed feared found gave got grasped heard held hid hit kept killed "
        "kissed left lent loved made met mocked moved needed opened pulled pushed put "
        "robbed sang saw sent shook sold stole struck took tore touched tried turned used "
        "wanted washed watched won"
    ),
    "PLACE": _words(
        "attic bridge castle cave cellar church cottage field forest garden hall hill hut "
        "island kitchen lake marsh meadow mill palace road river stable tower tree valley "
        "village well"
    ),
    "WHEN": [
        "At last",
        "Before noon",
        "By night",
        "In spring",
        "Later on",
        "Next day",
        "Often",
        "Soon",
        "Suddenly",
        "Then",
        "Three times",
        "Years after",
    ],
    "WHERE": ["above", "behind", "below", "beside", "in", "near", "outside", "under"],
}

# Symbols, in capitals, are rewritten; {he} and {his} are the hero's pronouns. Weights are relative.
_RULES = {
    "REST": [(4, " SENTENCEREST"), (1, " And {he} lives there still.\n\n")],
    "SENTENCE": [(3, "WHEN {he} ACTION"), (2, _BLANK + " ACTION"), (2, "The THING ACTION")],
    "ACTION": [(3, "DID OBJECTTAIL"), (1, "DID OBJECT, but {he} DID OBJECTTAIL")],
    "OBJECT": [(3, "{his} THING"), (1, _BLANK), (1, "the PLACE"), (2, "two NOUNs")],
    "THING": [(1, "NOUN"), (1, "LIKE NOUN")],
    "TAIL": [(2, "."), (2, " WHERE the PLACE."), (1, " for that THING.")],
}


def check(settings: dict[str, Any], key: str) -> None:
    """Every combination of valid settings gives a text."""


@cache
def grammar() -> Grammar:
    """The grammar of tales. Its start is TALE."""
    rules = {word: [Rule(1 / len(words), (w,)) for w in words] for word, words in _WORDS.items()}
    for he, his in [("he", "his"), ("she", "her")]:
        symbols = {s: f"{s} {he}" for s in _RULES}
        for symbol, name in symbols.items():
            options = [(w, text.format(he=he, his=his)) for w, text in _RULES[symbol]]
            total = sum(weight for weight, _ in options)
            rules[name] = [Rule(w / total, _parts(text, symbols)) for w, text in options]
    rules["TALE"] = [
        Rule(0.5, (f"Once there was a king called {_BLANK}.", "REST he")),
        Rule(0.5, (f"Once there was a maiden called {_BLANK}.", "REST she")),
    ]
    return Grammar(rules)


def _parts(text: str, symbols: dict[str, str]) -> tuple[str, ...]:
    """A text cut into symbols and the pieces between them."""
    known = {word: word for word in _WORDS} | symbols
    cut = re.split(f"({'|'.join(known)})", text)
    return tuple(known.get(part, part) for part in cut if part)


def entropy_rate() -> float:
    """Bits per character of an infinitely long text of tales."""
    name = _NAME_SYLLABLES * math.log2(len(_SYLLABLES))
    return (name + grammar().entropy("TALE")) / grammar().length("TALE")


def generate(settings: dict[str, Any]) -> Arrays:
    """`characters` (bytes,) uint8 of whole tales, and the `ends` and `bits` of a `Text`.

    At least settings["characters"] characters, all ASCII.
    """
    rng = np.random.default_rng(settings["seed"])
    name_bits = _NAME_SYLLABLES * math.log2(len(_SYLLABLES))
    texts: list[str] = []
    bits, length = [], 0
    while length < settings["characters"]:
        name = "".join(rng.choice(_SYLLABLES, _NAME_SYLLABLES)).capitalize()
        text, cost = grammar().sample("TALE", rng)
        texts.append(text.replace(_BLANK, name))
        bits.append(name_bits + cost)
        length += len(text)
    arrays = {
        "characters": np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8),
        "ends": np.cumsum([len(text) for text in texts]),
        "bits": np.array(bits),
    }
    return arrays, {"entropy rate": entropy_rate(), "tales": len(texts)}
