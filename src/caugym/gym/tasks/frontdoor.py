"""FRONTDOOR, the average treatment effect where a latent variable confounds it and only the front door is open."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.front_door import front_door_sets
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.gym.latent_graphs import with_latent
from caugym.gym.presets import Preset
from caugym.gym.tasks import Pairs, configurations, effect_query, ordered_pairs
from caugym.gym.tasks.ate import truth

__all__ = ["LEAST_NODES", "ask", "graph", "pairs", "statements", "truth"]

LEAST_NODES = 4


def graph(names: tuple[str, ...], preset: Preset, rng: np.random.Generator) -> DAG:
    return with_latent(names, 1, preset, rng)


def pairs(graph: DAG, effect: bool) -> Pairs:
    """Pairs with a front-door set and without an adjustment set. None is without effect."""
    if not effect:
        return []
    found = [(x, y) for x, y in ordered_pairs(graph) if not graph.has_edge(x, y) and graph.has_directed_path(x, y)]
    return [
        (x, y)
        for x, y in found
        if {x, y}.isdisjoint(graph.latent)
        and any(front_door_sets(graph, x, y))
        and next(graph.adjustment_sets(x, y), None) is None
    ]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return effect_query("ATE", treatment, outcome, rng)


def statements(found: Identified) -> tuple[P, ...]:
    """The mediators' probabilities under both treatments, the outcome's by treatment and mediators, the treatment's.

    The last configuration of the mediators is left to the complement rule, and so is the treatment's other value.
    """
    query = found.query
    x, outcome = query.treatment, ((query.outcome, query.outcome_value),)
    levels = configurations(found.mediators)
    values = (query.treatment_value, query.control_value)
    printed = [P(m, ((x, value),)) for m in levels[:-1] for value in values]
    printed += [P(outcome, (*m, (x, value))) for m in levels for value in values]
    return (*printed, P(((x, query.treatment_value),)))
