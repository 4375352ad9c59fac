"""The styles of a worked solution besides the published steps: one module each, found by its file name.

Every style is rendered from the same expression tree and ends with the answer. A style module offers
``write(case, scratchpad)``, the text without its last line, the answer. ``SCRATCHPAD`` behind a style's name
("thinking-scratchpad") spells out its arithmetic digit by digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from caugym.causal.estimand import P, Step, expand, steps_of, terms
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.errors import InputError
from caugym.gym.conventions import answer, step_places
from caugym.gym.derivation import Derived, Knowledge, Term
from caugym.gym.problem import Answer, Variable

SCRATCHPAD = "-scratchpad"
PUBLISHED = "published"


@dataclass(frozen=True)
class Case:
    """A question with all that its solution needs; ``missing`` the needed probabilities that do not follow."""

    graph: DAG
    variables: tuple[Variable, ...]
    found: Identified
    knowledge: Knowledge
    annotated: bool = False
    missing: tuple[P, ...] = ()

    @property
    def places(self) -> int | None:
        """Decimals to which each Step is rounded."""
        return step_places(self.annotated)

    @property
    def by_name(self) -> Mapping[str, Variable]:
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def answer(self) -> Answer:
        return Answer() if self.missing else answer(self.found, self.knowledge, self.annotated)

    def sources(self) -> dict[Term, Derived]:
        """Every probability that the estimand's terms follow from, printed or not, and the terms: sources first."""
        known: dict[Term, Derived] = {}
        for p in terms(self.found.estimand):
            term = Term.from_p(p)
            if not self.missing or self.knowledge.find(term) is not None:
                known |= self.knowledge.trace(term)
        return known

    @cached_property
    def _named(self) -> dict[Term, P]:
        return {Term.from_p(p): p for p in terms(self.found.estimand)}

    def symbol(self, term: Term) -> P:
        """``term`` in the order in which the estimand writes it, else with its variables in topological order."""
        if term in self._named:
            return self._named[term]
        rank = self.graph.topological_order().index
        event, condition = (
            tuple(sorted(part, key=lambda item: rank(item[0]))) for part in (term.event, term.condition)
        )
        return P(event, condition)

    def steps(self) -> tuple[Step, ...]:
        """The interventional probabilities that are computed first, written out, each once."""
        return tuple(dict.fromkeys(steps_of(expand(self.found.estimand))))


class Style(Protocol):
    def write(self, case: Case, scratchpad: bool) -> str: ...


def names() -> tuple[str, ...]:
    """All styles, the published one first, then those with a scratchpad (a program needs none)."""
    plain = (PUBLISHED, *sorted(module.name for module in iter_modules(__path__)))
    return plain + tuple(name + SCRATCHPAD for name in plain if name != "python")


def check(style: str) -> str:
    """``style`` itself. Raises InputError naming an unknown one."""
    if style not in names():
        raise InputError(f"unknown solution style {style!r}: use one of {', '.join(names())}")
    return style


def load(name: str) -> Style:
    return cast(Style, import_module(f"caugym.gym.styles.{name}"))


def number(value: Decimal) -> str:
    """Four decimals, more where the value has more."""
    text = f"{value.normalize():f}"
    whole, _, decimals = text.partition(".")
    shown = f"{whole}.{decimals:0<4}"
    return shown.removeprefix("-") if value == 0 else shown
