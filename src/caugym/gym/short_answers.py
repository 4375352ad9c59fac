"""Keys of other benchmarks, and how such an answer is read from a completion: never evaluated, linear in time.

A ``Word`` is one of a few words or numbers, ``Choices`` a set of them, a ``Distribution`` a list of probabilities, a
``MathAnswer`` (``math_answers.py``) an expression.
As for effects and bounds the last answer counts, and one that only quotes the instruction ("like {...}") does not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from caugym.gym.math_answers import MathAnswer
from caugym.gym.number_text import read_number

_QUOTES = "\"'`“”‘’„«»\\\\*_"
_EXAMPLE_BEFORE = re.compile(
    r"(?:\blike|\bsuch as|\be\.g\.?|\bexample|\bfor instance|\bformat|例如|比如|形如)[\s:,{`\"']*$", re.IGNORECASE
)
_ANSWER = re.compile(r"answer", re.IGNORECASE)
_NEAR = 200
_LIST = re.compile(r"\[([^\[\]]{1,400})\]")
_RELEASED_LIST = re.compile(r"ANSWER\s*\[((?:(?:-?[0-9.])+,\s+)*(?:-?[0-9.])+)\]")
_CHOICES = re.compile(
    rf"(?:answers?[{_QUOTES}\s]{{0,8}}(?:[:=]|\b(?:is|are)\b)|\\boxed\s?\{{)[\s*]{{0,8}}"
    rf"(?P<set>[{_QUOTES}\[(\s]{{0,8}}(?:(?:options?|choices?|and|[{_QUOTES}\s,;&()]|\\text\{{|[0-9])){{1,60}})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Word:
    """The right one of ``options``, such as "Yes" and "No" or "1" to "4"."""

    right: str
    options: tuple[str, ...]

    def text(self) -> str:
        return json.dumps({"ANSWER": self.right})

    def read(self, text: str) -> Word | None:
        word = read_word(text, self.options)
        return None if word is None else Word(word, self.options)

    def accepts(self, given: object) -> bool:
        return isinstance(given, Word) and given.right == self.right


@dataclass(frozen=True)
class Choices:
    """All the right ones of ``options``, and no other: numbers of one digit."""

    right: frozenset[str]
    options: tuple[str, ...]

    def text(self) -> str:
        return json.dumps({"ANSWER": sorted(self.right)})

    def read(self, text: str) -> Choices | None:
        for match in reversed(list(_CHOICES.finditer(text))):
            found = re.findall(r"[0-9]+", match["set"])
            if found and all(choice in self.options for choice in found) and not _is_example(text, match.start()):
                return Choices(frozenset(found), self.options)
        return None

    def accepts(self, given: object) -> bool:
        return isinstance(given, Choices) and given.right == self.right


@dataclass(frozen=True)
class Distribution:
    """A distribution to two digits, right where the total variation distance is below 0.01.

    Source: the released scorer of zhichul/rlcausal, ``training/rlvr/score_strict.py``.
    """

    values: tuple[Decimal, ...]

    def text(self) -> str:
        return f"ANSWER\n[{', '.join(str(value) for value in self.values)}]"

    def read(self, text: str) -> Distribution | None:
        """The last list of numbers soon after the last "answer"; without that word, the one in the last line."""
        said = list(_ANSWER.finditer(text))
        region = text[said[-1].end() :][:_NEAR] if said else text.rstrip().rsplit("\n", 1)[-1]
        lists = _LIST.findall(region)
        return None if not lists else _distribution(lists[-1])

    def read_released(self, text: str) -> Distribution | None:
        """What the released script reads: the first "ANSWER [..., ...]", in this form alone."""
        match = _RELEASED_LIST.search(text)
        return None if match is None else _distribution(match[1])

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


def read_word(text: str, options: tuple[str, ...]) -> str | None:
    """The last labelled or boxed option; else the option that is the last line or that the text begins with."""
    labelled, alone, first = _patterns(options)
    for match in reversed(list(labelled.finditer(text))):
        if not _is_example(text, match.start()):
            return _spelled(match["keyed"] or match["boxed"], options)
    lines = text.strip().rsplit("\n", 1)
    bare = alone.fullmatch(lines[-1][:80]) or first.match(text)
    return _spelled(bare[1], options) if bare else None


@lru_cache(maxsize=32)
def _patterns(options: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = "|".join(re.escape(option) for option in sorted(options, key=len, reverse=True))
    named = rf"(?:(?:option|choice)[\s_]?)?\(?(?:{words})"
    whole = rf"(?![\w.]*\w)(?!\)?[{_QUOTES}\s]{{0,4}}(?:\bor\b|/|\||,\s*(?:{words})\b))"
    labelled = re.compile(
        rf"answer[{_QUOTES}\s]{{0,8}}(?:[:=]|\bis\b:?)[{_QUOTES}\s\[]{{0,8}}(?P<keyed>{named}){whole}"
        rf"|\\boxed\s?\{{[{_QUOTES}\s]{{0,4}}(?:text\w{{0,2}}\s?\{{)?[{_QUOTES}\s]{{0,4}}(?P<boxed>{named}){whole}",
        re.IGNORECASE,
    )
    alone = re.compile(rf"[\W_]*({named})[\W_]*", re.IGNORECASE)
    # "1." opens a list of steps as well: only words answer at the beginning.
    first_words = "|".join(re.escape(option) for option in options if not option.isdigit()) or "(?!)"
    return labelled, alone, re.compile(rf"[\W_]*({first_words})[*_\"']*(?:[,.:;!\n]|$)", re.IGNORECASE)


def _spelled(found: str, options: tuple[str, ...]) -> str:
    return next(option for option in options if found.lower().endswith(option.lower()))


def _is_example(text: str, start: int) -> bool:
    return _EXAMPLE_BEFORE.search(text[max(0, start - 40) : start]) is not None


def _distribution(content: str) -> Distribution | None:
    values = [read_number(part) for part in content.split(",")]
    known = tuple(value for value in values if value is not None)
    return Distribution(known) if len(known) == len(values) else None
