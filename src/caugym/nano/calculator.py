"""Calculator mode: the model writes what to compute, the runtime writes the result.

Where the worked form names an operation (``sub``, ``add``, ``mul``, ``div``), its rows and its result follow exactly
from the two numbers written before it, and are put in as if the model had written them. What to read, which
numbers to combine and what follows remain the model's, so that the difference to its own arithmetic separates causal
errors from slips.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from caugym.nano import arithmetic
from caugym.nano.arithmetic import ColumnOverflowError, Number

OPERATIONS: dict[str, Callable[[Number, Number], tuple[str, Number]]] = {
    "\nsub": arithmetic.subtract,
    "\nadd": arithmetic.add,
    "\nmul": arithmetic.multiply,
    "\ndiv": arithmetic.divide,
}
_NUMBER = re.compile(r"=([+-]?)(\d{4})(?!\d)")
_LOOK_BACK = 160
"""Tokens that hold the two operands for certain."""


class Calculator:
    """For :func:`caugym.evaluation.backends.decode.decode`; ``tokenizer`` is nano's."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self.operations = {vocabulary[name.replace("\n", "Ċ")]: name for name in OPERATIONS}

    @property
    def triggers(self) -> set[int]:
        return set(self.operations)

    def result(self, ids: list[int]) -> list[int]:
        """Tokens to put in behind ``ids``, whose last one names an operation; none where it cannot be computed."""
        numbers = _NUMBER.findall(self.tokenizer.decode(ids[-_LOOK_BACK:-1]))
        if len(numbers) < 2:
            return []
        text = computed(self.operations[ids[-1]], *(signed(*number) for number in numbers[-2:]))
        return [] if text is None else list(self.tokenizer(text)["input_ids"])


def computed(operation: str, a: Number, b: Number) -> str | None:
    """What the worked form writes behind ``operation``; None where the result does not fit its columns."""
    try:
        return OPERATIONS[operation](a, b)[0].removeprefix(operation)
    except ColumnOverflowError:
        return None


def signed(sign: str, digits: str) -> Number:
    """The number of a sign, which a printed one lacks, and digits, lowest first."""
    size = int(digits[::-1])
    return -size if sign == "-" else size
