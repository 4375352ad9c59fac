"""CDE, the controlled direct effect: P(y | do(x, m)) - P(y | do(x', m)), every mediator held at m."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import Pairs, configurations, effect_query, ordered_pairs


def pairs(graph: DAG, effect: bool) -> Pairs:
    """Only pairs with a mediator: without one there is nothing to hold fixed."""
    return [(x, y) for x, y in ordered_pairs(graph) if graph.mediators(x, y) and graph.has_edge(x, y) == effect]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    fixed = tuple((node, int(rng.integers(2))) for node in graph.mediators(treatment, outcome))
    return effect_query("CDE", treatment, outcome, rng, fixed)


def truth(scm: SCM, query: Query) -> float:
    event = ((query.outcome, query.outcome_value),)
    to, other = (
        ((query.treatment, value), *query.mediator_values) for value in (query.treatment_value, query.control_value)
    )
    return scm.counterfactual(event, to) - scm.counterfactual(event, other)


def statements(found: Identified) -> tuple[P, ...]:
    query = found.query
    y = ((query.outcome, query.outcome_value),)
    to, other = ((query.treatment, value) for value in (query.treatment_value, query.control_value))
    printed: list[P] = []
    for z in configurations(found.adjustment_set):
        printed += [P(y, (x, *query.mediator_values, *z)) for x in (to, other)]
        if z:
            printed.append(P(z))
    return tuple(printed)
