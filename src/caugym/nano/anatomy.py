"""Where a worked solution of nano's goes wrong first: misread, wrong formula, wrong number, arithmetic or answer.

The reference is the worked form that ``caugym.nano.worked`` writes for the same problem; the first line that differs
says what kind of step failed, since every later line builds on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from caugym.gym.problem import Problem
from caugym.nano import worked
from caugym.nano.tokenizer import spaced

Kind = Literal["misread", "wrong formula", "wrong number", "arithmetic", "answer", "cut off"]
KINDS: tuple[Kind, ...] = ("misread", "wrong formula", "wrong number", "arithmetic", "answer", "cut off")

_TASK = re.compile(r"(?:ate|cde|ett|nde|nie|pn|ps)(?: (?:upper|lower))?$")
_OPERATION = re.compile(r"(?:sub|add|mul|div)[\[\d]|neg$|ge$|lt$")
_REACHED = re.compile(r"[a-l](?:>[a-l])*\|(?: [a-ly])*")
_USED = re.compile(r"[a-lxy][-+01][^=]*(?:#\d+=\d{4}|=\?)$")
_CHOSEN = re.compile(r"[a-z]:=[a-l]$")


@dataclass(frozen=True)
class WrongStep:
    """The first wrong line: its place from 0, what kind of step it is, what was written and what should stand there."""

    line: int
    kind: Kind
    written: str
    expected: str


def first_wrong_step(problem: Problem, completion: str) -> WrongStep | None:
    """None where the completion is the reference to the letter. Raises NotWritableError without a reference."""
    reference = worked.solution(problem).strip().splitlines()
    section = "edges"
    for place, (written, expected) in enumerate(zip_longest(completion.strip().splitlines(), reference, fillvalue="")):
        if spaced(written) == spaced(expected):
            section = _section(section, expected)
            continue
        if not written:
            return WrongStep(place, "cut off", written, expected)
        section = _section(section, expected)
        return WrongStep(place, _kind(section, written, expected), written, expected)
    return None


def _section(section: str, line: str) -> str:
    """edges, question, roles, statements or calculation: where ``line`` stands."""
    if section == "edges":
        return "question" if _TASK.match(line) else "edges"
    if section == "question" and (_REACHED.fullmatch(line) or line.startswith("link ")):
        return "roles"
    if section == "roles" and line.startswith((" ", "(")):
        return "statements"
    if section == "statements" and (_USED.match(line) or _OPERATION.match(line) or _CHOSEN.match(line)):
        return "calculation"
    return section


def _kind(section: str, written: str, expected: str) -> Kind:
    if expected.startswith(("{", "LACK")):
        return "answer"
    if section in ("edges", "question", "statements"):
        return "misread"
    if section == "roles" or _CHOSEN.match(expected):
        return "wrong formula"
    if _OPERATION.match(expected) and written[:3] == expected[:3]:
        return "arithmetic"
    if _OPERATION.match(expected) and _OPERATION.match(written):
        return "arithmetic" if {written[:3], expected[:3]} <= {"neg", "ge", "lt"} else "wrong formula"
    if re.split("[#=]", written)[0] == re.split("[#=]", expected)[0]:
        return "wrong number"
    return "wrong formula"
