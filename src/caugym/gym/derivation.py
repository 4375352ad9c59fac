"""Which probabilities follow from the printed ones, by exact rules alone.

The printed number comes first, then its complement, then equality by d-separation in the stated graph, then the chain
rule, the quotient and total probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain, product

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.gym.problem import Given

Values = frozenset[tuple[str, int]]
DEPTH = 3
"""How many rules may be applied one upon another. Published and generated problems need two."""


@dataclass(frozen=True)
class Term:
    """P(event | condition)."""

    event: Values
    condition: Values = frozenset()

    @classmethod
    def of(cls, event: Iterable[tuple[str, int]], condition: Iterable[tuple[str, int]] = ()) -> Term:
        return cls(frozenset(event), frozenset(condition))

    @classmethod
    def from_p(cls, p: P) -> Term:
        """A leaf of a written-out estimand, whose variables all have values."""
        event, condition = (frozenset((v, i) for v, i in part if i is not None) for part in (p.event, p.condition))
        return cls(event, condition)

    @property
    def nodes(self) -> frozenset[str]:
        return frozenset(node for node, _ in self.event | self.condition)


class MissingProbability(LookupError):
    """A probability that does not follow from the printed ones; ``term`` is the one."""

    def __init__(self, term: P) -> None:
        super().__init__(f"{term.text()} does not follow from the given probabilities")
        self.term = term


@dataclass(frozen=True)
class Derived:
    """A probability's value and, unless it is printed, the rule and the terms it follows from."""

    value: Decimal
    rule: str = "printed"
    sources: tuple[Term, ...] = ()


class Knowledge:
    """All that the givens of one problem tell. Lookups are remembered."""

    def __init__(self, givens: Iterable[Given], graph: DAG) -> None:
        self.graph = graph
        self.printed: Mapping[Term, Decimal] = {Term.of(given.event, given.condition): given.value for given in givens}
        self._values: dict[P, Decimal] = {}
        self._found: dict[tuple[Term, int], Derived | None] = {}

    @cached_property
    def _printed_nodes(self) -> set[frozenset[str]]:
        return {term.nodes for term in self.printed}

    @cached_property
    def _printed_events(self) -> set[frozenset[str]]:
        return {frozenset(node for node, _ in term.event) for term in self.printed}

    @cached_property
    def _variables(self) -> list[str]:
        return sorted(frozenset().union(*self._printed_nodes))

    def __call__(self, p: P) -> Decimal:
        """The value of an estimand's leaf. Raises MissingProbability where the printed ones do not determine it."""
        if p not in self._values:
            derived = self.find(Term.from_p(p))
            if derived is None:
                raise MissingProbability(p)
            self._values[p] = derived.value
        return self._values[p]

    def missing(self, needed: Iterable[P]) -> tuple[P, ...]:
        """Those that do not follow, without the second of two that give each other by complement."""
        kept: dict[Term, P] = {}
        for p in needed:
            term = Term.from_p(p)
            flipped = Term(_flip(term.event), term.condition)
            if self.find(term) is None and (len(term.event) > 1 or flipped not in kept):
                kept[term] = p
        return tuple(kept.values())

    def find_printed(self, term: Term) -> Derived | None:
        """The term's printed value, or one minus the printed values of all other outcomes."""
        value = self.printed.get(term)
        if value is not None:
            return Derived(value)
        if len(term.event) == 1:
            other = Term(_flip(term.event), term.condition)
            value = self.printed.get(other)
            return None if value is None else Derived(1 - value, "complement", (other,))
        if frozenset(node for node, _ in term.event) not in self._printed_events:
            return None
        nodes = sorted(node for node, _ in term.event)
        outcomes = (frozenset(zip(nodes, values, strict=True)) for values in product((0, 1), repeat=len(nodes)))
        others = tuple(Term(event, term.condition) for event in outcomes if event != term.event)
        if nodes and all(other in self.printed for other in others):
            total = sum((self.printed[other] for other in others), Decimal(0))
            return Derived(1 - total, "complement", others)
        return None

    def find(self, term: Term, depth: int = DEPTH) -> Derived | None:
        """The term's value, or None where the printed probabilities do not determine it."""
        printed = self.find_printed(term)
        if printed is not None:
            return printed
        if not term.event:
            return Derived(Decimal(1), "certain")
        if (term, depth) not in self._found:
            self._found[term, depth] = self._derive(term, depth)
        return self._found[term, depth]

    def trace(self, term: Term, depth: int = DEPTH) -> dict[Term, Derived]:
        """``term`` and all that it follows from, down to the printed numbers; each after what it follows from.

        Raises MissingProbability where the printed probabilities do not determine it.
        """
        derived = self.find(term, depth)
        if derived is None:
            raise MissingProbability(P(tuple(sorted(term.event)), tuple(sorted(term.condition))))
        known: dict[Term, Derived] = {}
        for source in derived.sources:
            known |= self.trace(source, max(depth - 1, 0))
        return {**known, term: derived}

    def _derive(self, term: Term, depth: int) -> Derived | None:
        if depth == 0 or not self.printed:
            return None
        equal = next(self.equal(term), None)
        nodes = term.nodes
        if equal is not None or not any(nodes <= printed for printed in self._printed_nodes):
            return equal  # the rules below always lead to a printed term with all of this one's variables
        rules = chain(
            self._complement(term, depth - 1),
            self._chain(term, depth - 1),
            self._quotient(term, depth - 1),
            self._total(term, depth - 1),
            self._remainder(term, depth - 1),
        )
        return next(rules, None)

    def _complement(self, term: Term, depth: int) -> Iterator[Derived]:
        """P(a=1 | c) = 1 - P(a=0 | c)."""
        if len(term.event) == 1:
            flipped = Term(_flip(term.event), term.condition)
            if known := self.find(flipped, depth):
                yield Derived(1 - known.value, "complement", (flipped,))

    def _chain(self, term: Term, depth: int) -> Iterator[Derived]:
        """P(a, b | c) = P(a | b, c) P(b | c)."""
        if len(term.event) < 2:
            return
        for last in sorted(term.event):
            rest = term.event - {last}
            first, second = Term(rest, term.condition | {last}), Term(frozenset({last}), term.condition)
            if (a := self.find(first, depth)) and (b := self.find(second, depth)):
                yield Derived(a.value * b.value, "chain rule", (first, second))

    def _quotient(self, term: Term, depth: int) -> Iterator[Derived]:
        """P(a | b, c) = P(a, b | c) / P(b | c)."""
        for given in sorted(term.condition):
            rest = term.condition - {given}
            joint, marginal = Term(term.event | {given}, rest), Term(frozenset({given}), rest)
            if (a := self.find(joint, depth)) and (b := self.find(marginal, depth)) and b.value:
                yield Derived(a.value / b.value, "quotient", (joint, marginal))

    def _total(self, term: Term, depth: int) -> Iterator[Derived]:
        """P(a | c) = P(a, z=0 | c) + P(a, z=1 | c)."""
        taken = {node for node, _ in term.event | term.condition}
        for z in self._variables:
            if z in taken:
                continue
            parts = tuple(Term(term.event | {(z, value)}, term.condition) for value in (0, 1))
            if (a := self.find(parts[0], depth)) and (b := self.find(parts[1], depth)):
                yield Derived(a.value + b.value, "total probability", parts)

    def _remainder(self, term: Term, depth: int) -> Iterator[Derived]:
        """P(a, b=1 | c) = P(a | c) - P(a, b=0 | c)."""
        if len(term.event) < 2:
            return
        for last in sorted(term.event):
            rest = term.event - {last}
            whole, other = Term(rest, term.condition), Term(rest | _flip(frozenset({last})), term.condition)
            if (a := self.find(whole, depth)) and (b := self.find(other, depth)):
                yield Derived(a.value - b.value, "remainder", (whole, other))

    def equal(self, term: Term) -> Iterator[Derived]:
        """P(a | c) = P(a | d) where the graph says that ``a`` depends on what c and d share alone."""
        events = {node for node, _ in term.event}
        for printed in self.printed:
            if {node for node, _ in printed.event} != events:
                continue
            other = Term(term.event, printed.condition)
            shared = {node for node, _ in term.condition & other.condition}
            apart = [{node for node, _ in condition} - shared for condition in (term.condition, other.condition)]
            independent = all(not rest or self.graph.d_separated(events, rest, shared) for rest in apart)
            if independent and (known := self.find_printed(other)) is not None:
                yield Derived(known.value, "independence in the graph", (other,))


def _flip(values: Values) -> Values:
    return frozenset((node, 1 - value) for node, value in values)
