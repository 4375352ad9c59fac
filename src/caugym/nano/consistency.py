"""What in a worked solution of nano's cannot be right, seen from the text and the solution alone.

A solution that reads its text well agrees with itself: each printed number is read once and in its order, a letter has
one name, no path of edges is a cycle, one label has one number, two complementary probabilities sum to one, and rows of
arithmetic are exact. No answer is known here: a wrong set or a misread word may well agree with itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from caugym.causal.graph import DAG
from caugym.gym.problem import LACK_CONDITION
from caugym.nano.arithmetic import UNIT, clamp
from caugym.nano.calculator import OPERATIONS, computed, signed

_TASK = re.compile(r"(?:ate|cde|ett|nde|nie|pn|ps)(?: (?:upper|lower))?")
_NAMED = re.compile(r"(?:^|>| [xya-l][-+01]\|?) ([^=>|]+)=([a-l])(?=[> ]|$)")
_DECLARED = re.compile(r"([a-l]): (.+?)=([a-l])(?=>|$)")
_ASKED = re.compile(r"[xym-q]: ([^=]*)(?:=([a-l]))?(?= |$)")
_EDGES = re.compile(r"[a-l](?:>[a-l])+")
_STATEMENT = re.compile(r"([a-z][-+01][^\s#=]*)=([+-])(\d{4})((?:#\d+=\d{4})?)")
_USED = re.compile(r"[a-z][-+01][^\s#=]*(?:#\d+=|=[+-])\d{4}")
_NUMBER = re.compile(r"=([+-]?)(\d{4})$")
_PRINTED = re.compile(r"(?<![\d.])[01]\.\d{4}(?!\d)")
_EXAMPLE = re.compile(r"\{[^{}]*\}")
_MOST_IDLE = 2
"""Numbers that a problem without a causal link prints at most, as a rule."""


def doubts(prompt: str, completion: str) -> str | None:
    """A contradiction, or what is unusual; None where there is neither."""
    return contradiction(prompt, completion) or unusual(prompt, completion)


def contradiction(prompt: str, completion: str) -> str | None:
    """What cannot be right in ``completion``; None where nothing is found."""
    return next(_contradictions(prompt, completion.strip().split("\n")), None)


def unusual(prompt: str, completion: str) -> str | None:
    """What may be right and seldom is; None for all else."""
    if completion.rstrip().endswith(LACK_CONDITION) and LACK_CONDITION not in prompt:
        return "a condition lacks, and the text does not speak of that"
    if "\nlink no\n" in completion and len(_printed(prompt)) > _MOST_IDLE:
        return "no link, and numbers for one"
    return None


def _printed(prompt: str) -> list[int]:
    return [int(number.replace(".", "")) for number in _PRINTED.findall(_EXAMPLE.sub("", prompt))]


def _contradictions(prompt: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines[-1].startswith(("{", LACK_CONDITION)):
        yield "no answer"
    task = next((place for place, line in enumerate(lines) if _TASK.fullmatch(line)), None)
    if task is None:
        yield "no task"
        return
    names: dict[str, str] = {}
    for place, line in enumerate(lines):
        if (declared := _DECLARED.match(line)) and declared[1] == declared[3]:
            if place > task or declared[1] in names or declared[2] in names.values():
                yield f"{declared[1]}: {declared[2]} is declared twice or too late"
            names[declared[1]] = declared[2]
    if cycle := _cycle(line for line in lines[:task] if _EDGES.fullmatch(line)):
        yield cycle
    asked = [found.groups() for line in lines[task:] if (found := _ASKED.match(line))]
    said = [pair for line in lines if line.startswith(" ") for pair in _NAMED.findall(line)]
    for name, letter in (*said, *asked):
        if names.get(letter) != name:
            yield f"{name!r} is not {letter}"
    if len({letter for _, letter in asked}) < max(2, len(asked)):
        yield "one variable in two roles"
    if "link no" not in lines:
        yield from _of_numbers(_printed(prompt), lines[task:])


def _cycle(lines: Iterable[str]) -> str | None:
    """Of the edges in letters: a line names a tail and its heads."""
    edges = dict.fromkeys((line[0], head) for line in lines for head in line[2::2])
    try:
        DAG(tuple(dict.fromkeys(node for edge in edges for node in edge)), tuple(edges))
    except ValueError as error:
        return str(error)
    return None


def _of_numbers(printed: Sequence[int], lines: Sequence[str]) -> Iterator[str]:
    """Statements first, one a printed number; behind them the numbers that are used."""
    found = [(place, match) for place, line in enumerate(lines) if (match := _STATEMENT.fullmatch(line))]
    said = [match for _, match in found[: len(printed)]]
    read = [(match[1], _value(match)) for match in said]
    if len(read) < len(printed) or any(
        value != clamp(number) for (_, value), number in zip(read, printed, strict=True)
    ):
        yield "the numbers read are not those printed"
    keyed = [match[4] for match in said if match[4]]
    if keyed != [f"#{place}={match[3]}" for place, match in enumerate(said[: len(keyed)], start=1)]:
        yield "the statements' places or numbers are not those read"
    values = dict(read)
    if len(values) < len(set(read)):
        yield "one label with two numbers"
    for label, value in values.items():
        other = values.get(_complement(label)) if label[2:3] in ("", "|") else None  # of one event, not of a joint one
        if other is not None and abs(value + other - UNIT) > 2:
            yield f"{label} and its complement do not sum to one"
    known = {match[1] + (match[4] or f"={match[2]}{match[3]}") for match in said}
    yield from _of_steps(lines[found[len(said) - 1][0] + 1 if said else 0 :], known)
    if lines[-1] == LACK_CONDITION:
        missing = next((line.removesuffix("=?") for line in lines if line.endswith("=?")), None)
        if missing is None or missing in values:
            yield "nothing lacks"


def _of_steps(lines: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """Numbers that are used, and rows of arithmetic over the two numbers before them."""
    before: list[int] = []
    for line in lines:
        number = _NUMBER.search(line)
        if _USED.fullmatch(line) and line not in known:
            yield f"{line} was not read"
        operation = f"\n{line[:3]}"
        exact = operation in OPERATIONS and operation != "\ndiv"  # whose guesses may be wrong and are tried again
        if exact and (len(before) < 2 or computed(operation, *before[-2:]) != line[3:]):
            yield f"{line[:3]} is not exact"
        if number:
            before.append(signed(*number.groups()))


def _complement(label: str) -> str:
    """The label with the other value of its first event: ``y+|x-`` and ``y-|x-``."""
    return label[0] + {"+": "-", "-": "+", "0": "1", "1": "0"}[label[1]] + label[2:]


def _value(found: re.Match[str]) -> int:
    return signed(found[2], found[3])
