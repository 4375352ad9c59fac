"""What a problem with random numbers prints: the terms its solution reads, statements nobody needs, wrong ones, and
their probabilities; some are taken away again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import product

from caugym.causal.identify import Identified, formula
from caugym.gym.problem import Assignment, Problem
from caugym.nano import formulas, worked
from caugym.nano.arithmetic import UNIT, Number
from caugym.nano.numbered import Places

Statement = tuple[Assignment, Assignment]
"""Event and condition."""


class _Collect(worked.Worked):
    """Runs a plan to find the terms it reads; every number is made up."""

    def __init__(self, problem: Problem, identified: Identified) -> None:
        super().__init__(problem, identified, anywhere(problem))
        self.terms: list[Statement] = []

    def read(self, event: Assignment, condition: Assignment = ()) -> Number:
        if (event, condition) not in self.terms:
            self.terms.append((event, condition))
        return 0

    def do(self, operation: Callable[[Number, Number], tuple[str, Number]], a: Number, b: Number) -> Number:
        return 1 if self.query.bound else 0


def anywhere(problem: Problem) -> Places:
    """Of a problem that has no text yet."""
    return Places((0,) * len(problem.graph.edges), (0,) * len(problem.givens))


class Numbers:
    """Random printed probabilities that do not contradict each other within one event and condition."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.near = Decimal(rng.randint(0, UNIT)) / UNIT if rng.random() < 0.4 else None
        self.shares: dict[
            tuple[tuple[str, ...], frozenset[tuple[str, int]]], dict[frozenset[tuple[str, int]], int]
        ] = {}

    def of(self, event: Assignment, condition: Assignment) -> Decimal:
        nodes = tuple(sorted(node for node, _ in event))
        key = (nodes, frozenset(condition))
        if key not in self.shares:
            outcomes = [frozenset(zip(nodes, values, strict=True)) for values in product((0, 1), repeat=len(nodes))]
            self.shares[key] = dict(zip(outcomes, self._split(len(outcomes)), strict=True))
        return Decimal(self.shares[key][frozenset(event)]) / UNIT

    def _split(self, parts: int) -> list[int]:
        if parts == 2:
            first = self._one()
            return [first, UNIT - first]
        weights = [self.rng.gammavariate(1, 1) for _ in range(parts)]
        ends = [round(UNIT * sum(weights[: i + 1]) / sum(weights)) for i in range(parts)]
        return [b - a for a, b in zip([0, *ends], ends, strict=False)]

    def _one(self) -> int:
        if self.rng.random() < 0.02:
            return self.rng.choice((0, UNIT))
        if self.rng.random() < 0.1:  # as people make them up: two decimals
            return self.rng.randint(0, 100) * (UNIT // 100)
        if self.near is not None:
            return max(0, min(UNIT, round(self.rng.gauss(float(self.near), 0.08) * UNIT)))
        return self.rng.randint(0, UNIT)


def with_complements(rng: random.Random, terms: list[Statement], named: tuple[str, ...]) -> list[Statement]:
    """The terms, and for some marginals of one variable the other value's too, as the published files have them."""
    order = list(terms)
    for event, condition in terms:
        if len(event) == 1 and event[0][0] in named and rng.random() < 0.6:
            complement = (((event[0][0], 1 - event[0][1]),), condition)
            order.insert(rng.randint(order.index((event, condition)), len(order)), complement)
    return order


def remove(rng: random.Random, order: list[Statement], terms: list[Statement]) -> None:
    """Take away the last two statements, or one or two needed ones, or all."""
    kind = rng.random()
    if kind < 0.4:
        del order[-2:]
    elif kind < 0.5:
        order.clear()
    else:
        for gone in rng.sample(terms, min(len(terms), rng.randint(1, 2))):
            if gone in order:
                order.remove(gone)


def idle_statements(rng: random.Random, problem: Problem, identified: Identified, linked: bool) -> list[Statement]:
    """Statements nobody needs: random ones, or the unadjusted numbers."""
    idle: list[Statement] = []
    if rng.random() < 0.55:
        for _ in range(rng.choice((1, 2, 2, 3, 4, 6))):
            chosen = rng.sample(problem.graph.nodes, min(len(problem.graph.nodes), rng.randint(1, 4)))
            pairs = tuple((node, rng.randint(0, 1)) for node in chosen)
            events = 2 if rng.random() < 0.15 and len(pairs) > 1 else 1
            idle.append((pairs[:events], pairs[events:] if events == 1 else ()))
    if linked and identified.adjustment_set and rng.random() < 0.25:
        naive = replace(identified, adjustment_set=())
        idle += terms_of(problem, naive)
    return idle


def wrong_block(rng: random.Random, problem: Problem, identified: Identified) -> list[Statement]:
    """The numbers of the same formula over other sets."""
    query = problem.query
    others = [node for node in problem.graph.nodes
              if node not in (query.treatment, query.outcome, *identified.mediators)]  # fmt: skip
    if not others:
        return []
    wrong = tuple(rng.sample(others, rng.choice((1, 1, min(2, len(others))))))
    return terms_of(
        problem, replace(identified, adjustment_set=wrong, estimand=formula(query, identified.mediators, wrong))
    )


def terms_of(problem: Problem, pretended: Identified) -> list[Statement]:
    """What the formula of ``pretended`` reads, in its order."""
    collect = _Collect(problem, pretended)
    (formulas.bound if problem.query.bound else formulas.effect)(collect)
    return collect.terms
