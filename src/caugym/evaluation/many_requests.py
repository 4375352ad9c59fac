"""Ask before a command sends a server many requests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from caugym.errors import InputError

if TYPE_CHECKING:
    from caugym.evaluation.summary import Prices

MANY_REQUESTS = 1000
CHARACTERS_PER_TOKEN, SECONDS_PER_REQUEST = 4, 10


def ask_before_many(
    requests: int,
    prompt_characters: int,
    max_new_tokens: int,
    concurrency: int,
    yes: bool,
    smaller: str,
    prices: Prices | None = None,
) -> None:
    """Say what more than :data:`MANY_REQUESTS` requests may take, and ask; ``yes`` is the answer where it is given.

    ``prompt_characters`` counts those of all requests, ``smaller`` says how to make fewer. Raises InputError where
    nobody can answer or the answer is no.
    """
    if requests <= MANY_REQUESTS or yes:
        return
    prompt_tokens, tokens = prompt_characters // CHARACTERS_PER_TOKEN, requests * max_new_tokens
    hours = requests * SECONDS_PER_REQUEST / max(concurrency, 1) / 3600
    cost = "unknown without prices" if prices is None else f"{prices.cost(prompt_tokens, tokens):.2f} at most"
    estimate = (
        f"{requests:,} requests, about {prompt_tokens:,} prompt tokens and at most {tokens:,} new ones; cost {cost}; "
        f"about {hours:.1f} hours at {SECONDS_PER_REQUEST} s a request"
    )
    if not sys.stdin.isatty():
        raise InputError(f"{estimate}; add --yes to make them")
    if not typer.confirm(f"{estimate}. Make them?", err=True):
        raise InputError(f"nothing was asked; {smaller}")
