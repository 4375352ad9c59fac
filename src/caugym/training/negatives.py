"""Worked solutions with one labelled error: the synthesised negatives of DPO and KTO.

Each error changes what a solution is written from (the estimand, the graph's verdict or a number), and the rest
follows from it, as in a wrong solution that somebody wrote. The strict judge has the last word: a text whose answer
is right after all is no negative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np

from caugym.causal.estimand import Constant, P, Terms, terms
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, NoEffect, candidates, formula, no_effect
from caugym.causal.query import Query
from caugym.gym import tasks
from caugym.gym.conventions import DEAD_ZONE, PLACES, TOLERANCE
from caugym.gym.derivation import Knowledge, MissingProbability, Term
from caugym.gym.problem import TASKS, Answer, Assignment, Given, Problem
from caugym.gym.read import Reading
from caugym.gym.scoring import score
from caugym.gym.solution import letters, solution
from caugym.gym.solve import choose
from caugym.gym.styles import Case
from caugym.training.negatives_formula import reversed_sign, wrong_formula
from caugym.training.rows import Style, is_annotated

LABELS = (
    "wrong_adjustment", "swapped_condition", "sign", "arithmetic_slip", "wrong_formula", "wrong_path",
    "invented_number",
)  # fmt: skip
"""The last one for problems that lack a condition, the others for those that can be answered."""
OVERLOOKED: Mapping[str, NoEffect] = {
    "ATE": "no directed path", "ETT": "no directed path", "CDE": "no edge", "NDE": "no edge", "NIE": "no indirect path",
}  # fmt: skip


@dataclass(frozen=True)
class Negative:
    """A wrong completion and what is wrong with it: one of LABELS."""

    text: str
    label: str


def synthesised(problem: Problem, style: Style, rng: np.random.Generator) -> Negative | None:
    """A wrong solution of the problem, its error drawn by ``rng`` from those that the problem admits.

    None where it admits none.
    """
    for row in rng.permutation(len(LABELS)):
        for text in texts(problem, style, LABELS[row], rng):
            if is_wrong(text, problem.answer):
                return Negative(text, LABELS[row])
    return None


def is_wrong(completion: str, key: Answer | str) -> bool:
    """Whether the strict judge refuses the completion: only then it may be a negative."""
    return not score(completion, key).correct


def texts(problem: Problem, style: Style, label: str, rng: np.random.Generator) -> Iterator[str]:
    """Solutions in ``style`` with the error ``label``, none where the problem does not admit it."""
    if problem.answer.lacks_condition != (label == "invented_number"):
        return
    if style == "nano":
        from caugym.training.negatives_nano import TEXTS

        yield from TEXTS[label](problem, rng)
        return
    case = case_of(problem)
    if case is None:
        return
    if label == "arithmetic_slip":
        yield from slipped(write(case, style), case.answer, rng)
        return
    for wrong in ERRORS[label](case, rng):
        try:
            yield write(wrong, style)
        except (MissingProbability, ArithmeticError):  # it needs a number that is not there, or divides by zero
            continue


def case_of(problem: Problem) -> Case | None:
    """The problem with the solver's choice of an estimand; None where it has none or not by adjustment."""
    chosen = choose(Reading.of(problem))
    if chosen is None or chosen[0].rule != "adjustment" or chosen[0].instrument is not None:
        return None
    knowledge = Knowledge(problem.givens, problem.graph)
    return Case(problem.graph, problem.variables, chosen[0], knowledge, is_annotated(problem.prompt))


def write(case: Case, style: Style) -> str:
    return solution(case.graph, case.found, case.knowledge, case.annotated, (), style, case.variables)


def with_givens(case: Case, givens: Iterable[Given], **changes: Any) -> Case:
    """The case with other numbers printed."""
    changed: Case = replace(case, **changes)
    return replace(changed, knowledge=Knowledge(givens, changed.graph))


def givens_of(case: Case) -> list[Given]:
    return [Given(tuple(term.event), tuple(term.condition), value) for term, value in case.knowledge.printed.items()]


def wrong_adjustment(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """Another set whose numbers the text prints too; else no set, the first stratum's numbers taken as the whole."""
    found = case.found
    if found.no_effect is not None or found.query.task not in TASKS:
        return
    taken = {found.query.treatment, found.query.outcome, *found.mediators}
    others = [node for node in case.graph.nodes if node not in taken]
    for size in range(3):
        sets = [z for z in combinations(others, size) if set(z) != set(found.adjustment_set)]
        for row in rng.permutation(len(sets)):
            yield replace(case, found=adjusted(found, sets[row]))
    if found.adjustment_set:
        whole = first_stratum_alone(givens_of(case), found.adjustment_set)
        yield with_givens(case, whole, found=adjusted(found, ()))


def adjusted(found: Identified, z: tuple[str, ...]) -> Identified:
    return Identified(found.query, formula(found.query, found.mediators, z), z, found.mediators)


def first_stratum_alone(givens: Iterable[Given], z: Iterable[str]) -> list[Given]:
    """The numbers of the stratum that is printed first, as if its variables were not there."""
    left_out, whole = set(z), dict[tuple[Assignment, Assignment], Given]()
    for given in givens:
        condition = tuple(pair for pair in given.condition if pair[0] not in left_out)
        if not left_out & {node for node, _ in given.event}:
            whole.setdefault((given.event, condition), Given(given.event, condition, given.value))
    return list(whole.values())


def swapped_condition(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """Two numbers of one event under conditions of the same variables, each read for the other (in PN and PS the
    two without a condition)."""
    for givens in swapped(givens_of(case), rng):
        yield with_givens(case, givens)


def swapped(givens: Sequence[Given], rng: np.random.Generator) -> Iterator[list[Given]]:
    """The givens with two numbers exchanged."""
    pairs = [(i, j) for i, j in combinations(range(len(givens)), 2) if alike(givens[i], givens[j])]
    for row in rng.permutation(len(pairs)):
        i, j = pairs[row]
        exchanged = {i: replace(givens[i], value=givens[j].value), j: replace(givens[j], value=givens[i].value)}
        yield [exchanged.get(k, given) for k, given in enumerate(givens)]


def alike(p: Given, q: Given) -> bool:
    if not p.condition and not q.condition:
        return max(len(p.event), len(q.event)) > 1
    return set(p.event) == set(q.event) and {node for node, _ in p.condition} == {node for node, _ in q.condition}


def wrong_path(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """A path that is overlooked, so "no effect"; or one that is not there, with numbers that the text does not give."""
    found = case.found
    if found.no_effect is None:
        if found.query.task in OVERLOOKED:
            none = Identified(found.query, Constant(0), (), found.mediators, OVERLOOKED[found.query.task])
            yield replace(case, found=none)
        return
    for graph in misseen(case.graph, found.query, rng):
        if not case.annotated or letters(graph) == letters(case.graph):
            imagined = next(candidates(graph, found.query), None)
            if imagined is not None:
                yield with_givens(case, invented(tasks.statements(imagined), rng), graph=graph, found=imagined)


def misseen(graph: DAG, query: Query, rng: np.random.Generator) -> Iterator[DAG]:
    """Graphs on which a query without effect has one: with another edge, with a way through another node, or with
    two nodes exchanged."""
    x, y = query.treatment, query.outcome
    pairs = [(a, b) for a in graph.nodes for b in graph.nodes if a != b and not graph.has_edge(a, b)]
    for row in rng.permutation(len(pairs)):
        tail, head = pairs[row]
        if tail not in graph.descendants(head):
            more = DAG(graph.nodes, (*graph.edges, (tail, head)))
            if no_effect(more, query) is None:
                yield more
    for row in rng.permutation(len(graph.nodes)):
        way = {(x, graph.nodes[row]), (graph.nodes[row], y)} - set(graph.edges)
        if graph.nodes[row] not in (x, y) and not any(a in graph.descendants(b) for a, b in (*way, (x, y))):
            more = DAG(graph.nodes, (*graph.edges, *sorted(way)))
            if no_effect(more, query) is None:
                yield more
    for a, b in combinations(graph.nodes, 2):
        other = {a: b, b: a}
        edges = tuple((other.get(tail, tail), other.get(head, head)) for tail, head in graph.edges)
        exchanged = DAG(graph.nodes, edges)
        if no_effect(exchanged, query) is None:
            yield exchanged


def invented_number(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """An answer all the same, with numbers that the text neither gives nor implies."""
    yield with_givens(case, completed(case, rng))


def completed(case: Case, rng: np.random.Generator) -> list[Given]:
    """The givens of a case that lacks a condition, with numbers for what is missing."""
    needed = [p for p in terms(case.found.estimand) if case.knowledge.find(Term.from_p(p)) is None]
    return givens_of(case) + invented(needed, rng)


def invented(needed: Iterable[P], rng: np.random.Generator) -> list[Given]:
    """Numbers out of nowhere; those of an event's two values add up to 1."""
    numbers: dict[tuple[Assignment, Assignment], Decimal] = {}
    for p in needed:
        event, condition = as_values(p.event), as_values(p.condition)
        (node, value), *rest = event
        flipped = ((node, 1 - value), *rest), condition
        drawn = Decimal(int(rng.integers(1, 10**PLACES))).scaleb(-PLACES)
        numbers[event, condition] = 1 - numbers[flipped] if flipped in numbers and not rest else drawn
    return [Given(event, condition, number) for (event, condition), number in numbers.items()]


def as_values(part: Terms) -> Assignment:
    return tuple((node, value) for node, value in part if value is not None)


def slipped(solution: str, answer: Answer, rng: np.random.Generator) -> Iterator[str]:
    """One digit of the result miscalculated; what follows and the answer agree with it, the yes/no stays."""
    assert answer.value is not None
    if abs(answer.value) < DEAD_ZONE:
        return
    body, _, _ = solution.rpartition("\n")
    result = re.compile(rf"(?<![\d.]){re.escape(f'{answer.value:.{PLACES}f}')}(?![\d.])")
    head, rest = (body[: at.start()], body[at.start() :]) if (at := last_step(body)) else ("", body)
    if not result.search(rest):
        return  # a clipped bound: its ratio is another number
    for place in rng.permutation(PLACES):
        for digit in rng.permutation(np.arange(1, 10)):
            wrong = answer.value + Decimal(int(digit)).scaleb(-1 - int(place)) * int(rng.choice((-1, 1)))
            if wrong * answer.value > 0 and DEAD_ZONE <= abs(wrong) <= 1 and abs(wrong - answer.value) > TOLERANCE:
                yield head + result.sub(f"{wrong:.{PLACES}f}", rest) + "\n" + replace(answer, value=wrong).text()
                return


def last_step(body: str) -> re.Match[str] | None:
    """Where the published steps begin to calculate: step 6 of seven, or the last one of a bound's."""
    found = list(re.finditer(r"^Step \d+:", body, re.MULTILINE))
    return found[-1 if len(found) < 6 else 5] if found else None


ERRORS: Mapping[str, Callable[[Case, np.random.Generator], Iterator[Case]]] = {
    "wrong_adjustment": wrong_adjustment,
    "swapped_condition": swapped_condition,
    "sign": reversed_sign,
    "wrong_formula": wrong_formula,
    "wrong_path": wrong_path,
    "invented_number": invented_number,
}
