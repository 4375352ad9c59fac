"""The house's choices where the published files disagree with themselves, each made once.

Sign: the worked solution's. ATE, CDE, NDE, NIE are the effect of the change that the question names;
ETT is factual minus counterfactual. Yes means "more likely": a positive effect (a negative ETT) of at
least 0.001 in size; anything smaller is answered No. Where the question asks "less likely", Yes means
the opposite sign; the value stays that of the effect on the outcome value that the question names.
Rounding: answers come from the numbers as printed and are rounded to four decimals (half to even). The
interventional probability of PN and PS is rounded to four decimals before the bound as well, except in
an annotated text ("talent being low (A=0)"): the published keys of that form (deconfounding, redundant,
train) come from unrounded probabilities, those of the plain form (base, CaLM) from the rounded one.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from caugym.causal.estimand import P, value
from caugym.causal.identify import Identified
from caugym.gym.problem import Answer

PLACES = 4
"""Decimals of a printed probability and of an answer."""

DEAD_ZONE = Decimal("0.001")
TOLERANCE = Decimal("0.0005")
"""A value counts as right within this distance of the answer."""


def step_places(annotated: bool) -> int | None:
    """Decimals to which the interventional probability of PN and PS is rounded; None: it is not rounded."""
    return None if annotated else PLACES


def yes_sign(task: str, direction: str = "more") -> int:
    """The sign of an effect that is answered Yes, 1 or -1, by the ``Query.direction`` of the question."""
    return 1 if (task == "ETT") == (direction == "less") else -1


def decide(task: str, effect: Decimal, direction: str = "more") -> bool:
    """Whether the question "more likely?" (or "less likely?") is answered Yes; ``effect`` is unrounded."""
    return yes_sign(task, direction) * effect >= DEAD_ZONE


def answer(found: Identified, lookup: Callable[[P], Decimal], annotated: bool = False) -> Answer:
    """The answer from the printed numbers, ``annotated`` when their text shows letters.

    Raises what ``lookup`` raises, ZeroDivisionError for a zero condition.
    """
    task = found.query.task
    number = Decimal(value(found.estimand, lookup, step_places(annotated)))
    decision = None if found.query.bound else decide(task, number, found.query.direction)
    return Answer(round(number, PLACES), decision)


def shown(number: Decimal) -> str:
    """Four decimals, never "-0.0000"."""
    rounded = round(number, PLACES)
    return f"{abs(rounded) if rounded == 0 else rounded:.{PLACES}f}"


def step_number(number: Decimal) -> str:
    """Four decimals; more, up to eight, where the step was not rounded, so that what follows can be checked."""
    digits = f"{number:.{2 * PLACES}f}"
    return digits[:-PLACES] + digits[-PLACES:].rstrip("0")
