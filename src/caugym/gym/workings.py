"""The calculation of an estimand as elementary operations, one a line, optionally spelled out digit by digit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

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
    expand,
)
from caugym.gym.conventions import PLACES
from caugym.gym.scratchpad import spell
from caugym.gym.styles import number

DIGITS = (PLACES + 2, PLACES + 4, PLACES + 8)
"""Decimals to which each result is rounded: the first that lead to the same answer as exact arithmetic."""

_SIGNS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def workings(
    tree: Expression,
    lookup: Callable[[P], Decimal],
    places: int | None,
    target: Decimal,
    symbol: Callable[[P], str],
    scratchpad: bool = False,
) -> list[str]:
    """The lines of the calculation: "0.7478 * 0.4189 = 0.313253", each result rounded to a few decimals more than the
    answer's. ``target`` is the tree's value by exact arithmetic, ``places`` rounds each Step as in ``estimand.value``.
    """
    for digits in DIGITS:
        lines, value = _lines(tree, lookup, places, digits, symbol, scratchpad)
        if round(value, PLACES) == round(target, PLACES):
            break
    return lines


def _lines(
    tree: Expression,
    lookup: Callable[[P], Decimal],
    places: int | None,
    digits: int,
    symbol: Callable[[P], str],
    scratchpad: bool,
) -> tuple[list[str], Decimal]:
    lines: list[str] = []
    done: dict[Step, Decimal] = {}

    def operate(sign: str, left: Decimal, right: Decimal) -> Decimal:
        exact = _SIGNS[sign](left, right)
        result = round(exact, digits)
        equals = "=" if result == exact else "~="
        shown = f"({number(right)})" if right < 0 else number(right)
        lines.append(f"{number(left)} {sign} {shown} {equals} {number(result)}")
        if scratchpad:
            lines.extend("  " + line for line in spell(sign, left, right, digits))
        return result

    def chain(sign: str, parts: tuple[Expression, ...]) -> Decimal:
        result, *rest = [go(part) for part in parts]
        for right in rest:
            result = operate(sign, result, right)
        return result

    def go(part: Expression) -> Decimal:
        match part:
            case P():
                return lookup(part)
            case Constant(whole):
                return Decimal(whole)
            case Step(name, body):
                if part not in done:
                    value = go(body)
                    done[part] = value if places is None else round(value, places)
                    lines.append(f"so {symbol(name)} {'=' if done[part] == value else '~='} {number(done[part])}")
                return done[part]
            case Plus(parts):
                return chain("+", parts)
            case Product(factors):
                return chain("*", factors)
            case Difference(left, right):
                return operate("-", go(left), go(right))
            case Quotient(numerator, denominator):
                return operate("/", go(numerator), go(denominator))
            case Min(parts) | Max(parts):
                values = [go(p) for p in parts]
                word, best = ("min", min(values)) if isinstance(part, Min) else ("max", max(values))
                lines.append(f"{word}{{{', '.join(map(number, values))}}} = {number(best)}")
                return best
            case Sum():
                raise AssertionError("sums are written out before")

    return lines, go(expand(tree))
