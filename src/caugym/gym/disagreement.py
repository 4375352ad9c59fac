"""Why a key differs from what the solver reads in the text: each disagreement gets a class that explains it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from caugym.causal import estimand
from caugym.gym.conventions import TOLERANCE
from caugym.gym.derivation import Knowledge, Term
from caugym.gym.problem import Answer
from caugym.gym.read import Reading
from caugym.gym.solve import Solved, choose

HALF_DIGIT = Decimal("0.00005")
CORNERS = 14
"""Numbers whose roundings are tried together; more, and only the interval's existence is given up, not the class."""

UNEXPLAINED = "unexplained"
EXPLANATIONS = {
    "unrounded key": "The key was computed from unrounded probabilities and divides by a small one. It lies inside\n"
    "the interval of answers that the printed numbers allow (each within 5e-5), so neither number is wrong.",
    "inverted ETT key": "The file answers Yes where ETT > 0. ETT is factual minus counterfactual, so a positive\n"
    "one means that the change makes the outcome less likely: the item's own worked solution says the opposite.",
    "dead zone": "The effect is smaller than 0.001. The item's worked solution calls it no effect and says No; its\n"
    "key says Yes.",
    "yes/no against value": "The yes/no contradicts the item's own value, and no worked solution says otherwise.",
    "answerable": "The key is LACK_CONDITION, but the printed numbers and an independence that the stated graph\n"
    "implies give the answer; it agrees with the item's worked solution, which had all numbers.",
    UNEXPLAINED: "Not explained.",
}

_WORKED_DECISION = re.compile(r"so the answer is (yes|no)", re.IGNORECASE)


@dataclass(frozen=True)
class Disagreement:
    """``kind`` is a key of EXPLANATIONS; ``reachable`` the answers that the printed numbers allow, where it matters."""

    kind: str
    reachable: str = ""


def classify(reading: Reading, solved: Solved, key: Answer, said: bool | None) -> Disagreement | None:
    """None where solver and key agree. ``said`` is the yes/no of the item's worked solution, None where it has none."""
    ours = solved.answer
    if ours is None:
        return Disagreement(UNEXPLAINED)
    if key.lacks_condition or ours.lacks_condition:
        if key.lacks_condition and ours.lacks_condition:
            return None
        independent = any("independence" in step for step in solved.steps)
        return Disagreement("answerable" if independent and ours.decision == said else UNEXPLAINED)
    if not value_agrees(ours, key):
        found = interval(reading)
        if found is None:
            return Disagreement(UNEXPLAINED)
        low, high = found
        inside = key.value is not None and low - HALF_DIGIT <= key.value <= high + HALF_DIGIT
        return Disagreement("unrounded key" if inside else UNEXPLAINED, f"{low:.4f} to {high:.4f}")
    if ours.decision == key.decision:
        return None
    if key.decision is None or ours.decision is None:
        return Disagreement(UNEXPLAINED)
    if said is None or said == key.decision:
        return Disagreement("yes/no against value")
    return Disagreement("inverted ETT key" if reading.query.task == "ETT" else "dead zone")


def value_agrees(ours: Answer, key: Answer) -> bool:
    """Both LACK_CONDITION, or two values within the tolerance."""
    if ours.value is None or key.value is None:
        return ours.value is None and key.value is None
    return abs(ours.value - key.value) <= TOLERANCE


def interval(reading: Reading) -> tuple[Decimal, Decimal] | None:
    """The answers reachable from numbers that round to the printed ones; None where they are too many to try.

    A bound is monotone in every number it uses, so its extremes are at corners.
    """
    chosen = choose(reading)
    if chosen is None:
        return None
    identified, lookup = chosen
    used = {Term.from_p(p) for p in lookup}.union(*(derived.sources for derived in lookup.values() if derived))
    moving = [given for given in reading.givens if Term.of(given.event, given.condition) in used]
    if not 0 < len(moving) <= CORNERS:
        return None
    corners = []
    for moves in product((-HALF_DIGIT, HALF_DIGIT), repeat=len(moving)):
        moved = [
            replace(given, value=min(max(given.value + move, Decimal(0)), Decimal(1)))
            for given, move in zip(moving, moves, strict=True)
        ]
        knowledge = Knowledge(moved, reading.graph)
        values = {p: known.value for p in lookup if (known := knowledge.find(Term.from_p(p)))}
        try:
            corners.append(Decimal(estimand.value(identified.estimand, values.__getitem__)))
        except (ArithmeticError, KeyError):  # a condition of probability 0 at this corner
            return None
    return min(corners), max(corners)


def said_by(reason: Mapping[str, Any]) -> bool | None:
    """The yes/no in a published worked solution; one that stops at a missing edge or path means No."""
    words = _WORKED_DECISION.findall(" ".join(str(step) for step in reason.values()))
    if words:
        return bool(words[-1].lower() == "yes")
    return False if len(reason) == 1 else None
