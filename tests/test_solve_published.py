"""The solver against the published development files: the thresholds that the project promises."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", ROOT / "../shared/data"))
pytestmark = pytest.mark.skipif(not (DATA / "caugym" / "base_dev.json").exists(), reason="published data not found")


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("disagreements", ROOT / "scripts" / "disagreements.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["disagreements"] = module
    spec.loader.exec_module(module)
    return module


disagreements = _script()


@pytest.fixture(scope="module")
def outcomes() -> list[object]:
    return disagreements.measure(item for item in disagreements.published_items(DATA) if item.file != "CaLM basic")


def test_every_published_text_is_read(outcomes: list) -> None:
    assert [o.solved.message for o in outcomes if o.solved.status == "unreadable"] == []


@pytest.mark.parametrize("file", ["base", "CaLM hard", "deconfounding", "redundant"])
def test_values(outcomes: list, file: str) -> None:
    of_file = [o for o in outcomes if o.item.file == file]
    effects = [o.value_agrees for o in of_file if o.task not in ("PN", "PS")]
    bounds = [o.value_agrees for o in of_file if o.task in ("PN", "PS")]
    assert sum(effects) >= 0.99 * len(effects)
    assert sum(bounds) >= 0.9 * len(bounds)


def test_insufficient_is_lack(outcomes: list) -> None:
    lacking = [o.solved.status == "lack_condition" for o in outcomes if o.item.file == "insufficient"]
    assert sum(lacking) >= 0.99 * len(lacking)


def test_yes_and_no_are_those_of_the_worked_solutions(outcomes: list) -> None:
    effects = [o for o in outcomes if o.item.key.decision is not None]
    assert len(effects) > 700
    assert [o.item for o in effects if o.solved.answer.decision != o.item.said] == []


def test_every_disagreement_is_explained(outcomes: list) -> None:
    classes = [(o.item.file, o.item.index, found) for o in outcomes if (found := disagreements.classify(o))]
    assert [row for row in classes if row[2].kind == "unexplained"] == []
