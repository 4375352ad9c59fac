"""PN, the probability of necessity: P(y'_{x'} | x, y) with x and y observed at 1; the question asks for a bound."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import Pairs, configurations, ordered_pairs


def pairs(graph: DAG, effect: bool) -> Pairs:
    """The bounds are asked of causes only, so no pair is without effect."""
    return [(x, y) for x, y in ordered_pairs(graph) if graph.has_directed_path(x, y)] if effect else []


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return bound_query("PN", treatment, outcome, 1, rng)


def bound_query(task: str, x: str, y: str, observed: int, rng: np.random.Generator) -> Query:
    """Treatment and outcome both observed at ``observed``, the bound uniform."""
    return Query(task, x, y, observed, 1 - observed, observed, bound="upper" if rng.integers(2) else "lower")


def truth(scm: SCM, query: Query) -> float:
    """The probability itself, which the bounds enclose."""
    seen = ((query.treatment, query.treatment_value), (query.outcome, query.outcome_value))
    changed = ((query.treatment, query.control_value),)
    return scm.counterfactual(((query.outcome, 1 - query.outcome_value),), changed, seen)


def statements(found: Identified) -> tuple[P, ...]:
    """The interventional block, then the observational numbers, joint ones in the order (0, 0), (1, 1)."""
    query = found.query
    x, y = query.treatment, query.outcome
    value = query.outcome_value if query.bound == "lower" else 1 - query.outcome_value
    printed: list[P] = []
    for z in configurations(found.adjustment_set):
        printed.append(P(((y, value),), ((x, query.control_value), *z)))
        if z:
            printed.append(P(z))
    if query.bound == "lower":
        return (*printed, P(((y, value),)), P(((x, query.treatment_value), (y, query.outcome_value))))
    return (*printed, P(((x, 0), (y, 0))), P(((x, 1), (y, 1))))
