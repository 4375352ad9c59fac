"""Estimands as one expression tree: the same tree gives the text, the terms and the number.

The text follows the published worked solutions: ``P(B=1|A=0,C=1)``, ``sum_{A} [..-..]*P(A)``. LaTeX is in ``latex``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import TypeVar

Number = TypeVar("Number", Decimal, float)
Terms = tuple[tuple[str, int | None], ...]
"""Variables with their values; None stands for a value that an enclosing sum runs over."""


@dataclass(frozen=True)
class P:
    """A probability P(event | do(do), condition)."""

    event: Terms
    condition: Terms = ()
    do: Terms = ()

    def text(self, names: Mapping[str, str] | None = None) -> str:
        condition = [_term(term, names) for term in self.condition]
        if self.do:
            condition.insert(0, "do(" + ",".join(_term(term, names) for term in self.do) + ")")
        bar = "|" + ",".join(condition) if condition else ""
        return "P(" + ",".join(_term(term, names) for term in self.event) + bar + ")"

    def at(self, values: Mapping[str, int]) -> P:
        """The term with the summed variables ``values`` filled in."""
        return P(_fill(self.event, values), _fill(self.condition, values), _fill(self.do, values))

    @property
    def facts(self) -> tuple[frozenset[tuple[str, int | None]], frozenset[tuple[str, int | None]]]:
        """Event and condition as sets: equal for two terms that say the same in another order."""
        return frozenset(self.event), frozenset(self.condition)


@dataclass(frozen=True)
class Constant:
    number: int


@dataclass(frozen=True)
class Sum:
    """The sum of ``body`` over all values of the binary variables ``over``."""

    over: tuple[str, ...]
    body: Expression


@dataclass(frozen=True)
class Plus:
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Difference:
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Product:
    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient:
    numerator: Expression
    denominator: Expression


@dataclass(frozen=True)
class Min:
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Max:
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Step:
    """``body``, which the worked solution computes first, rounds and then calls ``name``."""

    name: P
    body: Expression


Expression = P | Constant | Sum | Plus | Difference | Product | Quotient | Min | Max | Step


def _term(term: tuple[str, int | None], names: Mapping[str, str] | None) -> str:
    node, value = term
    name = node if names is None else names[node]
    return name if value is None else f"{name}={value}"


def _fill(terms: Terms, values: Mapping[str, int]) -> Terms:
    return tuple((node, values.get(node) if value is None else value) for node, value in terms)


def text(
    tree: Expression,
    names: Mapping[str, str] | None = None,
    leaf: Callable[[P], str] | None = None,
    brackets: str = "[]",
) -> str:
    """The tree in the published notation. ``leaf`` writes a probability (by default its symbol)."""
    write = leaf or (lambda p: p.text(names))

    def closed(part: Expression, *others: type) -> str:
        needed = isinstance(part, (Difference, Plus, *others))
        return f"{brackets[0]}{go(part)}{brackets[1]}" if needed else go(part)

    def go(part: Expression) -> str:
        match part:
            case P():
                return write(part)
            case Constant(number):
                return str(number)
            case Step(name, _):
                return write(name)
            case Sum(over, body):
                sign = "sum_{" + ",".join(over if names is None else (names[v] for v in over)) + "}"
                return sign + go(body) if isinstance(body, Sum) else f"{sign} {closed(body)}"
            case Plus(parts):
                return "+".join(closed(p) for p in parts)
            case Difference(left, right):
                start = closed(left, Sum) if isinstance(left, Sum) else go(left)
                return f"{start}-{closed(right)}"
            case Product(factors):
                return "*".join(closed(f, Sum) for f in factors)
            case Quotient(numerator, denominator):
                return f"{closed(numerator, Sum)}/{closed(denominator, Sum, Product, Quotient)}"
            case Min(parts):
                return "min{" + ", ".join(go(p) for p in parts) + "}"
            case Max(parts):
                return "max{" + ", ".join(go(p) for p in parts) + "}"

    return go(tree)


@lru_cache(maxsize=512)
def expand(tree: Expression) -> Expression:
    """The tree with every sum written out. Of nested sums the outer one runs fastest (the published order)."""

    def go(part: Expression, values: Mapping[str, int]) -> Expression:
        match part:
            case P():
                return part.at(values)
            case Constant():
                return part
            case Step(name, body):
                return Step(name.at(values), go(body, values))
            case Sum():
                over: list[tuple[str, ...]] = []
                inner: Expression = part
                while isinstance(inner, Sum):
                    over.insert(0, inner.over)
                    inner = inner.body
                order = [node for group in over for node in group]
                return Plus(
                    tuple(
                        go(inner, {**values, **dict(zip(order, chosen, strict=True))})
                        for chosen in product((0, 1), repeat=len(order))
                    )
                )
            case Plus(parts):
                return Plus(tuple(go(p, values) for p in parts))
            case Difference(left, right):
                return Difference(go(left, values), go(right, values))
            case Product(factors):
                return Product(tuple(go(f, values) for f in factors))
            case Quotient(numerator, denominator):
                return Quotient(go(numerator, values), go(denominator, values))
            case Min(parts):
                return Min(tuple(go(p, values) for p in parts))
            case Max(parts):
                return Max(tuple(go(p, values) for p in parts))

    return go(tree, {})


def parts(tree: Expression) -> tuple[Expression, ...]:
    """The expressions directly below the top of the tree."""
    match tree:
        case P() | Constant():
            return ()
        case Sum(_, body) | Step(_, body):
            return (body,)
        case Plus(parts) | Min(parts) | Max(parts) | Product(parts):
            return parts
        case Difference(a, b) | Quotient(a, b):
            return a, b


def free(tree: Expression) -> frozenset[str]:
    """The variables without a value that no sum of the tree runs over."""
    match tree:
        case P(event, condition, do):
            return frozenset(node for node, number in (*event, *condition, *do) if number is None)
        case Step(name, body):
            return free(name) | free(body)
        case Sum(over, body):
            return free(body) - set(over)
        case _:
            return frozenset().union(*(free(part) for part in parts(tree)))


def bind(tree: Expression, values: Mapping[str, int]) -> Expression:
    """The tree with ``values`` in the place of its free variables."""
    match tree:
        case P():
            return tree.at(values)
        case Constant():
            return tree
        case Step(name, body):
            return Step(name.at(values), bind(body, values))
        case Sum(over, body):
            return Sum(over, bind(body, {node: v for node, v in values.items() if node not in over}))
        case Difference(a, b):
            return Difference(bind(a, values), bind(b, values))
        case Quotient(a, b):
            return Quotient(bind(a, values), bind(b, values))
        case Plus(several) | Product(several) | Min(several) | Max(several):
            return type(tree)(tuple(bind(part, values) for part in several))


def width(tree: Expression) -> int:
    """The largest number of variables that sums run over at once; written out, the tree has 2 ** width parts."""
    below = max(map(width, parts(tree)), default=0)
    return below + len(tree.over) if isinstance(tree, Sum) else below


def steps_of(tree: Expression) -> Iterator[Step]:
    """The Steps of the tree, which are computed first."""
    if isinstance(tree, Step):
        yield tree
    for part in parts(tree):
        yield from steps_of(part)


def leaves(tree: Expression) -> Iterator[P]:
    """The probabilities that the number needs, in the order of the written-out tree and as often as it names them."""

    def go(part: Expression) -> Iterator[P]:
        match part:
            case P():
                yield part
            case Step(_, body):
                yield from go(body)
            case Plus(parts) | Min(parts) | Max(parts) | Product(parts):
                for p in parts:
                    yield from go(p)
            case Difference(a, b) | Quotient(a, b):
                yield from go(a)
                yield from go(b)

    return go(expand(tree))


@lru_cache(maxsize=512)
def terms(tree: Expression) -> tuple[P, ...]:
    """``leaves``, each once."""
    return tuple(dict.fromkeys(leaves(tree)))


def value(tree: Expression, lookup: Callable[[P], Number], places: int | None = None) -> Number:
    """The tree's number; ``lookup`` gives each probability. With ``places``, every Step is rounded to so many.

    Raises ZeroDivisionError when a denominator is 0 (a decimal's own exception is a subclass of it).
    """

    def go(part: Expression) -> Number:
        match part:
            case P():
                return lookup(part)
            case Constant(number):
                return number  # type: ignore[return-value]  # exact in either kind of number
            case Step(_, body):
                return go(body) if places is None else round(go(body), places)
            case Plus(parts):
                return sum(go(p) for p in parts)  # type: ignore[return-value]
            case Difference(left, right):
                return go(left) - go(right)
            case Product(factors):
                result = go(factors[0])
                for factor in factors[1:]:
                    result *= go(factor)
                return result
            case Quotient(numerator, denominator):
                return go(numerator) / go(denominator)
            case Min(parts):
                return min(go(p) for p in parts)
            case Max(parts):
                return max(go(p) for p in parts)
            case Sum():
                raise AssertionError("sums are written out before")

    return go(expand(tree))
