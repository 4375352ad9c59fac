"""The six published CauGym test sets, read from --data or its folder ``caugym``: ``base*.json`` and so on.

Two keys an item. The released one, for the ``published`` judge, and for the strict judge the same value with the
yes/no of the worked solution: in base, rephrased and omitted all 67 non-zero ETT keys and two NIE keys contradict
it. ``insufficient`` asks for LACK_CONDITION and adds the published sentence that says so.
"""

from __future__ import annotations

from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, keys, read_rows, task_of, text_field
from caugym.gym.problem import Answer
from caugym.gym.wording.published import LACK_HINT

SETS = ("base", "rephrased", "omitted", "deconfounding", "redundant", "insufficient")
NAMES = tuple(f"published-{part}" for part in SETS)
LICENCE = "none stated (OpenCausaLab/CauGym)"
NEEDS_DATA = True
_FOLDER = "https://raw.githubusercontent.com/OpenCausaLab/CauGym/main/eval/test_datasets"
DOWNLOADS = {f"published-{part}": ("caugym", (f"{_FOLDER}/{part}_dataset.json",)) for part in SETS}


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder does not hold the set's file."""
    assert data is not None
    part = name.removeprefix("published-")
    files = find_files(data, ("caugym",), (f"{part}.json", f"{part}_dataset.json", f"{part}_dev.json", f"{part}*.json"))
    if not files:
        raise InputError(f"--data {data}: no file of {name}: expected {part}*.json there or in {data / 'caugym'}")
    return spread(load_caugym(files[0], name), limit)


def load_caugym(path: Path, name: str) -> list[Item]:
    """The items of one published file, their ids prefixed with ``name``."""
    items: list[Item] = []
    for place, row in read_rows(path):
        task, prompt = task_of(row, place), text_field(row, "problem", place)
        try:
            released = Answer.from_text(text_field(row, "answer", place))
        except ValueError as error:
            raise InputError(f"{place}: {error}") from None
        item_id = f"{name}-{task}-{row.get('index', len(items))}"
        if released.lacks_condition:
            items.append(Item(item_id, f"{prompt}\n{LACK_HINT}", released, task))
            continue
        answer, released = keys(task, released.value, released.decision, row, place)
        items.append(Item(item_id, prompt, answer, task, released))
    return items
