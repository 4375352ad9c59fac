"""The preset published-base draws from the published base file's distribution: chi-square tests, feature by feature."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from scipy.stats import chi2_contingency

from caugym.causal.identify import Identified, identify
from caugym.gym.generate import generate_many
from caugym.gym.problem import BOUND_TASKS, TASKS
from caugym.gym.read import Reading, read

DATA = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", Path(__file__).parents[1] / "../shared/data"))
FILE = DATA / "caugym" / "base_dev.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="published data not found")

EACH = 100
LEVEL = 0.002
"""About twenty tests are made; the published halves differ by chance like any two samples."""


@dataclass(frozen=True)
class Item:
    """A problem as its text and key show it, so that both files are measured by the same reader."""

    text: str
    reading: Reading
    found: Identified
    key: str

    @property
    def task(self) -> str:
        return self.reading.query.task


def item(text: str, key: str) -> Item:
    reading = read(text)
    found = identify(reading.graph, reading.query)
    assert isinstance(found, Identified)
    return Item(text, reading, found, key)


@cache
def published() -> list[Item]:
    return [item(row["problem"], row["answer"]) for row in json.loads(FILE.read_text(encoding="utf-8"))]


@cache
def ours() -> list[Item]:
    problems = (p for task in TASKS for p in generate_many(task, EACH, seed=2, split="test", preset="published-base"))
    return [item(problem.prompt, problem.answer.text()) for problem in problems]


def nodes(item: Item) -> object:
    return len(item.reading.graph.nodes)


def edges_given_nodes(item: Item) -> object:
    return len(item.reading.graph.nodes), len(item.reading.graph.edges)


def no_effect(item: Item) -> object:
    return None if item.task in BOUND_TASKS else (item.task, item.found.no_effect is not None)


def adjustment_size(item: Item) -> object:
    return None if item.found.no_effect else (item.task, len(item.found.adjustment_set))


def mediators(item: Item) -> object:
    return None if item.found.no_effect or item.task not in ("CDE", "NDE") else (item.task, len(item.found.mediators))


def statements(item: Item) -> object:
    return item.task, len(item.reading.givens)


def decimals(item: Item) -> object:
    """Of the printed numbers, all of them in one answer: the published file has no other form than four."""
    return tuple(sorted({-int(given.value.as_tuple().exponent) for given in item.reading.givens}))


def key_form(item: Item) -> object:
    """Fields of the key, and decimals, sign and leading zero of its number."""
    key = json.loads(item.key)
    number = key["PROB"]
    return tuple(key), len(number.partition(".")[2]), item.task in BOUND_TASKS and number.startswith("-")


def polarity(item: Item) -> object:
    return item.task, item.reading.query.treatment_value, item.reading.query.outcome_value


def style(item: Item) -> object:
    """Nonsense names have four letters and no vowel pattern to speak of; the rest are words."""
    return all(len(node) == 4 and node.isalpha() for node in item.reading.graph.nodes)


@pytest.mark.parametrize(
    "feature",
    [nodes, edges_given_nodes, no_effect, adjustment_size, mediators, statements, decimals, key_form, polarity, style],
)
def test_the_files_cannot_be_told_apart(feature: Callable[[Item], object]) -> None:
    theirs, mine = count(feature, published()), count(feature, ours())
    assert p_value(theirs, mine) > LEVEL, (theirs, mine)


def test_another_preset_is_told_apart() -> None:
    """The tests above can fail: the same features of the preset published-hard, where they differ."""
    hard = [
        item(p.prompt, p.answer.text()) for t in TASKS for p in generate_many(t, 30, seed=2, preset="published-hard")
    ]
    assert p_value(count(nodes, published()), count(nodes, hard)) < 1e-6


def count(feature: Callable[[Item], object], items: Iterable[Item]) -> Counter[object]:
    return Counter(value for value in map(feature, items) if value is not None)


def p_value(one: Counter[object], other: Counter[object]) -> float:
    """Of the chi-square test of homogeneity; values seen fewer than ten times in all are counted together."""
    rows: dict[object, list[int]] = {}
    for value in one | other:
        rare = one[value] + other[value] < 10
        row = rows.setdefault("rare" if rare else value, [0, 0])
        row[0] += one[value]
        row[1] += other[value]
    return 1.0 if len(rows) == 1 else float(chi2_contingency(list(rows.values())).pvalue)
