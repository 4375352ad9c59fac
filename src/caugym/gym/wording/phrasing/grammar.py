"""A context-free grammar of English carriers: slots with alternatives, some of them held out for the test split.

An alternative is text with ``<slot>`` where another slot is written and ``{field}`` where the caller puts names,
words and numbers. About 15% of the alternatives of each slot are written in the split "test" only, so that reading
phrasings never seen in training can be measured. Which ones is a matter of their hash: adding an alternative
moves no other one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np

HELD_OUT = 0.15
"""Share of the alternatives of a slot that only the split "test" uses."""

FEWEST = 4
"""A slot with fewer alternatives holds none out."""

Slots = Mapping[str, tuple[str, ...]]
Fields = Mapping[str, Callable[[], str]]

_SLOT = re.compile(r"<(\w+)>")
_MARK = re.compile(r"<(\w+)>|\{(\w+)\}")


@cache
def held_out(slot: str, alternatives: tuple[str, ...]) -> tuple[str, ...]:
    """The alternatives of ``slot`` that training never meets; never all of them."""
    if len(alternatives) < FEWEST:
        return ()
    rest = alternatives[1:]
    return tuple(a for a in rest if _fraction(f"{slot}/{a}") < HELD_OUT * len(alternatives) / len(rest))


@cache
def _fraction(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6]) / 2**48


class Grammar:
    """Raises ValueError when a slot is written that does not exist."""

    def __init__(self, *parts: Slots) -> None:
        self.slots: dict[str, tuple[str, ...]] = {}
        for part in parts:
            self.slots.update(part)
        for name, alternatives in self.slots.items():
            for missing in {m for a in alternatives for m in _SLOT.findall(a)} - set(self.slots):
                raise ValueError(f"slot {name!r} writes an unknown slot {missing!r}")
        self._trained = {
            name: tuple(a for a in alternatives if a not in set(held_out(name, alternatives)))
            for name, alternatives in self.slots.items()
        }

    def alternatives(self, slot: str, split: str) -> tuple[str, ...]:
        """What ``split`` may write for ``slot``: everything in "test", else all but the held-out ones."""
        return (self.slots if split == "test" else self._trained)[slot]

    def write(self, slot: str, rng: np.random.Generator, split: str, fields: Fields | None = None) -> str:
        """A random expansion; each ``{field}`` calls its function anew. Raises KeyError for an unknown field."""
        alternatives = self.alternatives(slot, split)

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            return self.write(name, rng, split, fields) if name else (fields or {})[match[2]]()

        return _MARK.sub(fill, alternatives[int(rng.integers(len(alternatives)))])

    def count(self, slot: str, split: str = "test") -> int:
        """The number of expansions of ``slot`` before its fields are filled."""
        total = 0
        for alternative in self.alternatives(slot, split):
            product = 1
            for name in _SLOT.findall(alternative):
                product *= self.count(name, split)
            total += product
        return total

    def texts(self) -> Iterator[str]:
        """Every piece of plain English in the grammar."""
        for alternatives in self.slots.values():
            for alternative in alternatives:
                yield _MARK.sub(" ", alternative)
