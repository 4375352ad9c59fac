"""The causal tasks: one module each, found by its file name in lower case.

A task module offers

- ``pairs(graph, effect)``: the (treatment, outcome) pairs with an identifiable effect, or those for
  which the graph alone makes the effect zero;
- ``ask(graph, treatment, outcome, rng)``: a query on such a pair with random values;
- ``truth(scm, query)``: the true value by enumeration of the model, without any estimand;
- ``statements(found)``: the probabilities that the text prints, in the published order, from which
  the estimand's terms follow;
- where it needs latent variables, ``graph(names, preset, rng)``: a graph that may suit, and ``LEAST_NODES``: it is
  never asked for a smaller one.

``TASKS`` are the published seven; the others, ``FURTHER``, are generated only when they are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pkgutil import iter_modules
from typing import Protocol, cast

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.query import TASKS, Assignment, Query
from caugym.causal.scm import SCM
from caugym.errors import InputError

Pairs = list[tuple[str, str]]
FURTHER = tuple(sorted({module.name.upper() for module in iter_modules(__path__)} - set(TASKS)))
PRINTED_BY = {"front door": "FRONTDOOR", "ID algorithm": "ID"}
"""The tasks whose statements an average treatment effect needs that is identified by these rules."""


class Task(Protocol):
    def pairs(self, graph: DAG, effect: bool) -> Pairs: ...
    def ask(self, graph: DAG, treatment: str, outcome: str, rng: np.random.Generator) -> Query: ...
    def truth(self, scm: SCM, query: Query) -> float: ...
    def statements(self, found: Identified) -> tuple[P, ...]: ...


def load(task: str) -> Task:
    """The module of ``task``. Raises InputError naming an unknown one."""
    if task not in TASKS + FURTHER:
        raise InputError(f"unknown task {task!r}: use one of {', '.join(TASKS + FURTHER)}")
    return cast(Task, import_module(f"caugym.gym.tasks.{task.lower()}"))


def statements(found: Identified) -> tuple[P, ...]:
    """What a base problem prints: the task's statements, none where the graph alone gives the answer."""
    return () if found.no_effect else load(PRINTED_BY.get(found.rule, found.query.task)).statements(found)


def ordered_pairs(graph: DAG) -> Iterator[tuple[str, str]]:
    return ((x, y) for x, y in product(graph.nodes, repeat=2) if x != y)


def effect_query(task: str, x: str, y: str, rng: np.random.Generator, mediator_values: Assignment = ()) -> Query:
    """A query whose treatment and outcome values are uniform over the four combinations."""
    to, value = (int(v) for v in rng.integers(2, size=2))
    return Query(task, x, y, to, 1 - to, value, mediator_values)


def configurations(nodes: tuple[str, ...]) -> list[Assignment]:
    """All joint values of ``nodes``, zeros first, the first node slowest; one empty one without nodes."""
    return [tuple(zip(nodes, values, strict=True)) for values in product((0, 1), repeat=len(nodes))]
