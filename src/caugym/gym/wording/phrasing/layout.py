"""How the sections stand on the page, and the noise of people's typing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

SEPARATORS = {"lines": "\n", "paragraphs": "\n\n", "running": " "}
BULLETS = ("- ", "* ", "• ", "{n}. ", "{n}) ")

_COMMON = ("probability", "likelihood", "directly", "influences", "affects", "being", "would", "increase")
"""Words in which letters may be swapped or lost."""


def listing(sentences: Sequence[str], bullet: str, stop: str) -> str:
    """One sentence a line."""
    return "\n".join(f"{bullet.format(n=n)}{text}{stop}" for n, text in enumerate(sentences, 1))


def paragraph(sentences: Sequence[str]) -> str:
    return " ".join(f"{text}." for text in sentences)


def noisy(text: str, rng: np.random.Generator, strength: float = 0.02) -> str:
    """``text`` with slips of typing: doubled spaces, lost commas and capitals, letters swapped in common words.

    Names, words of values, numbers and full stops behind numbers stay as they are, except for capitals.
    """
    found = []
    for part in re.split(r"(\s+)", text):
        if rng.random() >= strength or not part:
            found.append(part)
            continue
        match int(rng.integers(4)):
            case 0:
                found.append("  " if part == " " else part)
            case 1:
                found.append(part.removesuffix(",") if not part[:-1][-1:].isdigit() else part)
            case 2:
                found.append(part.lower() if part.istitle() else part)
            case _:
                found.append(_swapped(part, rng) if part in _COMMON else part)
    return "".join(found)


def _swapped(word: str, rng: np.random.Generator) -> str:
    """Two neighbouring letters within the word change places, or one is left out."""
    slipped = _slips_of(word)
    return slipped[int(rng.integers(len(slipped)))]


def _slips_of(word: str) -> list[str]:
    inner = range(1, len(word) - 2)
    return [word[:i] + word[i + 1 :] for i in inner] + [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner]


@cache
def slips() -> dict[str, str]:
    """Slip of typing -> the word that was meant."""
    return {slip: word for word in _COMMON for slip in _slips_of(word) if slip not in _COMMON}
