"""The variations of a problem: one module each, found by its file name ("shortcut_proof" is called shortcut-proof).

A variation module offers

- ``PRESET``: the preset when the caller names none;
- ``DIALS``, where it has some: those of the preset's fields that only some variations have;
- ``adapt(preset)``: the preset with what the variation excludes taken out;
- ``mentioned(graph, rng)``: the graph with nodes and edges in the order in which the text mentions them;
- ``pair(preset)``: whether the problems with indices 2k and 2k + 1 are made from one draft, the one after the other;
- ``make(draft, rng)``: the text and what it prints, or None, which asks for another draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.causal.scm import SCM, random_scm
from caugym.errors import InputError
from caugym.gym.conventions import PLACES
from caugym.gym.presets import Preset
from caugym.gym.problem import Given, Variable
from caugym.gym.solution import letters


@dataclass(frozen=True)
class Draft:
    """A question with its answer, before the text.

    ``givens`` is what the base form prints and the answer follows from, empty where the graph alone makes
    the effect zero; ``scm`` is then None. ``member`` says which one of a pair is wanted, 0 or 1. ``fate`` in
    [0, 1) stays the same over all drafts of one problem: what it decides keeps its share however many fail.
    """

    graph: DAG
    variables: tuple[Variable, ...]
    found: Identified
    scm: SCM | None
    givens: tuple[Given, ...]
    preset: Preset
    member: int = 0
    fate: float = 0.0
    split: str = "train"

    def model(self, rng: np.random.Generator) -> SCM:
        """The model behind the numbers, drawn now where none was needed yet."""
        if self.scm is not None:
            return self.scm
        return random_scm(self.graph, rng, strength=self.preset.strength, positive=self.preset.positive)

    @property
    def by_name(self) -> Mapping[str, Variable]:
        return {variable.name: variable for variable in self.variables}

    @property
    def letters(self) -> Mapping[str, str] | None:
        return letters(self.graph) if self.preset.letters else None


@dataclass(frozen=True)
class Made:
    """A text with the givens that it prints; ``missing`` the needed probabilities that it does not determine.

    ``provenance`` is added to the problem's: the proof.
    """

    prompt: str
    givens: tuple[Given, ...]
    missing: tuple[P, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)


class Variation(Protocol):
    PRESET: str

    def adapt(self, preset: Preset) -> Preset: ...
    def mentioned(self, graph: DAG, rng: np.random.Generator) -> DAG: ...
    def pair(self, preset: Preset) -> bool: ...
    def make(self, draft: Draft, rng: np.random.Generator) -> Made | None: ...


def names() -> tuple[str, ...]:
    return tuple(sorted(module.name.replace("_", "-") for module in iter_modules(__path__)))


def load(name: str) -> Variation:
    """The module of variation ``name``. Raises InputError naming an unknown one."""
    if name not in names():
        raise InputError(f"unknown variation {name!r}: use one of {', '.join(names())}")
    return cast(Variation, import_module(f"caugym.gym.variations.{name.replace('-', '_')}"))


def printed(scm: SCM, p: P) -> Given:
    """The probability as the text prints it. Raises ValueError when its condition has probability 0."""
    exact = scm.probability(p.event, p.condition)  # type: ignore[arg-type]  # written-out terms have values
    return Given(p.event, p.condition, Decimal(f"{exact:.{PLACES}f}"))  # type: ignore[arg-type]  # as above


def as_mentioned(graph: DAG) -> DAG:
    """The same graph with nodes and edges in the order in which its text mentions them.

    A reader of the text meets the nodes in this order, so it finds the same topological order and
    letters. The order of mention follows the topological order and the other way round: repeat until
    both stand still.
    """
    for _ in range(10):
        rank = {node: i for i, node in enumerate(graph.topological_order())}
        edges = tuple(sorted(graph.edges, key=lambda edge: (rank[edge[0]], rank[edge[1]])))
        nodes = tuple(dict.fromkeys(node for edge in edges for node in edge))
        if nodes == graph.nodes and edges == graph.edges:
            break
        graph = DAG(nodes, edges, graph.latent)
    return graph
