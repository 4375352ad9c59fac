"""The variations of a problem: one module each, found by its file name.

A variation module offers

- ``admits(found)``: whether the variation can be made from this identified query;
- ``prompt(graph, variables, givens, query, letters)``: the text shown to a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.errors import InputError
from caugym.gym.problem import Given, Query, Variable


class Variation(Protocol):
    def admits(self, found: Identified) -> bool: ...
    def prompt(
        self,
        graph: DAG,
        variables: Mapping[str, Variable],
        givens: tuple[Given, ...],
        query: Query,
        letters: Mapping[str, str] | None,
    ) -> str: ...


def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load(name: str) -> Variation:
    """The module of variation ``name``. Raises InputError naming an unknown one."""
    if name not in names():
        raise InputError(f"unknown variation {name!r}: use one of {', '.join(names())}")
    return cast(Variation, import_module(f"caugym.gym.variations.{name}"))
