"""What is wrong with a data set: keys against texts, duplicates, leakage, programs that pass it, class balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from caugym.gym import heuristics
from caugym.gym.conventions import TOLERANCE
from caugym.gym.disagreement import classify
from caugym.gym.keyed_rows import KeyedRow
from caugym.gym.problem import BOUND_TASKS, Answer
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.solve import solve

Track = Callable[[list[KeyedRow], str], Iterable[KeyedRow]]
"""Passes the rows on, one at a time, while showing how far the work is."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with the item ``id``: ``kind`` names it, ``detail`` says what."""

    kind: str
    id: Any
    detail: str


@dataclass(frozen=True)
class Audit:
    """``classes[task]`` counts the kinds of key, ``heuristics`` are strict accuracies of programs without the graph.

    ``leakage`` is empty without a second file. It counts the items whose like the other file holds: the same text,
    the same problem under other names (graph, statements with their numbers and question agree), and the same form
    (they agree up to the numbers), which small graphs share by chance: a number to know, not a finding.
    """

    items: int
    unreadable: int
    findings: tuple[Finding, ...]
    classes: Mapping[str, Mapping[str, int]]
    heuristics: Mapping[str, float]
    nodes: Mapping[int, int]
    leakage: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Findings of each kind, the most frequent first."""
        return dict(Counter(finding.kind for finding in self.findings).most_common())

    def to_json(self) -> dict[str, Any]:
        row = asdict(self)
        row.pop("findings")
        return {**row, "counts": self.counts, "findings": [asdict(finding) for finding in self.findings]}


def audit(rows: list[KeyedRow], other: list[KeyedRow] | None = None, track: Track = lambda rows, doing: rows) -> Audit:
    """Check ``rows`` alone and, with ``other``, for what the two share. Never raises on a row's content."""
    findings: list[Finding] = []
    read_rows: list[tuple[KeyedRow, Reading]] = []
    for row in track(rows, "checking"):
        reading = _readable(row, findings)
        if row.key is None:
            findings.append(Finding("no key", row.id, row.problem))
        if reading is not None:
            read_rows.append((row, reading))
            if row.key is not None:
                _check_key(row, row.key, reading, findings)
    findings += _duplicates(rows, read_rows)
    known = [(row, reading) for row in track(other or [], "reading") if (reading := _quiet(row)) is not None]
    leakage: dict[str, int] = {}
    if other is not None:
        leakage, leaks = _leakage(rows, read_rows, other, known)
        findings += leaks
    keyed = [(reading, row.key) for row, reading in read_rows if row.key is not None]
    memory = keyed if other is None else [(reading, row.key) for row, reading in known if row.key is not None]
    return Audit(
        items=len(rows),
        unreadable=len(rows) - len(read_rows),
        findings=tuple(findings),
        classes=_classes(keyed),
        heuristics=heuristics.scores(keyed, heuristics.Nearest(memory)),
        nodes=dict(sorted(Counter(len(reading.graph.nodes) for _, reading in read_rows).items())),
        leakage=leakage,
    )


def _readable(row: KeyedRow, findings: list[Finding]) -> Reading | None:
    try:
        return read(row.text)
    except ReadError as error:
        findings.append(Finding("unreadable", row.id, str(error)))
        return None


def _quiet(row: KeyedRow) -> Reading | None:
    try:
        return read(row.text)
    except ReadError:
        return None


def _check_key(row: KeyedRow, key: Answer, reading: Reading, findings: list[Finding]) -> None:
    solved = solve(reading)
    found = classify(reading, solved, key, row.said)
    if found is None:
        return
    ours = solved.message if solved.answer is None else solved.answer.text()
    reachable = f", reachable {found.reachable}" if found.reachable else ""
    kind = "wrong key" if found.kind == "unexplained" else found.kind
    findings.append(Finding(kind, row.id, f"{reading.query.task}: key {key.text()}, text {ours}{reachable}"))


def _duplicates(rows: list[KeyedRow], read_rows: list[tuple[KeyedRow, Reading]]) -> list[Finding]:
    """Texts that occur twice, and problems that occur twice under other names."""
    findings = []
    texts: dict[str, Any] = {}
    for row in rows:
        text = " ".join(row.text.split())
        if text in texts:
            findings.append(Finding("duplicate", row.id, f"the text of {texts[text]} again"))
        texts.setdefault(text, row.id)
    worlds: dict[Any, KeyedRow] = {}
    for row, reading in read_rows:
        if not reading.givens:
            continue  # without numbers a small graph with its question is bound to meet its like
        first = worlds.setdefault(world(reading), row)
        if " ".join(first.text.split()) != " ".join(row.text.split()):
            findings.append(Finding("renamed duplicate", row.id, f"the problem of {first.id} under other names"))
    return findings


def _leakage(
    rows: list[KeyedRow],
    read_rows: list[tuple[KeyedRow, Reading]],
    other: list[KeyedRow],
    known: list[tuple[KeyedRow, Reading]],
) -> tuple[dict[str, int], list[Finding]]:
    texts = {" ".join(row.text.split()): row.id for row in other}
    worlds = {world(reading): row.id for row, reading in known if reading.givens}
    forms = {form(reading) for _, reading in known}
    leaked = {row.id: texts[text] for row in rows if (text := " ".join(row.text.split())) in texts}
    findings = [Finding("leaked text", id_, f"stands in the other file as {there}") for id_, there in leaked.items()]
    renamed = 0
    for row, reading in read_rows:
        there = worlds.get(world(reading)) if reading.givens and row.id not in leaked else None
        if there is not None:
            renamed += 1
            findings.append(Finding("leaked problem", row.id, f"the other file's {there} under other names"))
    shared = sum(form(reading) in forms for _, reading in read_rows)
    return {"same text": len(findings) - renamed, "same problem, other names": renamed, "same form": shared}, findings


def form(reading: Reading) -> tuple[Any, ...]:
    """The problem modulo names and numbers: variables count by their first appearance in the text."""
    number = {node: i for i, node in enumerate(reading.graph.nodes)}

    def places(assignment: Iterable[tuple[str, int]]) -> tuple[tuple[int, int], ...]:
        return tuple((number[node], value) for node, value in assignment)

    query = reading.query
    return (
        tuple((number[a], number[b]) for a, b in reading.graph.edges),
        tuple((places(given.event), places(given.condition)) for given in reading.givens),
        (query.task, query.bound, number[query.treatment], query.treatment_value),
        (number[query.outcome], query.outcome_value, places(query.mediator_values)),
    )


def world(reading: Reading) -> tuple[Any, ...]:
    """The problem modulo names only."""
    return form(reading), tuple(given.value for given in reading.givens)


def _classes(keyed: list[tuple[Reading, Answer]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for reading, key in keyed:
        counts.setdefault(reading.query.task, Counter())[_class(reading.query.task, key)] += 1
    return {task: dict(sorted(counts[task].items())) for task in sorted(counts)}


def _class(task: str, key: Answer) -> str:
    if key.value is None:
        return "lack"
    if task in BOUND_TASKS or key.decision is None:
        return next((f"at {end}" for end in (0, 1) if abs(key.value - end) <= TOLERANCE), "between")
    if key.value == 0:
        return "no (zero)"
    return "yes" if key.decision else "no"
