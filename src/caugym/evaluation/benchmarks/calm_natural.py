"""CaLM-Lite natural, English: the five effects, answered with yes or no alone.

Reads ``*-B_*-natural_EN*.jsonl`` from --data or its folder ``calm_lite``. The request is ours: the files hold none.
"""

from __future__ import annotations

from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.benchmarks.calm_basic import question_lines
from caugym.evaluation.items import YES_NO_REQUEST, Item, spread, yes_no
from caugym.evaluation.published_files import find_files, read_rows, task_of

NAMES = ("calm-natural",)
LICENCE = "Apache-2.0 (OpenCausaLab/CaLM)"
NEEDS_DATA = True
FILES = "*-B_*-natural_EN*.jsonl"


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no such file, or a broken one."""
    assert data is not None
    files = find_files(data, ("calm_lite",), (FILES,))
    if not files:
        raise InputError(f"--data {data}: no CaLM natural files: expected {FILES} there or in {data / 'calm_lite'}")
    items = []
    for path in files:
        for place, row in read_rows(path):
            task, key = task_of(row, place), yes_no(row, "gt_answer", place)
            prompt = question_lines(row, place) + "\n" + YES_NO_REQUEST
            items.append(Item(f"{name}-{task}-{row.get('index', place)}", prompt, key, task))
    return spread(items, limit)
