"""Numbers as models write them, read without evaluating anything."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

_FRAC = re.compile(r"\\[dt]?frac\s?(?:\{([^{}]{1,40})\}\s?\{([^{}]{1,40})\}|(\d)\s?(\d)(?!\d))")
_TIMES_TEN = re.compile(r"\s*(?:[×·x*]|\\times|\\cdot)\s*10\s*(?:\^|\*\*)\s*\{?\s*([+-]?\d{1,3})\s*\}?$")
_ABOUT = re.compile(r"^(?:(?:about|approximately|approx\.?|roughly|exactly|at least|at most)\s+|[<>]=?\s*|[≥≤])+", re.I)
_MINUS = re.compile(r"^(?:minus|negative)\s+(?=[\d.])", re.IGNORECASE)
_COMPARED = re.compile(r"\s*(?:[<>≥≤≠]=?|\\(?:gt|lt|geq?|leq?|neq?)\b)\s*0(?:\.0*)?$")
_REMARK = re.compile(r"\s*\(([^()]{1,60})\)$")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ASCII = str.maketrans(
    dict.fromkeys("−–—‐‑‒―﹣－⁻➖", "-")
    | {"⁄": "/", "∕": "/"}
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff")  # characters without width
)
_SAME = Decimal("0.0005")
_MARKS = " \t\r\n$*~\"'`{}\\"


def read_number(text: str) -> Decimal | None:
    """A decimal, scientific, percent or fraction number; after the last "=" where there is one. None otherwise.

    A remark in parentheses behind the number and a comparison with zero are passed over: "0.12 (approx.)", "0.12 > 0".
    A remark that is another number makes it none.
    """
    if len(text) > 1000:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_ASCII)).translate(_ASCII)
    text = _FRAC.sub(lambda match: f"{match[1] or match[3]}/{match[2] or match[4]}", text)
    text = _after_equals(text)
    text = _unwrapped(_COMPARED.sub("", text.replace("\\%", "%").strip(_MARKS)))
    remark = _REMARK.search(text)
    value = _value(text[: remark.start()] if remark else text)
    if remark and value is not None:
        again = read_number(remark[1])
        return value if again is None or abs(again - value) <= _SAME else None
    return value


def _after_equals(text: str) -> str:
    """What follows the last sign of equality that does not stand inside parentheses, as in P(Y|X=0)."""
    for sign in ("=", "≈", "\\approx"):
        before, found, after = text.rpartition(sign)
        if found and before[-1:] in ("<", ">"):
            continue
        if after.count(")") <= after.count("("):
            text = after
    return text


def _unwrapped(text: str) -> str:
    text = text.strip(_MARKS)
    while len(text) > 2 and (text[0], text[-1]) in (("(", ")"), ("[", "]")):
        text = text[1:-1].strip(_MARKS)
    return text


def _value(text: str) -> Decimal | None:
    text = _MINUS.sub("-", _ABOUT.sub("", text.strip()))
    for unit in ("percentage points", "percent"):
        if text.endswith(unit):
            text = text[: -len(unit)].rstrip() + "%"
    percent = text.endswith("%")
    text = text.rstrip("% ").rstrip(".") if percent else text.rstrip(".")
    power = 0
    if times := _TIMES_TEN.search(text):
        text, power = text[: times.start()], int(times[1])
    if text.startswith(("- ", "+ ")):
        text = text[0] + text[2:]
    if re.fullmatch(r"[+-]?0,\d+", text):
        text = text.replace(",", ".")
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > 2 or not all(len(part) <= 400 and _NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        value = Decimal(parts[0]) if len(parts) == 1 else Decimal(parts[0]) / Decimal(parts[1])
        value = value.scaleb(power) / (100 if percent else 1)
        return value if value.adjusted() <= 20 else None
    except (InvalidOperation, ArithmeticError):
        return None
