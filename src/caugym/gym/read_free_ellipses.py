"""What a statement leaves out and English lets one fill in: a value without its name, "it", a shared heading.

Each rule needs the words around it to leave one reading only; what no rule covers stays as it is, and is refused later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from caugym.gym.read_free_mentions import PLAIN, Mention, Mentions
from caugym.gym.read_free_words import pole

PROB = r"(?:probability|likelihood|chance|odds|prob|probabilities)"
WITH_PROB = rf"(?:with|at|by)\s+(?:an?\s+|the\s+)?{PROB}\s+(?:of\s+|equal\s+to\s+)?(?=⟦p)"
_NUMBER, _A, _V = r"⟦p\d+⟧", r"⟦a(?P<a>\d+)⟧", r"(?:an?\s+|the\s+)?⟦v(?P<v>\d+)⟧"
_WHEN = r"(?:when|if|whenever|where|once|while|given\s+that|provided|provided\s+that)"

_OTHER_VALUE = re.compile(
    rf"(?<!⟧ and )(?<!⟧, and )(?<!⟧ but )(?<!with ){_A}"
    rf"(?P<between>\s+{WITH_PROB}{_NUMBER}\s*,?\s+(?:and|but)\s+(?:is\s+|are\s+)?){_V}(?=\s+{WITH_PROB})"
)
""" "a is low with probability 0.1 and high with probability 0.9"."""
_BOTH_OTHER = re.compile(
    rf"(?P<first>⟦a\d+⟧)\s+and\s+(?P<second>⟦a\d+⟧)(?P<between>\s+{WITH_PROB}{_NUMBER}\s*,?\s+(?:and|but)\s+)"
    rf"(?:are\s+)?both\s+(?P<v>⟦v\d+⟧)(?=\s+{WITH_PROB})"
)
""" "a and b are both low with probability 0.1 and both high with probability 0.2"."""
_OTHER_CONDITION = re.compile(
    rf"(?P<cue>\b(?:{_WHEN}|given|with|under|for|at)\s+){_A}"
    rf"(?P<between>\s*[,;]?\s+(?:and|but|to|while|compared\s+(?:to|with))\s+"
    rf"(?:(?:with|of|to)\s+)?(?:an?\s+)?(?:{PROB}\s+)?(?:of\s+)?{_NUMBER}\s*,?\s+{_WHEN}\s+)(?:it|they)\s+(?:is|are)\s+{_V}"
)
""" "0.1 when a is low and 0.2 when it is high": what a condition is set against is that condition."""
_EVENT_IT = re.compile(
    rf"(?:^|(?<=[,;]\s)|(?<=\bthat\s)|(?<=\band\s))(?:it|they)\s+(?:is|are)\s+{_V}(?=\s+{WITH_PROB})"
)
""" "When b is high, it is low with probability 0.2": the event before, for "it" is not the condition."""
_ASIDE = re.compile(
    r"^(?P<cue>\W*(?:\w+\s+){1,4})(?P<a>⟦a\d+⟧)\s*"
    rf"(?:,\s+(?:which\s+(?:has|(?:holds|occurs|happens|is\s+so)\s+with)\s+(?:an?\s+)?|the\s+(?={PROB}\s+of\s+which))|\(\s*)"
    rf"(?:{PROB}\s+(?:of\s+(?:which\s+is\s+)?)?)?(?P<p>{_NUMBER})\s*[,)]+(?P<rest>.*)$"
)
""" "Given a low cost, which has probability 0.2, ..." says two things."""


def filled(text: str, mentions: Mentions, event: Sequence[tuple[str, str]]) -> list[str]:
    """The sentences of marks that ``text`` is, with what it leaves out; ``event``: that of the statement before."""
    aside = _ASIDE.match(text)
    if aside and "⟦a" not in aside["cue"]:
        rest = f"{aside['cue']}{aside['a']}, {aside['rest'].lstrip(' ,')}"
        return [f"{aside['a']} with probability {aside['p']}", *filled(rest, mentions, event)]
    text = _OTHER_VALUE.sub(lambda m: _joined(m, mentions) or m[0], text)
    text = _BOTH_OTHER.sub(lambda m: _both(m, mentions), text)
    text = _OTHER_CONDITION.sub(lambda m: _joined(m, mentions, opposite=True) or m[0], text)
    if len(event) == 1 and (it := _EVENT_IT.search(text)) and "⟦p" not in text[: it.start()]:
        text = text[: it.start()] + (_mark(mentions, event[0][0], it["v"]) or it[0]) + text[it.end() :]
    return [text]


def _mark(mentions: Mentions, node: str, value: str) -> str:
    """A mark of the node with the value; empty where the word is none of its values."""
    word = mentions.said[int(value)]
    if not mentions.takes(node, word):
        return ""
    mentions.found.append(Mention(node, word, PLAIN))
    return f"⟦a{len(mentions.found) - 1}⟧"


def _joined(match: re.Match[str], mentions: Mentions, opposite: bool = False) -> str:
    """The match with its bare value joined to the node before it; empty where that does not fit."""
    before = mentions.found[int(match["a"])]
    poles = pole(before.word), pole(mentions.said[int(match["v"])])
    if before.word == mentions.said[int(match["v"])] or (opposite and (None in poles or poles[0] == poles[1])):
        return ""
    mark = _mark(mentions, before.node, match["v"])
    cue = match.groupdict().get("cue") or ""
    return f"{cue}⟦a{match['a']}⟧{match['between']}{mark}" if mark else ""


def _both(match: re.Match[str], mentions: Mentions) -> str:
    marks = [
        _mark(mentions, mentions.found[int(match[name][2:-1])].node, match["v"][2:-1]) for name in ("first", "second")
    ]
    if not all(marks):
        return match[0]
    return f"{match['first']} and {match['second']}{match['between']}{marks[0]} and {marks[1]}"


_ITEM = re.compile(r"^(?:[01]?\.[0-9]+)\b\s*,?\s+(?P<rest>.+?)[;,.]?$")
_HEADING = (
    (re.compile(r"\s+(?:is|are|amounts\s+to|equals|stands\s+at)\s*:$"), r" is"),
    (re.compile(rf"\s+with\s+(?:these|the\s+following)\s+{PROB}\s*:$"), r" with probability"),
    (re.compile(rf"^(?:the\s+)?(?:figures|{PROB})\s+(?:for|of)\s+(.+?)\s*:$", re.I), r"the probability of \1 is"),
)


def heading(text: str) -> str | None:
    """What stands before each number of a list that ``text`` announces; None for another sentence."""
    for pattern, plain in _HEADING:
        if pattern.search(text):
            return pattern.sub(plain, text)
    return None


def item(text: str) -> bool:
    """Whether ``text`` is an item of such a list: a number and its condition."""
    return bool(_ITEM.match(text))
