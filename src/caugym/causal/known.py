"""Given probabilities, and what follows from them by the rules of probability alone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import product

from caugym.causal.estimand import P

Facts = frozenset[tuple[str, int | None]]
Seen = frozenset[tuple[Facts, Facts]]


class MissingProbability(LookupError):
    """A probability that does not follow from the known ones; ``term`` is the one."""

    def __init__(self, term: P) -> None:
        super().__init__(f"{term.text()} does not follow from the given probabilities")
        self.term = term


class Known:
    """Probabilities that are given, and those that follow from them by the rules of probability.

    Called with a term it returns the given number; else one minus the other outcomes' numbers; else
    the sum over one more variable (total probability); else the product of a chain. Raises
    MissingProbability when none of these leads to given numbers.
    """

    def __init__(self, given: Mapping[P, Decimal]) -> None:
        self._given = {term.facts: number for term, number in given.items()}
        self._nodes = sorted({node for event, condition in self._given for node, _ in event | condition})

    def __call__(self, term: P) -> Decimal:
        number = self._find(*term.facts, frozenset())
        if number is None:
            raise MissingProbability(term)
        return number

    def _find(self, event: Facts, condition: Facts, seen: Seen) -> Decimal | None:
        key = (event, condition)
        if key in self._given:
            return self._given[key]
        if key in seen:
            return None
        seen = seen | {key}
        for rule in (self._complement, self._total, self._chain):
            number = rule(event, condition, seen)
            if number is not None:
                return number
        return None

    def _complement(self, event: Facts, condition: Facts, seen: Seen) -> Decimal | None:
        nodes = sorted(node for node, _ in event)
        numbers = [
            self._given.get((other, condition))
            for values in product((0, 1), repeat=len(nodes))
            if (other := frozenset(zip(nodes, values, strict=True))) != event
        ]
        if None in numbers:
            return None
        return 1 - sum((number for number in numbers if number is not None), Decimal(0))

    def _total(self, event: Facts, condition: Facts, seen: Seen) -> Decimal | None:
        named = {node for node, _ in event | condition}
        for node in self._nodes:
            if node in named:
                continue
            parts = [self._find(event | {(node, v)}, condition, seen) for v in (0, 1)]
            if None not in parts:
                return sum((p for p in parts if p is not None), Decimal(0))
        return None

    def _chain(self, event: Facts, condition: Facts, seen: Seen) -> Decimal | None:
        if len(event) < 2:
            return None
        for first in sorted(event):
            rest = event - {first}
            front = self._find(frozenset({first}), condition | rest, seen)
            back = None if front is None else self._find(rest, condition, seen)
            if front is not None and back is not None:
                return front * back
        return None
