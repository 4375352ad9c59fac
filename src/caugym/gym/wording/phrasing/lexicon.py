"""Other ways to say a variable and its values, written by hand for each, and near words of single words.

``said.json`` holds for a variable of the stories other names, longer descriptions, and of either value other words,
noun phrases and clauses ("widespread absenteeism", "pupils often miss school"). ``near.txt`` is drawn from WordNet
(``scripts/near_words.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Value:
    """One value: other words, noun phrases that say name and value at once, and clauses that do."""

    words: tuple[str, ...]
    nouns: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """Other names of a variable, and its values in the variable's order."""

    names: tuple[str, ...]
    values: tuple[Value, Value]


@cache
def entries() -> Mapping[str, Entry]:
    """By the variable's name, and by each of its other names that only one variable bears."""
    rows = json.loads(_read("said.json"))
    found: dict[str, Entry] = {}
    for name, row in rows.items():
        low, high = (Value(*(tuple(value[kind]) for kind in ("words", "nouns", "clauses"))) for value in row["values"])
        every = (name, *row["names"], *row["long"])
        for one in every:
            if one == name or (one not in found and one not in rows):
                found[one] = Entry(tuple(other for other in every if other != one), (low, high))
    return found


@cache
def near() -> Mapping[str, tuple[str, ...]]:
    """Words of names -> words that a retelling may put in their place."""
    lines = (line.split() for line in _read("near.txt").splitlines())
    return {word: tuple(others) for word, *others in lines}


def _read(name: str) -> str:
    return resources.files("caugym.gym.wording.phrasing").joinpath(name).read_text(encoding="utf-8")
