"""Retellings, read: whole texts in a language model's words, with marks that say what stands where.

A row of ``told.jsonl`` holds one problem: its variables, edges, statements and question, and a text in which

* ``[A|traffic on the roads]`` names variable A,
* ``[A0|scarce]`` says that A has its value 0, and ``[A0B0|low]`` that A and B have,
* ``[A>C]`` stands behind the words that state the edge from A to C.

``caugym.nano.told`` makes problems of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from caugym.gym.problem import Assignment, Given, Query, Variable

_MARK = re.compile(r"\[([A-Z]>[A-Z]|[A-Z](?:[01](?:[A-Z][01])*)?)(?:\|([^\[\]|]*))?\]|\b([01]\.\d{4})\b")
_ARTICLE = re.compile(r"^(?:the|a|an) (?=\w)", re.IGNORECASE)

Pair = tuple[str, int]


class MarkError(ValueError):
    """A retelling whose marks do not say its problem; the message says what is wrong."""


@dataclass(frozen=True)
class Telling:
    """A problem over letters and its text, in pieces: plain text, or a mark and what it covers."""

    id: str
    variables: Mapping[str, Variable]
    query: Query
    edges: tuple[tuple[str, str], ...]
    """In the order of the text."""
    givens: tuple[Given, ...]
    """As written, in the order of the text."""
    pieces: tuple[tuple[str, str], ...]
    """(mark, text); the mark is empty for plain text and "#" for a number."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Telling:
        """Raises MarkError where edges, numbers or the question's values are not all marked exactly once."""
        variables = {node["letter"]: Variable(node["name"], tuple(node["words"])) for node in row["nodes"]}
        asked = row["query"]
        query = Query(
            row["task"], asked["treatment"], asked["outcome"], asked["treatment_value"], asked["reference_value"],
            asked["outcome_value"], _assignment(asked["fixed"]), asked["bound"],
        )  # fmt: skip
        pieces = tuple(_pieces(row["text"]))
        marks = [mark for mark, _ in pieces]
        edges = tuple((mark[0], mark[2]) for mark in marks if ">" in mark)
        _same("edges", [f"{a}>{b}" for a, b in edges], row["edges"])
        by_value = {given["value"]: given for given in row["givens"]}
        said = [text for mark, text in pieces if mark == "#"]
        _same("numbers", said, list(by_value))
        givens = tuple(
            Given(_assignment(by_value[value]["event"]), _assignment(by_value[value]["condition"]), Decimal(value))
            for value in said
        )
        telling = cls(row["id"], variables, query, edges, givens, pieces)
        telling._check()
        return telling

    def _check(self) -> None:
        named = {mark for mark, _ in self.pieces}
        for letter in {letter for edge in self.edges for letter in edge}:
            if letter not in named:
                raise MarkError(f"variable {letter} is never named: write [{letter}|its name]")
        spoken = {pair for mark, _ in self.pieces for pair in pairs_of(mark)}
        wanted = {pair for given in self.givens for pair in (*given.condition, *given.event)}
        wanted |= {(self.query.treatment, self.query.treatment_value), (self.query.outcome, self.query.outcome_value)}
        wanted |= set(self.query.mediator_values)
        if missing := sorted(f"{a}{value}" for a, value in wanted - spoken):
            raise MarkError(f"values never said: {', '.join(missing)}")
        before: set[str] = set()
        for mark, text in self.pieces:
            if ">" in mark:
                if not {mark[0], mark[2]} <= before:
                    raise MarkError(f"[{mark}] stands before both variables were named")
            elif mark not in ("", "#") and not text:
                raise MarkError(f"[{mark}] covers no words")
            before.add(mark)

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces)

    def shares_word(self, letter: str) -> bool:
        """Whether a word is said of this variable and another one at once."""
        return any(len(mark) > 2 and letter in mark and ">" not in mark for mark, _ in self.pieces)

    def plain(self, letter: str) -> bool:
        """Whether every mention of the variable is its own name or word, so that another can take its place."""
        variable = self.variables[letter]
        name = _bare(variable.name).lower()
        for mark, text in self.pieces:
            if mark == letter and _bare(text).lower() != name:
                return False
            for other, value in pairs_of(mark):
                if other == letter and text.lower() != variable.words[value].lower():
                    return False
        return True


def _assignment(pairs: Sequence[str]) -> Assignment:
    return tuple((pair[0], int(pair[1])) for pair in pairs)


def pairs_of(mark: str) -> tuple[Pair, ...]:
    """The values that a mark says: "A0B1" says two."""
    if ">" in mark or len(mark) < 2:
        return ()
    return tuple((mark[i], int(mark[i + 1])) for i in range(0, len(mark), 2))


def _pieces(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    cursor = 0
    for match in _MARK.finditer(text):
        mark, covered, number = match.groups()
        before = text[cursor : match.start()]
        if mark and covered and (article := _ARTICLE.match(covered)):  # "[A|the income]": names bear no article
            before, covered = before + article.group(), covered[article.end() :]
        found.append(("", before))
        found.append(("#", number) if number else (mark, covered or ""))
        cursor = match.end()
    rest = [*found, ("", text[cursor:])]
    if stray := next((text for mark, text in rest if not mark and ("[" in text or "]" in text)), None):
        raise MarkError(f"a bracket that is no mark, near {stray.strip()[:60]!r}")
    return [piece for piece in rest if piece != ("", "")]


def _same(what: str, found: Sequence[str], wanted: Sequence[str]) -> None:
    if sorted(found) == sorted(wanted):
        return
    missing, extra = set(wanted) - set(found), set(found) - set(wanted)
    twice = {one for one in found if found.count(one) > 1}
    raise MarkError(f"{what}: missing {sorted(missing)}, not asked for {sorted(extra)}, more than once {sorted(twice)}")


def _bare(name: str) -> str:
    return _ARTICLE.sub("", name)
