"""Find the last answer in a model's completion: tolerant in form, linear in time, never evaluates anything.

Read backwards from a few anchors: the keys of an answer object (``PROB``, ``ANSWER``), ``\\boxed`` and the word
``LACK_CONDITION``. The last anchor that is an answer decides; an anchor that only quotes the instruction ("like
{...}", "if ..., output LACK_CONDITION") or stands in running text is passed over. Value and yes/no may stand in two
places ("\\boxed{Yes} ... \\boxed{0.12}"): the last of each is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from caugym.gym.answer_forms import QUOTES, Extraction, from_pairs, loose_pairs, read_box, read_plain
from caugym.gym.lack_condition import read_lack
from caugym.gym.thinking import lower_case

# Each starts with a literal, so that the search for it runs at memory speed.
_ANCHORS = (
    re.compile(rf"prob(?:ability)?[{QUOTES}\s]{{0,8}}[:=]"),
    re.compile(rf"answer[{QUOTES}\s]{{0,8}}(?:[:=]|is\b)"),
    re.compile(r"\\boxed"),
    re.compile(r"lack(?:\\?_|[ -])condition"),
)
_REQUESTED = re.compile(
    r'\{\s*+(?:"ANSWER"\s*+:\s*+"(Yes|No)"\s*+,\s*+)?"PROB"\s*+:\s*+"(-?\d{1,3}(?:\.\d{1,12})?)"\s*+\}'
)
_EXAMPLE_WORDS = (" like", " such as", "e.g.", "e.g", "example", "for instance", "例如", "比如", "形如")
# Right before an object: "it is definitely not {...}". Behind a colon or a line ("No, it is not: {...}") it is said of
# something else. ``_MAY_NEGATE`` holds the letters that such words end in, for a quick look.
_NEGATED = re.compile(
    r"(?:(?<!\bor )\b(?:not|never|than|instead of)|n['’]t)"
    r"(?: +(?:be|just|simply|actually|really|exactly|equal to|(?:the|my) (?:(?:final|right|correct) )?answer))?"
    r"[ \"'`*$(]*(?:\\boxed ?)?\{?[ $]*$"
)
_MAY_NEGATE = frozenset("tnrfeyod{$")
_OBLIGED = re.compile(r"\b(?:should|must|needs? to|ha(?:s|ve) to|instruct\w*|template)\b", re.IGNORECASE)
_FORM = re.compile(r"\b(?:form|format|json|template|structure|schema|output|instruct\w*)\b", re.IGNORECASE)
_LABEL_ALONE = re.compile(r"\s*(?:answer|prob(?:ability)?)\s*[:=]\s*", re.IGNORECASE)
_PUBLISHED_EXAMPLE = "0.1234"
_FOLDED = (("：", ":"), ("，", ","), ("；", ";"), ("｛", "{"), ("｝", "}"))
_WINDOW = 20_000
_TAIL = 1_000
_LONGEST_ANCHOR = 40
_MOST_NESTED = 4
_MERGE_GAP = 200
# Far more than any solution holds after its answer; bounds the time on hostile text.
_MAX_ANCHORS = 4_000


def last_answer(text: str, both: bool = True) -> Extraction:
    """The last answer in ``text``, which holds no thinking block any more.

    With ``both`` a value without a yes/no is completed by the last yes/no, and the other way round.
    """
    if not text.isascii():
        text = folded(text)
    value: Extraction | None = None
    decision: Extraction | None = None
    weak: Extraction | None = None
    for found in _answers_backwards(text):
        held = value or decision
        if found.weak:
            weak = weak or found
        elif found.problem or found.lack:
            if held is None:
                return found
            break
        elif held is None or not _is_far_remark(found, held):
            value = found if value is None and found.value is not None else value
            decision = found if decision is None and found.decision is not None else decision
            if value is not None and (decision is not None or not both):
                break
    if value is None and weak is not None and (decision is None or abs(weak.start - decision.start) <= _MERGE_GAP):
        value = weak
    if value is None:
        if decision is None:
            return Extraction(problem="no answer found")
        return Extraction(None, decision.decision, problem="a yes/no without a value", start=decision.start)
    return Extraction(value.value, decision.decision if decision else None, start=value.start)


def folded(text: str) -> str:
    """The text with full-width punctuation in its common form, character for character."""
    for wide, narrow in _FOLDED:
        text = text.replace(wide, narrow)
    return text


def _is_far_remark(found: Extraction, held: Extraction) -> bool:
    """A line without braces that names one part, far before the other part: it speaks of something else."""
    partial = found.value is None or found.decision is None
    return found.plain and partial and held.start - found.start > _MERGE_GAP


def _answers_backwards(text: str) -> Iterator[Extraction]:
    """Answers, or parts of one, from the last to the first: in the tail, then in all that is before it."""
    tail = max(0, len(text) - _TAIL)
    for low, high in ((tail, len(text)), (0, tail)):
        lower = lower_case(text[low : high + _LONGEST_ANCHOR])
        anchors = sorted(low + match.start() for anchor in _ANCHORS for match in anchor.finditer(lower))
        for position in anchors[-_MAX_ANCHORS:][::-1]:
            if position >= high:
                continue
            if text[position] in "lL":
                found = read_lack(text, position)
            elif text[position] == "\\":
                found = None if is_negated(text, position) else read_box(text, position)
            else:
                found = _read_keyed(text, position)
            if found is not None:
                yield found


def _read_keyed(text: str, position: int) -> Extraction | None:
    """The object around a key at ``position``, or the line "ANSWER: Yes, PROB: 0.12"; None where it is neither."""
    if position and text[position - 1].isalnum():
        return None
    opened = enclosing_brace(text, position)
    if opened < 0:
        return read_plain(text, position)
    before = text[max(0, opened - 40) : opened].lower().rstrip(" \n:,\"'`(")
    start = opened - len("\\boxed") if before.endswith("\\boxed") else opened
    if before.endswith(_EXAMPLE_WORDS) or (before[-1:] in _MAY_NEGATE and is_negated(text, opened)):
        return None
    if plain := _REQUESTED.match(text, opened):
        if plain[2] == _PUBLISHED_EXAMPLE and quotes_the_instruction(text, opened):
            return None
        found = Extraction(Decimal(plain[2]), None if plain[1] is None else plain[1] == "Yes", start=start)
        return _of_the_whole_object(text, opened, plain.end() - 1, ("answer",) if plain[1] else ()) or found
    closed = closing_brace(text, position)
    inner = text[opened + 1 : closed if closed >= 0 else min(len(text), position + 2000)]
    if closed >= 0 and _LABEL_ALONE.fullmatch(inner):
        return None  # "\\text{PROB: } 0.12" inside a box, which is read as a whole
    # "\\frac" inside a JSON string would be read as a form feed and "rac".
    pairs = json_pairs("{" + inner + "}") if closed >= 0 and "\\frac" not in inner else None
    if pairs is None:
        pairs = loose_pairs(inner, cut=closed < 0)
    outer = _of_the_whole_object(text, opened, closed, [key for key, _ in pairs]) if closed >= 0 else None
    return outer or from_pairs(pairs, start)


def _of_the_whole_object(text: str, opened: int, closed: int, inner_keys: Sequence[str]) -> Extraction | None:
    """The answer of the JSON object around that from ``opened`` to ``closed``; None where it has none of its own.

    In {"ANSWER": "No", "PROB": "0.1", "steps": [{"PROB": "0.5"}]} the nested objects are extra keys.
    """
    best: Extraction | None = None
    for _ in range(_MOST_NESTED):
        opened = enclosing_brace(text, opened)
        closed = closing_brace(text, closed + 1) if opened >= 0 else -1
        if closed < 0:
            break
        pairs = json_pairs(text[opened : closed + 1]) or []
        keys = {key for key, _ in pairs}
        if "prob" in keys and ("answer" in keys or "answer" not in inner_keys):
            found = from_pairs(pairs, opened)
            best = found if found is not None and found.found else best
    return best


def quotes_the_instruction(text: str, opened: int) -> bool:
    """Whether the sentence before the published example says what the form must be."""
    sentence = re.split(r"[.!?]\s|\n", text[max(0, opened - 160) : opened].rstrip())[-1]
    return _OBLIGED.search(sentence) is not None and _FORM.search(sentence) is not None


def is_negated(text: str, position: int) -> bool:
    """Whether the object or box at ``position`` is named as what the answer is not."""
    before = text[max(0, position - 60) : position].lower()
    said = "not" in before or "n't" in before or "n’t" in before or "than" in before or "never" in before
    return (said or "instead" in before) and _NEGATED.search(before) is not None


def enclosing_brace(text: str, position: int) -> int:
    """The brace that encloses ``position``, a few nested objects passed over; -1 where there is none near."""
    low, depth, at = max(0, position - _WINDOW), 0, position
    for _ in range(32):
        opened = text.rfind("{", low, at)
        if opened < 0:
            return -1
        closed = text.rfind("}", opened, at)
        if closed >= 0:
            depth, at = depth + 1, closed
        elif depth:
            depth, at = depth - 1, opened
        else:
            return opened
    return -1


def closing_brace(text: str, position: int) -> int:
    depth, at = 0, position
    high = min(len(text), position + _WINDOW)
    for _ in range(32):
        closed = text.find("}", at, high)
        if closed < 0:
            return -1
        opened = text.find("{", at, closed)
        if opened >= 0:
            depth, at = depth + 1, opened + 1
        elif depth:
            depth, at = depth - 1, closed + 1
        else:
            return closed
    return -1


def json_pairs(text: str) -> list[tuple[str, object]] | None:
    pairs: list[tuple[str, object]] = []

    def keep(items: list[tuple[str, object]]) -> str:
        pairs[:] = items  # the outermost object is closed last
        return "object"

    try:
        json.loads(text, object_pairs_hook=keep, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return [(key.strip().lower(), value) for key, value in pairs]
