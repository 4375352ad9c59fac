"""Cuts a free text into sentences that know their line, without labels, bullets, request and hints."""

from __future__ import annotations

import re
from functools import cache

from caugym.gym.read_free_ellipses import heading, item
from caugym.gym.read_sentences import Sentence
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


@cache
def _with_and() -> dict[str, str]:
    """Other names that hold an "and", with the name that they stand for."""
    return {other: name for name, others in synonyms.NAMES.items() for other in others if " and " in other}


def lines_of(text: str) -> list[Sentence]:
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
                found.append(Sentence(words, number))
    return [line for line in _headed(found) if not _REQUEST.search(line.text)]


def _headed(lines: list[Sentence]) -> list[Sentence]:
    """Each item of a list of numbers with what its heading says: "The chance of rain is: 0.1 when ...; 0.2 if ..."."""
    found: list[Sentence] = []
    said = None
    for place, line in enumerate(lines, start=1):
        if said and item(line.text):
            found.append(Sentence(f"{said} {line.text.rstrip(';,')}", line.line))
            continue
        said = heading(line.text)
        if said is None or place == len(lines) or not item(lines[place].text):
            found.append(line)
    return found
