"""PS, the probability of sufficiency: P(y'_{x'} | x, y) with x and y observed at 0; the question asks for a bound."""

from __future__ import annotations

import numpy as np

from caugym.causal.graph import DAG
from caugym.causal.query import Query
from caugym.gym.tasks.pn import bound_query, pairs, statements, truth

__all__ = ["ask", "pairs", "statements", "truth"]


def ask(graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query:
    return bound_query("PS", treatment, outcome, 0, rng)
