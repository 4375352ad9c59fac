"""A question in the form that nano was trained on: numbers of four decimals, and a request for the answer's form."""

from __future__ import annotations

import re
from decimal import Decimal

from caugym.gym.wording import published

_DECIMAL = re.compile(r"(?<![\w.,])0?\.\d+(?!\w|[.,]\d|\s?%|\s?percent)")
_PERCENT = re.compile(r"(?<![\w.,])(\d{1,2}(?:\.\d{1,2})?|100)\s?(?:%|percent\b)")
_BOUND = re.compile(
    r"probabilit(?:y|ies) of (?:necessity|sufficiency)|\b(?:lower|upper) bound"
    r"|\b(?:minimum|maximum|minimal|maximal|least|smallest|largest|lowest|highest) (?:possible |conceivable )?"
    r"(?:value|probability|chance|likelihood)",
    re.IGNORECASE,
)


def asked(question: str) -> str:
    """``question`` with each probability as 0.1234, and with the published request where it asks for no JSON."""
    text = _PERCENT.sub(lambda found: f"{Decimal(found[1]) / 100:.4f}", question)
    text = _DECIMAL.sub(lambda found: f"{Decimal(found[0]):.4f}", text)
    if "json" in text.lower():
        return text
    return f"{text.rstrip()}\n{published.request('PN' if _BOUND.search(text) else 'ATE')}"
