"""Statements in free sentences: what is the event, what the condition, and what an ellipsis carries over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from caugym.gym.read_free_ellipses import PROB as _PROB
from caugym.gym.read_free_ellipses import WITH_PROB, filled
from caugym.gym.read_free_mentions import Mentions
from caugym.gym.read_free_words import ONLY_VALUES
from caugym.gym.read_sentences import ReadError
from caugym.gym.wording.phrasing import carriers

Term = tuple[str, str]
_A = r"⟦a\d+⟧"
_WITH_TOO = r"(?:together|along|combined|coupled|in\s+combination|in\s+conjunction|jointly)\s+with|alongside"
_LIST = re.compile(
    rf"{_A}\s+(?:despite|with|under)\s+{_A}(?:(?:\s*,\s*{_A})*\s*,?\s+and\s+{_A})(?=\s*,)|"
    rf"(?:both\s+)?{_A}(?:(?:\s*,\s*{_A})*"
    rf"(?:\s*,?\s+(?:and|but|despite|yet|{_WITH_TOO})\s+(?:both\s+|that\s+|all\s+)?{_A}){{1,3}})?"
)
_SAME = re.compile(
    rf"\b(?:this|that|the same)\s+(?:\w+\s+)?{_PROB}|\bthe figure\b|\bit\s+(?:is|equals|stands|amounts|comes|"
    rf"turns|moves|"
    r"becomes|changes|shifts|rises|increases|goes|climbs|grows|drops|falls|decreases|declines|remains|stays)\b|"
    rf"\bit\s+has\s+(?:an?\s+|the\s+)?{_PROB}\s+(?:of\s+)?⟦p\d+⟧|"
    rf"\bthe\s+{_PROB}\s+(?:is|becomes|equals|amounts\s+to|comes\s+to|stands\s+at|(?:rises|falls|drops)\s+to)\s+⟦p\d+⟧(?!\s+that\b)"
)
_CONDITION = re.compile(
    r"\b(?:when|whenever|if|given|given that|provided|with|under|for|among|where|whose|assuming|supposing|in|at|"
    r"conditional|"
    r"during|once|while|within|as long as|despite)\b"
)
_EVENT = re.compile(rf"\b{_PROB}\b(?:\s+of)?|\bthat\b|\bfinds\b|\bobserves\b")
_CUT = re.compile(
    r"[,;]?\s+(?:while|whereas|compared with|as opposed to|against|versus)\s+|;\s+|,\s+(?:and|but)\s+|"
    r"\s+(?:and|but)\s+(?=⟦p)|\s+(?:and|but)\s+(?=the\b)|,\s+(?=⟦p)|"
    rf"\s*,?\s+(?:and|but)\s+(?=(?:it\s+is\s+)?{WITH_PROB}|of\s+⟦p|to\s+⟦p|⟦a\d+⟧\s+{WITH_PROB}|⟦a\d+⟧\s+and\s+⟦a\d+⟧\s+{WITH_PROB})|"
    rf",\s+(?={WITH_PROB}⟦p)"
)


_OPENER = re.compile(
    r"^\W*(?:additionally|furthermore|moreover|similarly|in addition|also|meanwhile|likewise|besides|further|"
    r"conversely|"
    r"in contrast|by contrast|on the other hand|however|alternatively|in comparison|otherwise|in general|"
    r"overall|in this "
    r"setting|finally)\b,?\s*"
)

_THAT_CASE = re.compile(
    r"\b(?:in|under|within|among|for|of|from)\s+(?:that|this|such|the\s+same|the\s+latter|the\s+former|which|these|them|those)"
    r"(?:\s+(?:an?\s+)?(?:situation|case|circumstance|condition|event|instance|group|subgroup|latter)s?\b)"
    r"(?!\s+(?:where|in\s+which|with|when|that|of|who|whose))|\b(?:among|for|of)\s+them\b|\b(?:is|are)\s+then\b|(?:^|[;,]\s+(?:and\s+)?)\W*(?:there|here)\s*,"
)
"""Words that point back to a condition."""
_AND = re.compile(r"^\s*,?\s*(?:and|but|⟦)")
_OVERALL = re.compile(r"\b(?:overall|in general|unconditional|unconditionally|altogether|on the whole|by itself)\b")
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
        for sentence in filled(text.lower(), mentions, found[-1].event if found else ()):
            lead: list[Term] = []
            for i, part in enumerate(_parts(line, _whole(line, sentence, mentions))):
                one = _statement(line, part, found[-1] if found else None, mentions, i > 0)
                lead = (
                    _scope(line, part, one, found[-1] if i else None, lead, mentions)
                    if i
                    else _leading(part, one, mentions)
                )
                found.append(one)
    return found


def _nodes(said: Said) -> set[str]:
    return {node for node, _ in said.event}


def _whole(line: Place, text: str, mentions: Mentions) -> str:
    """The sentence with its other words as they stand; no word that can only be a value may be among them."""
    left = [mentions.said[int(number)] for number in re.findall(r"⟦v(\d+)⟧", text)]
    if words := [word for word in left if word in ONLY_VALUES]:
        raise line.error(f"{words[0]!r} without its variable in")
    return mentions.restore(text)


def _leading(text: str, said: Said, mentions: Mentions) -> list[Term]:
    """The condition that stands before a sentence's first event, and may hold for its other parts too."""
    first = _LIST.search(text)
    terms = _terms(first[0], mentions) if first else []
    return terms if all(term in said.condition for term in terms) else []


def _scope(line: Place, text: str, said: Said, before: Said | None, lead: list[Term], mentions: Mentions) -> list[Term]:
    """Puts a later part of a sentence under the condition that opened it; refuses where that is open."""
    nodes = {node for node, _ in lead}
    trailing = bool(said.condition) and not _leading(text, said, mentions) and not _OVERALL.search(text)
    if before and not before.condition and trailing and said.event != before.event and _nodes(said) == _nodes(before):
        raise line.error("cannot tell whether the condition holds for both numbers in")
    own = {node for node, _ in said.condition}
    if not lead or own & nodes or _OVERALL.search(text):
        return lead if own & nodes else _leading(text, said, mentions) if own else lead
    if own and _leading(text, said, mentions):
        return _leading(text, said, mentions)
    if not _AND.match(text) or nodes & {node for node, _ in said.event}:
        raise line.error("cannot tell whether the first condition holds for the rest of")
    said.condition = [*said.condition, *lead]
    return lead


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
    if _THAT_CASE.search(text):
        raise line.error("cannot tell which case is meant in")
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
    if not lists or len(lists) > 3:
        raise line.error("cannot tell event and condition apart in")
    value = mentions.numbers[int(number[1])]
    if _SAME.search(text) or (same_sentence and len(lists) == 1 and _bare(text, lists[0][0], number)):
        return _elliptic(line, lists, before, value, same_sentence)
    if len(lists) == 1:
        if _is_condition(text[: lists[0][0].start()], text[lists[0][0].end() :]):
            raise line.error("a condition without an event in")
        return Said(lists[0][1], [], value, line)
    event = _event(line, text, [match for match, _ in lists], number)
    condition = [term for i, (_, terms) in enumerate(lists) if i != event for term in terms]
    return Said(lists[event][1], condition, value, line)


def _bare(text: str, match: re.Match[str], number: re.Match[str]) -> bool:
    """Only a number and its condition: "... and 0.4 when a is low", "... and with low a 0.4"."""
    left = text[: match.start()]
    if match.end() <= number.start() and not text[match.end() : number.start()].strip(" ,"):
        return _is_condition(left, "") and not re.search(rf"\b{_PROB}\b", text)
    if number.end() > match.start() or not _is_condition(text[number.end() : match.start()], ""):
        return False  # "... and with probability 0.4, a is low" is a statement of its own
    opening = re.match(rf"\W*(?:and\s+|but\s+)?(?:{WITH_PROB}|of\s+|to\s+)", text)
    begin = opening.end() if opening else 0
    return not _announces_event(text[begin : match.start()]) and not re.search(rf"\b{_PROB}\b", text[begin:])


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
    if len(lists) == 3:
        starts = [0, *(match.end() for match in lists)]
        left3 = [text[start : match.start()] for start, match in zip(starts, lists, strict=False)]
        events = [i for i, part in enumerate(left3) if not _is_condition(part, "")]
        if len(events) != 1:
            raise line.error("cannot tell event and condition apart in")
        return events[0]
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
