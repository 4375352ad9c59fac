"""CaLM-Lite hard, English: seven tasks of 100 on larger graphs, with values and keys as in basic.

Reads ``*-P_*-hard_EN*.jsonl`` from --data or its folder ``calm_lite``.
"""

from __future__ import annotations

from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.benchmarks.calm_basic import load_calm
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files

NAMES = ("calm-hard",)
LICENCE = "Apache-2.0 (OpenCausaLab/CaLM)"
NEEDS_DATA = True
FILES = "*-P_*-hard_EN*.jsonl"


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no such file, or a broken one."""
    assert data is not None
    if files := find_files(data, ("calm_lite",), (FILES,)):
        return spread(load_calm(files, name), limit)
    raise InputError(f"--data {data}: no CaLM hard files: expected {FILES} there or in {data / 'calm_lite'}")
