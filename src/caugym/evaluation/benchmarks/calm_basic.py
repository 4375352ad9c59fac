"""CaLM-Lite basic, English: seven tasks of 100, the set of the paper's main table (arXiv 2602.06337).

Reads ``*-P_*-basic_EN*.jsonl`` from --data or its folder ``calm_lite``; CauGym's ``base*.json``, which holds the same
problems verbatim, serves as well. The prompt is the published five-line form. The value is ``gt_answer`` rounded
to four places; the strict judge's yes/no is the worked solution's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.benchmarks.caugym_published import load_caugym
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, keys, read_rows, task_of, text_field
from caugym.gym.wording.published import request

NAMES = ("calm-basic",)
LICENCE = "Apache-2.0 (OpenCausaLab/CaLM)"
NEEDS_DATA = True


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds neither the CaLM files nor CauGym's base."""
    assert data is not None
    if files := find_files(data, ("calm_lite",), ("*-P_*-basic_EN*.jsonl",)):
        return spread(load_calm(files, name), limit)
    if files := find_files(data, ("caugym",), ("base.json", "base_dataset.json", "base_dev.json", "base*.json")):
        return spread(load_caugym(files[0], "calm-basic"), limit)
    raise InputError(
        f"--data {data}: no CaLM basic files: expected *-P_*-basic_EN*.jsonl there or in {data / 'calm_lite'}, "
        f"or CauGym's base*.json there or in {data / 'caugym'}"
    )


def load_calm(files: Sequence[Path], name: str) -> list[Item]:
    """The items of CaLM files whose answer is a value, their ids prefixed with ``name``."""
    items = []
    for path in files:
        for place, row in read_rows(path):
            task = task_of(row, place)
            answer, released = keys(task, row.get("gt_answer"), None, row, place)
            prompt = question_lines(row, place) + "\n" + request(task)
            items.append(Item(f"{name}-{task}-{row.get('index', place)}", prompt, answer, task, released))
    return items


def question_lines(row: dict[str, Any], place: str) -> str:
    """Premise, statements, instruction and question; the request that follows them differs from set to set."""
    background = row.get("Background")
    if not isinstance(background, dict):
        raise InputError(f"{place}: field 'Background' is missing")
    return "\n".join(
        (
            "Input Info: " + text_field(row, "given_info", place),
            text_field(background, "data_info", place),
            "Instruction: " + text_field(row, "Instruction", place),
            "Question: " + text_field(row, "Question", place),
        )
    )
