"""Statements in free sentences: what is the event, what the condition, and what an ellipsis carries over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from caugym.gym.read_free_mentions import Mentions
from caugym.gym.read_sentences import ReadError
from caugym.gym.wording.phrasing import carriers

Term = tuple[str, str]
_A = r"⟦a\d+⟧"
_WITH_TOO = r"(?:together|along|combined|coupled|in\s+combination|in\s+conjunction|jointly)\s+with|alongside"
_LIST = re.compile(
    rf"{_A}\s+(?:despite|with|under)\s+{_A}(?:(?:\s*,\s*{_A})*\s*,?\s+and\s+{_A})(?=\s*,)|"
    rf"(?:both\s+)?{_A}(?:(?:\s*,\s*{_A})+\s*,?\s+(?:and|but|despite|yet)\s+{_A}|"
    rf"\s*,?\s+(?:and|but|despite|yet|{_WITH_TOO})\s+(?:both\s+|that\s+)?{_A}(?:\s*,?\s+(?:but|yet)\s+{_A})?)?"
)
_PROB = r"(?:probability|likelihood|chance|odds|prob|probabilities)"
_SAME = re.compile(
    rf"\b(?:this|that|the same)\s+(?:\w+\s+)?{_PROB}|\bthe figure\b|\bit\s+(?:is|equals|stands|amounts|comes|"
    rf"turns|moves|"
    r"becomes|changes|shifts|rises|increases|goes|climbs|grows|drops|falls|decreases|declines|remains|stays)\b"
)
_CONDITION = re.compile(
    r"\b(?:when|whenever|if|given|given that|provided|with|under|for|among|where|whose|assuming|supposing|in|at|"
    r"conditional|"
    r"during|once|while|within|as long as|despite)\b"
)
_EVENT = re.compile(rf"\b{_PROB}\b(?:\s+of)?|\bthat\b|\bfinds\b|\bobserves\b")
_CUT = re.compile(
    r"[,;]?\s+(?:while|whereas|compared with|as opposed to|against|versus)\s+|;\s+|,\s+(?:and|but)\s+|"
    r"\s+(?:and|but)\s+(?=⟦p)|\s+(?:and|but)\s+(?=the\b)"
)


_OPENER = re.compile(
    r"^\W*(?:additionally|furthermore|moreover|similarly|in addition|also|meanwhile|likewise|besides|further|"
    r"conversely|"
    r"in contrast|by contrast|on the other hand|however|alternatively|in comparison|otherwise|in general|"
    r"overall|in this "
    r"setting|finally)\b,?\s*"
)

_SIGNED = re.compile(r"(?<!\w)[-−+]⟦p\d+⟧|⟦p\d+⟧\s?(?:%|percent)")

_PLAIN_WORDS = frozenset(
    (
        "a", "despite", "occurring", "occur", "observed", "achieving", "obtaining", "both", "either", "s", "combined",
        "odds", "remaining", "instances", "instance", "scenario", "condition", "individual", "person", "people",
        "again", "experiencing", "whereas", "while", "during", "yet", "along", "alongside", "still", "now",
    )
)  # fmt: skip
"""Words besides those of the grammar that a statement may hold. A word that is not known may hide a condition."""


_JOINT_WITH = re.compile(rf"(\bjoint\b[^⟦]*{_A})\s+with\s+(?=(?:the\s+)?{_A})|({_A})\s+occurs?\s+jointly\s+with\s+")


class Place(Protocol):
    def error(self, message: str) -> ReadError: ...


@dataclass
class Said:
    """P(event | condition) = number, in the text's own words."""

    event: list[Term]
    condition: list[Term]
    number: str
    line: Place


def statements(marked: list[tuple[Place, str]], mentions: Mentions) -> list[Said]:
    """Raises ReadError for a sentence whose parts are not clear."""
    found: list[Said] = []
    for line, text in marked:
        for i, part in enumerate(_parts(line, text.lower())):
            found.append(_statement(line, part, found[-1] if found else None, mentions, i > 0))
    return found


def _parts(line: Place, text: str) -> list[str]:
    """One part for each number."""
    numbers = list(re.finditer(r"⟦p\d+⟧", text))
    lists = [match.span() for match in _LIST.finditer(text)]
    parts, start = [], 0
    for one, following in pairwise(numbers):
        found = _CUT.finditer(text, one.end(), following.end())
        cuts = [cut for cut in found if not any(a < cut.start() < b for a, b in lists)]
        if not cuts:
            raise line.error("two numbers in one sentence, and no word that divides it")
        parts.append(text[start : cuts[-1].start()])
        start = cuts[-1].start()
    return [*parts, text[start:]]


def _statement(line: Place, text: str, before: Said | None, mentions: Mentions, same_sentence: bool) -> Said:
    text = _OPENER.sub("", re.sub(r"^[,;\s]*(?:while|whereas)\s+", "", text) if same_sentence else text)
    text = _JOINT_WITH.sub(lambda match: f"{match[1] or match[2]} and ", text)
    if _SIGNED.search(text):
        raise line.error("a sign or a percentage, write probabilities as numbers from 0 to 1,")
    if any(character.isnumeric() for character in re.sub(r"⟦\w+⟧", "", text)):
        raise line.error("a number that is no probability from 0 to 1 in")
    if re.search(r"⟦n\d+⟧", text):
        raise line.error("a variable without its value in")
    unknown = set(re.findall(r"[a-z]+", re.sub(r"⟦\w+⟧", " ", text))) - carriers() - _PLAIN_WORDS
    if unknown:
        raise line.error(f"cannot read {', '.join(sorted(unknown))} in")
    if re.search(r"\bgo(?:es)?\s+with\b", text):
        raise line.error("cannot tell whether 'goes with' names a condition in")
    lists = [(match, _terms(match[0], mentions)) for match in _LIST.finditer(text)]
    said_joint = re.search(rf"\bjoint(?:ly)?\b|\btogether\s+with\s+(?:an?\s+)?{_PROB}", text)
    if said_joint and len(lists) == 2 and len(lists[0][1]) == len(lists[1][1]) == 1:
        raise line.error("cannot tell what is joint in")
    number = re.search(r"⟦p(\d+)⟧", text)
    if number is None:
        raise line.error("a statement without its number")
    if not lists or len(lists) > 2:
        raise line.error("cannot tell event and condition apart in")
    value = mentions.numbers[int(number[1])]
    if _SAME.search(text) or (same_sentence and len(lists) == 1 and _bare(text, lists[0][0], number)):
        return _elliptic(line, lists, before, value, same_sentence)
    if len(lists) == 1:
        if _is_condition(text[: lists[0][0].start()], text[lists[0][0].end() :]):
            raise line.error("a condition without an event in")
        return Said(lists[0][1], [], value, line)
    event = _event(line, text, [match for match, _ in lists], number)
    return Said(lists[event][1], lists[1 - event][1], value, line)


def _bare(text: str, match: re.Match[str], number: re.Match[str]) -> bool:
    """Only a number and its condition: "... and 0.4 when a is low"."""
    return number.end() <= match.start() and not re.search(rf"\b{_PROB}\b", text)


def _terms(text: str, mentions: Mentions) -> list[Term]:
    found = [mentions.found[int(i)] for i in re.findall(r"⟦a(\d+)⟧", text)]
    return [(mention.node, mention.word) for mention in found]


def _elliptic(
    line: Place, lists: list[tuple[re.Match[str], list[Term]]], before: Said | None, value: str, same_sentence: bool
) -> Said:
    if before is None or len(lists) != 1:
        raise line.error("cannot tell what 'this probability' means in")
    condition = lists[0][1]
    named, earlier = {node for node, _ in condition}, {node for node, _ in before.condition}
    if named & {node for node, _ in before.event}:
        raise line.error("'this probability' is that of a variable in its own condition")
    if named < earlier:
        if not same_sentence:
            raise line.error("only a part of the condition before is repeated in")
        condition = [*condition, *(term for term in before.condition if term[0] not in named)]
    return Said(before.event, condition, value, line)


def _event(line: Place, text: str, lists: list[re.Match[str]], number: re.Match[str]) -> int:
    """Which of the two lists is the event."""
    first, second = lists
    left = text[: first.start()], text[first.end() : second.start()]
    says = [_announces_event(part) for part in left]
    if says[0] != says[1]:
        return says.index(True)
    if not any(says):
        conditions = [_is_condition(part, "") for part in left]
        if conditions[0] and not conditions[1]:
            return 1
        if conditions[1] and not conditions[0]:
            return 0
        if re.match(r",?\s*$", left[1]):
            return 1
    raise line.error("cannot tell event and condition apart in")


def _announces_event(text: str) -> bool:
    """Whether what follows is the event: "the probability of", "a 0.1 chance that", "with probability 0.1,"."""
    tail = re.sub(r"^.*⟦p\d+⟧", "⟦p⟧", text)
    cue = list(_EVENT.finditer(tail))
    if cue:
        after = tail[cue[-1].end() :]
        word = cue[-1][0]
        if word == "that" and re.search(r"(?:given|provided|assuming|supposing|case|condition|observing)\s+$",
                                        tail[: cue[-1].start()]):  # fmt: skip
            return False
        return not re.search(r"\b(?:when|if|given|with|under|for|among|where|whose|in cases?|conditional)\b", after)
    return bool(re.search(r"⟦p⟧\s*,\s*$", tail)) and bool(re.search(rf"\bwith\s+(?:an?\s+)?{_PROB}\s*⟦p\d+⟧", text))


def _is_condition(left: str, right: str) -> bool:
    """Whether the words before a list introduce a condition."""
    if _announces_event(left):
        return False
    tail = re.sub(r"^.*⟦[pa]\d+⟧", "", left)
    return bool(_CONDITION.search(tail)) and not re.search(rf"{_PROB}\s+(?:of|that)\b[^⟦]*$", tail)
