"""NDE, the natural direct effect: P(y_{x, M_{x'}}) - P(y_{x'}), mediators as they would be under x'."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import Pairs, configurations, effect_query, ordered_pairs


def pairs(graph: DAG, effect: bool) -> Pairs:
    """With an effect: an edge. Without: no edge but an indirect path, as in the published problems."""
    return [
        (x, y)
        for x, y in ordered_pairs(graph)
        if graph.has_edge(x, y) == effect and (effect or graph.has_directed_path(x, y))
    ]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return effect_query("NDE", treatment, outcome, rng)


def truth(scm: SCM, query: Query) -> float:
    event = ((query.outcome, query.outcome_value),)
    to, other = (((query.treatment, value),) for value in (query.treatment_value, query.control_value))
    mediators = scm.graph.mediators(query.treatment, query.outcome)
    return scm.nested(event, to, mediators, other) - scm.counterfactual(event, other)


def statements(found: Identified) -> tuple[P, ...]:
    """The last configuration of mediators and of the adjustment set is left to the complement rule."""
    query = found.query
    y = ((query.outcome, query.outcome_value),)
    to, other = ((query.treatment, value) for value in (query.treatment_value, query.control_value))
    strata = configurations(found.adjustment_set)
    if not found.mediators:
        printed: list[P] = []
        for z in strata:
            printed += [P(y, (to, *z)), P(y, (other, *z))]
            if z is not strata[-1]:
                printed.append(P(z))
        return tuple(printed)
    levels = configurations(found.mediators)
    printed = [P(z) for z in strata[:-1]]
    for z in strata:
        for m in levels:
            printed += [P(y, (*m, to, *z)), P(y, (*m, other, *z))]
            if m is not levels[-1]:
                printed.append(P(m, (other, *z)))
    return tuple(printed)
