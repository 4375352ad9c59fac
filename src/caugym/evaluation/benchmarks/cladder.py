"""CLadder (Jin et al. 2023, arXiv 2312.04350): yes/no questions on the three rungs of causation.

Reads ``test-generate-*.json`` or ``cladder-v1-q-*.json`` from --data or its folder ``cladder``. The stories behind
the questions stand in ``cladder-v1-meta-models.json``; without that file the questions are asked without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.items import YES_NO_REQUEST, Item, spread, yes_no
from caugym.evaluation.published_files import find_files, read_rows, text_field
from caugym.gym.wording.published import PREMISE

NAMES = ("cladder",)
LICENCE = "MIT (causalNLP/cladder)"
NEEDS_DATA = True
_FOLDER = "https://raw.githubusercontent.com/causalNLP/cladder/HEAD/data"
_PARTS = ("anti", "det", "easy", "hard", "non")
DOWNLOADS = {"cladder": ("cladder", tuple(f"{_FOLDER}/test-generate-{part}.json" for part in _PARTS))}
FILES = ("test-generate-*.json", "cladder-v1-q-*.json")
MODELS = "cladder-v1-meta-models.json"


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no such file, or a broken one."""
    assert data is not None
    files = find_files(data, ("cladder",), FILES)
    if not files:
        raise InputError(f"--data {data}: no CLadder files: expected {FILES[0]} there or in {data / 'cladder'}")
    models = [row for path in find_files(data, ("cladder",), (MODELS,)) for _, row in read_rows(path)]
    stories = {row.get("model_id"): str(row.get("background", "")) for row in models}
    items = [_item(name, path, row, place, stories) for path in files for place, row in read_rows(path)]
    return spread(items, limit)


def _item(name: str, path: Path, row: dict[str, Any], place: str, stories: dict[Any, str]) -> Item:
    meta = row.get("meta")
    if not isinstance(meta, dict) or meta.get("rung") not in (1, 2, 3):
        raise InputError(f"{place}: field 'meta' holds no 'rung' of 1, 2 or 3")
    told = (PREMISE, stories.get(meta.get("model_id"), ""), text_field(row, "given_info", place))
    story = " ".join(part.strip() for part in told if part.strip())
    prompt = f"{story}\nQuestion: {text_field(row, 'question', place)}\n{YES_NO_REQUEST}"
    item_id = f"{name}-{path.stem}-{row.get('question_id', place)}"
    return Item(item_id, prompt, yes_no(row, "answer", place), f"rung {meta['rung']}")
