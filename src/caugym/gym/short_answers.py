"""Keys of other benchmarks, and how such an answer is read from a completion: never evaluated, linear in time.

A ``Word`` is one of a few words or numbers, ``Choices`` a set of them (``option_answers.py`` reads both), a
``Distribution`` a list of probabilities, a ``MathAnswer`` (``math_answers.py``) an expression.
As for effects and bounds the last answer counts, and one that only quotes the instruction ("like {...}") does not.

A key whose ``released`` names a benchmark has ``read_released`` as well: what that benchmark's released script does,
for the judge ``published``. The texts of keys do not hold that name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from caugym.gym.answer_labels import MARKS
from caugym.gym.extraction import folded, is_negated
from caugym.gym.math_answers import MathAnswer
from caugym.gym.number_text import read_number
from caugym.gym.option_answers import read_choices, read_word
from caugym.gym.released_words import RELEASED, Released, read_released_word, released_text

_ANSWER = re.compile(r"answer", re.IGNORECASE)
_NEAR, _MOST_LISTS = 200, 1_000
_LIST = re.compile(r"\[([^\[\]]{1,400})\]")
# Before a list: "ANSWER:", "\\boxed{", and in one line with it "The answer is P(v3) =".
_LABEL_BEFORE = re.compile(
    rf"(?:answer(?:[{MARKS}\s:=#>]{{0,12}}|[{MARKS}\s]{{0,8}}(?:[:=]|is\b)[^\n\[\]]{{0,80}})"
    rf"|\\boxed\s?\{{[{MARKS}\s$]{{0,4}})(?:left)?\[?$",
    re.IGNORECASE,
)
_ONE_OF_SEVERAL = re.compile(r"[^\n\[]{0,40}\[")
_SHOWN_LISTS = re.compile(
    r"(?:\blike|\bsuch as|\be\.g\.?|\bexample|\bfor instance|例如|比如|形如)[\s:,`]{0,4}\[[^\[\]]{0,400}\]"
    r"(?:\s{0,4}(?:,|\bor\b|\band\b)\s{0,4}\[[^\[\]]{0,400}\]){0,9}",
    re.IGNORECASE,
)
_RELEASED_LIST = re.compile(r"ANSWER\s*\[((?:(?:-?[0-9.])+,\s+)*(?:-?[0-9.])+)\]")


@dataclass(frozen=True)
class Word:
    """The right one of ``options``, such as "Yes" and "No" or "1" to "4"; ``released``: see ``released_words.py``."""

    right: str
    options: tuple[str, ...]
    released: Released | None = None

    def __post_init__(self) -> None:
        if self.released is not None and self.released not in RELEASED:
            raise ValueError(f"unknown released rule {self.released!r}: expected one of {', '.join(RELEASED)}")

    def text(self) -> str:
        return json.dumps({"ANSWER": self.right})

    def read(self, text: str) -> Word | None:
        word = read_word(text, self.options)
        return None if word is None else Word(word, self.options)

    def read_released(self, text: str) -> Word | None:
        """What the released script reads where it is one of the options, and else None."""
        word = None if self.released is None else read_released_word(text, self.options, self.released)
        return None if word is None else Word(word, self.options)

    def accepts(self, given: object) -> bool:
        return isinstance(given, Word) and given.right == self.right

    def released_text(self) -> str:
        """The key in a form that its released script reads, which need not be that of ``text``."""
        return self.text() if self.released is None else released_text(self.right, self.released)


@dataclass(frozen=True)
class Choices:
    """All the right ones of ``options``, and no other: numbers of one digit."""

    right: frozenset[str]
    options: tuple[str, ...]

    def text(self) -> str:
        return json.dumps({"ANSWER": sorted(self.right)})

    def read(self, text: str) -> Choices | None:
        chosen = read_choices(text, self.options)
        return None if chosen is None else Choices(chosen, self.options)

    def accepts(self, given: object) -> bool:
        return isinstance(given, Choices) and given.right == self.right


@dataclass(frozen=True)
class Distribution:
    """A distribution to two digits, right where the total variation distance is below 0.01.

    Source: the released scorer of zhichul/rlcausal, ``training/rlvr/score_strict.py``.
    """

    values: tuple[Decimal, ...]
    released: ClassVar[str] = "rlcausal"

    def text(self) -> str:
        return f"ANSWER\n[{', '.join(str(value) for value in self.values)}]"

    def read(self, text: str) -> Distribution | None:
        """The last list of numbers labelled or boxed; else one soon after the last "answer"; else the last line's."""
        text = _SHOWN_LISTS.sub(" ", folded(text))
        for match in reversed(list(_LIST.finditer(text))[-_MOST_LISTS:]):
            labelled = _LABEL_BEFORE.search(text[max(0, match.start() - 120) : match.start()])
            one = not is_negated(text, match.start()) and not _ONE_OF_SEVERAL.match(text, match.end())
            if labelled and one and (found := _distribution(match[1])):
                return found
        said = list(_ANSWER.finditer(text))
        region = text[said[-1].end() :][:_NEAR] if said else text.rstrip().rsplit("\n", 1)[-1]
        lists = [_distribution(match[1]) for match in _LIST.finditer(region) if not is_negated(region, match.start())]
        return lists[-1] if lists else None

    def read_released(self, text: str) -> Distribution | None:
        """What the released script reads: the first "ANSWER [..., ...]" in this form alone, in numbers of ``float``."""
        match = _RELEASED_LIST.search(text)
        if match is None:
            return None
        try:
            return Distribution(tuple(Decimal(repr(float(part))) for part in match[1].split(",")))
        except ValueError:
            return None

    def accepts(self, given: object) -> bool:
        if not isinstance(given, Distribution) or len(given.values) != len(self.values):
            return False
        return sum(abs(a - b) for a, b in zip(given.values, self.values, strict=True)) / 2 < Decimal("0.01")

    def accepts_released(self, given: Distribution) -> bool:
        """As the released script compares: in floating point, where a distance of 0.01 may come out below it."""
        if len(given.values) != len(self.values):
            return False
        return sum(abs(float(a) - float(b)) for a, b in zip(given.values, self.values, strict=True)) / 2 < 0.01


ShortAnswer = Word | Choices | Distribution | MathAnswer


def _distribution(content: str) -> Distribution | None:
    values = [read_number(part) for part in content.replace("\\right", "").split(",")]
    known = tuple(value for value in values if value is not None)
    return Distribution(known) if len(known) == len(values) else None
