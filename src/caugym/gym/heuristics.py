"""Programs that answer without looking at the graph: what a score is worth is seen beside theirs.

Each takes a reading and uses its query and its printed numbers only, never its edges. "formula by position" is the
program that only counts the numbers and applies a published formula to them in their order; ``Nearest`` copies the
key of the most similar problem of a file that it was given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import combinations

import numpy as np

from caugym.causal.estimand import P, terms
from caugym.causal.identify import Identified, formula
from caugym.causal.query import Query
from caugym.gym import conventions, tasks
from caugym.gym.derivation import Knowledge, Term
from caugym.gym.problem import BOUND_TASKS, Answer
from caugym.gym.read import Reading, read
from caugym.gym.scoring import score

Heuristic = Callable[[Reading], Answer]
Sets = tuple[tuple[str, ...], tuple[str, ...]]
"""Mediators and adjustment set of a formula."""

LARGEST = 3


def lack(reading: Reading) -> Answer:
    return Answer()


def zero(reading: Reading) -> Answer:
    """0, and No."""
    return _answer(reading, Decimal(0))


def one(reading: Reading) -> Answer:
    return _answer(reading, Decimal(1))


def first_minus_second(reading: Reading) -> Answer:
    """The first printed number minus the second."""
    if len(reading.givens) < 2:
        return zero(reading)
    return _answer(reading, reading.givens[0].value - reading.givens[1].value)


def positional(reading: Reading) -> Answer:
    """The published formula whose statements are as many as the text's, or the longest that is not longer."""
    asked = reading.query
    count = len(reading.givens)
    if count == 0:
        return zero(reading)
    forms = _published_forms(asked.task, asked.bound, len(asked.mediator_values))
    fitting = [form for form in forms if len(tasks.statements(form)) <= count]
    if not fitting:
        return lack(reading)
    form = max(fitting, key=lambda found: len(tasks.statements(found)))
    places = {p.facts: i for i, p in enumerate(tasks.statements(form))}
    stated = [reading.givens[i].value for i in range(count)]

    def number(p: P) -> Decimal:
        event, condition = p.facts
        if (event, condition) in places:
            return stated[places[event, condition]]
        others = [stated[i] for (e, c), i in places.items() if c == condition and _nodes(e) == _nodes(event)]
        return 1 - sum(others, Decimal(0))

    return _compute(replace(form, query=replace(form.query, direction=asked.direction)), number)


def unadjusted(reading: Reading) -> Answer:
    """The formula without adjustment set, where its numbers are printed."""
    return _first_printed(reading, lambda sets: len(sets[1]) == 0)


def smallest_set(reading: Reading) -> Answer:
    """The formula with the smallest nonempty set whose numbers are all printed."""
    return _first_printed(reading, lambda sets: len(sets[1]) > 0)


def largest_set(reading: Reading) -> Answer:
    """The formula with the largest sets whose numbers are all printed."""
    return _first_printed(reading, lambda sets: True, largest=True)


HEURISTICS: dict[str, Heuristic] = {
    "always LACK_CONDITION": lack,
    "always 0": zero,
    "always 1": one,
    "first minus second": first_minus_second,
    "formula by position": positional,
    "no adjustment": unadjusted,
    "smallest printed set": smallest_set,
    "largest printed set": largest_set,
}


NEAREST = "nearest item"


class Nearest:
    """Copies the key of the item whose printed numbers, in their order, are nearest on average.

    Candidates are the items of the same task and bound with as many statements, else those with the next number of
    statements; where the task does not occur at all, the answer is 0. An item is not its own neighbour: one with the
    very same statements and question is passed over.
    """

    def __init__(self, items: Iterable[tuple[Reading, Answer]]) -> None:
        groups: dict[tuple[str, str | None], dict[int, list[tuple[Reading, Answer]]]] = defaultdict(dict)
        for reading, key in items:
            by_count = groups[reading.query.task, reading.query.bound]
            by_count.setdefault(len(reading.givens), []).append((reading, key))
        self._groups = {
            kind: {count: (_numbers(group), group) for count, group in by_count.items()}
            for kind, by_count in groups.items()
        }

    def __call__(self, reading: Reading) -> Answer:
        by_count = self._groups.get((reading.query.task, reading.query.bound), {})
        for count in sorted(by_count, key=lambda known: (abs(known - len(reading.givens)), known)):
            table, group = by_count[count]
            common = min(count, len(reading.givens))
            distances = np.abs(table[:, :common] - _numbers([(reading, Answer())])[:, :common]).sum(axis=1)
            for i in np.argsort(distances, kind="stable"):
                other, key = group[i]
                if (other.givens, other.query) != (reading.givens, reading.query):
                    return key
        return zero(reading)


def _numbers(items: Iterable[tuple[Reading, Answer]]) -> np.ndarray:
    return np.array([[float(given.value) for given in reading.givens] for reading, _ in items])


def accuracies(
    problems: Iterable[tuple[str, Answer]], memory: Iterable[tuple[str, Answer]] | None = None
) -> dict[str, float]:
    """Each heuristic's strict accuracy on prompts with their keys, and of ``Nearest`` that knows ``memory``.

    Raises ReadError for an unreadable prompt.
    """
    nearest = None if memory is None else Nearest((read(prompt), key) for prompt, key in memory)
    return scores(((read(prompt), key) for prompt, key in problems), nearest)


def scores(items: Iterable[tuple[Reading, Answer]], nearest: Nearest | None = None) -> dict[str, float]:
    """``accuracies`` of problems that were read already. All are 0 without items."""
    programs: Mapping[str, Heuristic] = HEURISTICS if nearest is None else HEURISTICS | {NEAREST: nearest}
    right = dict.fromkeys(programs, 0)
    count = 0
    for reading, key in items:
        count += 1
        for name, heuristic in programs.items():
            right[name] += score(heuristic(reading).text(), key).correct
    return {name: number / count if count else 0.0 for name, number in right.items()}


def _first_printed(reading: Reading, wanted: Callable[[Sets], bool], largest: bool = False) -> Answer:
    knowledge = Knowledge(reading.givens, reading.graph)
    chosen = [sets for sets in _sets_in_conditions(reading) if wanted(sets)]
    for mediators, adjustment in sorted(chosen, key=lambda sets: len(sets[0]) + len(sets[1]), reverse=largest):
        tree = formula(reading.query, mediators, adjustment)
        known = {p: knowledge.find_printed(Term.from_p(p)) for p in terms(tree)}
        values = {p: derived.value for p, derived in known.items() if derived is not None}
        if len(values) == len(known):
            return _compute(Identified(reading.query, tree, adjustment, mediators), values.__getitem__)
    return lack(reading)


def _sets_in_conditions(reading: Reading) -> Iterator[Sets]:
    """The sets beside the treatment in the conditions of the outcome; NDE and NIE split them in every way."""
    query = reading.query
    fixed = tuple(node for node, _ in query.mediator_values)
    seen: dict[tuple[str, ...], None] = {}
    for given in reading.givens:
        condition = [node for node, _ in given.condition]
        if [node for node, _ in given.event] == [query.outcome] and query.treatment in condition:
            rest = tuple(sorted(node for node in condition if node != query.treatment and node not in fixed))
            if len(rest) <= LARGEST:
                seen[rest] = None
    for rest in seen:
        if query.task not in ("NDE", "NIE"):
            yield fixed, rest
            continue
        for size in range(len(rest), -1 if query.task == "NDE" else 0, -1):
            for mediators in combinations(rest, size):
                yield mediators, tuple(node for node in rest if node not in mediators)


@cache
def _published_forms(task: str, bound: str | None, fixed: int) -> tuple[Identified, ...]:
    """The formulas with at most one mediator (NDE, NIE) and one variable to adjust for, over names of our own."""
    query = Query(task, "x", "y", 1, 0, 1, tuple((f"m{i}", 1) for i in range(fixed)), bound)  # type: ignore[arg-type]
    mediators: tuple[tuple[str, ...], ...] = ((),)
    if task == "CDE":
        mediators = (tuple(node for node, _ in query.mediator_values),)
    elif task in ("NDE", "NIE"):
        mediators = ((), ("m",)) if task == "NDE" else (("m",),)
    return tuple(Identified(query, formula(query, m, z), z, m) for m in mediators for z in ((), ("z",)))


def _nodes(values: frozenset[tuple[str, int | None]]) -> set[str]:
    return {node for node, _ in values}


def _compute(found: Identified, lookup: Callable[[P], Decimal]) -> Answer:
    try:
        return conventions.answer(found, lookup, annotated=True)
    except (ZeroDivisionError, InvalidOperation):
        return Answer()


def _answer(reading: Reading, number: Decimal) -> Answer:
    task = reading.query.task
    return Answer(number, None if task in BOUND_TASKS else conventions.decide(task, number, reading.query.direction))
