"""Thinking that a chat template opens: the completion begins within it and holds the closing tag at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from caugym.gym.thinking import opening_tag

TAIL = 32
"""Tokens that an opening tag and the white space behind it fit in."""


def opened_thinking(tokenizer: Any, prompt: Sequence[int]) -> str:
    """The opening tag that the prompt's tokens end in, to stand before the completion; "" where they end in none.

    Also "" where the tag is a special token: the closing one is then left out of the completion's text, and the
    thinking would never end.
    """
    tag = opening_tag(tokenizer.decode(list(prompt[-TAIL:])))
    added = getattr(tokenizer, "added_tokens_decoder", {}) if tag else {}
    return "" if any(token.special and token.content == tag.rstrip() for token in added.values()) else tag
