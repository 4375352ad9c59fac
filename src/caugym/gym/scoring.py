"""The only judge: reward, evaluation and every adapter call ``score``.

Two judges by name:

``strict``
    Reads the last answer of the completion, after any thinking block, tolerant in form (``extraction.py``) and strict
    in substance: the value within 5e-4 of the key, inclusive, and for effects the key's yes/no. A key of
    LACK_CONDITION asks for LACK_CONDITION; LACK_CONDITION on an answerable problem is wrong.

``published``
    What the released CauGym scripts are described to do, false positives and negatives included. An answer is
    ``{"ANSWER": "...", "PROB": "..."}`` or ``{"PROB": "..."}``, in double quotes and upper-case keys, without any
    other key and not inside ``\\boxed{}``; the value may also be a bare JSON number. Any such PROB anywhere in the
    output, thinking included, within 5e-4 of the key in floating point makes it correct; yes/no is ignored. Where
    the key is LACK_CONDITION, that word anywhere in the output makes it correct.

Keys of other benchmarks (``short_answers.py``: a word, choices, a distribution, an expression) ``published`` judges as
the benchmark's own released script does, where there is one: RLCausal, CausalProbe-E and -H, CaLM's natural problems,
CLadder, BBEH (``released_words.py`` says how). Without one, CausalProbe-M and the sets of mathematics, both judge
alike. CaLM's problems with a value are judged by CauGym's rule above, not by CaLM's (equality at four decimals).

Neither raises on a model's output, and none of it is ever run. A key that is no key raises ValueError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from caugym.gym.extraction import enclosing_brace, last_answer
from caugym.gym.problem import LACK_CONDITION, Answer
from caugym.gym.short_answers import Distribution, ShortAnswer, Word
from caugym.gym.thinking import final_text

Judge = Literal["strict", "published"]
Reason = Literal["correct", "wrong_value", "wrong_decision", "no_answer", "truncated"]

Key = Answer | ShortAnswer

JUDGES: tuple[Judge, ...] = ("strict", "published")
REASONS: tuple[Reason, ...] = ("correct", "wrong_value", "wrong_decision", "no_answer", "truncated")
TOLERANCE = Decimal("0.0005")

# Keys or values that came through floating point may miss the boundary by their last bits.
_TOLERANCE_WITH_SLACK = TOLERANCE + Decimal("1e-9")
_MOST_NESTED = 8
_PUBLISHED_PROB = re.compile(r'"PROB"\s*+:')
_PUBLISHED_ANSWER = re.compile(
    r'\{\s*+(?:"ANSWER"\s*+:\s*+"([^"{}]{0,100})"\s*+,\s*+)?'
    r'"PROB"\s*+:\s*+(?:"([^"{}]{0,100})"|(-?(?:0|[1-9][0-9]{0,40})(?:\.[0-9]{1,100})?(?:[eE][+-]?[0-9]{1,4})?))\s*+\}'
)
_REQUESTED_FORM = re.compile(
    r'(?:\{\s*"ANSWER"\s*:\s*"(?:Yes|No)"\s*,\s*"PROB"\s*:\s*"-?[0-9]+(?:\.[0-9]+)?"\s*\}'
    r'|\{\s*"PROB"\s*:\s*"-?[0-9]+(?:\.[0-9]+)?"\s*\}|"?LACK_CONDITION"?)$'
)


@dataclass(frozen=True, slots=True)
class Score:
    """A verdict: ``reason`` names it, ``parsed`` is the answer that was read (None: none), ``explanation`` says why."""

    correct: bool
    reason: Reason
    parsed: Key | None
    explanation: str


def score(completion: str, answer: Key | str, judge: Judge = "strict", finish_reason: str | None = None) -> Score:
    """Judge one completion against the key.

    ``finish_reason`` "length" turns "no answer" into "truncated". Raises ValueError for an unknown judge and for an
    ``answer`` text that is no answer key.
    """
    key = _key(answer) if isinstance(answer, str) else answer
    if judge not in JUDGES:
        raise ValueError(f"unknown judge {judge!r}: expected one of {', '.join(JUDGES)}")
    if not isinstance(key, Answer):
        return _short(completion, key, judge, finish_reason)
    if judge == "strict":
        return _strict(completion, key, finish_reason)
    return _published(completion, key, finish_reason)


def right_answer(key: Key, judge: Judge) -> str:
    """A completion that ``judge`` calls correct."""
    return key.released_text() if judge == "published" and isinstance(key, Word) else key.text()


def format_reward(completion: str) -> float:
    """1.0 where the completion ends with an answer in exactly the requested form, else 0.0."""
    text = final_text(completion)
    return 1.0 if text is not None and _REQUESTED_FORM.search(text[-300:].rstrip()) else 0.0


@lru_cache(maxsize=65536)
def _key(text: str) -> Answer:
    return Answer.from_text(text)


def _strict(completion: str, key: Answer, finish_reason: str | None) -> Score:
    text = final_text(completion)
    if text is None:
        return _no_answer("the thinking block is never closed", finish_reason)
    found = last_answer(text, both=key.decision is not None)
    if not found.found:
        return _no_answer(found.problem, finish_reason)
    if found.lack:
        if key.lacks_condition:
            return Score(True, "correct", Answer(), "LACK_CONDITION, as the key")
        return Score(False, "wrong_value", Answer(), "LACK_CONDITION, but the question can be answered")
    assert found.value is not None
    parsed = Answer(found.value, found.decision)
    if key.value is None:
        return Score(False, "wrong_value", parsed, f"{found.value}, but the key is LACK_CONDITION")
    if abs(found.value - key.value) > _TOLERANCE_WITH_SLACK:
        return Score(False, "wrong_value", parsed, f"{found.value} is not within {TOLERANCE} of {key.value}")
    if key.decision is not None and found.decision is not key.decision:
        given = {True: "yes", False: "no", None: "neither yes nor no"}[found.decision]
        return Score(False, "wrong_decision", parsed, f"the value is right, the answer is {given}")
    return Score(True, "correct", parsed, f"{found.value} is within {TOLERANCE} of {key.value}")


def _published(completion: str, key: Answer, finish_reason: str | None) -> Score:
    if key.value is None:
        if LACK_CONDITION in completion:
            return Score(True, "correct", Answer(), "LACK_CONDITION stands in the output")
        return _no_answer("LACK_CONDITION stands nowhere in the output", finish_reason)
    target, parsed = float(key.value), None
    for prob in _PUBLISHED_PROB.finditer(completion):
        opened = completion.rfind("{", max(0, prob.start() - 300), prob.start())
        match = _PUBLISHED_ANSWER.match(completion, opened) if opened >= 0 else None
        if match is None or _is_boxed(completion, opened):
            continue
        text = match[2] if match[2] is not None else match[3]
        try:
            value = float(text)
        except ValueError:
            continue
        if not abs(value) < 1e20:
            continue
        word = (match[1] or "").strip().lower()
        parsed = Answer(Decimal(repr(value)), word == "yes" if word in ("yes", "no") else None)
        if abs(value - target) <= 5e-4:
            return Score(True, "correct", parsed, f"a PROB of {text.strip()} stands in the output")
    if parsed is None:
        return _no_answer("no PROB in the published form", finish_reason)
    return Score(False, "wrong_value", parsed, f"no PROB within {TOLERANCE} of {key.value}")


def _is_boxed(text: str, opened: int) -> bool:
    """Whether the brace at ``opened`` is that of a ``\\boxed{}``, or stands in one within a few braces."""
    for _ in range(_MOST_NESTED):
        if opened < 0:
            break
        if text[max(0, opened - 20) : opened].rstrip().endswith("\\boxed"):
            return True
        opened = enclosing_brace(text, opened)
    return False


def _short(completion: str, key: ShortAnswer, judge: Judge, finish_reason: str | None) -> Score:
    found: ShortAnswer | None
    if judge == "published" and isinstance(key, Distribution):
        found = (listed := key.read_released(completion))
        right = listed is not None and key.accepts_released(listed)
    elif judge == "published" and isinstance(key, Word) and key.released is not None:
        found = key.read_released(completion)
        right = key.accepts(found)
    else:
        text = final_text(completion)
        if text is None:
            return _no_answer("the thinking block is never closed", finish_reason)
        found = key.read(text)
        right = key.accepts(found)
    if found is None:
        return _no_answer("no answer found", finish_reason)
    given, expected = (" ".join(answer.text().split()) for answer in (found, key))
    if right:
        return Score(True, "correct", found, f"{given}, as the key")
    return Score(False, "wrong_value", found, f"{given}, but the key is {expected}")


def _no_answer(explanation: str, finish_reason: str | None) -> Score:
    return Score(False, "truncated" if finish_reason == "length" else "no_answer", None, explanation)
