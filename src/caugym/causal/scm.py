"""Binary structural causal models and their exact probabilities, factual and counterfactual.

A mechanism is a distribution over response functions (Balke and Pearl 1994): one draw fixes the
variable's value at every configuration of its parents. With k parents there are 2^(2^k) of them; we
keep only the finitely many with positive weight. ``Mechanism.coupled`` makes them from a table
p(c) = P(V=1 | parents = c) and one latent uniform U: V(c) = 1 iff (U - shift(c)) mod 1 < p(c). Every
table can be written so, the shifts decide how the configurations' answers hang together (all zero:
monotone, "no prevention"), and at most 2 * 2^k + 1 response functions carry weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from caugym.causal.graph import DAG
from caugym.causal.query import Assignment

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mechanism:
    """Response functions, one a row, and their weights.

    ``responses[r, c]`` is the value under response r at parent configuration c, where the parents
    (in the order of ``DAG.parents``) are the bits of c, the first one the highest. Raises ValueError
    when the shapes do not fit or the weights are no distribution.
    """

    responses: NDArray[np.int8]
    weights: Floats

    def __post_init__(self) -> None:
        if self.responses.ndim != 2 or self.weights.shape != (len(self.responses),):
            raise ValueError(f"{self.responses.shape} responses do not fit {self.weights.shape} weights")
        if (self.weights < 0).any() or abs(self.weights.sum() - 1) > 1e-9:
            raise ValueError(f"weights are no distribution: they sum to {self.weights.sum():.6f}")

    @classmethod
    def coupled(cls, table: Floats, shifts: Floats | None = None) -> Mechanism:
        """The mechanism with P(V=1 | configuration c) = ``table[c]``, by one shifted latent uniform."""
        if (table < 0).any() or (table > 1).any():
            raise ValueError(f"probabilities outside [0, 1]: {table}")
        start = np.zeros(len(table)) if shifts is None else shifts % 1
        cuts = np.unique(np.concatenate(([0.0, 1.0], start, (start + table) % 1)))
        middle = (cuts[1:] + cuts[:-1]) / 2
        responses = ((middle[:, None] - start) % 1 < table).astype(np.int8)
        return cls(responses, np.diff(cuts))

    @cached_property
    def table(self) -> Floats:
        """P(V=1) at each parent configuration."""
        return self.weights @ self.responses

    @cached_property
    def pair_table(self) -> Floats:
        """``[2a + b, c, d]``: the probability that one draw answers a at configuration c and b at d."""
        one = self.responses.astype(float)
        zero = 1 - one
        return np.stack([a.T @ (self.weights[:, None] * b) for a in (zero, one) for b in (zero, one)])


@dataclass(frozen=True, eq=False)
class SCM:
    """A Markovian model: the nodes' response functions are drawn independently. Node values are 0 and 1."""

    graph: DAG
    mechanisms: Mapping[str, Mechanism]

    def __post_init__(self) -> None:
        for node in self.graph.nodes:
            if node not in self.mechanisms:
                raise ValueError(f"no mechanism for node {node!r}")
            configurations = 2 ** len(self.graph.parents(node))
            if self.mechanisms[node].responses.shape[1] != configurations:
                raise ValueError(f"the mechanism of {node!r} must answer {configurations} parent configurations")

    @cached_property
    def _joints(self) -> dict[Assignment, Floats]:
        return {}

    @cached_property
    def _probabilities(self) -> dict[tuple[Assignment, Assignment, Assignment], float]:
        return {}

    @cached_property
    def _axis(self) -> dict[str, int]:
        return {node: i for i, node in enumerate(self.graph.nodes)}

    @cached_property
    def _factors(self) -> dict[str, Floats]:
        """P(node | parents) of each node, broadcastable over the joint's axes."""
        factors = {}
        for node in self.graph.nodes:
            axes = [self._axis[p] for p in (*self.graph.parents(node), node)]
            table = self.mechanisms[node].table
            values = np.stack([1 - table, table], axis=-1).reshape((2,) * len(axes))
            shape = [2 if i in axes else 1 for i in range(len(self.graph.nodes))]
            factors[node] = values.transpose(np.argsort(axes)).reshape(shape)
        return factors

    def joint(self, do: Assignment = ()) -> Floats:
        """The joint distribution after ``do``, one axis of length 2 a node, in node order."""
        if do not in self._joints:
            fixed = dict(do)
            self._check(do)
            total = np.ones((2,) * len(self.graph.nodes))
            for node in self.graph.nodes:
                if node not in fixed:
                    total *= self._factors[node]
            for node, value in do:
                total[self._where(((node, 1 - value),))] = 0
            self._joints[do] = total
        return self._joints[do]

    def _where(self, assignment: Assignment) -> tuple[int | slice, ...]:
        where: list[int | slice] = [slice(None)] * len(self.graph.nodes)
        for node, value in assignment:
            where[self._axis[node]] = value
        return tuple(where)

    def _check(self, *assignments: Assignment) -> None:
        for assignment in assignments:
            for node, value in assignment:
                if node not in self._axis:
                    raise ValueError(f"unknown node {node!r} (the graph has {', '.join(self.graph.nodes)})")
                if value not in (0, 1):
                    raise ValueError(f"{node} = {value!r}: every variable is binary, 0 or 1")

    def probability(self, event: Assignment, given: Assignment = (), do: Assignment = ()) -> float:
        """P(event | given, do(do)). Raises ValueError when P(given | do) is 0 or a node is unknown."""
        asked = (event, given, do)
        if asked not in self._probabilities:
            self._probabilities[asked] = self._probability(event, given, do)
        return self._probabilities[asked]

    def _probability(self, event: Assignment, given: Assignment, do: Assignment) -> float:
        self._check(event, given)
        if any(dict(given).get(node, value) != value for node, value in event):
            return 0.0
        joint = self.joint(do)
        both = float(joint[self._where((*given, *event))].sum())
        if not given:
            return both
        condition = float(joint[self._where(given)].sum())
        if condition <= 0:
            raise ValueError(f"the condition {given} has probability 0")
        return both / condition

    def counterfactual(self, event: Assignment, do: Assignment, given: Assignment = ()) -> float:
        """P(event in the world after ``do`` | given in the world as it is); both worlds share every draw."""
        self._check(event, do, given)
        states, weights = self._two_worlds({}, dict(do), event, given)
        condition = np.ones(len(weights), dtype=bool)
        for node, value in given:
            condition &= states[node][0] == value
        total = weights[condition].sum()
        if total <= 0:
            raise ValueError(f"the condition {given} has probability 0")
        held = condition.copy()
        for node, value in event:
            held &= states[node][1] == value
        return float(weights[held].sum() / total)

    def two_changes(self, event: Assignment, do: Assignment, other_event: Assignment, other_do: Assignment) -> float:
        """P(event after ``do`` and other_event after ``other_do``); both worlds share every draw."""
        self._check(event, do, other_event, other_do)
        states, weights = self._two_worlds(dict(do), dict(other_do), event, other_event)
        held = np.ones(len(weights), dtype=bool)
        for world, wanted in enumerate((event, other_event)):
            for node, value in wanted:
                held &= states[node][world] == value
        return float(weights[held].sum())

    def nested(self, event: Assignment, do: Assignment, mediators: tuple[str, ...], mediator_do: Assignment) -> float:
        """P(event after ``do`` with each mediator at the value it would have after ``mediator_do``)."""
        self._check(event, do, mediator_do)
        second: dict[str, int | None] = dict(do)
        second.update(dict.fromkeys(mediators))
        states, weights = self._two_worlds(dict(mediator_do), second, event, tuple((m, 0) for m in mediators))
        held = np.ones(len(weights), dtype=bool)
        for node, value in event:
            held &= states[node][1] == value
        return float(weights[held].sum())

    def _two_worlds(
        self,
        first: Mapping[str, int],
        second: Mapping[str, int | None],
        event: Assignment,
        given: Assignment,
    ) -> tuple[dict[str, tuple[NDArray[np.int8], NDArray[np.int8]]], Floats]:
        """Every pair of worlds with positive weight: the nodes' values in both, and the weights.

        ``first`` and ``second`` are the two interventions; None in ``second`` copies the first world.
        Only the ancestors of the nodes in ``event`` and ``given`` are enumerated.
        """
        targets = {node for node, _ in (*event, *given)}
        needed = targets.union(*(self.graph.ancestors(node) for node in targets))
        weights = np.ones(1)
        states: dict[str, tuple[NDArray[np.int8], NDArray[np.int8]]] = {}
        for node in self.graph.topological_order():
            if node not in needed:
                continue
            pair = self._answers(node, states, len(weights))  # [2a + b, state]
            if node in first:
                pair = _force_first(pair, first[node])
            if node in second:
                pair = _force_second(pair, second[node])
            chances = (pair * weights).T
            rows, answers = np.nonzero(chances)
            weights = chances[rows, answers]
            states = {known: (a[rows], b[rows]) for known, (a, b) in states.items()}
            states[node] = ((answers >> 1).astype(np.int8), (answers & 1).astype(np.int8))
        return states, weights

    def _answers(
        self, node: str, states: Mapping[str, tuple[NDArray[np.int8], NDArray[np.int8]]], count: int
    ) -> Floats:
        """``[2a + b, state]``: the chance that ``node`` is a in the first and b in the second world."""
        here = np.zeros(count, dtype=np.intp)
        there = np.zeros(count, dtype=np.intp)
        for parent in self.graph.parents(node):
            a, b = states[parent]
            here = 2 * here + a
            there = 2 * there + b
        return self.mechanisms[node].pair_table[:, here, there]


def _force_first(pair: Floats, value: int) -> Floats:
    forced = np.zeros_like(pair)
    forced[2 * value] = pair[0] + pair[2]
    forced[2 * value + 1] = pair[1] + pair[3]
    return forced


def _force_second(pair: Floats, value: int | None) -> Floats:
    forced = np.zeros_like(pair)
    if value is None:  # the second world copies the first
        forced[0] = pair[0] + pair[1]
        forced[3] = pair[2] + pair[3]
    else:
        forced[value] = pair[0] + pair[1]
        forced[2 + value] = pair[2] + pair[3]
    return forced


def random_scm(
    graph: DAG,
    rng: np.random.Generator,
    *,
    strength: tuple[float, float] = (0.4, 2.0),
    positive: float = 0.5,
    base_rate: float = 1.2,
    interaction: float = 0.3,
    margin: float = 0.02,
    monotone: float = 0.5,
) -> SCM:
    """A random model on ``graph``.

    Each table is logistic: a normal base rate of scale ``base_rate``, one coefficient a parent of absolute size within
    ``strength``, positive with probability ``positive``, and a normal deviation of scale ``interaction`` at each
    configuration; its probabilities stay within [margin, 1 - margin]. A share ``monotone`` of the
    mechanisms couples the configurations monotonely, the others by random shifts.
    """
    mechanisms = {}
    for node in graph.nodes:
        count = len(graph.parents(node))
        size = rng.uniform(*strength, count) * np.where(rng.random(count) < positive, 1, -1)
        bits = (np.arange(2**count)[:, None] >> np.arange(count - 1, -1, -1)) & 1
        logits = rng.normal(0, base_rate) + (bits - 0.5) @ size + rng.normal(0, interaction, 2**count) * (count > 0)
        table = margin + (1 - 2 * margin) / (1 + np.exp(-logits))
        shifts = np.zeros(2**count) if rng.random() < monotone else rng.random(2**count)
        mechanisms[node] = Mechanism.coupled(table, shifts)
    return SCM(graph, mechanisms)
