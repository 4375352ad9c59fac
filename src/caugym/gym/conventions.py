"""The house's choices where the published files disagree with themselves, each made once.

Sign: the worked solution's. ATE, CDE, NDE, NIE are the effect of the change that the question names;
ETT is factual minus counterfactual. Yes means "more likely": a positive effect (a negative ETT) of at
least 0.001 in size; anything smaller is answered No. Rounding: answers come from the numbers as
printed, the interventional probability of PN and PS is rounded to four decimals before the bound, the
answer is rounded to four decimals (half to even).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from caugym.causal.estimand import P, value
from caugym.causal.identify import Identified
from caugym.gym.problem import BOUND_TASKS, Answer

PLACES = 4
DEAD_ZONE = Decimal("0.001")
TOLERANCE = Decimal("0.0005")
"""A value counts as right within this distance of the answer."""


def decide(task: str, effect: Decimal) -> bool:
    """Whether the question "more likely?" is answered Yes; ``effect`` is unrounded."""
    towards = -effect if task == "ETT" else effect
    return towards >= DEAD_ZONE


def answer(found: Identified, lookup: Callable[[P], Decimal]) -> Answer:
    """The answer from the printed numbers. Raises what ``lookup`` raises, ZeroDivisionError for a zero condition."""
    task = found.query.task
    number = Decimal(value(found.estimand, lookup, PLACES))
    decision = None if task in BOUND_TASKS else decide(task, number)
    return Answer(round(number, PLACES), decision)
