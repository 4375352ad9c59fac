"""Numbers the sentences of a prompt, so that a tiny model can say which one it reads.

``\\n(7) `` stands before the seventh sentence. The model writes the same token before what it makes of that sentence:
finding a sentence is then one look-up, where without numbers it would have to count. The chat template does the same
to a user's message (:data:`TEMPLATE`, a loop over characters); :func:`numbered` is its twin in Python.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from caugym.causal.graph import DAG
from caugym.gym.problem import Given

LIMIT = 120
"""Sentences beyond this one bear no number."""

EXAMPLE, PLAIN_EXAMPLE = "(e.g.", "(eg"
"""Inside a variable's name its full stops would end two sentences, so the model sees the other."""

_END = re.compile(r'(?!(?<=\(e)\.g\.|(?<=\(e\.g)\.)[.?!\n]|(?<!"):')
_BEGIN = re.compile(r"[^\W_]")  # what str.isalnum says

TEMPLATE = (
    (
        "{%- set at = namespace(n=0, begins=true, colon=false) -%}"
        "{%- for c in message['content'] | replace('EXAMPLE', 'PLAIN') -%}"
        "{%- if at.begins and c.isalnum() -%}"
        "{%- set at.begins = false -%}"
        "{%- set number = c.isdigit() and (at.colon or loop.previtem is defined and loop.previtem == '.') -%}"
        "{%- if not number and at.n < LIMIT -%}"
        "{%- set at.n = at.n + 1 -%}{{ '\\n(' ~ at.n ~ ') ' }}"
        "{%- endif -%}{%- endif -%}"
        "{{ c }}"
        "{%- if c in '.?!\\n' or (c == ':' and not (loop.previtem is defined and loop.previtem == '\"')) -%}"
        "{%- set at.begins = true -%}{%- set at.colon = c == ':' -%}{%- endif -%}"
        "{%- endfor -%}"
    )
    .replace("LIMIT", str(LIMIT))
    .replace("EXAMPLE", EXAMPLE)
    .replace("PLAIN", PLAIN_EXAMPLE)
)


def starts(text: str) -> list[int]:
    """Where each numbered sentence begins: at the first letter or digit after the end of another one.

    A digit behind a colon or a point begins none: "P(...): 0.1234".
    """
    found: list[int] = []
    ends = [0, *(match.end() for match in _END.finditer(text))]
    begins = {begin.start(): end for end in ends if (begin := _BEGIN.search(text, end))}  # behind its last end
    for place, end in begins.items():
        number = text[place].isdigit() and (text[end - 1 : end] == ":" or text[place - 1 : place] == ".")
        if not number and len(found) < LIMIT:
            found.append(place)
    return found


def numbered(text: str) -> str:
    """``text`` with ``\\n(n) `` before each sentence."""
    text = text.replace(EXAMPLE, PLAIN_EXAMPLE)
    cuts = [0, *starts(text), len(text)]
    parts = [text[a:b] for a, b in pairwise(cuts)]
    return parts[0] + "".join(f"\n({n}) {part}" for n, part in enumerate(parts[1:], start=1))


@dataclass(frozen=True)
class Places:
    """The number of the sentence in which each edge and each given stands, and what a text says instead: its name for
    a variable, its words for a value in their order, and the words of each given."""

    edges: tuple[int, ...]
    givens: tuple[int, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)
    given_words: Sequence[Mapping[tuple[str, int], str]] = ()


def places(text: str, graph: DAG, givens: Iterable[Given]) -> Places | None:
    """Of a text in the published words, edges and givens in its order; None where they are not found there."""
    lowered, begun = text.lower(), starts(text)
    edges = _numbers(lowered, begun, [f"{a} has a direct effect on {b}." for a, b in graph.edges], 0)
    if edges is None:
        return None
    said = given_places(text, givens)
    return None if said is None else Places(edges, said)


def given_places(text: str, givens: Iterable[Given]) -> tuple[int, ...] | None:
    """By their numbers as printed, in the text's order."""
    return _numbers(text, starts(text), [f"{given.value:.4f}" for given in givens], 0)


def sentence_places(text: str, sentences: Sequence[str]) -> tuple[int, ...] | None:
    """The numbers of ``sentences`` that stand in ``text`` in this order."""
    return _numbers(text.lower(), starts(text), [sentence.lower() for sentence in sentences], 0)


def _numbers(text: str, begun: list[int], wanted: list[str], cursor: int) -> tuple[int, ...] | None:
    found = []
    for piece in wanted:
        place = text.find(piece, cursor)
        if place < 0:
            return None
        found.append(bisect_right(begun, place))
        cursor = place + 1
    return tuple(found)
