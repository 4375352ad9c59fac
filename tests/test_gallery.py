"""GALLERY.md is what its script writes: one example of every task and variation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from caugym.gym import tasks, variations
from caugym.gym.generate import FURTHER_VARIATIONS
from caugym.gym.problem import TASKS

ROOT = Path(__file__).parents[1]


def test_the_gallery_is_up_to_date() -> None:
    """If this fails, run python scripts/gallery.py."""
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "scripts" / "gallery.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert (ROOT / "GALLERY.md").read_text(encoding="utf-8") == script.gallery()


def test_every_task_and_variation_is_there() -> None:
    text = (ROOT / "GALLERY.md").read_text(encoding="utf-8")
    cells = [(task, variation) for task in TASKS for variation in variations.names()]
    cells += [(task, variation) for task in tasks.FURTHER for variation in FURTHER_VARIATIONS]
    assert [f"\n### {task}, {variation}\n" in text for task, variation in cells] == [True] * len(cells)
    assert text.count("```mermaid") == len(cells)
