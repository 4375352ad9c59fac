"""Random names and words of variables: nonsense, everyday, described as people do, or words by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from caugym.gym.problem import Variable
from caugym.gym.wording import vocabulary
from caugym.gym.wording.phrasing import lexicon

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split())


def nonsense(rng: random.Random, low: int, high: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(low, high)))


def draw_variables(rng: random.Random, count: int, familiar: bool = False) -> tuple[Variable, ...]:
    """Variables whose names do not contain one another: what people ask about most, nonsense, everyday, a story's own,
    described, random words, or much alike; ``familiar``: no random or alike words, which nobody says otherwise."""
    if rng.random() < (COMMON if familiar else COMMON_PRINTED):
        chosen = [_told(rng, _plain(rng, variable)) for variable in rng.sample(lexicon.common(), count)]
        if _apart([variable.name for variable in chosen]):
            return tuple(chosen)
    style = rng.random() * (0.6 if familiar else 1.0)
    if style < 0.4:
        stories = [story.variables for story in vocabulary.stories() if len(story.variables) >= count]
        if style < 0.2 and stories:
            chosen = rng.sample(rng.choice(stories), count)
        else:
            pool = [variable for story in vocabulary.stories() for variable in story.variables] + list(
                vocabulary.everyday()
            )
            chosen = rng.sample(pool, count)
        chosen = [_told(rng, variable) for variable in chosen]
        if _apart([variable.name for variable in chosen]):
            return tuple(chosen)
    names: list[str] = []
    shared = " ".join(_words(rng, rng.choice((1, 1, 2))))
    few = _words(rng, 5) if rng.random() < 0.3 else None
    first = _phrase(rng)
    while len(names) < count:
        if style < 0.52:
            name = nonsense(rng, 4, 4)
        elif style < 0.62:
            name = described(rng, shared, rng.sample(few, 4) if few else _words(rng, 4))
        elif style < 0.87:
            name = " ".join(_alike(rng, first))
            if rng.random() < 0.1:
                first = _phrase(rng)
        elif style < 0.94:
            name = " ".join(_words(rng, rng.choice((1, 2, 2, 2, 3, 3, 4))))
        else:
            parts = [nonsense(rng, 3, 9) if rng.random() < 0.5 else rng.choice(words()) for _ in range(2)]
            name = rng.choice((" ", " ", "-")).join(parts[: rng.choice((1, 2))])
        if _apart([*names, name]):
            names.append(name)
    plain = rng.random() < 0.6
    return tuple(Variable(name, _polarity(rng, plain)) for name in names)


COMMON, COMMON_PRINTED = 0.5, 0.15
"""Share of problems about the lexicon's common variables, among those said otherwise and those in the published words:
most questions are, and a small model reads best what it has read often."""


def _plain(rng: random.Random, variable: Variable) -> Variable:
    """With the values low and high, half of the time."""
    return Variable(variable.name) if rng.random() < 0.5 else variable


def _told(rng: random.Random, variable: Variable) -> Variable:
    """The variable under another of its names, half of the time."""
    entry = lexicon.entries().get(variable.name)
    if entry is None or rng.random() < 0.5:
        return variable
    return Variable(rng.choice(entry.names), variable.words)


PREFIXES = ("dis", "un", "re", "mis", "over", "under", "non", "inter", "pre", "sub", "im", "in", "de", "multi")
SUFFIXES = ("s", "es", "ed", "ing", "ness", "ly", "tion", "tions", "ability", "ment", "ments", "er", "ers", "ity",
            "ist", "ative", "ful", "less", "ization", "ship")  # fmt: skip


def coined(rng: random.Random) -> str:
    """A word that is hardly listed: a listed one with prefix and suffix, or two of them run together."""
    stem = rng.choice(words())
    if rng.random() < 0.3:
        return stem + rng.choice(words())
    before = rng.choice(PREFIXES) if rng.random() < 0.5 else ""
    return before + stem + (rng.choice(SUFFIXES) if not before or rng.random() < 0.6 else "")


def _words(rng: random.Random, count: int) -> tuple[str, ...]:
    return tuple(coined(rng) if rng.random() < 0.12 else word for word in rng.sample(words(), count))


SMALL = ("of", "in", "the", "of the", "in a", "in the", "for", "to", "a", "has", "and", "with", "on", "at", "of a")


def _phrase(rng: random.Random) -> list[str]:
    """Two to six words, some of them small ones."""
    parts = list(_words(rng, rng.choice((2, 2, 3, 3, 4))))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        parts.insert(rng.randint(1, len(parts)), rng.choice(SMALL))
    return (["whether", rng.choice(("a", "the"))] if rng.random() < 0.08 else []) + parts


def _alike(rng: random.Random, phrase: list[str]) -> list[str]:
    """``phrase`` with some of its words changed, left out or added: names begin or end alike, as in one story."""
    parts = list(phrase)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        place = rng.randrange(len(parts))
        kind = rng.random()
        if kind < 0.6 or len(parts) < 2:
            parts[place] = _words(rng, 1)[0]
        elif kind < 0.75:
            del parts[place]
        elif len(parts) < 8:
            parts.insert(place, _words(rng, 1)[0])
    return parts


FORMS = (
    ("{0}'s {1} {2}", "{0}'s {1}", "{0}'s {1}-{2}", "the {0}'s {1} {2}", "{0} {1}", "{1} of {0}", "{1} of the {0}",
     "the {1} of the {0}", "{1} {2} of a {0}"),
    ("{1} of {2}", "{1} {2} of the {0}", "{1}-{2} {3}", "{1} {2} ({3})", "{1} {2} ({3}/{0})", "{1} {2} ({3}, {0})",
     "{1} {2} ({3}/{4}/{0})",
     "{1} {2} (e.g. {3}, {0}) in the {4}", "whether the {1} is {2}", "{1}s' {2}", "{1} of {2} and {3}",
     "{1} in {0} {2}", "the {1} of {2} in the {3}", "the number of {1} {2} for the {3}", "{1} of a {2} of a {3}"),
)  # fmt: skip
"""How people name variables; {0} is what the names of one problem share, first in the first group."""


def described(rng: random.Random, shared: str, four: Sequence[str]) -> str:
    """A name of ``four`` words with a possessive, a hyphen, brackets or small words in it."""
    return rng.choice(rng.choice(FORMS)).format(shared, *four)


def _apart(names: list[str]) -> bool:
    return not any(f" {a} " in f" {b} " for i, a in enumerate(names) for j, b in enumerate(names) if i != j)


def _polarity(rng: random.Random, plain: bool) -> tuple[str, str]:
    if plain or rng.random() < 0.4:
        return ("low", "high")
    if rng.random() < 0.3:
        return rng.choice((("no", "yes"), ("bad", "good"), ("poor", "good"), ("weak", "strong"), ("absent", "present")))
    if rng.random() < 0.1:
        return (nonsense(rng, 4, 8), nonsense(rng, 4, 8))
    first, second = rng.sample(words(), 2)
    return (f"not {second}", second) if rng.random() < 0.1 else (first, second)
