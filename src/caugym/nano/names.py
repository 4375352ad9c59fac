"""Random names and words of variables: nonsense, everyday, described as people do, or words by chance."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from caugym.gym.problem import Variable
from caugym.gym.wording import vocabulary

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split())


def nonsense(rng: random.Random, low: int, high: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(low, high)))


def draw_variables(rng: random.Random, count: int) -> tuple[Variable, ...]:
    """Variables whose names do not contain one another: nonsense, everyday, a story's own, described, random words."""
    style = rng.random()
    if style < 0.3:
        stories = [story.variables for story in vocabulary.stories() if len(story.variables) >= count]
        if style < 0.15 and stories:
            chosen = rng.sample(rng.choice(stories), count)
        else:
            pool = [variable for story in vocabulary.stories() for variable in story.variables] + list(
                vocabulary.everyday()
            )
            chosen = rng.sample(pool, count)
        if _apart([variable.name for variable in chosen]):
            return tuple(chosen)
    names: list[str] = []
    shared = " ".join(rng.sample(words(), rng.choice((1, 1, 2))))
    few = tuple(rng.sample(words(), 5)) if rng.random() < 0.3 else words()
    while len(names) < count:
        if style < 0.5:
            name = nonsense(rng, 4, 4)
        elif style < 0.74:
            name = described(rng, shared, few)
        elif style < 0.88:
            name = " ".join(rng.sample(words(), rng.choice((1, 2, 2, 2, 3, 3, 4))))
        else:
            parts = [nonsense(rng, 3, 9) if rng.random() < 0.5 else rng.choice(words()) for _ in range(2)]
            name = rng.choice((" ", " ", "-")).join(parts[: rng.choice((1, 2))])
        if _apart([*names, name]):
            names.append(name)
    plain = rng.random() < 0.6
    return tuple(Variable(name, _polarity(rng, plain)) for name in names)


FORMS = (
    ("{0}'s {1} {2}", "{0}'s {1}", "{0}'s {1}-{2}", "the {0}'s {1} {2}", "{0} {1}", "{1} of {0}", "{1} of the {0}",
     "the {1} of the {0}", "{1} {2} of a {0}"),
    ("{1} of {2}", "{1} {2} of the {0}", "{1}-{2} {3}", "{1} {2} ({3})", "{1} {2} ({3}/{0})", "{1} {2} ({3}, {0})",
     "{1} {2} ({3}/{4}/{0})",
     "{1} {2} (e.g. {3}, {0}) in the {4}", "whether the {1} is {2}", "{1}s' {2}", "{1} of {2} and {3}",
     "{1} in {0} {2}", "the {1} of {2} in the {3}", "the number of {1} {2} for the {3}", "{1} of a {2} of a {3}"),
)  # fmt: skip
"""How people name variables; {0} is what the names of one problem share, first in the first group."""


def described(rng: random.Random, shared: str, pool: tuple[str, ...]) -> str:
    """A name with a possessive, a hyphen, brackets or small words in it. Of a small ``pool`` they are much alike."""
    return rng.choice(rng.choice(FORMS)).format(shared, *rng.sample(pool, 4))


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
