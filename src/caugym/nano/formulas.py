"""The order in which nano's worked form reads and combines numbers for each task.

The estimands are those of ``caugym.causal.identify``; :func:`caugym.nano.worked.solution` compares the results.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from caugym.gym.problem import Assignment
from caugym.nano import arithmetic
from caugym.nano.arithmetic import UNIT, Number

if TYPE_CHECKING:
    from caugym.nano.worked import Worked


def effect(w: Worked) -> Number:
    q = w.query
    x, y = q.treatment, (q.outcome, q.outcome_value)
    plus, minus = (x, q.treatment_value), (x, q.control_value)

    def change(rest: Assignment) -> Number:
        return w.do(arithmetic.subtract, w.read((y,), (plus, *rest)), w.read((y,), (minus, *rest)))

    match q.task:
        case "ATE" | "CDE":
            return w.mean(lambda z: change((*q.mediator_values, *z)), w.adjustment)
        case "ETT":
            if not w.adjustment:
                return w.do(arithmetic.subtract, w.read((y,), (minus,)), w.read((y,), (plus,)))
            counterfactual = w.mean(lambda z: w.read((y,), (plus, *z)), w.adjustment, (minus,))
            factual = w.read((y,), (minus,))
            return w.do(arithmetic.subtract, factual, w.to(counterfactual))
        case "NDE":
            return w.mean(lambda z: w.mean(lambda m: change((*m, *z)), w.mediators, (minus, *z)), w.adjustment)
        case "NIE":
            return w.mean(lambda z: _indirect(w, (plus,), (minus,), y, z), w.adjustment)
    raise ValueError(f"unknown task {q.task!r}")


def _indirect(w: Worked, plus: Assignment, minus: Assignment, y: tuple[str, int], z: Assignment) -> Number:
    """sum_m P(y | x', m, z) [P(m | x, z) - P(m | x', z)]; one product where the mediator is one binary variable."""

    def shift(m: Assignment) -> Number:
        return w.do(arithmetic.subtract, w.read(m, (*plus, *z)), w.read(m, (*minus, *z)))

    if len(w.mediators) > 1:
        strata = w.strata(w.mediators, (*plus, *z), (*minus, *z))
        return w.spread(lambda m: w.read((y,), (*minus, *m, *z)), shift, strata, differences=True)
    low, high = w.values(w.mediators[0], (*plus, *z), (*minus, *z))
    gap = w.do(arithmetic.subtract, w.read((y,), (*minus, *low, *z)), w.read((y,), (*minus, *high, *z)))
    return w.do(arithmetic.multiply, shift(low), w.to(gap))


def bound(w: Worked, rng: random.Random | None = None, slips: float = 0.0) -> Number:
    q = w.query
    x, y = (q.treatment, q.treatment_value), (q.outcome, q.outcome_value)
    x_other, y_other = (q.treatment, q.control_value), (q.outcome, 1 - q.outcome_value)
    asked = y_other if q.bound == "upper" else y
    do = w.mean(lambda z: w.read((asked,), (x_other, *z)), w.adjustment)
    if q.bound == "upper":
        numerator = w.do(arithmetic.subtract, do, w.read((x_other, y_other)))
    else:
        numerator = w.do(arithmetic.subtract, w.read((y,)), w.to(do))
    if numerator <= 0 and w.stated((x, y), ((),)):  # else the denominator lacks, which is said below
        w.text += "\nneg"
        return 0
    denominator = w.read((x, y))
    if numerator >= denominator:
        w.text += "\nge"
        return UNIT
    w.text += "\nlt"
    numerator, denominator = arithmetic.scaled(numerator, denominator)
    w.use(numerator)
    w.to(denominator)
    text, quotient = arithmetic.divide(numerator, denominator, rng, slips)
    w.text += text
    return quotient
