"""ETT, the effect of treatment on the treated: P(y | x0) - P(y_{x1} | x0), x0 the observed value.

The published sign, factual minus counterfactual, is the opposite of the question's direction.
"""

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
    return effect_query("ETT", treatment, outcome, rng)


def truth(scm: SCM, query: Query) -> float:
    event = ((query.outcome, query.outcome_value),)
    to, observed = (((query.treatment, value),) for value in (query.treatment_value, query.control_value))
    return scm.probability(event, observed) - scm.counterfactual(event, to, observed)


def statements(found: Identified) -> tuple[P, ...]:
    query = found.query
    y = ((query.outcome, query.outcome_value),)
    to, observed = ((query.treatment, value) for value in (query.treatment_value, query.control_value))
    if not found.adjustment_set:
        return P(y, (observed,)), P(y, (to,))
    printed = [P(y, (observed,))]
    for z in configurations(found.adjustment_set):
        printed += [P(y, (*z, to)), P(z, (observed,))]
    return tuple(printed)
