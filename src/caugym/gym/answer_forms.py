"""The forms in which an answer is written: pairs of an object, ``\\boxed{...}``, and lines without braces."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from caugym.gym.number_text import read_number

QUOTES = "\"'`“”‘’„«»\\\\*"
LACK = re.compile(r"lack\\?_condition|(?-i:LACK[ -]CONDITION)", re.IGNORECASE)

_PAIR = re.compile(
    rf"(?<![^\W_])(answer|prob|probability)[{QUOTES}\s]{{0,8}}[:=][\s*]{{0,8}}"
    rf"(?:(?P<open>[{QUOTES}]{{1,4}})(?P<quoted>[^\"`“”„«»{{}}\n]{{0,400}}?(?:\\d?frac\{{[^{{}}]{{0,40}}\}}\{{[^{{}}]{{0,40}}\}})?)"
    rf"(?P<close>[{QUOTES}]{{1,4}})(?=\s*(?:[,;}}\])\n]|\\\}}|$|//|[{QUOTES}](?:answer|prob)))"
    rf"|(?P<bare>[+\-−–]?[\d.]++(?:,[\d.]++)++[^,;\n{{}}\"'“”]{{0,400}}|[^,;\n{{}}\"'“”]{{1,400}}))",
    re.IGNORECASE,
)
# What stands for a value where a form is shown: {"ANSWER": "...", "PROB": "..."}, <your value>, 0.xxxx.
_PLACEHOLDER = re.compile(
    r"\s*(?:\.{2,}|…+|_{2,}|[+-]?0?\.?[x#?]{2,}|0\.(?:x|\.{2,}|…)"
    r"|<(?=[^<>]{0,60}[^\W\d])[^<>]{0,60}>|\[(?=[^\[\]]{0,60}[^\W\d])[^\[\]]{0,60}\]"
    r"|(?:(?:the|your) )?(?:value|number|result|probability))\s*",
    re.IGNORECASE,
)
_BOX = re.compile(r"\s{0,4}\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})*+)\}")
_TEXT_MACRO = re.compile(r"\\(?:text|textbf|texttt|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]*)\}")
_SPACE_MACRO = re.compile(r"\\(?:[,;:! ]|q?quad\b|begin\{\w+\*?\}(?:\{[lcr|]*\})?|end\{\w+\*?\})|[~&]")
_WORD_FIRST = re.compile(
    r"(yes|no)\b[\s,;:()]*"
    r"(?:(?:with|and|an?|the|of|is|its|value|effect|size|result|ATE|ETT|CDE|NDE|NIE|prob(?:ability)?)\b[\s:=,()]*)*"
    r"(?:[-–—]\s+)?(\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SAID_BEFORE_PROB = re.compile(r"\s*(yes|no)\b[\s,;:]*prob", re.IGNORECASE)
_WORD_LAST = re.compile(r"(.*?)[\s,;:()]+(?:[-–—]\s+)?(yes|no)\W*", re.IGNORECASE | re.DOTALL)
_HEDGED = re.compile(r"\W*(?:yes|no|true|false)\W*(?:(?:and/)?(?:or|and)\W+)?(?:yes|no|true|false)\W*$", re.IGNORECASE)
_DECISION = re.compile(
    r"\W*(?:the (?:final )?answer is\W+)?((?:yes|no|true|false|y|n)\b|[是否])(?!\W{0,3}\s*(?:or|/)\b)", re.IGNORECASE
)
_LONGEST_PAIR = 200
_NOTHING = ("", "null", "none", "n/a", "na", "-")

_PLAIN = re.compile(
    r"(?P<label>answer|prob(?:ability)?)\s*(?:is\s*:|is\b|[:=])\s*(?P<content>\S.*)", re.IGNORECASE | re.DOTALL
)
_NEXT_LABEL = re.compile(r"[,;|]?\s*\b(?:answer|prob(?:ability)?)\s*[:=]|\n", re.IGNORECASE)
_SAID = re.compile(r"(yes|no)\b(?!\s*(?:or|and|/)\s*(?:yes|no)\b)(?=\s*(?:$|[.,;:!()|–—-]|because\b|since\b))", re.I)
_PROB_HEAD = re.compile(
    r"[^\w\n]*(?:(?:so|thus|therefore|hence|the|my|final|answer|result|is|with|and|yes|no|an?)\b[^\w\n]*)*", re.I
)
_SAID_IN_HEAD = re.compile(r"\b(?:yes|no)\b")
_NOT_SAID = re.compile(r"\b(?:if|whether|unless|when|not|either)\b[^.!?\n]*$", re.IGNORECASE)
_MARKUP = re.compile(r"[*`\"“”'$]|\\[()\[\]]")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The last answer as read: ``value`` and ``decision`` where present, or ``lack``.

    ``found`` is False where the text holds no answer; ``problem`` then says why in a few words. ``start`` is where
    the answer stands in the text. ``plain`` is a line without braces, ``weak`` one that may be a remark as well.
    """

    value: Decimal | None = None
    decision: bool | None = None
    lack: bool = False
    problem: str = ""
    start: int = -1
    plain: bool = False
    weak: bool = False

    @property
    def found(self) -> bool:
        return self.lack or (self.value is not None and not self.problem)


def loose_pairs(inner: str, cut: bool = False) -> list[tuple[str, object]]:
    """Keys and values of an object in any quotes. With ``cut`` a bare value at the very end is not whole."""
    pairs: list[tuple[str, object]] = []
    for match in _PAIR.finditer(inner):
        whole = match["bare"] is None or (match["bare"].strip() and not (cut and match.end() == len(inner)))
        pairs.append((match[1].lower(), (match["bare"] or match["quoted"] or "") if whole else "(cut off)"))
    return pairs


def from_pairs(pairs: list[tuple[str, object]], start: int) -> Extraction | None:
    """The answer in an object's keys ANSWER and PROB (or PROBABILITY); None where it has neither, or shows a form."""
    values = {_text(value) for key, value in pairs if key == "prob"}
    if not values:
        values = {_text(value) for key, value in pairs if key == "probability"}
    words = {_text(value) for key, value in pairs if key == "answer" or key.endswith((" answer", "_answer"))}
    if not values and not words:
        return None
    if any(LACK.fullmatch(text.strip(" .*`\"'")) for text in values | words):
        rest = {text for text in values | words if not LACK.fullmatch(text.strip(" .*`\"'"))}
        if all(text.strip().lower() in _NOTHING for text in rest):
            return Extraction(lack=True, start=start)
        return Extraction(problem="LACK_CONDITION and an answer in one object", start=start)
    decisions = {decision_of(text) for text in words}
    numbers = {read_number(text) for text in values}
    if len(decisions) > 1 or len(numbers) > 1:
        return Extraction(problem="several answers in one object", start=start)
    decision = decisions.pop() if decisions else None
    if not numbers:
        return _from_words(words, decision, start)
    value = numbers.pop()
    if value is None and _shows_a_form(pairs):
        return None
    if value is None:
        return Extraction(problem=f"PROB is no number: {next(iter(values))[:40]!r}", start=start)
    return Extraction(value, decision, start=start)


def _shows_a_form(pairs: list[tuple[str, object]]) -> bool:
    values = [value for key, value in pairs if key in ("prob", "probability")]
    return all(isinstance(value, str) and _PLACEHOLDER.fullmatch(value) for value in values)


def _from_words(words: set[str], decision: bool | None, start: int) -> Extraction:
    """An object with ANSWER alone: a yes/no, a value, or both in one text."""
    if len(words) == 1:
        (content,) = words
        value, said = pair_of(content)
        if value is not None:
            return Extraction(value, said, start=start)
    if decision is None:
        return Extraction(problem="an ANSWER without yes or no and without PROB", start=start)
    return Extraction(None, decision, start=start)


def decision_of(text: str) -> bool | None:
    """The yes/no that a text begins with; None where it says both, or neither."""
    match = _DECISION.match(text[:200])
    if match is None or _HEDGED.match(text[:200]):
        return None
    return match[1].lower() in ("yes", "true", "y", "是")


def pair_of(content: str) -> tuple[Decimal | None, bool | None]:
    """Value and yes/no of "Yes, 0.12", "0.12 (Yes)" or "0.12"; (None, None) for anything else."""
    if len(content) > _LONGEST_PAIR:
        return None, None
    first, last = _WORD_FIRST.fullmatch(content), _WORD_LAST.fullmatch(content)
    word, number = (first[1], first[2]) if first else (last[2], last[1]) if last else ("", content)
    value = read_number(number.strip(" ,;:()") if word else number)
    return value, None if value is None or not word else word.lower() == "yes"


def read_box(text: str, position: int) -> Extraction | None:
    """The answer in the ``\\boxed`` at ``position``; None where it holds none."""
    match = _BOX.match(text[position + 6 : position + 1000])
    if match is None:
        return None
    lines = match[1].replace("\\\\", ", ") if "\\begin" in match[1] else match[1]
    content = _SPACE_MACRO.sub(" ", _TEXT_MACRO.sub(r"\1", lines))
    content = content.replace("\\{", " ").replace("\\}", " ").replace("\\_", "_").strip(" $")
    if LACK.fullmatch(content.strip(" .*`\"'{}")):
        return Extraction(lack=True, start=position)
    found = from_pairs(loose_pairs(content), position)
    if found is not None:
        said = _SAID_BEFORE_PROB.match(content) if found.decision is None and found.value is not None else None
        return replace(found, decision=said[1].lower() == "yes") if said else found
    if (word := content.strip(" .*\"'").lower()) in ("yes", "no"):
        return Extraction(None, word == "yes", start=position)
    value, decision = pair_of(content)
    if value is not None:
        return Extraction(value, decision, start=position)
    if any(character.isdigit() for character in content):
        return Extraction(problem=f"\\boxed holds no single number: {content[:40]!r}", start=position)
    return None


def read_plain(text: str, position: int) -> Extraction | None:
    """The label at ``position`` outside of braces: "Final answer: Yes, 0.12", "The answer is Yes.", "PROB: 0.12"."""
    head = text[text.rfind("\n", max(0, position - 200), position) + 1 : position][-200:]
    segment = text[position : position + 200]
    following = _NEXT_LABEL.search(segment, 4)
    segment = _MARKUP.sub("", segment[: following.start()] if following else segment)
    match = _PLAIN.match(segment)
    if match is None:
        return None
    content = match["content"].strip()
    if match["label"].lower() != "answer":
        if content.count(")") > content.count("("):  # "ANSWER: Yes (PROB: 0.12)"
            content = content.rstrip(" .,;)")
        value = read_number(content.rstrip(" .,;"))
        if value is None or not _PROB_HEAD.fullmatch(head):
            return None
        words = set(_SAID_IN_HEAD.findall(head.lower()))  # "Yes, PROB: 0.12"
        decision = words == {"yes"} if len(words) == 1 else None
        return Extraction(value, decision, start=position, plain=True, weak=text[position : position + 4] != "PROB")
    if _NOT_SAID.search(head):
        return None
    value, decision = pair_of(content.rstrip(" .,;"))
    if value is None and (said := _SAID.match(content)):
        decision = said[1].lower() == "yes"
    return None if value is None and decision is None else Extraction(value, decision, start=position, plain=True)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return {True: "yes", False: "no", None: ""}.get(value, "…") if isinstance(value, bool | None) else "…"
