"""The gym inside other frameworks: each module is a thin layer around ``generate`` and ``score``.

None is imported by the rest of the package; each needs the framework that it is named after.
"""

from __future__ import annotations

from collections.abc import Sequence

from caugym.errors import InputError
from caugym.gym import tasks
from caugym.gym.generate import generate
from caugym.gym.problem import TASKS, Problem


def chosen_tasks(named: str | Sequence[str]) -> tuple[str, ...]:
    """``named`` as "all", "ATE,PN" or a sequence of names. Raises InputError for an unknown one, or none."""
    if named == "all":
        return TASKS
    words = named.split(",") if isinstance(named, str) else list(named)
    names = tuple(word.strip().upper() for word in words if word.strip())
    if not names:
        raise InputError(f"no task named in {named!r}: use all or some of {', '.join(TASKS + tasks.FURTHER)}")
    for name in names:
        tasks.load(name)
    return names


def problem_at(
    index: int,
    named: Sequence[str] = TASKS,
    variation: str = "base",
    split: str = "test",
    seed: int = 0,
    preset: str | None = None,
) -> Problem:
    """The ``index``-th problem of a set with the tasks ``named`` in turn. Raises InputError as ``generate`` does."""
    return generate(named[index % len(named)], variation, split, seed, index // len(named), preset)
