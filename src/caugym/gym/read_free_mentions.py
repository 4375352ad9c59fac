"""Turns free sentences into sentences of marks: a variable with its value ⟦a3⟧, a name alone ⟦n2⟧, a number ⟦p0⟧.

Names are marked first, then the words of values (⟦v4⟧), so that the patterns that join them are the same for all texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from caugym.gym.read_free_words import AFTER, BEFORE, Values, pole, without_articles
from caugym.gym.read_sentences import ReadError
from caugym.gym.wording.phrasing import synonyms
from caugym.gym.wording.phrasing.speaker import join

CHANGE, SET, HOLD, PLAIN, OUTCOME = "change", "set", "hold", "plain", "outcome"
"""How a text brings a value about: by a change, by setting (a change or a constraint), by holding, or simply so."""

_N = r"⟦n(?P<n>\d+)⟧"
_V = r"(?P<negated>not\s+)?(?:an?\s+|the\s+)?⟦v(?P<v>\d+)⟧(?:\s+(?:levels?|values?|states?)\b)?"
_INSTEAD = (
    r"(?:(?:instead|actually|initially|currently|in fact|"
    r"in reality|in truth|itself|themselves|also|both|still|naturally|really|"
    r"indeed|known to be|observed to be|found to be|seen to be)\s+)*"
)
_CHANGED = (
    "changed|altered|switched|forced|brought|made|moved|shifted|raised|reduced|increased|lowered|"
    "modified|turned|adjusted|transformed|driven"
)
_MOVED = rf"(?:{_CHANGED}|fixed|set)"
_HELD = (
    r"(?:held|kept|fixed|maintained|pinned|constrained|constant|steady|unchanged|remains?\s+fixed|stays?\s+fixed)"
    r"(?:\s+(?:constant|fixed|steady|unchanged|stable))?(?:\s+(?:to\s+be|to|at|as|in))?"
)
_JOINED = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"\bhad\s+{_N}\s+(?:instead\s+)?been\s+(?:{_MOVED}(?:\s+(?:to\s+be|to|at))?\s+)?{_V}", CHANGE),
        (rf"{_N}\s+had\s+(?:instead\s+)?(?:been\s+(?:{_MOVED}(?:\s+(?:to\s+be|to|at))?\s+)?|become\s+|changed\s+to\s+)"
         rf"{_V}", CHANGE),
        (rf"{_N}\s+(?:is|are|was|were|be)\s+(?:held|kept|fixed|maintained)\s+at\s+{_V}\s+by\s+intervention", CHANGE),
        (rf"{_N}\s+(?:is|are|was|were|be)\s+(?:instead\s+)?set\s+to\s+(?:be\s+)?{_V}", SET),
        (rf"{_N}\s+(?:is|are|was|were|be)\s+(?:instead\s+)?(?:{_CHANGED})"
         rf"(?:\s+(?:to\s+be|to\s+become|to|at|as))?\s+{_V}", CHANGE),
        (rf"{_N}\s+(?:changes?|moves?|shifts?|changed|moved|goes)?\s*from\s+(?:an?\s+)?⟦v\d+⟧\s+to\s+{_V}", CHANGE),
        (rf"{_N}\s+(?:becomes?|became|turns?|turned|were\s+to\s+become|were|shifts?\s+to|changes?\s+to|"
         rf"changed\s+to|moves?"
         rf"\s+to|changing\s+to\s+be|changing\s+to|increases?\s+to|decreases?\s+to|rises?\s+to|falls?\s+to|"
         rf"deteriorates?\s+to|improves?\s+to|drops?\s+to|"
         rf"shifted\s+to|"
         rf"to|into)\s+{_V}", CHANGE),
        (rf"{_N}\s+to\s+(?:become|turn|(?:rise|fall|drop|go|move|shift|change|climb)\s+to)\s+{_V}", CHANGE),
        (rf"{_N}\s+to\s+be\s+{_V}", SET),
        (rf"\b(?:having)\s+{_N}\s+at\s+{_V}", CHANGE),
        (rf"\b(?:making|makes?|made|were)\s+{_N}\s+{_V}", CHANGE),
        (rf"{_N}\s+(?:is|are|was|were|be|being)?\s*{_HELD}\s+{_V}", HOLD),
        (rf"{_N}\s+(?:⟦v\d+⟧\s+)?at\s+{_V}", HOLD),  # "steady at steady": the word may be a value too
        (rf"{_N}\s+(?:was|were|is|are)\s+(?:actually\s+)?(?:observed|found|seen)(?:\s+(?:to\s+be|as|"
         rf"at))?\s+{_V}", PLAIN),
        (rf"{_N}\s+{_INSTEAD}(?:is|are|was|were|being|remains?|stays?|remained|=|==)\s+{_INSTEAD}{_V}", PLAIN),
        (rf"{_N}\s+(?:initially|currently|actually|presently|originally)\s+{_V}", PLAIN),
        (rf"{_N}\s*(?:=|:|as)\s*{_V}", PLAIN),
        (rf"(?:\b(?:an?|the)\s+)?(?P<negated>\bnot\s+)?⟦v(?P<v>\d+)⟧\s+(?:(?:levels?|values?|amounts?)\s+(?:of|"
         rf"in)\s+)?{_N}",
         PLAIN),
        # "with income low and age high": what no other pattern has claimed.
        (rf"{_N}\s+{_V}(?=\s*(?:[,.?]|and\b|but\b|$))", PLAIN),
    )
)  # fmt: skip
_SHARED = re.compile(
    r"(?<!⟧ )(?P<names>⟦n\d+⟧(?:\s*,\s*⟦n\d+⟧)*\s*,?\s+and\s+⟦n\d+⟧)\s+(?P<be>both\s+being|being\s+both|"
    r"all\s+being|are\s+both|"
    r"(?:(?:are|were|is|was)\s+)?(?:both|all|each|jointly)(?:\s+(?:held|fixed|kept|set)\s+(?:at|to))?|"
    r"(?:are\s+|were\s+)?(?:both\s+)?(?:held|fixed|kept)\s+at|"
    r"are\s+all|both\s+are|are|were|being)\s+(?P<v>⟦v\d+⟧)"
)
_VERBS = re.compile(r"\b(?:increased|reduced|decreased|lowered|elevated|improved)\s+(to|from)\b")
"""Verbs that are also words of values."""
_WITH_SPEED = {said: word for word, others in synonyms.VALUES.items() for said in others if "speed" in said}
"""Phrases of values that hold what may be a name, with the word that they stand for."""
_BOTH = re.compile(r"\b(?:of|that)\s+both\s+(?P<be>being|are)\s+(?P<v>⟦v\d+⟧)")
_HAS = re.compile(
    r"(?P<n>⟦n\d+⟧)\s+(?P<has>has|have)\s+an?\s+(?P<p>⟦p\d+⟧)\s+(?P<prob>probability|likelihood|chance)\s+of\s+"
    r"being\s+(?P<v>⟦v\d+⟧)"
)
"""A value said apart from its variable: "a has a 0.1 probability of being low"."""


_INNER = r"\s+(?:(?:the|an?|their|its|his|her)\s+)?"
"""Between the words of a name."""


@dataclass
class Mention:
    """``node`` with ``word``; ``kind``: how the text brings the value about."""

    node: str
    word: str
    kind: str


@dataclass
class Mentions:
    """Finds names and values; ``found``, ``names`` and ``numbers`` are what the marks' numbers count."""

    forms: dict[str, tuple[str, ...]]
    values: dict[str, Values]
    found: list[Mention] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._node = {without_articles(form): node for node, forms in self.forms.items() for form in forms}
        self._words = {node: values.words() for node, values in self.values.items()}
        self._name = re.compile(rf"(?<![\w-]){BEFORE}(?P<name>{_either(self._node, _INNER)})(?![\w-])(?!'s\b){AFTER}")
        self._value = re.compile(rf"(?<![\w-])(?:{_either(set().union(*self._words.values(), set()))})(?![\w-])")
        self.said: list[str] = []

    def mark(self, text: str) -> str:
        return self.restore(self.mark_values(text))

    def mark_values(self, text: str) -> str:
        """``text`` in lower case with marks, the words of values that belong to no name still marked ⟦v4⟧."""
        text = _VERBS.sub(r"changed \1", text.lower().replace("\u2019", "'"))
        for phrase, word in _WITH_SPEED.items():
            text = text.replace(phrase, word)
        text = self._name.sub(self._named, text)
        text = "".join(
            part if part.startswith("⟦") else self._value.sub(self._valued, part) for part in re.split(r"(⟦\w+⟧)", text)
        )
        text = re.sub(r"\bin\s+an?\s+(⟦v\d+⟧)\s+(?:state|condition)\b", r"\1", text)
        text = _HAS.sub(r"\g<n> being \g<v> \g<has> a \g<p> \g<prob>", text)
        if shared := _SHARED.search(text):  # "both being high" speaks of those that were "both low" before
            text = _BOTH.sub(lambda match: f"of {shared['names']} {match['be']} {match['v']}", text)
        text = _SHARED.sub(self._spread, text)
        for pattern, kind in _JOINED:
            text = pattern.sub(lambda match, kind=kind: self.join(match, kind), text)  # type: ignore[misc]
        return text

    def takes(self, node: str, word: str) -> bool:
        """Whether the word may be one of the node's values."""
        return word in self._words[node]

    def restore(self, text: str) -> str:
        return re.sub(r"⟦v(\d+)⟧", lambda match: self.said[int(match[1])], text)

    def join(self, match: re.Match[str], kind: str) -> str:
        """The mark of a name with its value; the words as they stand where the value is none of that variable."""
        node, word = self.names[int(match["n"])], self.said[int(match["v"])]
        if word not in self._words[node]:
            return match[0]
        negated = bool((match.groupdict().get("negated") or "").strip())
        self.found.append(Mention(node, f"not {word}" if negated else word, kind))
        return f"⟦a{len(self.found) - 1}⟧"

    def _named(self, match: re.Match[str]) -> str:
        self.names.append(self._node[without_articles(match["name"])])
        return f"⟦n{len(self.names) - 1}⟧"

    def _valued(self, match: re.Match[str]) -> str:
        self.said.append(" ".join(match[0].split()))
        return f"⟦v{len(self.said) - 1}⟧"

    @staticmethod
    def _spread(match: re.Match[str]) -> str:
        """Each member of "a and b are both low" gets the value."""
        be = "being" if "being" in match["be"] else "is"
        be = "held at" if re.search(r"\b(?:held|fixed|kept|set)\b", match["be"]) else be
        members = [f"{name} {be} {match['v']}" for name in re.findall(r"⟦n\d+⟧", match["names"])]
        return join(members)


def _either(options: Iterable[str], between: str = r"\s+") -> str:
    longest = sorted(options, key=lambda option: (-len(option), option))
    return "|".join(re.escape(option).replace(r"\ ", between) for option in longest)


def two_words(node: str, values: Values, said: list[str], text: str) -> tuple[str, str]:
    """The pair of words for ``node``'s values. Raises ReadError when the words said do not fall into two."""
    pair = values.pair(said)
    if pair is not None:
        return pair
    unique = list(dict.fromkeys(said))
    if two := next(((a, b) for a in unique for b in unique if a < b and len(a) > 3 and b.startswith(a[:-1])), None):
        raise ReadError(f"{two[0]!r} and {two[1]!r} may be one value of {node!r}", 1, text)
    for first in unique:
        for second in unique:
            candidate = (first, second)
            alike = pole(first) is not None and pole(first) == pole(second)
            if first != second and not alike and all(Values.side(word, candidate) is not None for word in unique):
                return candidate
    if len(unique) == 2 and (pole(unique[0]) is None or pole(unique[0]) != pole(unique[1])):
        return unique[0], unique[1]
    if len(unique) == 1:
        return unique[0], f"not {unique[0]}"
    raise ReadError(f"cannot tell the two values of {node!r} from the words {', '.join(unique)}", 1, text)
