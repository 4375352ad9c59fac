"""The generator's dials as a user writes them: "nodes=6-8", "density=0.3", "adjustment=2", "styles=FAKE,REAL"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from caugym.causal.query import EFFECT_TASKS, TASKS
from caugym.errors import InputError

MEDIATED = {"CDE": 1, "NDE": 0, "NIE": 1}
"""The tasks that have mediators, with the fewest that they can have."""


def parse(texts: Iterable[str]) -> dict[str, Any]:
    """Fields of a preset for ``generate``. Raises InputError that names the dial and what may stand there.

    A number of nodes or redundant statements and the size of an adjustment or mediator set is a number, a range or
    several of them, all equally likely. ``density`` holds for every number of nodes.
    """
    dials: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--dial {text}: write NAME=VALUE, for example nodes=8")
        if name not in PARSERS:
            raise InputError(f"--dial {text}: unknown dial {name!r}, use one of {', '.join(sorted(PARSERS))}")
        try:
            dials[name] = PARSERS[name](value)
        except ValueError as error:
            raise InputError(f"--dial {text}: {error}") from None
    if "density" in dials:
        dials["edges"] = {}
    return dials


def _sizes(value: str) -> dict[int, float]:
    found: dict[int, float] = {}
    for part in value.split(","):
        match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise ValueError(f"{value!r} is no number, range or list of them, as 8, 6-8 or 4,6")
        found |= dict.fromkeys(range(int(match[1]), int(match[2] or match[1]) + 1), 1.0)
    return found


def _adjustment(value: str) -> dict[str, dict[int, float]]:
    return dict.fromkeys(TASKS, _sizes(value))


def _mediators(value: str) -> dict[str, dict[int, float]]:
    sizes = _sizes(value)
    by_task = {task: {size: 1.0 for size in sizes if size >= least} for task, least in MEDIATED.items()}
    return {task: found for task, found in by_task.items() if found}


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"{value!r} is no number from 0 to 1")
    return share


def _no_effect(value: str) -> dict[str, float]:
    return dict.fromkeys(EFFECT_TASKS, _share(value))


def _styles(value: str) -> dict[str, float]:
    return dict.fromkeys(value.upper().split(","), 1.0)


def _switch(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"{value!r} is neither true nor false")
    return value == "true"


PARSERS: dict[str, Callable[[str], Any]] = {
    "nodes": _sizes,
    "density": _share,
    "adjustment": _adjustment,
    "mediators": _mediators,
    "redundant": _sizes,
    "no_effect": _no_effect,
    "insufficient": _share,
    "flipped": _share,
    "loose": _share,
    "positive": _share,
    "styles": _styles,
    "letters": _switch,
    "naive": _switch,
    "hint": _switch,
}
