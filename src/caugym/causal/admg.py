"""Acyclic directed mixed graphs: what a causal diagram with latent variables says about the observed ones.

An edge a -> b is a directed path whose variables in between are latent, an edge a <-> b a latent common cause
(latent projection, Verma and Pearl 1990).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from caugym.causal.graph import DAG


@dataclass(frozen=True)
class ADMG:
    """``nodes`` in topological order, directed edges (tail, head) and bidirected ones as sets of two nodes."""

    nodes: tuple[str, ...]
    directed: frozenset[tuple[str, str]]
    bidirected: frozenset[frozenset[str]]

    @cached_property
    def _parents(self) -> dict[str, frozenset[str]]:
        return {node: frozenset(a for a, b in self.directed if b == node) for node in self.nodes}

    def parents(self, nodes: Iterable[str]) -> frozenset[str]:
        """All direct causes of any of ``nodes``, of which some may be among ``nodes``."""
        return frozenset().union(*(self._parents[node] for node in nodes))

    def ancestors(self, nodes: Iterable[str]) -> frozenset[str]:
        """``nodes`` and all their causes."""
        found = frozenset(nodes)
        while not (more := self.parents(found)) <= found:
            found |= more
        return found

    def subgraph(self, nodes: Iterable[str]) -> ADMG:
        """Only ``nodes`` with the edges between them."""
        kept = frozenset(nodes)
        return ADMG(
            tuple(node for node in self.nodes if node in kept),
            frozenset(edge for edge in self.directed if kept.issuperset(edge)),
            frozenset(pair for pair in self.bidirected if pair <= kept),
        )

    def c_component(self, node: str) -> frozenset[str]:
        """The nodes that bidirected paths connect to ``node``, itself among them."""
        found = frozenset((node,))
        while not (more := frozenset().union(*(pair for pair in self.bidirected if pair & found))) <= found:
            found |= more
        return found

    def c_components(self) -> tuple[frozenset[str], ...]:
        """The confounded components (Tian and Pearl 2002), in the order of their first nodes."""
        return tuple(dict.fromkeys(self.c_component(node) for node in self.nodes))


def project(graph: DAG) -> ADMG:
    """The latent projection of ``graph`` on its observed variables."""
    latent = set(graph.latent)
    reached = {node: _reached(graph, node, latent) for node in graph.nodes}
    observed = tuple(node for node in graph.topological_order() if node not in latent)
    directed = frozenset((a, b) for a in observed for b in reached[a])
    pairs = (frozenset((a, b)) for cause in latent for a in reached[cause] for b in reached[cause] if a != b)
    return ADMG(observed, directed, frozenset(pairs))


def _reached(graph: DAG, start: str, latent: set[str]) -> set[str]:
    """The observed variables at the ends of directed paths from ``start`` through latent ones."""
    found: set[str] = set()
    todo = list(graph.children(start))
    while todo:
        node = todo.pop()
        if node in latent:
            todo += graph.children(node)
        else:
            found.add(node)
    return found
