"""Loose speech: any name said in other forms, and any word of a pole for a value, as people vary them unasked.

A form keeps a word that no other variable of the problem bears, so that a reader who attends to it cannot be misled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

_SMALL_WORDS = """
a an the of in on for and or to with by from at as is are whether their its eg among into per
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_GENERIC = ("level", "status", "amount", "quantity", "condition", "outcome", "availability", "quality", "situation")
_HEADS = ("{} level", "{} levels", "{} status", "{} outcomes", "{} quantity", "{} conditions", "{} amount",
          "level of {}", "the level of {}", "the amount of {}", "the state of {}", "the degree of {}")  # fmt: skip
_OWNERS = ("their {}", "an individual's {}", "a person's {}", "the {}", "overall {}", "the person's {}", "one's {}",
           "the individual's {}", "{} in general", "current {}", "general {}")  # fmt: skip

_LOW = """
low poor bad weak small minor slight little few scarce limited insufficient inadequate reduced minimal
diminished restricted constrained unfavorable adverse unsuitable deficient substandard unsatisfactory scant
meager short negative lower basic lacking unhealthy sparse slim thin mild light lowered modest
"""
LOW = tuple(_LOW.split())
_HIGH = """
high good great strong large major considerable substantial many plentiful abundant ample sufficient adequate
elevated increased extensive favorable suitable excellent outstanding superior satisfactory long positive
higher advanced generous healthy dense intense heavy severe raised robust big
"""
HIGH = tuple(_HIGH.split())
"""Two poles. Where a variable's two words lie at different poles, any word of a pole says its value."""


def content(name: str) -> list[str]:
    """The words of ``name`` that carry meaning, in lower case."""
    return [word for word in re.findall(r"[a-z]+", name.lower()) if len(word) > 1 and word not in _SMALL]


def stem(word: str) -> str:
    """Without the ending of the plural."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def forms(name: str, others: Iterable[str], rng: np.random.Generator, count: int = 3) -> tuple[str, ...]:
    """Up to ``count`` other forms of ``name`` that cannot be taken for one of the ``others``."""
    taken = {stem(word) for other in others for word in content(other)} | set(_GENERIC)
    words = content(name)
    own = [word for word in words if stem(word) not in taken]
    if not own:
        return ()
    made: list[str] = []
    for _ in range(count):
        kind = rng.random()
        if len(words) < 2 or kind < 0.25:
            text = _dressed(name.lower(), rng)
        elif kind < 0.5:
            text = _some(words, own, rng)
        elif kind < 0.75:
            text = _turned(name.lower(), words, rng)
        else:
            text = _number(name.lower(), rng)
        if rng.random() < 0.15 and len(words) > 1:
            text = _dressed(text, rng)
        if text != name and text not in made:
            made.append(text)
    return tuple(made)


def _pick(options: tuple[str, ...] | list[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _dressed(name: str, rng: np.random.Generator) -> str:
    """With an owner, an article or a general noun."""
    owned = re.match(r"(?:the|an?|their|one's) |\w+'s |whether ", name)
    return name if owned else _pick(_OWNERS if rng.random() < 0.5 else _HEADS, rng).format(name)


def _some(words: list[str], own: list[str], rng: np.random.Generator) -> str:
    """Some of the words in their order, one of the variable's own among them."""
    kept = _pick(own, rng)
    return " ".join(word for word in words if word == kept or rng.random() < 0.4)


def _turned(name: str, words: list[str], rng: np.random.Generator) -> str:
    """ "severity of illnesses" -> "illness severity"; "stress level" -> "level of stress"."""
    head, of, rest = name.partition(" of ")
    if of:
        return f"{' '.join(stem(word) for word in content(rest))} {head.removeprefix('the ')}"
    *first, last = words
    return f"{last} of {'the ' if rng.random() < 0.4 else ''}{' '.join(first)}"


def _number(name: str, rng: np.random.Generator) -> str:
    """One of its last words in the plural, or without its plural."""
    parts = name.split(" ")
    place = len(parts) - 1 if rng.random() < 0.7 else int(rng.integers(len(parts)))
    word = parts[place]
    if not re.fullmatch(r"[a-z]{3,}", word) or word in _SMALL:
        return name
    parts[place] = stem(word) if stem(word) != word else word + "s"
    return " ".join(parts)


def words(word: str, other: str, rng: np.random.Generator, count: int = 4) -> tuple[str, ...]:
    """Up to ``count`` words of the same pole where ``other`` lies at the other one, else none."""
    for pole, opposite in ((LOW, HIGH), (HIGH, LOW)):
        if word in pole and other in opposite:
            return tuple(pole[i] for i in rng.choice(len(pole), count, replace=False))
    return ()
