"""How the sections stand on the page, and the noise of people's typing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

SEPARATORS = {"lines": "\n", "paragraphs": "\n\n", "running": " "}
BULLETS = ("- ", "* ", "• ", "{n}. ", "{n}) ")

_PLAIN = re.compile(r"\b(?:the|probability|likelihood|directly|influences|affects|when|with|being|would|increase)\b")


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
                found.append(_swapped(part, rng) if _PLAIN.fullmatch(part) else part)
    return "".join(found)


def _swapped(word: str, rng: np.random.Generator) -> str:
    """Two neighbouring letters within the word change places, or one is left out."""
    if len(word) < 5:
        return word
    i = 1 + int(rng.integers(len(word) - 3))
    if rng.random() < 0.5:
        return word[:i] + word[i + 1 :]
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
