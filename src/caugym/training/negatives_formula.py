"""Estimands with one change: what a solution with a wrong sign or a wrong formula is written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from caugym.causal.estimand import Difference, Expression, Max, Min, P, Plus, Product, Quotient, Sum
from caugym.gym.problem import BOUND_TASKS
from caugym.gym.styles import Case


def reversed_sign(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """The formula's first difference the wrong way round."""
    yield from changed(case, lambda part: Difference(part.right, part.left) if isinstance(part, Difference) else None)


def wrong_formula(case: Case, rng: np.random.Generator) -> Iterator[Case]:
    """A sum for a difference, a forgotten weight or counterpart, another denominator."""
    if case.found.query.task in BOUND_TASKS:
        yield from changed(case, _other_denominator)
        return
    changes = [_sum_for_difference, _without_weight, _without_counterpart]
    if case.found.query.task in ("ATE", "CDE"):  # the seven steps print their numbers by threes, if there is a sum
        changes = changes[:1] if isinstance(case.found.estimand, Sum) else changes[2:]
    for row in rng.permutation(len(changes)):
        yield from changed(case, changes[row])


def _sum_for_difference(part: Expression) -> Expression | None:
    return Plus((part.left, part.right)) if isinstance(part, Difference) else None


def _without_weight(part: Expression) -> Expression | None:
    return part.factors[0] if isinstance(part, Product) else None


def _without_counterpart(part: Expression) -> Expression | None:
    return part.left if isinstance(part, Difference) else None


def _other_denominator(part: Expression) -> Expression | None:
    """The bound's ratio over the outcome's own probability, or over the joint one of the numerator."""
    if not isinstance(part, Quotient) or not isinstance(part.numerator, Difference):
        return None
    known = [side for side in (part.numerator.left, part.numerator.right) if isinstance(side, P)]
    return Quotient(part.numerator, known[0])


def changed(case: Case, change: Callable[[Expression], Expression | None]) -> Iterator[Case]:
    """The case with ``change`` made at the first part of the estimand that it fits."""
    tree, done = _at_first(case.found.estimand, change)
    if done:
        yield replace(case, found=replace(case.found, estimand=tree))


def _at_first(tree: Expression, change: Callable[[Expression], Expression | None]) -> tuple[Expression, bool]:
    new = change(tree)
    if new is not None:
        return new, True
    match tree:
        case Sum(over, body):
            body, done = _at_first(body, change)
            return Sum(over, body), done
        case Difference(left, right):
            (left, right), done = _at_first_of((left, right), change)
            return Difference(left, right), done
        case Quotient(numerator, denominator):
            (numerator, denominator), done = _at_first_of((numerator, denominator), change)
            return Quotient(numerator, denominator), done
        case Product(parts) | Plus(parts) | Min(parts) | Max(parts):
            new_parts, done = _at_first_of(parts, change)
            return type(tree)(new_parts), done
    return tree, False


def _at_first_of(parts: tuple[Expression, ...], change: Any) -> tuple[tuple[Expression, ...], bool]:
    for place, part in enumerate(parts):
        new, done = _at_first(part, change)
        if done:
            return (*parts[:place], new, *parts[place + 1 :]), True
    return parts, False
