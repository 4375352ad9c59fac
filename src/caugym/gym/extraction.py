"""Find the last answer in a model's completion: tolerant in form, linear in time, never evaluates anything.

Read backwards from three anchors: the keys of an answer object (``PROB``, ``ANSWER``), ``\\boxed`` and the word
``LACK_CONDITION``. The last anchor that is an answer decides; an anchor that only quotes the instruction ("like
{...}", "if ..., output LACK_CONDITION") or stands in running text is passed over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal

from caugym.gym.number_text import read_number

_QUOTES = "\"'`“”‘’„«»\\\\*"
# Each starts with a literal, so that the search for it runs at memory speed.
_ANCHORS = (
    re.compile(rf"prob(?:ability)?[{_QUOTES}\s]{{0,8}}[:=]"),
    re.compile(rf"answer[{_QUOTES}\s]{{0,8}}[:=]"),
    re.compile(r"\\boxed"),
    re.compile(r"lack(?:\\?_| )condition"),
)
_REQUESTED = re.compile(
    r'\{\s*+(?:"ANSWER"\s*+:\s*+"(Yes|No)"\s*+,\s*+)?"PROB"\s*+:\s*+"(-?\d{1,3}(?:\.\d{1,12})?)"\s*+\}'
)
_PAIR = re.compile(
    rf"(?<!\w)(answer|prob|probability)[{_QUOTES}\s]{{0,8}}[:=][\s*]{{0,8}}"
    rf"(?:(?P<open>[{_QUOTES}]{{1,4}})(?P<quoted>[^\"`“”„«»{{}}\n]{{0,400}}?(?:\\d?frac\{{[^{{}}]{{0,40}}\}}\{{[^{{}}]{{0,40}}\}})?)"
    rf"(?P<close>[{_QUOTES}]{{1,4}})(?=\s*(?:[,;}}\])\n]|\\\}}|$))|(?P<bare>[^,;\n{{}}\"'“”]{{1,400}}))",
    re.IGNORECASE,
)
_LINE_ANSWER = re.compile(
    rf"(?:^|\n)[^\w\n]*+(?:(?:so|thus|therefore|hence|the|my|final|answer|result|is)\b(?![{_QUOTES}\s:=]{{1,12}}(?:yes|no)\b)[^\w\n]++){{0,6}}"
    rf"(?:(?:final\s+)?answer[{_QUOTES}\s:=]{{1,12}}(?P<word>yes|no)[{_QUOTES}\s,;.]{{1,12}})?"
    rf"prob(?:ability)?[{_QUOTES}\s]{{0,8}}[:=][{_QUOTES}\s]{{0,8}}(?P<value>[^\n{{}}]{{1,80}}?)[{_QUOTES}\s.]{{0,8}}(?=\n|$)",
    re.IGNORECASE,
)
_BOX = re.compile(r"\s{0,4}\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})*+)\}")
_TEXT_MACRO = re.compile(r"\\(?:text|textbf|texttt|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]*)\}")
_BOXED_PAIR = re.compile(r"(?:(yes|no)\b\W*(\S.*)|(.*\S)\W*\b(yes|no)\W*)", re.IGNORECASE | re.DOTALL)
_EXAMPLE_WORDS = (" like", " such as", "e.g.", "e.g", "example", "for instance")
_LACK = re.compile(r"lack\\?_condition|(?-i:LACK CONDITION)", re.IGNORECASE)
_LACK_ONLY_AFTER = re.compile(
    r"[^\w?]*(?:as (?:the |my |our |a )?(?:final )?(?:answer|output))?(?:[^\w?]|</?[\w|]{1,20}>)*", re.IGNORECASE
)
_LABEL_BEFORE = re.compile(
    r"(?:\banswer\b[^\w\n]{0,12}(?:(?:is|must be|should be|has to be)\b)?[^\w\n]{0,12}(?:text)?[^\w\n]{0,4}"
    r"|\b(?:so|thus|therefore|hence|i|we)\b,? (?:(?:i|we|must|will|should|can only) ){0,2}"
    r"(?:output|answer|return|respond with|reply with|conclude)[^\w\n]{0,8})$",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|than|without|avoid|instead of|cannot)|n['’]t)\b\s+(?:[a-z]+\s+){0,3}[^\w\n]{0,6}$",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\W*(?:if|unless|when|whenever|in case|should the)\b|.*\bnot enough to solve the question", re.I
)
_SENTENCE_END = re.compile(r"[.!?:]\s|\n")
_NOTHING = ("", "null", "none", "n/a", "na", "-")
_WINDOW = 20_000
_TAIL = 1_000
_MERGE_GAP = 120
# Far more than any solution holds after its answer; bounds the time on hostile text.
_MAX_ANCHORS = 4_000


@dataclass(frozen=True, slots=True)
class Extraction:
    """The last answer as read: ``value`` and ``decision`` where present, or ``lack``.

    ``found`` is False where the text holds no answer; ``problem`` then says why in a few words.
    ``start`` is where the answer stands in the text.
    """

    value: Decimal | None = None
    decision: bool | None = None
    lack: bool = False
    problem: str = ""
    start: int = -1

    @property
    def found(self) -> bool:
        return self.lack or (self.value is not None and not self.problem)


def final_text(completion: str) -> str | None:
    """What follows the last thinking block; None where a block was opened and never closed."""
    lower = _lower(completion)
    if lower.rfind("think") < 0:
        return completion
    opened = max(lower.rfind("<think>"), lower.rfind("<thinking>"))
    closed = max(lower.rfind("</think>"), lower.rfind("</thinking>"))
    if opened > closed:
        return None
    return completion if closed < 0 else completion[completion.index(">", closed) + 1 :]


def last_answer(text: str) -> Extraction:
    """The last answer in ``text``, which holds no thinking block any more."""
    lower = _lower(text)
    found = _last_before(text, lower, len(text))
    if found.problem or found.lack or (found.value is not None and found.decision is not None):
        return found
    # "\\boxed{Yes} ... \\boxed{0.12}" or two objects side by side are one answer in two parts.
    low = max(0, found.start - _MERGE_GAP)
    other = _last_before(text, lower, found.start, low) if found.start >= 0 else found
    if not other.problem and not other.lack:
        if found.value is None and other.decision is None:
            return Extraction(other.value, found.decision, start=other.start)
        if found.decision is None and other.value is None:
            return Extraction(found.value, other.decision, start=other.start)
    if found.value is None:
        return Extraction(None, found.decision, problem="a yes/no without a value", start=found.start)
    return found


def _last_before(text: str, lower: str, end: int, low: int = 0) -> Extraction:
    """The last answer, or part of one, that starts in ``text[low:end]``: first in the tail, then in all of it."""
    for start in sorted({max(low, end - _TAIL), low}, reverse=True):
        anchors = sorted(match.start() for anchor in _ANCHORS for match in anchor.finditer(lower, start, end))
        for position in anchors[-_MAX_ANCHORS:][::-1]:
            if lower.startswith("lack", position):
                found = _read_lack(text, position)
            elif lower.startswith("\\", position):
                found = _read_box(text, position)
            else:
                found = _read_keyed(text, lower, position, end)
            if found is not None:
                return found
    return Extraction(problem="no answer found")


def _read_keyed(text: str, lower: str, position: int, end: int) -> Extraction | None:
    """The object around a key at ``position``, or the line "ANSWER: Yes, PROB: 0.12"; None where it is neither."""
    if position and lower[position - 1].isalnum():
        return None
    opened = _enclosing_brace(text, position)
    if opened < 0:
        return _read_line(text, position) if lower.startswith("prob", position) else None
    before = lower[max(0, opened - 40) : opened].rstrip(" \n:,\"'`(")
    start = opened - len("\\boxed") if before.endswith("\\boxed") else opened
    example = before.endswith(_EXAMPLE_WORDS)
    if plain := _REQUESTED.match(text, opened):
        if example or (plain[2] == "0.1234" and before.endswith(("format", "form"))):
            return None
        return Extraction(Decimal(plain[2]), None if plain[1] is None else plain[1] == "Yes", start=start)
    if example:
        return None
    closed = _closing_brace(text, position, end)
    inner = text[opened + 1 : closed if closed >= 0 else min(len(text), position + 2000)]
    # "\\frac" inside a JSON string would be read as a form feed and "rac".
    pairs = _json_pairs("{" + inner + "}") if closed >= 0 and "\\frac" not in inner else None
    if pairs is None:
        pairs = _loose_pairs(inner, cut=closed < 0)
    return _from_pairs(pairs, start)


def _enclosing_brace(text: str, position: int) -> int:
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


def _closing_brace(text: str, position: int, end: int) -> int:
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


def _json_pairs(text: str) -> list[tuple[str, object]] | None:
    pairs: list[tuple[str, object]] = []

    def keep(items: list[tuple[str, object]]) -> str:
        pairs[:] = items  # the outermost object is closed last
        return "object"

    try:
        json.loads(text, object_pairs_hook=keep, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return [(key.strip().lower(), value) for key, value in pairs]


def _loose_pairs(inner: str, cut: bool = False) -> list[tuple[str, object]]:
    """Keys and values of an object in any quotes. With ``cut`` a bare value at the very end is not whole."""
    pairs: list[tuple[str, object]] = []
    for match in _PAIR.finditer(inner):
        whole = match["bare"] is None or (match["bare"].strip() and not (cut and match.end() == len(inner)))
        pairs.append((match[1].lower(), (match["bare"] or match["quoted"] or "") if whole else "(cut off)"))
    return pairs


def _from_pairs(pairs: list[tuple[str, object]], start: int) -> Extraction | None:
    values = {_text(value) for key, value in pairs if key == "prob"}
    if not values:
        values = {_text(value) for key, value in pairs if key == "probability"}
    words = {_text(value) for key, value in pairs if key == "answer"}
    if not values and not words:
        return None
    if any(_LACK.fullmatch(text.strip(" .*`\"'")) for text in values | words):
        rest = {text for text in values | words if not _LACK.fullmatch(text.strip(" .*`\"'"))}
        if all(text.strip().lower() in _NOTHING for text in rest):
            return Extraction(lack=True, start=start)
        return Extraction(problem="LACK_CONDITION and an answer in one object", start=start)
    decisions = {_decision(text) for text in words}
    numbers = {read_number(text) for text in values}
    if len(decisions) > 1 or len(numbers) > 1:
        return Extraction(problem="several answers in one object", start=start)
    decision = decisions.pop() if decisions else None
    if not numbers:
        if decision is None:
            return Extraction(problem="an ANSWER without yes or no and without PROB", start=start)
        return Extraction(None, decision, start=start)
    value = numbers.pop()
    if value is None:
        return Extraction(problem=f"PROB is no number: {next(iter(values))[:40]!r}", start=start)
    return Extraction(value, decision, start=start)


def _read_line(text: str, position: int) -> Extraction | None:
    """A line of its own without braces: "PROB: 0.12", "ANSWER: Yes, PROB: 0.12", also over two lines."""
    low = max(0, position - 60)
    window = text[low : position + 200]
    for match in _LINE_ANSWER.finditer(window):
        if match.start("value") > position - low:
            value = read_number(match["value"])
            if value is not None:
                word = match["word"]
                return Extraction(value, None if word is None else word.lower() == "yes", start=low + match.start())
    return None


def _read_box(text: str, position: int) -> Extraction | None:
    match = _BOX.match(text[position + 6 : position + 1000])
    if match is None:
        return None
    content = _TEXT_MACRO.sub(r"\1", match[1]).replace("\\{", " ").replace("\\}", " ").replace("\\_", "_").strip(" $")
    if _LACK.fullmatch(content.strip(" .*`\"'{}")):
        return Extraction(lack=True, start=position)
    found = _from_pairs(_loose_pairs(content), position)
    if found is not None:
        return found
    if (word := content.strip(" .*\"'").lower()) in ("yes", "no"):
        return Extraction(None, word == "yes", start=position)
    if (value := read_number(content)) is not None:
        return Extraction(value, start=position)
    if pair := _BOXED_PAIR.fullmatch(content):
        value = read_number((pair[2] or pair[3]).strip(" ,;:()"))
        if value is not None:
            return Extraction(value, (pair[1] or pair[4]).lower() == "yes", start=position)
    if any(character.isdigit() for character in content):
        return Extraction(problem=f"\\boxed holds no single number: {content[:40]!r}", start=position)
    return None


def _read_lack(text: str, position: int) -> Extraction | None:
    """LACK_CONDITION where it is the answer: at the end, alone on its line or labelled as the answer."""
    word = _LACK.match(text, position)
    if word is None:
        return None
    before, after = text[max(0, position - 300) : position], text[word.end() : word.end() + 200]
    sentence = before[max((end.end() for end in _SENTENCE_END.finditer(before)), default=0) :]
    line_after = after.split("\n", 1)[0]
    if _NEGATED_BEFORE.search(before[-60:]) or _CONDITIONAL.match(sentence) or re.match(r"\W{0,3}\s*if\b", after):
        return None
    ends = len(after) < 200 and _LACK_ONLY_AFTER.fullmatch(after)
    alone = not before.rsplit("\n", 1)[-1].strip(" \t*`\"'#>$-_.") and _LACK_ONLY_AFTER.fullmatch(line_after)
    labelled = _LABEL_BEFORE.search(before[-80:]) and not line_after.lstrip(" *`\"'").startswith("?")
    return Extraction(lack=True, start=position) if ends or alone or labelled else None


def _decision(text: str) -> bool | None:
    words = re.findall(r"[a-z]+", text[:80].lower())
    if not words or words[0] not in ("yes", "no", "true", "false"):
        return None
    yes, no = {"yes", "true"} & set(words), {"no", "false"} & set(words)
    return None if yes and no else bool(yes)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return {True: "yes", False: "no", None: ""}.get(value, "…") if isinstance(value, bool | None) else "…"


def _lower(text: str) -> str:
    """Lower case of the same length: U+0130 is the one character whose lower case is longer."""
    return text.lower() if text.isascii() else text.replace("İ", "I").lower()
