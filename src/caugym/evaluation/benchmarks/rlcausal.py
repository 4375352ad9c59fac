"""RLCausal (zhichul/rlcausal): the distribution of a variable to two digits, from a network's full tables.

Reads ``observational_test*.parquet``, ``interventional_test*`` and ``counterfactual_test*`` from --data or its folder
``rlcausal``; a rung is a task. The released system prompt comes before the question, in one message.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, read_parquet
from caugym.gym.short_answers import Distribution

NAMES = ("rlcausal",)
LICENCE = "MIT (zhichul/rlcausal)"
NEEDS_DATA = True
RUNGS = ("observational", "interventional", "counterfactual")
_FOLDER = "https://raw.githubusercontent.com/zhichul/rlcausal/HEAD/data/verl/rlvr"
_FILES = {f"{rung}_test.parquet": f"{_FOLDER}/{rung}/n10v2/8k/test.parquet" for rung in RUNGS}
DOWNLOADS = {"rlcausal": ("rlcausal", _FILES)}


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no such file, or a broken one."""
    assert data is not None
    items: list[Item] = []
    for rung in RUNGS:
        for path in find_files(data, ("rlcausal",), (f"{rung}_test*.parquet",)):
            rows = read_parquet(path, ("prompt", "reward_model", "extra_info"))
            items += [_item(name, rung, row, place, number) for number, (place, row) in enumerate(rows)]
    if not items:
        expected = f"{RUNGS[0]}_test*.parquet and so on"
        raise InputError(f"--data {data}: no RLCausal files: expected {expected} there or in {data / 'rlcausal'}")
    return spread(items, limit)


def _item(name: str, rung: str, row: dict[str, Any], place: str, number: int) -> Item:
    try:
        prompt = "\n\n".join(message["content"] for message in row["prompt"])
        values = tuple(Decimal(str(value)) for value in row["reward_model"]["ground_truth"])
        index = row["extra_info"].get("index", number)
    except (KeyError, TypeError, AttributeError, InvalidOperation):
        raise InputError(f"{place}: no prompt messages or no numbers in reward_model.ground_truth") from None
    if not values:
        raise InputError(f"{place}: reward_model.ground_truth is empty")
    return Item(f"{name}-{rung}-{index}", prompt, Distribution(values), rung)
