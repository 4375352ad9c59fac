"""How options are read from a completion: one of a few words or numbers, or a set of them.

What stands behind a label counts first (``answer_labels.py``); several words at once are none. Failing that, the last
line or its last sentence counts, or how the last line or the text begins.
"""

from __future__ import annotations

import re
from functools import lru_cache

from caugym.gym.answer_labels import (
    CLOSED,
    CONDITION_AFTER,
    GAP,
    LABEL,
    MARKS,
    WHOLE,
    Reading,
    last_said,
    numbers_a_step,
)
from caugym.gym.extraction import folded

_ALIASES = {"yes": ("true", "是"), "no": ("false", "否")}
_IN_OBJECTS_ALONE = ("true", "false")
_AROUND = " \t\r\n`"
_CONCLUDING = (
    r"[\W_]*(?:(?:so|thus|therefore|hence|finally|overall|in conclusion|in short|conclusion|final)\b[\W_]*){0,3}"
)


_ITEM = rf"(?:(?:options?|choices?|numbers?) ?)?[{MARKS}(]{{0,4}}(?<![0-9.])[0-9](?![0-9]|\.[0-9])[{MARKS})]{{0,4}}+"
_SEPARATOR = (
    r"(?:[ \t]{0,4}(?:[,;]?[ \t]{0,4}(?:\band\b|&)|[,;]|[ \t])[ \t]{0,4}"
    rf"|[,;]?[ \t]{{0,4}}\n[ \t]{{0,8}}(?:[-•*][ \t]{{0,4}})?(?={_ITEM}[.)]?[ \t]{{0,4}}(?:\n|$)))"
)
_SET = rf"(?>{_ITEM}(?:{_SEPARATOR}{_ITEM}){{0,9}})"
_CHOICES = re.compile(
    rf"{LABEL}(?P<gap>{GAP}(?:(?<=\n)[-•][ \t]{{0,4}})?)(?P<option>\[[^\[\]]{{1,200}}\]|{_SET})", re.IGNORECASE
)
_CHOSEN = re.compile(rf"[\s\[(]*+{_ITEM}(?:\n[ \t]*+[-•*]|[\s,;&]|\band\b|{_ITEM})*+[\s\])]*", re.IGNORECASE)
_BARE_CHOICES = re.compile(rf"{_CONCLUDING}(\[[^\[\]]{{1,200}}\]|{_SET})[.!\s{MARKS}]*", re.IGNORECASE)


def read_word(text: str, options: tuple[str, ...]) -> str | None:
    """The one of ``options`` that the text gives as its answer; None where it gives none, or several at once."""
    text, words = folded(text), _words(options)
    found = last_said(text, Reading(words.labelled, words.at, words.of_value))
    if found is None:
        return words.bare(text.strip(_AROUND))
    return None if found.value is None else next(iter(found.value))


def read_choices(text: str, options: tuple[str, ...]) -> frozenset[str] | None:
    """All of ``options``, numbers of one digit, that the text gives as its answer; None where it gives none."""
    text = folded(text)

    def at(text: str, match: re.Match[str]) -> frozenset[str] | None:
        return _chosen(match["option"], options)

    def of_value(value: object) -> frozenset[str] | None:
        read = [_chosen(str(part)[:400], options) for part in (value if isinstance(value, list) else [value])]
        return frozenset().union(*filter(None, read)) if read and all(read) else None

    found = last_said(text, Reading(_CHOICES, at, of_value))
    if found is not None:
        return found.value
    text = text.strip(_AROUND)
    region = text if len(text) <= 200 and _BARE_CHOICES.fullmatch(text) else text.rsplit("\n", 1)[-1][:200]
    bare = _BARE_CHOICES.fullmatch(region)
    return None if bare is None or numbers_a_step(text, len(text) - 2) else _chosen(bare[1], options)


def _chosen(content: str, options: tuple[str, ...]) -> frozenset[str] | None:
    """The numbers of "1, 3", "[1, 3]" or "option 1"; None where it is none of these or a number is no option."""
    numbers = re.findall(r"[0-9]+", content) if _CHOSEN.fullmatch(content) else []
    return frozenset(numbers) if numbers and all(number in options for number in numbers) else None


class _Words:
    """The patterns of a few options, and how one of them is read."""

    def __init__(self, options: tuple[str, ...]) -> None:
        self.options = options
        known = [*options, *(alias for option in options for alias in _ALIASES.get(option.lower(), ()))]
        words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
        named = rf"(?:(?:option|choice)[\s_]?)?\(?(?:{words}){WHOLE}"
        # "1." opens a list of steps as well: only words answer in a sentence of their own.
        opening = "|".join(re.escape(word) for word in known if not word.isdigit()) or "(?!)"
        flags = re.IGNORECASE
        self.labelled = re.compile(rf"{LABEL}(?P<gap>\[?{GAP}\[?[{MARKS}]{{0,2}})(?P<option>{named})", flags)
        self.value = re.compile(rf"[\W_]{{0,8}}({named})", flags)
        self.several = re.compile(
            rf"\)?[{MARKS}\s]{{0,4}}(?:(?:and/)?or\b|[/|]\s?[{MARKS}]{{0,4}}(?:{words}){WHOLE}"
            rf"|(?:,|and\b|,\s*and\b|&)[\s{MARKS}]{{0,6}}(?:{words}){WHOLE}[{MARKS}\s)]{{0,4}}"
            r"(?:[.,;!}\])\n]|$|(?:and|or)\b))",
            flags,
        )
        self.options_alone = re.compile(rf"[\W_]*(?:(?:{words}|or|and){WHOLE}[\W_]*)*", flags)
        self.alone = re.compile(rf"{_CONCLUDING}({named})[^\w?]*", flags)
        self.last = re.compile(rf"[.!]\s+{_CONCLUDING}({opening}){WHOLE}[^\w?]*$", flags)
        self.first = re.compile(rf"{_CONCLUDING}({opening})[*_\"']*(?:[,.:;!\n]|$)", flags)

    def at(self, text: str, match: re.Match[str]) -> frozenset[str] | None:
        found, end = match["option"], match.end("option")
        informal = found.lower() in _IN_OBJECTS_ALONE and not match["formal"]
        return None if informal or self.several.match(text, end) else frozenset((self._spelled(found),))

    def of_value(self, value: object) -> frozenset[str] | None:
        content = str(value[0] if isinstance(value, list) and len(value) == 1 else value)[:400]
        match = self.value.match(content)
        if match is None or self.several.match(content, match.end()) or not CLOSED.match(content, match.end()):
            return None
        return frozenset((self._spelled(match[1]),))

    def bare(self, text: str) -> str | None:
        """The option that is the last line or its last sentence, or with which the last line or the text begins."""
        line = text.rsplit("\n", 1)[-1]
        if len(line) < 400 and self.options_alone.fullmatch(line) and not self.alone.fullmatch(line):
            return None  # "Yes. No. Yes."
        alone = self.alone.fullmatch(line[:80])
        if alone is not None:
            return None if numbers_a_step(text, text.rfind(alone[1])) else self._spelled(alone[1])
        last = self.last.search(line[-200:])
        if last is not None:
            return self._spelled(last[1])
        return self._begins(line) or self._begins(text)

    def _begins(self, text: str) -> str | None:
        match = self.first.match(text)
        if match is None or self.several.match(text, match.end(1)) or CONDITION_AFTER.match(text, match.end(1)):
            return None
        return self._spelled(match[1])

    def _spelled(self, found: str) -> str:
        """The option that was found, by its own name or another."""
        lower = found.lower()
        return next(
            option for option in self.options if lower.endswith((option.lower(), *_ALIASES.get(option.lower(), ())))
        )


@lru_cache(maxsize=32)
def _words(options: tuple[str, ...]) -> _Words:
    return _Words(options)
