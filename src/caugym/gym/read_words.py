"""Learns from a text which two words each variable's values go by, and which of them is 0 and which 1."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from caugym.gym.problem import Variable
from caugym.gym.read_sentences import Sentence, loose, shorten, squeeze
from caugym.gym.wording.vocabulary import stories

Spoken = tuple[tuple[str, str], ...]
"""Variables with the words that the text uses for their values."""

_ANNOTATION = r"(?:\s*\((?P<letter>[A-Za-z]\w*)\s*=\s*(?P<code>[01])\))?"
_USUAL = (
    ("low", "high"), ("no", "yes"), ("poor", "good"), ("bad", "good"), ("weak", "strong"), ("negative", "positive"),
    ("poor", "excellent"), ("few", "many"), ("small", "large"), ("slow", "fast"), ("rare", "frequent"),
)  # fmt: skip
_OPPOSITES = {word: pair for pair in reversed(_USUAL) for word in pair}
_BRACKETS = re.compile(r"\([^()]*\)")
_NEGATIONS = ("not ", "un", "in", "im", "ir", "dis", "non-", "no ")


def clean(words: str) -> str:
    """A name or a word as it is compared: lower case, single spaces, straight apostrophes.

    Lists in brackets are compared with commas: the published files write one name both as "weather (e.g. wind, rain)"
    and as "weather (e.g. wind and rain)".
    """
    words = squeeze(words.lower().replace("\u2019", "'"))
    return _BRACKETS.sub(lambda match: match[0].replace(", and ", ", ").replace(" and ", ", "), words)


def _name_pattern(name: str) -> str:
    """A pattern for all that ``clean`` makes into ``name``."""
    pattern = loose(name)
    return _BRACKETS.sub(lambda match: match[0].replace(r",\s+", r"(?:,|,?\s+and)\s+"), pattern)


@dataclass
class _Mentions:
    """Words in order of appearance with the codes that annotations or the question's form give them."""

    codes: dict[str, int | None] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)
    letter: str | None = None


class Words:
    """The words met so far for every variable of a graph.

    A third word, two codes for one word and two letters for one variable are errors in the sentence that says so.
    """

    def __init__(self, nodes: tuple[str, ...]) -> None:
        self.nodes = nodes
        self._mentions = {node: _Mentions() for node in nodes}
        longest_first = sorted(nodes, key=len, reverse=True)
        self.name_pattern = "(?:" + "|".join(_name_pattern(node) for node in longest_first) + ")"
        item = rf"(?:the\s+)?(?P<name>{self.name_pattern})\s+being\s+"
        following = item.replace("?P<name>", "?:")
        self._item = re.compile(
            rf"{item}(?P<word>\S.*?){_ANNOTATION}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?={following})|$)",
            re.IGNORECASE,
        )

    def assignment(self, text: str, sentence: Sentence) -> Spoken:
        """Reads "x being low (A=0), y being high and z being low" and notes the words."""
        found: dict[str, str] = {}
        position = 0
        while position < len(text):
            match = self._item.match(text, position)
            if match is None:
                unread = text[position:]
                name = unread.split(" being ")[0]
                if " being " not in unread:
                    raise sentence.error(f"cannot read {shorten(unread)!r} as 'variable being value'")
                raise sentence.error(f"{shorten(name)!r} is no variable of the graph (it has {', '.join(self.nodes)})")
            node, word = clean(match["name"]), clean(match["word"])
            if node in found:
                raise sentence.error(f"{node!r} comes twice in one list")
            code = None if match["code"] is None else int(match["code"])
            self.note(node, word, sentence, code=code, letter=match["letter"])
            found[node] = word
            position = match.end()
        return tuple(found.items())

    def note(
        self,
        node: str,
        word: str,
        sentence: Sentence,
        code: int | None = None,
        letter: str | None = None,
        hint: int | None = None,
    ) -> None:
        """``code`` is printed with the word; ``hint`` is what the question's form says where no code is printed."""
        mentions = self._mentions[node]
        if word not in mentions.codes and len(mentions.codes) == 2:
            raise sentence.error(f"{node!r} has three values: {', '.join([*mentions.codes, word])}")
        known = mentions.codes.setdefault(word, code)
        if code is not None:
            if known not in (None, code):
                raise sentence.error(f"{node!r} being {word!r} is written both as {known} and as {code}")
            if any(other == code for spelled, other in mentions.codes.items() if spelled != word):
                raise sentence.error(f"both values of {node!r} are written as {code}")
            mentions.codes[word] = code
        if letter is not None:
            if mentions.letter not in (None, letter):
                raise sentence.error(f"{node!r} is called both {mentions.letter} and {letter}")
            for other, others in self._mentions.items():
                if other != node and others.letter == letter:
                    raise sentence.error(f"{other!r} and {node!r} are both called {letter}")
            mentions.letter = letter
        if hint is not None:
            mentions.hints.setdefault(word, hint)

    def letters(self) -> tuple[tuple[str, str], ...]:
        return tuple((node, mentions.letter) for node, mentions in self._mentions.items() if mentions.letter)

    def variables(self) -> tuple[Variable, ...]:
        """One variable a node. Codes: as printed, else by the question's form, else the usual ones, else by order."""
        return tuple(Variable(node, _pair(node, self._mentions[node])) for node in self.nodes)


def _pair(name: str, mentions: _Mentions) -> tuple[str, str]:
    words = list(mentions.codes)
    usual = next((pair for pair in _usual_pairs().get(name, ()) if set(words) <= set(pair)), None)
    if usual is None and not words:
        return "low", "high"
    if len(words) == 1:
        pair = usual or _OPPOSITES.get(words[0])
        others = set(pair or ()) - set(words)
        words.append(min(others, default=f"not {words[0]}"))
    first, second = words or (usual or ("low", "high"))
    for codes in (mentions.codes, mentions.hints):
        for word, other in ((first, second), (second, first)):
            code = codes.get(word)
            if code is not None:
                return (word, other) if code == 0 else (other, word)
    if usual is not None:
        return usual
    if (second, first) in _USUAL or any(second == prefix + first for prefix in _NEGATIONS):
        return second, first
    return first, second


@cache
def _usual_pairs() -> dict[str, list[tuple[str, str]]]:
    """The words that the gym's own stories use for a name."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for story in stories():
        for variable in story.variables:
            pairs.setdefault(clean(variable.name), []).append(variable.words)
    return pairs
