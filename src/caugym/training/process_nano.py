"""The process reward for solutions in nano's worked form: how far a completion goes before its first wrong line.

In that form every line builds on those before, so what follows a wrong one earns nothing: the reward is the share of
the reference's lines that stand before it. A pure function.
"""

from __future__ import annotations

import re

from caugym.gym.problem import Answer
from caugym.gym.read import ReadError, read
from caugym.nano import worked

_WORKED = re.compile(r"\s*\(\d+\)\n")
"""A worked solution begins with the number of the sentence that it reads."""


def in_worked_form(completion: str) -> bool:
    return _WORKED.match(completion) is not None


def expected(prompt: str) -> tuple[str, ...] | None:
    """The lines of the worked solution of the problem that a prompt asks; None where it cannot be read or written."""
    try:
        problem = read(prompt).problem(prompt, Answer())
        return tuple(worked.solution(problem, check=False).strip().splitlines())
    except (ReadError, worked.NotWritableError):
        return None


def process(completion: str, lines: tuple[str, ...]) -> float:
    """The share of ``lines`` with which the completion begins, 0 to 1; below 1 where it goes on after the last."""
    written = completion.strip().splitlines()
    right = next((at for at, (a, b) in enumerate(zip(written, lines, strict=False)) if a != b), None)
    if right is None:
        right = min(len(written), len(lines)) - (len(written) > len(lines))
    return right / len(lines)
