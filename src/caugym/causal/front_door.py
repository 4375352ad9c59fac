"""Front-door adjustment (Pearl 1995, Causal diagrams for empirical research): an effect through observed mediators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from caugym.causal.estimand import Difference, Expression, P, Product, Sum, Terms
from caugym.causal.graph import DAG, FEW
from caugym.causal.query import Query

LARGEST = 3
"""Variables in a front-door set: one more doubles the number of probabilities that the formula needs."""


def is_front_door_set(graph: DAG, x: str, y: str, mediators: tuple[str, ...]) -> bool:
    """Whether ``mediators`` intercept every directed path from ``x`` to ``y``, nothing confounds ``x`` with them, and
    ``x`` blocks every backdoor path from them to ``y``."""
    if not mediators or set(mediators) & {x, y, *graph.latent}:
        return False
    if graph.without_edges(lambda tail, head: head in mediators).has_directed_path(x, y):
        return False
    if not graph.without_edges(lambda tail, head: tail == x).d_separated(x, mediators):
        return False
    return _proper_backdoor(graph, y, mediators).d_separated(mediators, y, {x})


def _proper_backdoor(graph: DAG, y: str, mediators: tuple[str, ...]) -> DAG:
    """Without the first edges of the directed paths from ``mediators`` to ``y`` that pass no second mediator."""
    onward = graph.without_edges(lambda tail, head: head in mediators)
    causal = {node for m in mediators for node in onward.descendants(m) if node == y or y in onward.descendants(node)}
    return graph.without_edges(lambda tail, head: tail in mediators and head in causal)


def front_door_sets(graph: DAG, x: str, y: str, among: Iterable[str] | None = None) -> Iterator[tuple[str, ...]]:
    """The minimal front-door sets of up to LARGEST variables, smallest first, then in topological order.

    ``among`` restricts them. Of more than FEW possible mediators only sets of one are tried.
    """
    pool = [node for node in graph.mediators(x, y) if node not in graph.latent and (among is None or node in among)]
    largest = LARGEST if len(pool) <= FEW else 1
    found: list[set[str]] = []
    for size in range(1, min(largest, len(pool)) + 1):
        for chosen in combinations(pool, size):
            if not any(smaller <= set(chosen) for smaller in found) and is_front_door_set(graph, x, y, chosen):
                found.append(set(chosen))
                yield chosen


def formula(query: Query, mediators: tuple[str, ...]) -> Expression:
    """The average treatment effect: sum_M [P(M | x) - P(M | x')] sum_X P(y | M, X) P(X)."""
    x, outcome = query.treatment, ((query.outcome, query.outcome_value),)
    free: Terms = tuple((node, None) for node in mediators)
    shift = Difference(P(free, ((x, query.treatment_value),)), P(free, ((x, query.control_value),)))
    onwards = Sum((x,), Product((P(outcome, (*free, (x, None))), P(((x, None),)))))
    return Sum(mediators, Product((shift, onwards)))
