"""Directed acyclic graphs over named nodes: paths, d-separation, adjustment sets, mediators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import combinations

FEW = 8
"""Among so few variables all subsets are tried; among more, those that every set needs are found first."""


@dataclass(frozen=True)
class DAG:
    """A directed acyclic graph. The order of ``nodes`` breaks every tie, so each answer is deterministic.

    ``latent`` variables are those that nobody observed: no statement can speak of them, none is adjusted for.

    Raises ValueError naming the duplicate node, the duplicate edge, the unknown node of an edge or of
    ``latent``, or the cycle as a path ("a -> b -> a").
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()
    latent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for node in self.nodes:
            if node in seen:
                raise ValueError(f"duplicate node {node!r}")
            seen.add(node)
        seen_edges: set[tuple[str, str]] = set()
        for edge in self.edges:
            tail, head = edge
            for node in edge:
                if node not in seen:
                    raise ValueError(f"unknown node {node!r} in edge {tail} -> {head}")
            if edge in seen_edges:
                raise ValueError(f"duplicate edge {tail} -> {head}")
            seen_edges.add(edge)
        for node in self.latent:
            if node not in seen:
                raise ValueError(f"unknown node {node!r} is called latent")
        if len(self._order) < len(self.nodes):
            raise ValueError("cycle " + " -> ".join(self._cycle()))

    @cached_property
    def _parents(self) -> dict[str, tuple[str, ...]]:
        tails: dict[str, list[str]] = {node: [] for node in self.nodes}
        for tail, head in self.edges:
            tails[head].append(tail)
        return {node: self._in_node_order(tails[node]) for node in self.nodes}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        heads: dict[str, list[str]] = {node: [] for node in self.nodes}
        for tail, head in self.edges:
            heads[tail].append(head)
        return {node: self._in_node_order(heads[node]) for node in self.nodes}

    @cached_property
    def _order(self) -> tuple[str, ...]:
        """The topological order that takes the earliest node of ``nodes`` first; short where a cycle stands."""
        rank = self._place
        waiting = {node: len(self._parents[node]) for node in self.nodes}
        ready = [rank[node] for node in self.nodes if waiting[node] == 0]
        heapify(ready)
        order = []
        while ready:
            node = self.nodes[heappop(ready)]
            order.append(node)
            for child in self._children[node]:
                waiting[child] -= 1
                if waiting[child] == 0:
                    heappush(ready, rank[child])
        return tuple(order)

    @cached_property
    def _rank(self) -> dict[str, int]:
        return {node: i for i, node in enumerate(self._order)}

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for node in self._order:
            found[node] = frozenset(self._parents[node]).union(*(found[p] for p in self._parents[node]))
        return found

    @cached_property
    def _descendants(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for node in reversed(self._order):
            found[node] = frozenset(self._children[node]).union(*(found[c] for c in self._children[node]))
        return found

    @cached_property
    def _place(self) -> dict[str, int]:
        return {node: i for i, node in enumerate(self.nodes)}

    def _in_node_order(self, chosen: list[str]) -> tuple[str, ...]:
        return tuple(sorted(chosen, key=self._place.__getitem__)) if len(chosen) > 1 else tuple(chosen)

    def _cycle(self) -> list[str]:
        """A cycle from its earliest node back to it: every node outside ``_order`` has a parent outside it."""
        stuck = [node for node in self.nodes if node not in self._order]
        walk = [stuck[0]]
        while True:
            parent = next(p for p in self._parents[walk[-1]] if p in stuck)
            if parent in walk:
                cycle = walk[walk.index(parent) :][::-1]
                start = cycle.index(min(cycle, key=self.nodes.index))
                return [*cycle[start:], *cycle[: start + 1]]
            walk.append(parent)

    def _check(self, *nodes: str) -> None:
        for node in nodes:
            if node not in self._parents:
                raise ValueError(f"unknown node {node!r} (the graph has {', '.join(self.nodes)})")

    def parents(self, node: str) -> tuple[str, ...]:
        """Direct causes of ``node``, in node order."""
        self._check(node)
        return self._parents[node]

    def children(self, node: str) -> tuple[str, ...]:
        """Direct effects of ``node``, in node order."""
        self._check(node)
        return self._children[node]

    def ancestors(self, node: str) -> frozenset[str]:
        """All causes of ``node``, direct or not; ``node`` itself is not among them."""
        self._check(node)
        return self._ancestors[node]

    def descendants(self, node: str) -> frozenset[str]:
        """All effects of ``node``, direct or not; ``node`` itself is not among them."""
        self._check(node)
        return self._descendants[node]

    def topological_order(self) -> tuple[str, ...]:
        """Causes before effects; among the nodes that could come next, the earliest of ``nodes`` comes first."""
        return self._order

    def in_order(self, nodes: Iterable[str]) -> tuple[str, ...]:
        """``nodes`` in topological order, each once."""
        chosen = set(nodes)
        self._check(*chosen)
        return tuple(sorted(chosen, key=self._rank.__getitem__)) if len(chosen) > 1 else tuple(chosen)

    def has_edge(self, a: str, b: str) -> bool:
        self._check(a, b)
        return a in self._parents[b]

    def has_directed_path(self, a: str, b: str) -> bool:
        """Whether ``a`` is a cause of ``b`` (no node is a cause of itself)."""
        self._check(a, b)
        return a in self._ancestors[b]

    def directed_paths(self, a: str, b: str) -> Iterator[tuple[str, ...]]:
        """All directed paths from ``a`` to ``b``, depth first with children in topological order."""
        self._check(a, b)
        if a == b or not self.has_directed_path(a, b):
            return
        for child in self.in_order(self._children[a]):
            if child == b:
                yield (a, b)
            else:
                yield from ((a, *rest) for rest in self.directed_paths(child, b))

    def mediators(self, x: str, y: str) -> tuple[str, ...]:
        """The interior nodes of the directed paths from ``x`` to ``y``, in topological order."""
        self._check(x, y)
        return self.in_order(self._descendants[x] & self._ancestors[y])

    def without_edges(self, drop: Callable[[str, str], bool]) -> DAG:
        """The graph without the edges (tail, head) for which ``drop`` holds."""
        part = object.__new__(DAG)  # part of an acyclic graph is acyclic: no need to look again
        kept = tuple(edge for edge in self.edges if not drop(*edge))
        for name, value in (("nodes", self.nodes), ("edges", kept), ("latent", self.latent)):
            object.__setattr__(part, name, value)
        return part

    @property
    def observed(self) -> tuple[str, ...]:
        return tuple(node for node in self.nodes if node not in self.latent)

    def d_separated(self, a: str | Iterable[str], b: str | Iterable[str], given: Iterable[str] = ()) -> bool:
        """Whether ``given`` d-separates ``a`` from ``b`` (nodes or sets of nodes).

        By reachability along active trails (Koller and Friedman 2009, algorithm 3.1).
        Raises ValueError when the sets overlap or name an unknown node.
        """
        start = {a} if isinstance(a, str) else set(a)
        goal = {b} if isinstance(b, str) else set(b)
        fixed = set(given)
        self._check(*start, *goal, *fixed)
        shared = (start & goal) | (start & fixed) | (goal & fixed)
        if shared:
            raise ValueError(f"d-separation needs disjoint sets, {sorted(shared)[0]!r} stands in two")
        opened = fixed.union(*(self._ancestors[node] for node in fixed)) if fixed else fixed  # colliders that are open
        todo = [(node, True) for node in start]  # True: we came from below (or start here)
        seen = set()
        while todo:
            step = todo.pop()
            if step in seen:
                continue
            seen.add(step)
            node, upwards = step
            if node in goal:
                return False
            if node not in fixed:
                todo.extend((child, False) for child in self._children[node])
            if (upwards and node not in fixed) or (not upwards and node in opened):
                todo.extend((parent, True) for parent in self._parents[node])
        return True

    def is_backdoor_set(self, x: str, y: str, z: Iterable[str]) -> bool:
        """Pearl's backdoor criterion: no descendant of ``x`` in ``z``, and ``z`` blocks every path into ``x``."""
        chosen = set(z)
        self._check(x, y, *chosen)
        if chosen & (self._descendants[x] | {x, y}):
            return False
        return self.without_edges(lambda tail, head: tail == x).d_separated(x, y, chosen)

    def minimal_adjustment_sets(self, x: str, y: str) -> tuple[tuple[str, ...], ...]:
        """All minimal backdoor sets for the effect of ``x`` on ``y``, smallest first, then in topological order.

        Empty when there is none: ``y`` is a direct cause of ``x``, or a latent variable confounds them.
        """
        return tuple(self.adjustment_sets(x, y))

    def adjustment_sets(
        self, x: str, y: str, among: Iterable[str] | None = None, largest: int | None = None
    ) -> Iterator[tuple[str, ...]]:
        """``minimal_adjustment_sets`` one at a time, those within ``among`` and of at most ``largest`` variables.

        A large graph can have more of them than can be listed: restrict them there.
        """
        self._check(x, y)
        if x == y:
            raise ValueError(f"the effect of {x!r} on itself needs no adjustment")
        if y in self._parents[x]:  # otherwise the parents of x are a backdoor set, so the search ends
            return
        severed = self.without_edges(lambda tail, head: tail == x)
        pool = (self._ancestors[x] | self._ancestors[y]) - self._descendants[x] - {x, y, *self.latent}

        def blocks(z: tuple[str, ...]) -> bool:
            return severed.d_separated(x, y, z)

        yield from self.minimal_sets(pool if among is None else pool.intersection(among), blocks, blocks, largest)

    def minimal_sets(
        self,
        candidates: Iterable[str],
        valid: Callable[[tuple[str, ...]], bool],
        blocks: Callable[[tuple[str, ...]], bool],
        largest: int | None = None,
    ) -> Iterator[tuple[str, ...]]:
        """The subsets of ``candidates`` that are ``valid`` and hold no smaller valid one, smallest first.

        Every valid set ``blocks``, and so does every candidate set around one that does. Among ancestors of
        the two sides this holds for d-separation: it is separation in one moral graph (Lauritzen 1990).
        """
        if valid(()):
            yield ()
            return
        pool = self.in_order(candidates)
        needed: list[str] = []
        if len(pool) > FEW:
            if not blocks(pool):
                return
            needed = [node for node in pool if not blocks(tuple(other for other in pool if other != node))]
        free = [node for node in pool if node not in needed]
        found: list[set[str]] = []
        for size in range(len(free) + 1):
            if largest is not None and len(needed) + size > largest:
                return
            for chosen in combinations(free, size):
                z = self.in_order((*needed, *chosen)) if needed else chosen
                if z and not any(smaller <= set(z) for smaller in found) and valid(z):
                    found.append(set(z))
                    yield z
