"""Cuts a free text into sentences that know their line, without labels, bullets, request and hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from caugym.gym.read_free_ellipses import heading, item
from caugym.gym.read_sentences import ReadError
from caugym.gym.wording import published
from caugym.gym.wording.phrasing import synonyms
from caugym.gym.wording.phrasing.layout import slips

_REQUEST = re.compile(r"\bjson\b", re.I)
_LABEL = re.compile(
    r"^\s*(?:input info|context|background|scenario|setting|information|given|instructions?|task|objective|goal|"
    r"your task|"
    r"question|query|problem|q|asked|data)\s*:\s*", re.I
)  # fmt: skip
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_ENDS = re.compile(
    r"(?<=[.?!])\s+(?=\W*\w)|(?<=\.)(?=[A-Z])|"
    r"(?<=[a-z])(?<! direct causes)(?<! others)(?<! direct cause):\s+(?![\d.]+(?:[\s.,;]|$))(?=\S)"
)
"""Where a sentence ends; a colon does not where the names of a list follow."""


@dataclass(frozen=True)
class Line:
    """A sentence with the line on which it starts."""

    text: str
    line: int

    def error(self, message: str) -> ReadError:
        return ReadError(message, self.line, self.text)


@cache
def _with_and() -> dict[str, str]:
    """Other names that hold an "and", with the name that they stand for."""
    return {other: name for name, others in synonyms.NAMES.items() for other in others if " and " in other}


def lines_of(text: str) -> list[Line]:
    """Sentences without labels, bullets, request and hints."""
    found = []
    for number, row in enumerate(text.replace("\ufeff", " ").replace("\r", "\n").split("\n"), 1):
        row = _BULLET.sub("", row)
        for hint in (published.LACK_HINT, published.STEP_BY_STEP):
            row = re.sub(r"\s+".join(map(re.escape, hint.split())), " ", row)
        row = re.sub(r"\{[^{}]*\}\s*[:.]?", "JSON. ", row)
        row = re.sub(r"\be\.g\.", "eg", row)
        for other, name in _with_and().items():  # else two names would be read
            row = re.sub(rf"\b{other}\b", name, row, flags=re.I)
        row = re.sub(r"[A-Za-z]+", lambda match: slips().get(match[0].lower(), match[0]), row)
        for part in _ENDS.split(row):
            words = " ".join(_LABEL.sub("", part).split()).strip()
            if words and not re.fullmatch(_LABEL.pattern.replace(r"\s*:\s*", ":?"), words, re.I):
                found.append(Line(words, number))
    return [line for line in _headed(found) if not _REQUEST.search(line.text)]


def _headed(lines: list[Line]) -> list[Line]:
    """Each item of a list of numbers with what its heading says: "The chance of rain is: 0.1 when ...; 0.2 if ..."."""
    found: list[Line] = []
    said = None
    for line in lines:
        if said and item(line.text):
            found.append(Line(f"{said} {line.text.rstrip(';,')}", line.line))
            continue
        said = heading(line.text)
        if said is None or line is lines[-1] or not item(lines[lines.index(line) + 1].text):
            found.append(line)
    return found
