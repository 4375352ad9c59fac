"""ATE, the average treatment effect: P(y | do(x)) - P(y | do(x')), x the value asked about."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import Pairs, configurations, effect_query, ordered_pairs


def pairs(graph: DAG, effect: bool) -> Pairs:
    return [(x, y) for x, y in ordered_pairs(graph) if graph.has_directed_path(x, y) == effect]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return effect_query("ATE", treatment, outcome, rng)


def truth(scm: SCM, query: Query) -> float:
    event = ((query.outcome, query.outcome_value),)
    to, other = (((query.treatment, value),) for value in (query.treatment_value, query.control_value))
    return scm.counterfactual(event, to) - scm.counterfactual(event, other)


def statements(found: Identified) -> tuple[P, ...]:
    query = found.query
    y = ((query.outcome, query.outcome_value),)
    to, other = ((query.treatment, value) for value in (query.treatment_value, query.control_value))
    printed: list[P] = []
    for z in configurations(found.adjustment_set):
        printed += [P(y, (to, *z)), P(y, (other, *z))]
        if z:
            printed.append(P(z))
    return tuple(printed)
