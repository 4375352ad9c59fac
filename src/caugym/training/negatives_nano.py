"""The labelled errors in nano's worked form: solutions of a problem that was misread, and slips on the way.

Nothing here knows more of the form than that its lines follow one another and that the last one is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from caugym.causal.identify import candidates, no_effect
from caugym.gym import tasks
from caugym.gym.conventions import PLACES
from caugym.gym.problem import EFFECT_TASKS, Problem
from caugym.gym.read import Reading
from caugym.gym.solve import solve
from caugym.nano import numbered
from caugym.nano.numbered import Places
from caugym.training.negatives import case_of, completed, first_stratum_alone, invented, misseen, swapped
from caugym.training.rows import nano_solution


def misread(problem: Problem, **changes: Any) -> Iterator[str]:
    """The worked solution of the problem with ``changes``, if it has an answer and the form can hold it."""
    other = replace(problem, **changes)
    solved = solve(Reading.of(other))
    if solved.status == "solved" and solved.answer is not None:
        text = nano_solution(replace(other, answer=solved.answer), misread_places(problem, other))
        if text is not None:
            yield text


def misread_places(problem: Problem, other: Problem) -> Places | None:
    """Where the edges and givens of ``other`` stand in the text of ``problem``; what is not there, beside the last."""
    said = numbered.places(problem.prompt, problem.graph, problem.givens)
    if said is None:
        return None
    edges = dict(zip(problem.graph.edges, said.edges, strict=True))
    givens = dict(zip(((given.event, given.condition) for given in problem.givens), said.givens, strict=True))
    values = dict(zip((given.value for given in problem.givens), said.givens, strict=True))
    last = max((*said.edges, *said.givens))
    return Places(
        tuple(edges.get(edge, max(said.edges)) for edge in other.graph.edges),
        tuple(givens.get((g.event, g.condition), values.get(g.value, last)) for g in other.givens),
    )


def wrong_adjustment(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """Nothing adjusted for: the first stratum's numbers are taken as the whole."""
    case = case_of(problem)
    if case is None or not case.found.adjustment_set:
        return
    left_out = case.found.adjustment_set
    graph = problem.graph.without_edges(lambda tail, head: tail in left_out or head in left_out)
    yield from misread(problem, graph=graph, givens=tuple(first_stratum_alone(problem.givens, left_out)))


def swapped_condition(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """Two numbers of one event under conditions of the same variables, each read for the other."""
    for givens in swapped(problem.givens, rng):
        yield from misread(problem, givens=tuple(givens))


def reversed_sign(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """The right way to the result, but the answer has the other sign and the other decision."""
    text, answer = nano_solution(problem), problem.answer
    if text is not None and answer.value and answer.decision is not None:
        wrong = replace(answer, value=-answer.value, decision=not answer.decision)
        yield text.rpartition("\n")[0] + "\n" + wrong.text()


def arithmetic_slip(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """The numbers read as they are, the first result from another one; the rest agrees with it."""
    right = nano_solution(problem)
    if right is None:
        return
    lines = right.split("\n")
    for row in rng.permutation(len(problem.givens)):
        given = problem.givens[row]
        for ten_thousandths in rng.integers(1, 10**PLACES, 8):
            wrong = replace(given, value=Decimal(int(ten_thousandths)).scaleb(-PLACES))
            for text in misread(problem, givens=(*problem.givens[:row], wrong, *problem.givens[row + 1 :])):
                others = text.split("\n")
                read = next((k for k, (a, b) in enumerate(zip(lines, others, strict=False)) if a != b), len(lines))
                yield "\n".join([*lines[: read + 1], *others[read + 1 :]])


def wrong_formula(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """The solution of another kind of effect, where the text happens to print its numbers."""
    others = [task for task in EFFECT_TASKS if task != problem.task]
    if problem.task not in EFFECT_TASKS:
        return
    for row in rng.permutation(len(others)):
        query = replace(problem.query, task=others[row], mediator_values=())
        if no_effect(problem.graph, query) is None:
            yield from misread(problem, task=others[row], query=query)


def wrong_path(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """A path that is overlooked, so "no effect"; or one that is not there, with numbers that the text does not give."""
    graph, query = problem.graph, problem.query
    if no_effect(graph, query) is None:
        x, y = query.treatment, query.outcome
        for blind in (
            graph.without_edges(lambda tail, head: (tail, head) == (x, y)),
            graph.without_edges(lambda tail, head: tail == x and head != y),
            graph.without_edges(lambda tail, head: tail == x),
        ):
            if no_effect(blind, query) is not None:
                yield from misread(problem, graph=blind)
        return
    for other in misseen(graph, query, rng):
        imagined = next(candidates(other, query), None)
        if imagined is not None:
            yield from misread(problem, graph=other, givens=tuple(invented(tasks.statements(imagined), rng)))


def invented_number(problem: Problem, rng: np.random.Generator) -> Iterator[str]:
    """An answer all the same, with numbers that the text neither gives nor implies."""
    case = case_of(problem)
    if case is not None:
        yield from misread(problem, givens=tuple(completed(case, rng)))


TEXTS: Mapping[str, Callable[[Problem, np.random.Generator], Iterator[str]]] = {
    "wrong_adjustment": wrong_adjustment,
    "swapped_condition": swapped_condition,
    "sign": reversed_sign,
    "arithmetic_slip": arithmetic_slip,
    "wrong_formula": wrong_formula,
    "wrong_path": wrong_path,
    "invented_number": invented_number,
}
