"""IV, a bound of the average treatment effect by an instrument: a latent variable confounds the effect itself."""

from __future__ import annotations

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.instrument import instruments
from caugym.causal.query import Query
from caugym.gym.latent_graphs import with_latent
from caugym.gym.presets import Preset
from caugym.gym.tasks import Pairs, configurations, ordered_pairs
from caugym.gym.tasks.ate import truth

__all__ = ["LEAST_NODES", "ask", "graph", "pairs", "statements", "truth"]

LEAST_NODES = 4


def graph(names: tuple[str, ...], preset: Preset, rng: np.random.Generator) -> DAG:
    return with_latent(names, 1, preset, rng)


def pairs(graph: DAG, effect: bool) -> Pairs:
    """Causes and direct effects with one instrument and with a latent common cause. None is without effect."""
    if not effect:
        return []
    confounded = {(x, y) for u in graph.latent for x in graph.children(u) for y in graph.children(u)}
    return [
        (x, y)
        for x, y in ordered_pairs(graph)
        if graph.has_edge(x, y) and (x, y) in confounded and len(instruments(graph, x, y)) == 1
    ]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    """All values and the bound uniform."""
    to, value, upper = (int(v) for v in rng.integers(2, size=3))
    return Query("IV", treatment, outcome, to, 1 - to, value, bound="upper" if upper else "lower")


def statements(found: Identified) -> tuple[P, ...]:
    """P(treatment, outcome | instrument) at both values, three of four cells: the fourth is the rest."""
    query = found.query
    assert found.instrument is not None
    cells = configurations((query.treatment, query.outcome))[:-1]
    return tuple(P(cell, z) for z in configurations((found.instrument,)) for cell in cells)
