"""Names for variables, in three styles: real (a story's own words), everyday (a fixed pool) and nonsense.

``stories.json`` holds our own small stories: a field, an orientation and the variables in the order in which edges
may point, each with its words for the values 0 (the undesirable one) and 1. The order of a "commonsense" story is
the causal one; an "anti-commonsense" story is told backwards, so that its edges contradict what everybody knows.
One name has the same words in all stories. ``everyday.json`` is a pool of everyday names whose values are low and
high. Nonsense names are four random letters that make none of the words of
``english.txt``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from caugym.gym.problem import Variable

STYLES = ("REAL", "RANDOM", "FAKE")
"""Real-world, everyday and nonsense names; the labels are those of the published data."""


@dataclass(frozen=True)
class Story:
    """Variables in the order in which edges may point: causes before effects where ``orientation`` is commonsense."""

    field: str
    orientation: str
    variables: tuple[Variable, ...]


@cache
def stories() -> tuple[Story, ...]:
    rows = json.loads(_read("stories.json"))
    return tuple(Story(row["field"], row["orientation"], tuple(map(_variable, row["variables"]))) for row in rows)


def _variable(row: dict[str, Any]) -> Variable:
    undesirable, desirable = row["words"]
    return Variable(row["name"], (undesirable, desirable))


@cache
def everyday() -> tuple[Variable, ...]:
    return tuple(Variable(name) for name in json.loads(_read("everyday.json")))


@cache
def english() -> frozenset[str]:
    """English words of four letters, which a nonsense name must not be."""
    return frozenset(_read("english.txt").split())


def _read(name: str) -> str:
    return resources.files("caugym.gym.wording").joinpath(name).read_text(encoding="utf-8")


def draw_variables(style: str, count: int, rng: np.random.Generator) -> tuple[Variable, ...]:
    """``count`` variables with distinct names, in the order in which they stand in the graph.

    A real story gives a random selection in its own order. Raises ValueError for an unknown
    style or more variables than it can give.
    """
    if style == "FAKE":
        return _nonsense(count, rng)
    if style == "RANDOM":
        pool = everyday()
        if count > len(pool):
            raise ValueError(f"{count} everyday names wanted, there are {len(pool)}")
        return tuple(pool[i] for i in rng.choice(len(pool), count, replace=False))
    if style == "REAL":
        fitting = [story.variables for story in stories() if len(story.variables) >= count]
        if not fitting:
            raise ValueError(f"{count} variables of one story wanted, the longest story is shorter")
        chosen = fitting[rng.integers(len(fitting))]
        return tuple(chosen[i] for i in sorted(rng.choice(len(chosen), count, replace=False)))
    raise ValueError(f"unknown name style {style!r} (expected one of {', '.join(STYLES)})")


def _nonsense(count: int, rng: np.random.Generator) -> tuple[Variable, ...]:
    names: list[str] = []
    while len(names) < count:
        name = "".join(chr(97 + i) for i in rng.integers(26, size=4))
        if name not in english() and name not in names:
            names.append(name)
    return tuple(Variable(name) for name in names)
