"""PNS, the probability of necessity and sufficiency: P(y_x, y'_{x'}); the question asks for a bound."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import configurations
from caugym.gym.tasks.pn import pairs

__all__ = ["ask", "pairs", "statements", "truth"]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    """All values and the bound uniform."""
    to, value, upper = (int(v) for v in rng.integers(2, size=3))
    return Query("PNS", treatment, outcome, to, 1 - to, value, bound="upper" if upper else "lower")


def truth(scm: SCM, query: Query) -> float:
    """The probability itself, which the bounds enclose."""
    to, other = (((query.treatment, value),) for value in (query.treatment_value, query.control_value))
    event, reverse = (((query.outcome, value),) for value in (query.outcome_value, 1 - query.outcome_value))
    return scm.two_changes(event, to, reverse, other)


def statements(found: Identified) -> tuple[P, ...]:
    """Both interventional blocks, then P(y) or three of the four joint probabilities: the fourth is the rest."""
    query = found.query
    x, y = query.treatment, query.outcome
    outcome = ((y, query.outcome_value),)
    printed: list[P] = []
    for z in configurations(found.adjustment_set):
        printed += [P(outcome, ((x, value), *z)) for value in (query.treatment_value, query.control_value)]
        if z:
            printed.append(P(z))
    if query.bound == "lower":
        return (*printed, P(outcome))
    return (*printed, *(P(cell) for cell in configurations((x, y))[:-1]))
