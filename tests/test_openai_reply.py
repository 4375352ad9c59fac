"""What is made of a server's replies and of its headers."""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from caugym.evaluation.backends.openai_reply import read_reply, requested_wait


def reply(message: Any, reason: str | None = "stop") -> str:
    return json.dumps({"choices": [{"message": message, "finish_reason": reason}]})


@pytest.mark.parametrize(
    ("message", "reason", "text", "read_reason"),
    [
        ({"content": ""}, "stop", "", "stop"),
        ({"content": None}, "length", "", "length"),
        ({"content": "x"}, None, "x", "stop"),
        ({"content": None, "refusal": "I cannot."}, "stop", "I cannot.", "stop"),
        ({"content": None, "reasoning_content": "So 0.5 is it."}, "stop", "", "stop"),
        ({"content": None, "reasoning": "So 0.5 is it."}, None, "", "stop"),
        ({"content": [{"type": "text", "text": "0."}, {"type": "text", "text": "5"}]}, "stop", "0.5", "stop"),
        ({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "x"}]}, "stop", "x", "stop"),
        ({"content": None}, "content_filter", "", "content_filter"),
        ({"content": "0.5 is"}, "content_filter", "0.5 is", "content_filter"),
    ],
)
def test_replies(message: Any, reason: str | None, text: str, read_reason: str) -> None:
    assert read_reply(reply(message, reason))[:2] == (text, read_reason)


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{}", "3"),
        *map(reply, ("x", {"content": 3}, {"content": None}, {"content": None, "reasoning_content": ""})),
        *(reply({"content": parts}) for parts in (["x"], [{"type": "text"}], [{"text": "x"}])),
        reply({"content": "x"}, "error"),
    ],
)
def test_what_is_no_reply(body: str) -> None:
    with pytest.raises(ValueError):
        read_reply(body)


@pytest.mark.parametrize(
    ("message", "apart"),
    [
        ({"content": "x"}, False),
        ({"content": "x", "reasoning_content": None}, False),
        ({"content": "x", "reasoning_content": "y"}, True),
        ({"content": "x", "reasoning": "y"}, True),
        ({"content": [{"type": "text", "text": "x"}]}, False),
        ({"content": [{"type": "thinking"}, {"type": "text", "text": "x"}]}, True),
    ],
)
def test_whether_thinking_was_set_apart(message: Any, apart: bool) -> None:
    assert read_reply(reply(message)).thinking_apart is apart


def test_requested_waits() -> None:
    assert requested_wait({"retry-after": "2.5"}) == 2.5
    assert requested_wait({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert 50 < (requested_wait({"retry-after": formatdate(time.time() + 60, usegmt=True)}) or 0) <= 60
    assert requested_wait({"retry-after-ms": "250"}) == 0.25
    assert requested_wait({"retry-after": "soon"}) is None and requested_wait({}) is None
    limits = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s500ms"}
    assert requested_wait(limits) == 62.5
    assert requested_wait(limits | {"x-ratelimit-reset-requests": "..s"}) == 0.0
    assert requested_wait({"x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "6s"}) is None
