"""Problems with random numbers, made fast for training: any graph, names, wording and order of statements.

The gym draws structural causal models and proves its problems; a worked form can be written for any numbers, and
random ones teach reading better than those of a model, which often lie close together. What a task asks, which
formula answers it and what lacks are the gym's own (``caugym.causal.identify``, ``caugym.gym.solve``).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Literal

import numpy as np

from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, candidates
from caugym.gym.problem import BOUND_TASKS, TASKS, Answer, Given, Problem, Query
from caugym.gym.read import Reading
from caugym.gym.solution import letters
from caugym.gym.solve import solve
from caugym.gym.wording import published
from caugym.gym.wording.phrasing import Dials, rephrased
from caugym.nano import worked
from caugym.nano.arithmetic import ColumnOverflowError
from caugym.nano.names import draw_variables
from caugym.nano.numbered import Places, given_places, sentence_places
from caugym.nano.printed import (
    Numbers,
    Statement,
    anywhere,
    idle_statements,
    remove,
    terms_of,
    with_complements,
    wrong_block,
)

SIZES = (3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7, 8, 8, 8, 9, 10)
LONGEST = 26
"""Statements of one problem."""


@dataclass(frozen=True)
class World:
    """A problem without a proof; ``problem.givens`` stand in the text's order."""

    problem: Problem
    identified: Identified
    terms: tuple[Statement, ...]
    """What the problem's own estimand reads, in that order."""
    places: Places | None = None
    """Where edges and givens stand; None in the published words, where they are found again."""


def draw_graph(rng: random.Random, names: list[str]) -> DAG:
    """A random DAG over those names that have an edge, sparser where they are many."""
    density = rng.uniform(0.2, 0.7) if len(names) < 6 else rng.uniform(0.12, 0.5)
    edges = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if rng.random() < density]
    if rng.random() < 0.25:
        rng.shuffle(edges)
    named = {name for edge in edges for name in edge}
    return DAG(tuple(name for name in names if name in named), tuple(edges))


def identified_of(graph: DAG, query: Query, sets: random.Random) -> Identified | None:
    """One of the query's estimands with at most two adjustment variables, or None where the task is not asked."""
    x, y, task = query.treatment, query.outcome, query.task
    if task == "CDE" and not 1 <= len(query.mediator_values) <= 5:
        return None
    if task == "NIE" and not graph.mediators(x, y) and not graph.has_edge(x, y):
        return None
    if task == "CDE" and not graph.mediators(x, y):
        return None
    found = list(islice((one for one in candidates(graph, query) if len(one.adjustment_set) <= 2), 4))
    if not found:
        return None
    chosen = sets.choice(found)
    if not chosen.no_effect and task in ("NDE", "NIE") and len(chosen.mediators) > 2:
        return None
    return chosen


REWORDED = 0.6
"""Share of problems in other words than the published ones, half of them without the estimand's name."""
LOOSE = 0.65
"""Share of those whose names and words vary from mention to mention."""


def world(rng: random.Random, task: str | None = None) -> World:
    """A random problem, in the published words or in others."""
    said_otherwise = rng.random() < REWORDED
    made = _world(rng, task, familiar=said_otherwise)
    if not said_otherwise:
        return made
    problem, places = reworded(rng, made.problem)
    return replace(made, problem=problem, places=places)


def reworded(rng: random.Random, problem: Problem) -> tuple[Problem, Places | None]:
    """The same problem in other words; as it is where the text is too damaged to say where things stand."""
    said = rephrased(
        problem.graph,
        problem.variables,
        problem.givens,
        problem.query,
        np.random.default_rng(rng.getrandbits(64)),
        omitted=rng.random() < 0.5,
        hint=published.LACK_HINT in problem.prompt or rng.random() < 0.2,
        dials=Dials(loose=LOOSE),
    )
    sentences = sentence_places(said.prompt, [sentence for sentence, _ in said.edges])
    statements = given_places(said.prompt, said.givens)
    if sentences is None or statements is None:
        return problem, None
    edges = tuple(edge for _, pairs in said.edges for edge in pairs)
    where = tuple(number for number, (_, pairs) in zip(sentences, said.edges, strict=True) for _ in pairs)
    text = said.prompt + (rng.choice((" ", "\n")) + published.STEP_BY_STEP if rng.random() < 0.4 else "")
    graph = DAG(problem.graph.nodes, edges)
    places = Places(where, statements, said.names, said.words, said.given_words)
    return replace(problem, graph=graph, givens=said.givens, prompt=text), places


def _world(rng: random.Random, task: str | None = None, familiar: bool = False) -> World:
    """A random problem in the published words; ``familiar``: most of its names are what people ask about."""
    wanted = task or rng.choice(TASKS)
    linked_wanted = rng.random() < 0.8
    while True:
        variables = draw_variables(rng, rng.choice(SIZES), familiar)
        graph = draw_graph(rng, [variable.name for variable in variables])
        if len(graph.nodes) < 2:
            continue
        x, y = rng.sample(graph.nodes, 2)
        value, outcome_value = rng.randint(0, 1), rng.randint(0, 1)
        fixed = tuple((m, rng.randint(0, 1)) for m in graph.mediators(x, y)) if wanted == "CDE" else ()
        bound: Literal["lower", "upper"] | None = None
        if wanted in BOUND_TASKS:
            bound = "lower" if rng.random() < 0.5 else "upper"
            value = outcome_value = 1 if wanted == "PN" else 0
            if not graph.has_directed_path(x, y):
                continue
        query = Query(wanted, x, y, value, 1 - value, outcome_value, fixed, bound)
        identified = identified_of(graph, query, rng)
        if identified is None or (not bound and (not identified.no_effect) != linked_wanted):
            continue
        if not identified.no_effect and not identified.adjustment_set and rng.random() < 0.5:
            continue
        if wanted == "NDE" and not identified.no_effect and not identified.mediators and rng.random() < 0.8:
            continue
        if (
            not identified.no_effect
            and len(identified.adjustment_set) + len(identified.mediators) > 2
            and (wanted != "CDE" and rng.random() < 0.8)
        ):
            continue
        used = tuple(variable for variable in variables if variable.name in graph.nodes)
        if made := _print(rng, Problem("", wanted, "base", query, graph, used, (), "", "", Answer()), identified):
            return made


def _print(rng: random.Random, problem: Problem, identified: Identified) -> World | None:
    """Choose the printed terms and their values, and write the prompt; None where that cannot be held."""
    terms: list[Statement] = []
    order: list[Statement] = []
    if not identified.no_effect:
        named = (*identified.mediators, *identified.adjustment_set)
        by_chance = tuple(Given(((node, rng.randint(0, 1)),), (), Decimal(0)) for node in named)
        terms = terms_of(replace(problem, givens=by_chance), identified)
        order = with_complements(rng, terms, named)
    removing = bool(terms) and rng.random() < 0.16
    if not removing or rng.random() < 0.6:
        order += idle_statements(rng, problem, identified, bool(terms))
    if removing:
        remove(rng, order, terms)
    elif not identified.no_effect and rng.random() < 0.12:
        order += wrong_block(rng, problem, identified)
    if rng.random() < 0.45:
        rng.shuffle(order)
    order = list(dict.fromkeys((event, condition) for event, condition in order))
    if len(order) > LONGEST:
        return None
    shuffle, numbers = rng.random() < 0.4, Numbers(rng)
    givens = tuple(
        Given(event, tuple(rng.sample(condition, len(condition))) if shuffle else condition,
              numbers.of(event, condition))
        for event, condition in order
    )  # fmt: skip
    problem = replace(problem, givens=givens)
    if not identified.no_effect and not _writable(problem, identified):
        return None
    return World(replace(problem, prompt=_prompt(rng, problem, givens)), identified, tuple(terms))


def _writable(problem: Problem, identified: Identified) -> bool:
    """Whether the worked form reaches a value, or the solver says too that the answer lacks a condition."""
    try:
        if worked.write(worked.Worked(problem, identified, anywhere(problem)), None, 0.0) is not None:
            return True
    except ColumnOverflowError:
        return False
    reading = Reading.of(problem)
    return solve(reading).status == "lack_condition"


def _prompt(rng: random.Random, problem: Problem, givens: tuple[Given, ...]) -> str:
    graph = problem.graph
    marks = letters(graph) if rng.random() < 0.4 else None
    tight = rng.random() < (0.8 if marks else 0.1)
    variables = {variable.name: variable for variable in problem.variables}
    text = published.prompt(graph, variables, givens, problem.query, marks, tight, rng.random() < 0.9, grouped=False)
    return text + hint(rng)


def hint(rng: random.Random) -> str:
    """What may stand below a question: nothing, "step by step", what to answer where a condition lacks, or both."""
    text = ""
    if rng.random() < 0.5:
        text += rng.choice((" ", "\n")) + published.STEP_BY_STEP
    if rng.random() < 0.3:
        text += rng.choice((" ", "\n")) + published.LACK_HINT
    return text
