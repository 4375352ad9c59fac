"""Numbers as models write them, read without evaluating anything."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

_FRAC = re.compile(r"\\[dt]?frac\s?\{([^{}]{1,40})\}\s?\{([^{}]{1,40})\}")
_ABOUT = re.compile(r"^(?:about|approximately|approx\.?|roughly)\s+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ASCII = str.maketrans({"⁄": "/", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "－": "-"})


def read_number(text: str) -> Decimal | None:
    """A decimal, scientific, percent or fraction number; after the last "=" where there is one. None otherwise."""
    if len(text) > 1000:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_ASCII)).translate(_ASCII)
    text = _FRAC.sub(r"\1/\2", text)
    for sign in ("=", "≈", "\\approx"):
        text = text.rpartition(sign)[2]
    text = _ABOUT.sub("", text.replace("\\%", "%").strip(" \t\r\n$*~\"'`()[]{}\\"))
    if text.endswith("percent"):
        text = text[:-7].rstrip() + "%"
    percent = text.endswith("%")
    text = text.rstrip("% ").rstrip(".") if percent else text.rstrip(".")
    if text.startswith(("- ", "+ ")):
        text = text[0] + text[2:]
    if re.fullmatch(r"[+-]?0,\d+", text):
        text = text.replace(",", ".")
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > 2 or not all(len(part) <= 400 and _NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        value = Decimal(parts[0]) if len(parts) == 1 else Decimal(parts[0]) / Decimal(parts[1])
        value = value / 100 if percent else value
        return value if value.adjusted() <= 20 else None
    except (InvalidOperation, ArithmeticError):
        return None
