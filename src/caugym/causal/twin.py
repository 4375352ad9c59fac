"""Two models that agree on every printed probability and differ in the answer: the proof that it is not determined.

All models on one graph are the tables P(node = 1 | parents), taken as log-odds. From a given model we step along the
estimand's gradient within the null space of the printed probabilities' Jacobian (so that, to first order, none of
them moves), then return to them by Gauss-Newton steps. Both ends are ordinary models: enumeration checks the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caugym.causal.estimand import Constant, Expression, Max, Min, P, terms, value
from caugym.causal.graph import DAG
from caugym.causal.scm import SCM, Mechanism

Floats = NDArray[np.float64]
Tables = dict[str, list[float]]

AGREE = 1e-9
"""Two probabilities this close are the same."""

EXTREME = 5.0
"""Largest log-odds of a twin's table: its probabilities stay within [0.007, 0.993]."""

CORRECTIONS = 12
STRIDES = (2.0, -2.0, 4.0, -4.0, 8.0, -8.0)
"""First-order change of the estimand, in units of the wanted gap, of each attempt."""

DIGITS = 12


def twin(scm: SCM, printed: Sequence[P], estimand: Expression, gap: float) -> SCM | None:
    """A model on the same graph with the same ``printed`` probabilities and an estimand at least ``gap`` away.

    None when no step finds one, as when the printed probabilities determine the estimand.
    """
    needed = terms(estimand)
    family = _Family(scm.graph, (*printed, *needed))
    start = family.log_odds(scm)
    numbers, jacobian = family.probabilities(start)
    aim, held = numbers[: len(printed)], jacobian[: len(printed)]
    slope = _slope(estimand, needed, numbers[len(printed) :]) @ jacobian[len(printed) :]
    free = slope - np.linalg.pinv(held, rcond=1e-9) @ (held @ slope) if len(printed) else slope
    steepness = float(free @ free)
    if steepness < 1e-8:
        return None
    first = _number(estimand, needed, numbers[len(printed) :])
    for stride in STRIDES:
        moved = _return(family, start + free * (stride * gap / steepness), aim)
        if moved is None:
            continue
        other = family.model(moved)
        second = _number(estimand, needed, family.probabilities(moved)[0][len(printed) :])
        if abs(first - second) >= gap and all(abs(_exact(other, p) - _exact(scm, p)) < AGREE for p in printed):
            return other
    return None


def tables(scm: SCM) -> Tables:
    """P(node = 1 | parents) of each node, one number a configuration, the first parent the highest bit."""
    return {node: [round(float(p), DIGITS) for p in scm.mechanisms[node].table] for node in scm.graph.nodes}


def model(graph: DAG, by_node: Tables) -> SCM:
    """The model that ``tables`` wrote, each mechanism monotone. Raises ValueError for tables that do not fit."""
    return SCM(graph, {node: Mechanism.coupled(np.array(table)) for node, table in by_node.items()})


def _return(family: _Family, log_odds: Floats, aim: Floats) -> Floats | None:
    """The nearby tables whose printed probabilities are ``aim``; None when the steps do not settle."""
    for _ in range(CORRECTIONS):
        if np.abs(log_odds).max() > EXTREME:
            return None
        numbers, jacobian = family.probabilities(log_odds)
        off = aim - numbers[: len(aim)]
        if np.abs(off).max(initial=0) < AGREE / 1000:
            return log_odds
        log_odds = log_odds + np.linalg.pinv(jacobian[: len(aim)], rcond=1e-6) @ off
    return None


class _Family:
    """All models on ``graph``, and the probabilities of ``wanted`` with their derivatives in the log-odds."""

    def __init__(self, graph: DAG, wanted: Sequence[P]) -> None:
        self.graph = graph
        axis = {node: i for i, node in enumerate(graph.nodes)}
        count = len(graph.nodes)
        self.bits = (np.arange(2**count)[:, None] >> np.arange(count - 1, -1, -1)) & 1
        self.index = np.empty_like(self.bits)
        self.size = 0
        for node in graph.nodes:
            configuration = np.zeros(2**count, dtype=np.intp)
            for parent in graph.parents(node):
                configuration = 2 * configuration + self.bits[:, axis[parent]]
            self.index[:, axis[node]] = self.size + configuration
            self.size += 2 ** len(graph.parents(node))
        self.below = np.array([self._mask(p.condition, axis) for p in wanted], dtype=float)
        self.above = self.below * np.array([self._mask(p.event, axis) for p in wanted], dtype=float)

    def _mask(self, values: tuple[tuple[str, int | None], ...], axis: dict[str, int]) -> NDArray[np.bool_]:
        mask = np.ones(len(self.bits), dtype=bool)
        for node, number in values:
            mask &= self.bits[:, axis[node]] == number
        return mask

    def log_odds(self, scm: SCM) -> Floats:
        table = np.concatenate([scm.mechanisms[node].table for node in self.graph.nodes])
        return np.log(table / (1 - table))

    def probabilities(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Each probability, and the matrix of its derivatives."""
        one = 1 / (1 + np.exp(-log_odds[self.index]))
        joint = np.where(self.bits == 1, one, 1 - one).prod(axis=1)
        scores = np.zeros((len(self.bits), self.size))
        np.put_along_axis(scores, self.index, self.bits - one, axis=1)
        weighted = joint[:, None] * scores
        mass, total = self.above @ joint, self.below @ joint
        numbers = mass / total
        return numbers, (self.above @ weighted - numbers[:, None] * (self.below @ weighted)) / total[:, None]

    def model(self, log_odds: Floats) -> SCM:
        """With the tables rounded as ``tables`` writes them."""
        table = np.round(1 / (1 + np.exp(-log_odds)), DIGITS)
        ends = np.cumsum([2 ** len(self.graph.parents(node)) for node in self.graph.nodes])
        parts = np.split(table, ends[:-1])
        return model(self.graph, {n: list(part) for n, part in zip(self.graph.nodes, parts, strict=True)})


def _exact(scm: SCM, p: P) -> float:
    return scm.probability(p.event, p.condition)  # type: ignore[arg-type]  # written-out terms have values


def _number(estimand: Expression, needed: Sequence[P], numbers: Floats) -> Any:
    """The estimand's value; ``numbers`` may be a row of values for each of several models."""
    known: dict[P, Any] = dict(zip(needed, numbers.T, strict=True))
    return value(estimand, known.__getitem__)


def _slope(estimand: Expression, needed: Sequence[P], numbers: Floats) -> Floats:
    """The estimand's derivative in each of the probabilities that it needs: zero for a bound at its end."""
    body = estimand
    if isinstance(estimand, Min | Max):  # the part that is the bound, where no other is close
        body, *_ = sorted(estimand.parts, key=lambda part: float(_number(part, needed, numbers)))[
            :: 1 if isinstance(estimand, Min) else -1
        ]
        if isinstance(body, Constant):
            return np.zeros(len(needed))
    steps = 1e-5 * np.eye(len(needed))
    above, below = (_number(body, needed, numbers + sign * steps) for sign in (1, -1))
    return (above - below) / 2e-5
