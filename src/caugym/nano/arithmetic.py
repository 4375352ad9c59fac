"""Column arithmetic as nano writes it: signed four-digit numbers in units of 1e-4, lowest digit first.

Digit order decides whether a tiny model learns arithmetic at all, so a number is turned round once, where it
is read, and every operand and result after that runs lowest digit first at a fixed width. Results are written in
rows of four column pairs; a pair holds a whole column, so that each token depends on its neighbours alone:

* sum or difference: one row; where the highest column borrows, the result is the complement of the row, and the sign
  turns: so the larger operand need not be known before the first digit;
* product, one row a multiplier digit d, lowest first: ``[t]`` with t = a_j * d + acc_{j+1} + carry, where the
  tens of t are the carry and the units the new column; acc is the row above, divided by ten (truncated). The
  last row starts with a carry of 5, so that the product is rounded: within 0.6e-4 of the exact one.
* quotient, one row a quotient digit q, highest first: ``[t]`` with the units of t the new remainder's column
  and its tens the borrow. A row whose q was wrong ends in ``x`` and is tried again.
"""

from __future__ import annotations

import random

UNIT = 10_000
Number = int
"""A value in units of 1e-4, between -9999 and 9999."""


class ColumnOverflowError(ArithmeticError):
    """A value does not fit four digits; the worked form cannot be written."""


def clamp(value: Number) -> Number:
    """1.0000 does not fit four digits and is read as 0.9999 (an error of 1e-4, within the answer's tolerance)."""
    return min(value, UNIT - 1)


def digits(value: Number) -> list[int]:
    """Four digits of the absolute value, lowest first."""
    if abs(value) >= UNIT:
        raise ColumnOverflowError(f"{value / UNIT} does not fit four digits")
    return [abs(value) // 10**k % 10 for k in range(4)]


def number(value: Number, negative: bool | None = None) -> str:
    """``=+1767`` for 0.7671. ``negative`` sets the sign of a result that was truncated to zero."""
    sign = value < 0 if negative is None else negative
    return ("=-" if sign else "=+") + _lowest_first(value)


def printed(place: int, value: Number) -> str:
    """``#3=1767`` for 0.7671, the number of the third statement: its place is the key that it is looked up by."""
    return f"#{place}={_lowest_first(value)}"


def _lowest_first(value: Number) -> str:
    return "".join(map(str, digits(value)))


def subtract(a: Number, b: Number) -> tuple[str, Number]:
    """Columns of a - b and the difference; the operands stand before, a first."""
    return "\nsub" + _columns(a, -b) + number(a - b), a - b


def add(a: Number, b: Number) -> tuple[str, Number]:
    """Columns of a + b and the sum; the operands stand before, a first."""
    return "\nadd" + _columns(a, b) + number(a + b), a + b


def _columns(a: Number, b: Number) -> str:
    """Sums of the columns where the signs agree, else differences in the form of :func:`divide`, |a| minus |b|."""
    row, over = [], 0
    for x, y in zip(digits(a), digits(b), strict=True):
        if (a < 0) == (b < 0):
            t = x + y + over
            over = t // 10
        else:
            need = x - y - over
            over = -(need // 10)
            t = 10 * over + need % 10
        row.append(t)
    return "".join(f"[{t:02d}]" for t in row)


def multiply(a: Number, b: Number) -> tuple[str, Number]:
    """Rows of a * b and the rounded product; the operands stand before, a first."""
    columns, row = digits(a), [0, 0, 0, 0, 0]
    text = "\nmul"
    for place, d in enumerate(digits(b)):
        carry, new = 5 if place == 3 else 0, []
        text += str(d)
        for j in range(4):
            t = columns[j] * d + row[j + 1] + carry
            text += f"[{t:02d}]"
            new.append(t % 10)
            carry = t // 10
        row = [*new, carry]
    negative = (a < 0) != (b < 0)
    size = sum(digit * 10**k for k, digit in enumerate(row[1:]))
    return text + number(size, negative), -size if negative else size


def scaled(n: Number, c: Number) -> tuple[Number, Number]:
    """The same quotient n / c < 1 with four digits in c: its first digits are then what a digit is guessed from.

    Raises ColumnOverflowError for c < 1.
    """
    if not 0 <= n < c:
        raise ColumnOverflowError(f"quotient {n} / {c} outside [0, 1)")
    while c < UNIT // 10:
        n, c = 10 * n, 10 * c
    return n, c


def divide(n: Number, c: Number, rng: random.Random | None = None, slips: float = 0.0) -> tuple[str, Number]:
    """Rows of n / c for 0 <= n < c and the truncated quotient. With ``rng``, a digit is first guessed one off
    with probability ``slips``, marked ``x`` and tried again, so that a model learns to recover."""
    if not 0 <= n < c:
        raise ColumnOverflowError(f"quotient {n} / {c} outside [0, 1)")
    text, quotient = "\ndiv", 0
    for _ in range(4):
        true = 10 * n // c
        tries = [true]
        if rng is not None and rng.random() < slips:
            wrong = true + rng.choice((-1, 1))
            tries = [wrong, true] if 0 <= wrong <= 9 else tries
        for q in tries:
            text += str(q) + "".join(f"[{t:02d}]" for t in _remainder_row(n, c, q))
            text += "x" if q != true else ""
        n, quotient = 10 * n - true * c, 10 * quotient + true
    return text, quotient


def _remainder_row(n: Number, c: Number, q: int) -> list[int]:
    shifted, borrow, row = [0, *digits(n)], 0, []
    for j, column in enumerate(digits(c)):
        need = shifted[j] - q * column - borrow
        borrow = -(need // 10)
        row.append(10 * borrow + need % 10)
    return row
