"""Estimands as LaTeX."""

from __future__ import annotations

from collections.abc import Mapping

from caugym.causal.estimand import (
    Constant,
    Difference,
    Expression,
    Max,
    Min,
    P,
    Plus,
    Product,
    Quotient,
    Step,
    Sum,
)


def latex(tree: Expression, names: Mapping[str, str] | None = None) -> str:
    """The tree as LaTeX mathematics, names in roman letters."""

    def name(node: str) -> str:
        shown = node if names is None else names[node]
        return shown if len(shown) == 1 else r"\mathrm{" + shown.replace(" ", r"\ ") + "}"

    def term(item: tuple[str, int | None]) -> str:
        node, value = item
        return name(node).lower() if value is None else f"{name(node)}={value}"

    def probability(p: P) -> str:
        condition = [term(item) for item in p.condition]
        if p.do:
            condition.insert(0, r"\mathrm{do}(" + ", ".join(term(item) for item in p.do) + ")")
        bar = r" \mid " + ", ".join(condition) if condition else ""
        return "P(" + ", ".join(term(item) for item in p.event) + bar + ")"

    def closed(part: Expression, *others: type) -> str:
        return rf"\left[{go(part)}\right]" if isinstance(part, (Difference, Plus, *others)) else go(part)

    def go(part: Expression) -> str:
        match part:
            case P():
                return probability(part)
            case Constant(number):
                return str(number)
            case Step(symbol, _):
                return probability(symbol)
            case Sum(over, body):
                return r"\sum_{" + ", ".join(name(v).lower() for v in over) + "} " + closed(body)
            case Plus(parts):
                return " + ".join(closed(p) for p in parts)
            case Difference(left, right):
                return f"{closed(left, Sum) if isinstance(left, Sum) else go(left)} - {closed(right)}"
            case Product(factors):
                return r" \, ".join(closed(f, Sum) for f in factors)
            case Quotient(numerator, denominator):
                return rf"\frac{{{go(numerator)}}}{{{go(denominator)}}}"
            case Min(parts):
                return r"\min\left\{" + ", ".join(go(p) for p in parts) + r"\right\}"
            case Max(parts):
                return r"\max\left\{" + ", ".join(go(p) for p in parts) + r"\right\}"

    return go(tree)
