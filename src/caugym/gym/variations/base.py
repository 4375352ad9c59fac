"""The base form: graph, exactly the numbers that the formula needs, and the question."""

from __future__ import annotations

from collections.abc import Mapping

from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.gym.problem import Given, Query, Variable
from caugym.gym.wording import published


def admits(found: Identified) -> bool:
    """Every identified query has a base form."""
    return True


def prompt(
    graph: DAG,
    variables: Mapping[str, Variable],
    givens: tuple[Given, ...],
    query: Query,
    letters: Mapping[str, str] | None,
) -> str:
    return published.prompt(graph, variables, givens, query, letters)
