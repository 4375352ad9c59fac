"""Other ways to say a variable and its values, written by hand for each, and near words of single words.

``said.json`` holds for a variable of the stories other names, longer descriptions, and of either value other words,
noun phrases and clauses ("widespread absenteeism", "pupils often miss school"). ``common.json`` holds the same, and
more of it, for what people ask about most (income, health, weather): also what somebody with a value does ("earning
little"). ``near.txt`` is drawn from WordNet
(``scripts/near_words.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from caugym.gym.problem import Variable


@dataclass(frozen=True)
class Value:
    """One value: other words; noun phrases, clauses and what stands behind "people" that say name and value at once."""

    words: tuple[str, ...]
    nouns: tuple[str, ...]
    clauses: tuple[str, ...]
    doing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Other names of a variable, and its values in the variable's order."""

    names: tuple[str, ...]
    values: tuple[Value, Value]


@cache
def entries() -> Mapping[str, Entry]:
    """By the variable's name, and by each of its other names that only one variable bears."""
    rows = json.loads(_read("said.json")) | _common()
    found: dict[str, Entry] = {}
    for name, row in rows.items():
        low, high = (Value(**{kind: tuple(said) for kind, said in value.items()}) for value in row["values"])
        every = (name, *row["names"], *row["long"])
        for one in every:
            if one == name or (one not in found and one not in rows):
                found[one] = Entry(tuple(other for other in every if other != one), (low, high))
    return found


@cache
def common() -> tuple[Variable, ...]:
    """The variables of ``common.json``, each with its two plainest words."""
    return tuple(Variable(name, (row["pole"][0], row["pole"][1])) for name, row in _common().items())


@cache
def _common() -> dict[str, Any]:
    rows: dict[str, Any] = json.loads(_read("common.json"))
    return rows


@cache
def near() -> Mapping[str, tuple[str, ...]]:
    """Words of names -> words that a retelling may put in their place."""
    lines = (line.split() for line in _read("near.txt").splitlines())
    return {word: tuple(others) for word, *others in lines}


def _read(name: str) -> str:
    return resources.files("caugym.gym.wording.phrasing").joinpath(name).read_text(encoding="utf-8")
