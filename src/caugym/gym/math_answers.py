"""The answers of mathematics benchmarks: expressions that are equal in value, judged with the package math-verify."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

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
        """The last boxed expression, else the last one; None where there is none. Never raises."""
        boxed = last_boxed(text[-_LONGEST:])
        found = _parse(text[-_LONGEST:] if boxed is None else rf"\boxed{{{boxed}}}")
        return MathAnswer(str(found[-1]), tuple(found)) if found else None

    def accepts(self, given: object) -> bool:
        if not isinstance(given, MathAnswer) or given.parsed is None:
            return False
        from math_verify import verify

        try:
            return bool(verify(_parse(self.text()), list(given.parsed), timeout_seconds=_limit()))
        except Exception:  # sympy raises anything on what a model wrote
            return False


def last_boxed(text: str) -> str | None:
    """The content of the last ``\\boxed{...}`` with balanced braces, among the last few boxes."""
    for match in reversed(list(_BOX.finditer(text))[-_MOST_BOXES:]):
        depth, start = 1, match.end()
        for place in range(start, len(text)):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            if depth == 0:
                return text[start:place].strip()
    return None


def _parse(text: str) -> list[Any]:
    from math_verify import parse

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    try:
        return list(parse(text, parsing_timeout=_limit()))
    except Exception:  # as above: an answer that cannot be parsed is none
        return []


def _limit() -> int | None:
    """math-verify stops itself by a signal, which only the main thread can receive."""
    import threading

    return _SECONDS if threading.current_thread() is threading.main_thread() else None
