"""Where a worked solution first goes wrong: its lines beside those of the reference, and what kind of mistake it is.

The kinds: *misread* (task, variables, words, causal links), *wrong estimand* (sets or formula), *wrong number
substituted*, *arithmetic*, and *format* (the steps are right, the answer is missing or not as asked).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from caugym.causal.identify import candidates
from caugym.gym.derivation import Knowledge
from caugym.gym.problem import TASKS, Answer, Problem
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.solution import solution
from caugym.gym.solve import choose

MISREAD, ESTIMAND, NUMBER, ARITHMETIC, FORMAT = KINDS = (
    "misread",
    "wrong estimand",
    "wrong number substituted",
    "arithmetic",
    "format",
)
NO_STEPS = "nothing to compare"
"""A wrong completion in no form that this module knows, or of a problem that has no reference in its form."""

NANO_KINDS = {
    "misread": MISREAD,
    "wrong formula": ESTIMAND,
    "wrong number": NUMBER,
    "arithmetic": ARITHMETIC,
    "answer": FORMAT,
    "cut off": FORMAT,
}

_STEP = re.compile(r"Step (\d+):")
_VALUE = re.compile(r"(P\([^=]*(?:=[^=]*?)*\)|[A-Za-z0-9|+\-,]+)=([+-]?\d[\d.]*)")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class WrongStep:
    """``offset`` and ``length`` of the first wrong line in the completion; ``expected`` is the reference's line."""

    offset: int
    length: int
    kind: str
    expected: str


def first_wrong_step(problem: Problem, completion: str) -> WrongStep | None:
    """The first line of a worked ``completion`` that the reference solution does not have in its place.

    None where every line is right, and where the completion is in none of the worked forms (the published steps,
    nano's form). Another valid way to the answer differs too: ask only for completions that were judged wrong.
    """
    written = _lines(completion)
    if not written:
        return WrongStep(0, 0, FORMAT, "")
    if _in_nano_form(written):
        return _by_nano(problem, completion, written)
    if not _STEP.match(written[0][1].strip()):
        return None
    reference = [line for line in problem.solution.split("\n") if line.strip()]
    for place, expected in enumerate(reference):
        if place >= len(written):
            offset, text = written[-1]
            return WrongStep(offset + len(text), 0, FORMAT, expected)
        offset, text = written[place]
        if _plain(text) != _plain(expected):
            kind = FORMAT if place == len(reference) - 1 else published_kind(text, expected, reference[:place])
            return WrongStep(offset, len(text), kind, expected)
    return None


def _in_nano_form(written: list[tuple[int, str]]) -> bool:
    """Whether one of the first lines is the number of a sentence or a task, as in nano's form."""
    return any(re.fullmatch(rf"\(\d+\)|(?:{'|'.join(TASKS)})", line.strip().upper()) for _, line in written[:3])


def _by_nano(problem: Problem, completion: str, written: list[tuple[int, str]]) -> WrongStep | None:
    """What nano's own module says of its form."""
    from caugym.nano import anatomy
    from caugym.nano.worked import NotWritableError

    try:
        found = anatomy.first_wrong_step(problem, completion)
    except NotWritableError:
        return None
    if found is None:
        return None
    start = completion.find(completion.strip())
    lines = completion.strip().splitlines(keepends=True)
    offset = start + sum(map(len, lines[: found.line]))
    return WrongStep(min(offset, len(completion)), len(found.written), NANO_KINDS[found.kind], found.expected)


def published_kind(text: str, expected: str, before: list[str]) -> str:
    """Step 1 reads the graph; then sets and formulas; then numbers put in; then what is computed with them."""
    step = next((int(found[1]) for line in reversed([*before, expected]) if (found := _STEP.match(line))), 1)
    assignments = _VALUE.findall(expected)
    if not _NUMBER.search(re.sub(r"=[01]\b|Step \d+|lower|upper", "", expected)):
        return MISREAD if step == 1 else ESTIMAND
    if assignments and expected.strip().startswith("P(") and "\t" in expected:
        return NUMBER if [name for name, _ in assignments] == [name for name, _ in _VALUE.findall(text)] else ESTIMAND
    return ARITHMETIC


def _lines(text: str) -> list[tuple[int, str]]:
    """Offset and text of every line that is not blank."""
    found, offset = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append((offset, line))
        offset += len(line) + 1
    return found


def _plain(line: str) -> str:
    return re.sub(r"\s+", "", line).rstrip(".").lower()


@lru_cache(maxsize=4096)
def problem_of_prompt(prompt: str, answer: str) -> Problem | None:
    """The problem that a prompt states, with its worked solution; None for a text of another form."""
    try:
        reading = read(prompt)
        key = Answer.from_text(answer)
    except (ReadError, ValueError):
        return None
    return reading.problem(prompt, key, solution=_solution(reading))


def problem_of(item: dict[str, Any]) -> Problem | None:
    """The problem of a line of items.jsonl: stored whole, or read back from the prompt."""
    if item.get("problem"):
        return Problem.from_row(item["problem"])
    return problem_of_prompt(item["prompt"], item["answer"])


def _solution(reading: Reading) -> str:
    try:
        chosen = choose(reading)
        found = chosen[0] if chosen else next(candidates(reading.graph, reading.query))
        missing = tuple(p for p, known in (chosen[1] if chosen else {}).items() if known is None)
        lookup = Knowledge(reading.givens, reading.graph)
        return solution(reading.graph, found, lookup, bool(reading.letters), missing)
    except (StopIteration, ValueError, KeyError, ArithmeticError):
        return ""
