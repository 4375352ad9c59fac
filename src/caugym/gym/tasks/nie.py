"""NIE, the natural indirect effect: P(y_{x', M_x}) - P(y_{x'}), only the mediators respond to the change."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.causal.scm import SCM
from caugym.gym.tasks import Pairs, configurations, effect_query, ordered_pairs


def pairs(graph: DAG, effect: bool) -> Pairs:
    """With an effect: a mediator. Without: an edge and no mediator, as in the published problems."""
    return [
        (x, y)
        for x, y in ordered_pairs(graph)
        if bool(graph.mediators(x, y)) == effect and (effect or graph.has_edge(x, y))
    ]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return effect_query("NIE", treatment, outcome, rng)


def truth(scm: SCM, query: Query) -> float:
    event = ((query.outcome, query.outcome_value),)
    to, other = (((query.treatment, value),) for value in (query.treatment_value, query.control_value))
    mediators = scm.graph.mediators(query.treatment, query.outcome)
    return scm.nested(event, other, mediators, to) - scm.counterfactual(event, other)


def statements(found: Identified) -> tuple[P, ...]:
    """The last configuration of mediators and of the adjustment set is left to the complement rule."""
    query = found.query
    y = ((query.outcome, query.outcome_value),)
    to, other = ((query.treatment, value) for value in (query.treatment_value, query.control_value))
    strata, levels = configurations(found.adjustment_set), configurations(found.mediators)
    printed = [P(z) for z in strata[:-1]]
    for z in strata:
        for m in levels:
            printed.append(P(y, (*m, other, *z)))
            if m is not levels[-1]:
                printed += [P(m, (to, *z)), P(m, (other, *z))]
    return tuple(printed)
