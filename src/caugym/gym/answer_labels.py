"""What stands behind a label: in an object's key ANSWER, in a box, in a tag ``<answer>`` or in "So the answer is ...".

Read backwards, as for effects. An object, a box or a tag is the answer whatever comes after, but for a later sentence
that draws the conclusion ("So the answer is No."). Other sentences count where there is none of these. Passed over:
forms that are only shown ("like {...}"), and what is denied, asked or said to hold under a condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from caugym.gym.answer_forms import QUOTES
from caugym.gym.extraction import closing_brace, enclosing_brace, is_negated, json_pairs

MARKS = QUOTES + "_"
# Far more than any solution says; bounds the time on hostile text.
_MOST_LABELS = 1_000
_LONGEST_OBJECT = 4_000

LABEL = (
    rf"(?:(?P<formal><(?:final[_ ]?)?answers?>|\\boxed\s?\{{)"
    rf"|(?:answers?(?: to (?:the|this) question)?|答案)(?P<mark>[{MARKS}\s]{{0,8}}(?:[是为]?[:=]"
    r"|\b(?:is|are)\b:?(?:\s(?:therefore|thus|hence|then|clearly|still|simply|most likely))?))?)"
)
GAP = rf"[{MARKS}\s(${{]{{0,8}}(?:\\?text\w{{0,2}}\s?\{{[{MARKS}\s]{{0,4}})?"
WHOLE = r"(?![\w.]{0,40}\w)"
# What may follow an option that is the answer: not "no longer", "no more than", "1 of several".
_FOLLOWED = re.compile(
    rf"\)?[{MARKS}$}}\])]{{0,8}}[ \t]*(?:$|[.,;:!()<{{\[\n。\\|–—]|-\s|(?<=\d )(?-i:[A-Z])"
    r"|(?:because|since|as|given|due|for|so|and|but|which|in|with|under|here|overall)\b)",
    re.IGNORECASE,
)
CLOSED = re.compile(rf"\)?[{MARKS}\s]{{0,4}}(?:$|[,;:.!}}\])<(\n。–—]|-\s|(?:because|since|as)\b)", re.IGNORECASE)
CONDITION_AFTER = re.compile(
    r"[^\w?]{0,6}(?:only )?(?:if|unless|when|whenever|provided|assuming|depending|in case|otherwise)\b", re.IGNORECASE
)
_CONDITION = re.compile(r"\b(?:if|whether|unless|when|either|otherwise|suppose|assuming|had)\b", re.IGNORECASE)
_CONCLUSION = re.compile(r"\b(?:so|thus|therefore|hence|consequently|means|shows|conclude)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"(?:\b(?:not|never|cannot)|n['’]t)(?: (?:be|the|case|say|think|believe|claim|conclude|sure|certain|true|that|if))*"
    r" ?(?:(?:the|my|final|correct|right) ?)*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"[\W_]*(?:(?:so|thus|therefore|hence|finally|overall|the|my|our|final|correct|right)\b[\W_]*)*", re.IGNORECASE
)
_CONCLUDES = re.compile(
    r"\b(?:so|thus|therefore|hence|conclude that)\b[\W_]*(?:(?:the|my|our|final|correct|right)\b[\W_]*)*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。]\s|\n")
_KEY_BEFORE = re.compile(rf"[{{,\n][{MARKS}\s]{{0,8}}(?:final[_ ])?$", re.IGNORECASE)

_EXAMPLE_BEFORE = re.compile(
    r"(?:\blike|\bsuch as|\be\.g\.?|\bexample|\bfor instance|例如|比如|形如)[\s:,{`\"']*$", re.IGNORECASE
)
_FORM = re.compile(r"\b(?:form|format|template|structure|schema)\b", re.IGNORECASE)
_FORM_BEFORE = re.compile(r"\b(?:form|format|template|structure|schema)(?: is| as)?[\W_]*$", re.IGNORECASE)
_IN_THE_FORM = re.compile(r"\bin (?:\S+ ){0,4}(?:form|format|template|structure|schema)\b", re.IGNORECASE)
_INSTRUCTED = re.compile(
    r"^\W*(?:please )?(?:provide|give|write|respond|reply|return|output|put|answer|state|use)\b"
    r"|\b(?:must|should|needs? to|ha(?:s|ve) to|asks?|instruct\w*)\b",
    re.IGNORECASE,
)
_OR_BEFORE = re.compile(r"\bor[\s\"'`*$]{0,6}$", re.IGNORECASE)
_OR_AFTER = re.compile(r"[^\w{\\]{0,8}\bor\b\s*[{\\<\"$]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as read: ``formal`` in an object, box or tag, ``concluding`` in a sentence that draws the conclusion.

    ``value`` None: an object that gives several answers at once.
    """

    value: frozenset[str] | None
    formal: bool = False
    concluding: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer may be: its labels, and how it is read behind one and as a value of a JSON object."""

    labels: re.Pattern[str]
    at: Callable[[str, re.Match[str]], frozenset[str] | None]
    of_value: Callable[[object], frozenset[str] | None]


def last_said(text: str, reading: Reading) -> Said | None:
    """The answer that the labels of the text give; None where they give none."""
    remark: Said | None = None
    for match in list(reading.labels.finditer(text))[-_MOST_LABELS:][::-1]:
        found = _said_at(text, match, reading)
        if found is not None and found.formal:
            return found
        remark = remark or found
        if found is not None and found.concluding:
            break
    return remark


def _said_at(text: str, match: re.Match[str], reading: Reading) -> Said | None:
    """The answer at a label, in a JSON object, a box, a tag or a sentence; None where it is none."""
    start, end = match.start(), match.end("option")
    opened = enclosing_brace(text, start)
    if opened >= 0 and (values := _values_of_answer(text, opened, start)) is not None:
        read = {found for value in values if (found := reading.of_value(value))}
        if not read or _is_shown(text, opened, text.find("}", end) + 1):
            return None
        return Said(read.pop() if len(read) == 1 else None, formal=True)
    value = reading.at(text, match)
    if value is None or _is_step_list(text, match):
        return None
    is_key = opened >= 0 and _KEY_BEFORE.search(text[max(0, start - 24) : start]) is not None
    if match["formal"] or (is_key and match["mark"]):
        closed = CLOSED.match(text, end) is not None
        shown = _is_shown(text, opened if is_key else start, end)
        return Said(value, formal=True) if closed and not shown else None
    return _in_sentence(text, match, value)


def _values_of_answer(text: str, opened: int, position: int) -> list[object] | None:
    """What the JSON object from ``opened`` says under its key ANSWER; None where it has no such key, or is no JSON."""
    closed = closing_brace(text, position)
    if closed < 0 or closed - opened > _LONGEST_OBJECT:
        return None
    pairs = json_pairs(text[opened : closed + 1]) or ()
    return [value for key, value in pairs if key.endswith(("answer", "answers"))] or None


def _in_sentence(text: str, match: re.Match[str], value: frozenset[str]) -> Said | None:
    """The answer in "So the answer is No.": stated, not asked, denied or under a condition."""
    start, end = match.start(), match.end("option")
    before = text[max(0, start - 200) : start]
    head = before[max((found.end() for found in _SENTENCE_END.finditer(before)), default=0) :]
    leads = _LEAD.fullmatch(head) is not None
    if not match["mark"] and not (leads and "\n" in match["gap"]):
        return None
    if not _FOLLOWED.match(text, end) or CONDITION_AFTER.match(text, end) or _is_quoted(text, start, end):
        return None
    if _CONDITION.search(_CONCLUSION.split(head)[-1]) or _DENIED.search(head):
        return None
    return Said(value, concluding=leads or _CONCLUDES.search(head) is not None)


def _is_shown(text: str, start: int, end: int) -> bool:
    """Whether the object or box from ``start`` to ``end`` is no answer: quoted, or the form of the answer."""
    if _is_quoted(text, start, end):
        return True
    sentence = re.split(r"[.!?]\s|[}\n]", text[max(0, start - 200) : start].rstrip())[-1]
    if not _FORM.search(sentence):
        return False
    stated = _IN_THE_FORM.search(sentence) or not _FORM_BEFORE.search(sentence)
    return _INSTRUCTED.search(sentence) is not None or not stated


def _is_quoted(text: str, start: int, end: int) -> bool:
    """An example ("like {...}"), one of two ("{...} or {...}"), or what the answer is not."""
    before = text[max(0, start - 40) : start]
    example = _EXAMPLE_BEFORE.search(before) or _OR_BEFORE.search(before) or _OR_AFTER.match(text, end)
    return example is not None or is_negated(text, start)


def _is_step_list(text: str, match: re.Match[str]) -> bool:
    return "\n" in match["gap"] + (match["mark"] or "") and numbers_a_step(text, match.start("option"))


def numbers_a_step(text: str, position: int) -> bool:
    """Whether the number at ``position`` is one of a list of steps: "1. First, ..." with "2." on another line."""
    number = text[position : position + 1]
    if not number.isdigit() or text[position + 1 : position + 2] not in (".", ")"):
        return False
    mark, near = text[position + 1], text[max(0, position - 2_000) : position + 2_000]
    return any(f"\n{other}{mark} " in f"\n{near}" for other in (int(number) - 1, int(number) + 1))
