"""Arithmetic spelled out digit by digit, with carries and borrows, as on paper.

Numbers are decimals; each operation is written on the integers without the point, and the point is set in the last
line. Every line states an equation that holds, so each can be checked by itself.
"""

from __future__ import annotations

from decimal import Decimal

from caugym.gym.styles import number


def spell(sign: str, left: Decimal, right: Decimal, places: int) -> list[str]:
    """The lines of ``left`` sign ``right``: ``+``, ``-`` and ``*`` exactly, ``/`` to ``places`` decimals, rounded.

    Raises ValueError for another sign, ZeroDivisionError for a division by zero.
    """
    match sign:
        case "+" | "-":
            return _add(left, right if sign == "+" else -right)
        case "*":
            return _multiply(left, right)
        case "/":
            return _divide(left, right, places)
    raise ValueError(f"unknown operation {sign!r}: one of + - * /")


def _add(left: Decimal, right: Decimal) -> list[str]:
    decimals = max(_decimals(left), _decimals(right))
    a, b = _whole(left, decimals), _whole(right, decimals)
    if (a < 0) == (b < 0):
        lines, total = _column_sum(abs(a), abs(b))
        return [*lines, f"{'both are negative: ' if a < 0 else ''}{_pointed(total if a >= 0 else -total, decimals)}"]
    larger, smaller = max(abs(a), abs(b)), min(abs(a), abs(b))
    lines, rest = _column_difference(larger, smaller)
    negative = a + b < 0
    return [*lines, f"{'the larger one is negative: ' if negative else ''}{_pointed(a + b if rest else 0, decimals)}"]


def _multiply(left: Decimal, right: Decimal) -> list[str]:
    decimals = _decimals(left) + _decimals(right)
    a, b = abs(_whole(left, _decimals(left))), abs(_whole(right, _decimals(right)))
    lines, total = [f"{a} * {b}, {decimals} decimals"], 0
    for power, digit in enumerate(reversed(str(b))):
        if digit == "0" and b:
            continue
        steps, row = _row(a, int(digit))
        shifted = row * 10**power
        lines.append(f"{a} * {int(digit) * 10**power}: {steps} -> {shifted}")
        if total:
            more, total = _column_sum(total, shifted)
            lines += more
        else:
            total = shifted
    negative = (left < 0) != (right < 0) and total
    note = "one factor is negative: " if negative else ""
    return [*lines, note + _pointed(-total if negative else total, decimals)]


def _row(a: int, digit: int) -> tuple[str, int]:
    """``a`` times one digit, from the right: each column's product plus the carry."""
    carry, steps = 0, []
    for column in reversed(str(a)):
        product = int(column) * digit + carry
        added = f"+{carry}" if carry else ""
        kept = f" write {product % 10} carry {product // 10}" if product > 9 else ""
        steps.append(f"{column}*{digit}{added}={product}{kept}")
        carry = product // 10
    return "; ".join(steps), a * digit


def _divide(left: Decimal, right: Decimal, places: int) -> list[str]:
    """Long division, one digit of the quotient a line, and one digit more than ``places`` to round by."""
    if right == 0:
        raise ZeroDivisionError("division by zero")
    decimals = max(_decimals(left), _decimals(right))
    a, b = abs(_whole(left, decimals)), abs(_whole(right, decimals))
    quotient, rest = divmod(a, b)
    lines = [f"{a} : {b} = {quotient} rest {rest}"]
    for _ in range(places + 1):
        if rest == 0:
            break
        digit, after = divmod(10 * rest, b)
        lines.append(f"{10 * rest} : {b} = {digit} rest {after} ({digit} * {b} = {digit * b})")
        rest = after
    rounded = round(left / right, places)
    return [*lines, f"{'one of them is negative: ' if rounded < 0 else ''}{number(rounded)}"]


def _column_sum(a: int, b: int) -> tuple[list[str], int]:
    width, carry, steps = max(len(str(a)), len(str(b))), 0, []
    for x, y in zip(reversed(f"{a:0{width}}"), reversed(f"{b:0{width}}"), strict=True):
        total = int(x) + int(y) + carry
        added = f"+{carry}" if carry else ""
        steps.append(f"{x}+{y}{added}={total}" + (f" write {total % 10} carry 1" if total > 9 else ""))
        carry = total // 10
    return [f"{a} + {b}: {'; '.join(steps)} -> {a + b}"], a + b


def _column_difference(a: int, b: int) -> tuple[list[str], int]:
    """For a >= b >= 0, from the right; a column too small borrows ten."""
    width, borrow, steps = len(str(a)), 0, []
    for x, y in zip(reversed(f"{a:0{width}}"), reversed(f"{b:0{width}}"), strict=True):
        top, taken = int(x), f"-{borrow}" if borrow else ""
        short = top - int(y) - borrow < 0
        rest = top + (10 if short else 0) - int(y) - borrow
        steps.append(f"{x}{'+10' if short else ''}-{y}{taken}={rest}" + (" borrow 1" if short else ""))
        borrow = int(short)
    return [f"{a} - {b}: {'; '.join(steps)} -> {a - b}"], a - b


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _whole(value: Decimal, decimals: int) -> int:
    return int(value.scaleb(decimals))


def _pointed(total: int, decimals: int) -> str:
    return number(Decimal(total).scaleb(-decimals))
