"""What an OpenAI-compatible server says: its chat completions, and how long it asks to wait."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Reply(NamedTuple):
    """``thinking_apart`` where the server set the thinking apart from the text."""

    text: str
    finish_reason: str
    usage: Mapping[str, Any]
    thinking_apart: bool

    def tokens(self, name: str) -> int | None:
        """A number of tokens as the server counted them."""
        count = self.usage.get(name)
        return count if isinstance(count, int) and count >= 0 else None


def read_reply(body: str) -> Reply:
    """A chat completion. Raises ValueError for what is none.

    A reply without a text is an empty one where it was cut off, by its length or by a filter, and where the model
    thought and then said nothing.
    """
    reply = json.loads(body)
    try:
        choice = reply["choices"][0]
        message, reason = choice["message"], choice.get("finish_reason") or "stop"
        content, refusal = message.get("content"), message.get("refusal")
        thinking = message.get("reasoning_content") or message.get("reasoning")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ValueError(f"no choice with a message in {body[:80]!r}") from None
    if content is None and (reason in ("length", "content_filter") or refusal or thinking):
        content = refusal or ""
    text = content
    if isinstance(content, list):
        text, thinking = _joined(content), thinking or any(_type(part) == "thinking" for part in content)
    if not isinstance(text, str):
        raise ValueError(f"no text in {body[:80]!r}")
    if reason not in ("stop", "length", "content_filter"):
        raise ValueError(f"finish reason {reason!r}")
    usage = reply.get("usage")
    return Reply(text, reason, usage if isinstance(usage, dict) else {}, bool(thinking))


def _joined(parts: list[Any]) -> str | None:
    """The texts of a content in parts, such as ``{"type": "text", "text": "..."}``; None where a part is none."""
    texts = [part.get("text") for part in parts if _type(part) == "text"]
    return "".join(texts) if all(map(_type, parts)) and all(isinstance(text, str) for text in texts) else None


def _type(part: Any) -> Any:
    return part.get("type") if isinstance(part, dict) else None


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait, from Retry-After or from the resets of limits that are used up."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        if after := headers.get("retry-after"):
            if re.fullmatch(r"[0-9.]+", after.strip()):
                return float(after)
            return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
    return wait_for_limits(headers)


def wait_for_limits(headers: Mapping[str, str]) -> float | None:
    """The seconds until the limits that are used up are reset; None where none is."""
    waits = [
        sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(headers[f"x-ratelimit-reset-{limit}"]))
        for limit in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{limit}") == "0" and f"x-ratelimit-reset-{limit}" in headers
    ]
    return max(waits) if waits else None
