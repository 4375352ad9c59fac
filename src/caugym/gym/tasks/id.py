"""ID, the average treatment effect where neither backdoor nor front door is enough and the ID algorithm is."""

from __future__ import annotations

import numpy as np

from caugym.causal.admg import project
from caugym.causal.estimand import P, terms
from caugym.causal.front_door import front_door_sets
from caugym.causal.graph import DAG
from caugym.causal.id_algorithm import Hedge, interventional
from caugym.causal.identify import Identified
from caugym.causal.query import Query
from caugym.gym.latent_graphs import with_latent
from caugym.gym.presets import Preset
from caugym.gym.tasks import Pairs, effect_query, ordered_pairs
from caugym.gym.tasks.ate import truth

__all__ = ["LEAST_NODES", "ask", "graph", "pairs", "statements", "truth"]

LEAST_NODES = 6
MOST_LATENT = 3
MOST_STATEMENTS = 24


def graph(names: tuple[str, ...], preset: Preset, rng: np.random.Generator) -> DAG:
    most = min(MOST_LATENT, len(names) - 3, len(names) // 2 - 1)
    return with_latent(names, int(rng.integers(1, most + 1)), preset, rng)


def pairs(graph: DAG, effect: bool) -> Pairs:
    """With an effect: those that the ID algorithm alone identifies. Without: no directed path, but a confounder."""
    observed = [(x, y) for x, y in ordered_pairs(graph) if {x, y}.isdisjoint(graph.latent)]
    if not effect:
        return [
            (x, y)
            for x, y in observed
            if not graph.has_directed_path(x, y) and graph.ancestors(x) & graph.ancestors(y) & {*graph.latent}
        ]
    return [(x, y) for x, y in observed if graph.has_directed_path(x, y) and _needs_id(graph, x, y)]


def _needs_id(graph: DAG, x: str, y: str) -> bool:
    if next(graph.adjustment_sets(x, y), None) is not None or any(front_door_sets(graph, x, y)):
        return False
    found = interventional(project(graph), ((y, 1),), ((x, 1),))
    return not isinstance(found, Hedge) and len(terms(found)) <= MOST_STATEMENTS


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return effect_query("ATE", treatment, outcome, rng)


def statements(found: Identified) -> tuple[P, ...]:
    """The formula's terms, one of each two that give each other by complement."""
    printed: dict[object, P] = {}
    for p in terms(found.estimand):
        flipped = frozenset((node, 1 - value) for node, value in p.event if value is not None)
        if len(p.event) > 1 or (flipped, frozenset(p.condition)) not in printed:
            printed[p.facts] = p
    return tuple(printed.values())
