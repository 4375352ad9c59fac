"""Cuts a problem's text into sentences that know their line, with the published boilerplate taken out.

The wording comes from ``wording.published``: each pattern is made from the sentence that module writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from caugym.errors import InputError
from caugym.gym.wording import published

EXCERPT_LENGTH = 90


class ReadError(InputError):
    """A text that cannot be read as a problem: what is wrong, on which line, and the words themselves."""

    def __init__(self, message: str, line: int, excerpt: str) -> None:
        excerpt = shorten(printable(squeeze(excerpt)))
        super().__init__(f"line {line}: {message}" + (f': "{excerpt}"' if excerpt else ""))
        self.message = message
        self.line = line
        self.excerpt = excerpt


@dataclass(frozen=True)
class Sentence:
    """A sentence, white space squeezed, and the line where it starts; without its full stop in the published form."""

    text: str
    line: int

    def error(self, message: str) -> ReadError:
        return ReadError(message, self.line, self.text)


def squeeze(text: str) -> str:
    return " ".join(text.split())


def printable(text: str) -> str:
    """``text`` with a question mark for each control character, so that an error stays one readable line."""
    return "".join(character if character.isprintable() else "?" for character in text)


def shorten(text: str) -> str:
    return text if len(text) <= EXCERPT_LENGTH else text[: EXCERPT_LENGTH - 3] + "..."


def loose(sentence: str) -> str:
    """A pattern for ``sentence`` with any white space between its words and either kind of quotation mark."""
    pattern = r"\s+".join(re.escape(word) for word in sentence.split())
    return pattern.replace("'", "['\u2019]").replace('"', '["\u201c\u201d]')


_END = "\0"  # stands for a boundary; erased text becomes boundaries too, so that offsets keep their line
_BOILERPLATE = re.compile(
    "|".join(
        (
            loose(published.PREMISE.rstrip(": ")) + r"\s*[:.]?",
            loose(published.EFFECT_REQUEST.rstrip(":")) + r"\s*[:.]?",
            loose(published.BOUND_REQUEST.rstrip(":")) + r"\s*[:.]?",
            loose(published.STEP_BY_STEP.rstrip(".")) + r"\s*\.?",
            loose(published.LACK_HINT.rstrip(".")) + r"\s*\.?",
            r"\b(?:Input\s+Info|Instruction|Question)\s*:",
        )
    ),
    re.IGNORECASE,
)
# A full stop inside these ends no sentence: "(e.g. wind, humidity)", "the U.S. economy", "0.1234", ".5".
_UNBROKEN = re.compile(r"\([^()\n]*\)|\b(?:[A-Za-z]\.){2,}|(?:\d|(?<=\s))\.\d")
_BOUNDARY = re.compile(rf"{_END}+|[.!?]|(?<=\d)[ \t]*\n|\n\s*\n")


def sentences(text: str) -> list[Sentence]:
    """The sentences that say something about this problem, in order of the text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", " ").replace(_END, " ")
    text = _BOILERPLATE.sub(lambda match: re.sub(r"[^\n]", _END, match[0]), text)
    # The same text with the same length, so that a boundary found here is a boundary there.
    masked = _UNBROKEN.sub(lambda match: re.sub(r"[^\d]", "_", match[0]), text)
    found, start = [], 0
    for end, following in [match.span() for match in _BOUNDARY.finditer(masked)] + [(len(text), len(text))]:
        words = text[start:end]
        if squeeze(words):
            begin = start + len(words) - len(words.lstrip())
            found.append(Sentence(squeeze(words), text.count("\n", 0, begin) + 1))
        start = following
    return found
