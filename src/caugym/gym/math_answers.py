"""The answers of mathematics benchmarks: expressions that are equal in value, judged with the package math-verify."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from caugym.gym.extraction import is_negated

_LONGEST = 20_000
"""Characters at the end of a completion in which its answer is looked for."""
_SECONDS, _MOST_BOXES = 5, 20
_BOX = re.compile(r"\\boxed\s?\{")


@dataclass(frozen=True)
class MathAnswer:
    """An expression in LaTeX. Equality of two answers is math-verify's, never that of their texts."""

    latex: str
    parsed: Any = field(default=None, compare=False, repr=False)

    def text(self) -> str:
        return rf"\boxed{{{self.latex}}}"

    def read(self, text: str) -> MathAnswer | None:
        """The last boxed expression, without any box the last one; None where there is none. Never raises."""
        end = text[-_LONGEST:]
        boxed = last_boxed(end)
        if boxed is None and _BOX.search(end):
            return None  # empty, denied or cut off
        found = _parse(end if boxed is None else rf"\boxed{{{boxed}}}")
        return MathAnswer(str(found[-1]), tuple(found)) if found else None

    def accepts(self, given: object) -> bool:
        if not isinstance(given, MathAnswer) or given.parsed is None:
            return False
        from math_verify import verify

        _warm()
        try:
            return bool(verify(_parse(self.text()), list(given.parsed), timeout_seconds=_limit()))
        except Exception:  # sympy raises anything on what a model wrote
            return False


def last_boxed(text: str) -> str | None:
    """The content of the last ``\\boxed{...}`` with balanced braces, among the last few boxes; one that is empty or
    said to be not the answer is passed over."""
    for match in reversed(list(_BOX.finditer(text))[-_MOST_BOXES:]):
        if is_negated(text, match.start()):
            continue
        depth, start = 1, match.end()
        for place in range(start, len(text)):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            if depth == 0 and (content := text[start:place].strip()):
                return content
            if depth == 0:
                break
    return None


def _parse(text: str) -> list[Any]:
    from math_verify import parse

    _warm()
    try:
        return list(parse(text, parsing_timeout=_limit()))
    except Exception:  # as above: an answer that cannot be parsed is none
        return []


@cache
def _warm() -> None:
    """The first call loads the grammar, which may take seconds and is no fault of the expression's."""
    from math_verify import parse, verify

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    half = parse(r"\boxed{\frac{1}{2}}", parsing_timeout=None)
    verify(half, half, timeout_seconds=None)


def _limit() -> int | None:
    """math-verify stops itself by a signal, which only the main thread can receive."""
    import threading

    return _SECONDS if threading.current_thread() is threading.main_thread() else None
