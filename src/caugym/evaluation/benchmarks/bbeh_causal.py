"""BIG-Bench Extra Hard, causal understanding (Kazemi et al. 2025, arXiv 2502.19187): yes, no or ambiguous.

Reads ``task.json`` from --data or its folder ``bbeh_causal_understanding``. The released script, which the judge
``published`` follows, looks for "The answer is:"; our request does not ask for it.
"""

from __future__ import annotations

from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, read_object, text_field
from caugym.gym.short_answers import Word

NAMES = ("bbeh-causal",)
LICENCE = "Apache-2.0 and CC-BY-4.0 (google-deepmind/bbeh)"
NEEDS_DATA = True
FOLDER = "bbeh_causal_understanding"
_FILE = "https://raw.githubusercontent.com/google-deepmind/bbeh/main/bbeh/benchmark_tasks/bbeh_causal_understanding/task.json"
DOWNLOADS = {"bbeh-causal": (FOLDER, (_FILE,))}
OPTIONS = ("Yes", "No", "Ambiguous")
REQUEST = 'Give the final answer in JSON format, like {"ANSWER": "Yes"}:'


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder does not hold the task, or it is broken."""
    assert data is not None
    files = find_files(data, (FOLDER,), ("task.json",))
    if not files:
        raise InputError(f"--data {data}: no BBEH causal understanding: expected task.json there or in {data / FOLDER}")
    examples = read_object(files[0]).get("examples")
    if not isinstance(examples, list) or not all(isinstance(row, dict) for row in examples):
        raise InputError(f"{files[0]}: field 'examples' is no list of objects")
    items = []
    for number, row in enumerate(examples, 1):
        place = f"{files[0]}: example {number}"
        target = text_field(row, "target", place).strip()
        if target not in OPTIONS:
            raise InputError(f"{place}: field 'target' is {target!r}, expected one of {', '.join(OPTIONS)}")
        prompt = text_field(row, "input", place) + "\n" + REQUEST
        items.append(Item(f"{name}-{number}", prompt, Word(target, OPTIONS, "bbeh"), "understanding"))
    return spread(items, limit)
