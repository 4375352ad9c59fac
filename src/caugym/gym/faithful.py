"""Whether a text still states a problem in other words: nothing lost, nothing added, nothing turned round.

The text is read back by ``read`` and compared part by part with what the problem was made of: edges, givens, query.
Numbers are also compared as they stand in the text, so that none hides where the reader does not look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from caugym.gym.problem import BOUND_TASKS, Assignment, Given, Problem, Query
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.read_free_words import Values, same, stem
from caugym.gym.wording import published
from caugym.gym.wording.estimands import named, telling

_BULLET = re.compile(r"^\s*\d+[.)]\s+", re.MULTILINE)
_NUMBER = re.compile(r"[-+−]?\d*[.,]?\d+(?:[.,]\d+)*(?:\s?%|e[-+]?\d+)?", re.IGNORECASE)


SHOWN = 4
"""Numbers that one reason names."""


class _Changed(Exception):
    """Says what differs."""


def source(problem: Problem, omitted: bool = False) -> str:
    """The problem in the published words without labels and request; ``omitted`` leaves out what names the estimand."""
    by_name = {variable.name: variable for variable in problem.variables}
    text = published.prompt(problem.graph, by_name, problem.givens, problem.query)
    info, numbers, instruction, question, _ = (line.strip() for line in text.split("\n"))
    parts = [info, numbers, "" if omitted else instruction, question]
    return "\n".join(re.sub(r"^(?:Input Info|Instruction|Question): ", "", part) for part in parts if part)


def completed(problem: Problem, text: str) -> str:
    """``text`` as a prompt: with the published request and, where the problem's own prompt has it, the hint."""
    hint = "\n" + published.LACK_HINT if published.LACK_HINT in problem.prompt else ""
    return f"{text.strip()}\n{published.request(problem.task)}{hint}"


def difference(problem: Problem, text: str, omitted: bool = False) -> str | None:
    """In what ``text`` (without request) states another problem than ``problem``; None where it is the same one.

    The same: every number printed as often and in the same digits, and no other; and read back, the same edges,
    probabilities of the same events under the same conditions, and the same question: task, variables, values, bound.
    Names and words may be others only where the reader knows that they mean the same. ``omitted``: nothing may name
    the estimand; else it must be named still. A text in the original's words, or with its first sentence, differs in
    nothing and is refused as well.
    """
    try:
        _same_numbers(text, problem)
        if words := telling(text) if omitted else None:
            raise _Changed(f"the words {words!r} give the estimand away")
        if not omitted and problem.task not in named(text):
            raise _Changed("the estimand is not named any more")
        if published.PREMISE.rstrip(":").lower() in " ".join(text.split()).lower():
            raise _Changed("the first sentence is the original's")
        _same_problem(read(completed(problem, text)), problem)
    except ReadError as error:
        return f"cannot be read back ({error.message}" + (f': "{error.excerpt}")' if error.excerpt else ")")
    except _Changed as changed:
        return str(changed)
    return None


def _same_numbers(text: str, problem: Problem) -> None:
    """Raises _Changed for numbers that are lost, added or printed in another way; those within names do not count."""
    spoken = " | ".join(part for variable in problem.variables for part in (variable.name, *variable.words))
    found, wanted = Counter(_numbers(text)), Counter(_numbers(source(problem)))
    changed = [n for n in (wanted | found).keys() - set(_numbers(spoken)) if found[n] != wanted[n]]
    if changed:
        told = [f"{n} stands {found[n]} times in the text, not {wanted[n]}" for n in sorted(changed)]
        raise _Changed(f"the number {', '.join(told[:SHOWN])}" + (" and others" if len(told) > SHOWN else ""))


def _numbers(text: str) -> Iterator[str]:
    text = _BULLET.sub("", text)
    yield from (match[0].rstrip() for match in _NUMBER.finditer(text))
    yield from (character for character in text if character.isnumeric() and not character.isdecimal())


def _same_problem(reading: Reading, problem: Problem) -> None:
    """Raises _Changed for the first part that differs."""
    called = _names(reading.graph.nodes, [variable.name for variable in problem.variables])
    edges = {(called[a], called[b]) for a, b in reading.graph.edges}
    for a, b in sorted(set(problem.graph.edges) - edges):
        raise _Changed(f"the direct effect of {a!r} on {b!r} is not stated")
    for a, b in sorted(edges - set(problem.graph.edges)):
        raise _Changed(f"a direct effect of {a!r} on {b!r} is stated, which the original does not have")
    words = {variable.name: variable.words for variable in problem.variables}
    said = {called[variable.name]: variable.words for variable in reading.variables}

    def code(node: str, value: int) -> int:
        """The problem's value that the text's value ``value`` of ``node`` means."""
        side, other = (Values.side(said[node][v], words[node]) for v in (value, 1 - value))
        if side is None or side == other:
            raise _Changed(f"{said[node][value]!r} is neither of the values {' and '.join(words[node])} of {node!r}")
        return side

    def coded(assignment: Assignment) -> Assignment:
        return tuple((called[node], code(called[node], value)) for node, value in assignment)

    _same_givens([Given(coded(g.event), coded(g.condition), g.value) for g in reading.givens], problem.givens)
    query = reading.query
    x, y = called[query.treatment], called[query.outcome]
    to, value = code(x, query.treatment_value), code(y, query.outcome_value)
    found = Query(query.task, x, y, to, 1 - to, value, coded(query.mediator_values), query.bound, query.direction)
    _same_query(found, problem.query)


def _names(nodes: Iterable[str], names: list[str]) -> dict[str, str]:
    """The text's names as the problem's. Raises _Changed where they are not one to one."""
    called: dict[str, str] = {}
    for node in nodes:
        fits = [name for name in names if stem(name) == node] or [name for name in names if same(node, stem(name))]
        if len(fits) != 1:
            raise _Changed(f"{node!r} is no variable of the problem ({', '.join(names)})")
        if fits[0] in called.values():
            raise _Changed(f"{fits[0]!r} became two variables")
        called[node] = fits[0]
    if len(called) < len(names):
        raise _Changed(f"no direct effect names {min(set(names) - set(called.values()))!r}")
    return called


def _same_givens(found: Iterable[Given], wanted: Iterable[Given]) -> None:
    def counted(givens: Iterable[Given]) -> Counter[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]], str]]:
        return Counter((frozenset(g.event), frozenset(g.condition), f"{g.value:.4f}") for g in givens)

    lost = counted(wanted) - counted(found)
    if lost:
        raise _Changed(f"the probability {min(number for _, _, number in lost)} has another event or condition")
    if counted(found) - counted(wanted):
        raise _Changed("a probability is stated that the original does not have")


def _same_query(found: Query, wanted: Query) -> None:
    def fixed(query: Query) -> frozenset[tuple[str, int]]:
        return frozenset(query.mediator_values)

    # PN of values coded 0 is PS: without its name, the observed values alone tell the one from the other.
    alike = {found.task, wanted.task} <= set(BOUND_TASKS)
    for what, one, other in (
        ("task", wanted.task if alike else found.task, wanted.task),
        ("treatment", found.treatment, wanted.treatment),
        ("outcome", found.outcome, wanted.outcome),
        ("treatment's value", found.treatment_value, wanted.treatment_value),
        ("outcome's value", found.outcome_value, wanted.outcome_value),
        ("values held fixed", fixed(found), fixed(wanted)),
        ("bound", found.bound, wanted.bound),
        ("direction", found.direction, wanted.direction),
    ):
        if one != other:
            raise _Changed(f"the question has another {what}" + (f" ({one})" if isinstance(one, str) else ""))
