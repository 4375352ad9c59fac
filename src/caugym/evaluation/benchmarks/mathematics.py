"""MATH-500, Minerva Math and AMC 2023: whether general ability survives the training, judged with math-verify.

Read from the folders ``math_500``, ``minerva_math`` and ``amc_2023`` of --data, or from --data itself: a ``test``
file, JSON lines, JSON or Parquet, with ``problem`` or ``question`` and with ``answer`` or a ``solution`` whose last box
is the answer. Each set is one task, so that its mean is the usual accuracy over all problems.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, read_parquet, read_rows
from caugym.gym.math_answers import MathAnswer, last_boxed

FOLDERS = {"math-500": "math_500", "minerva-math": "minerva_math", "amc-2023": "amc_2023"}
NAMES = tuple(FOLDERS)
LICENCE = "see LICENCES"
LICENCES = {
    "math-500": "MIT (hendrycks/math, the 500 problems of openai/prm800k)",
    "minerva-math": "none stated (math-ai/minervamath)",
    "amc-2023": "none stated (math-ai/amc23)",
}
DOWNLOADS = {
    "math-500": ("math_500", "hub:HuggingFaceH4/MATH-500"),
    "minerva-math": ("minerva_math", "hub:math-ai/minervamath"),
    "amc-2023": ("amc_2023", "hub:math-ai/amc23"),
}
NEEDS_DATA = True
IN_FOLDER = tuple(f"{place}test*.{suffix}" for suffix in ("jsonl", "json", "parquet") for place in ("", "data/"))
ALONE = tuple(
    f"{place}{name}"
    for name in ("test.jsonl", "test.json", "test.parquet", "test-*-of-*.parquet")
    for place in ("", "data/")
)
REQUEST = "Reason step by step, and put your final answer within \\boxed{}."


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder does not hold the set, a row lacks its parts, or math-verify is missing."""
    assert data is not None
    files = _files(name, data)
    if not files:
        folder = data / FOLDERS[name]
        raise InputError(f"--data {data}: no file of {name}: expected test.jsonl or test*.parquet there or in {folder}")
    _check_package(name)
    rows = read_parquet(files[0]) if files[0].suffix == ".parquet" else read_rows(files[0])
    return spread([_item(name, number, row, place) for number, (place, row) in enumerate(rows)], limit)


def _files(name: str, data: Path) -> list[Path]:
    """The files of the set's own folder, else of ``data`` itself unless its name says that it holds another set.

    In ``data`` itself, where other benchmarks may lie, a file is the set's only under one of the names it is
    published with: CLadder's begin with "test" too.
    """
    found = [path for pattern in IN_FOLDER for path in find_files(data / FOLDERS[name], (), (pattern,))]
    others = {folder for folder in FOLDERS.values() if folder != FOLDERS[name]}
    if found or data.resolve().name.lower().replace("-", "_") in others:
        return found
    return [path for pattern in ALONE for path in find_files(data, (), (pattern,))]


def _item(name: str, number: int, row: dict[str, Any], place: str) -> Item:
    problem = row.get("problem") or row.get("question")
    answer = row.get("answer")
    if answer is None and isinstance(row.get("solution"), str):
        answer = last_boxed(row["solution"])
    if not isinstance(problem, str) or answer is None or not str(answer).strip():
        raise InputError(f"{place}: expected 'problem' or 'question', and 'answer' or a 'solution' with a box")
    latex = str(answer).strip().strip("$")
    if latex.endswith(".0"):
        latex = latex[:-2]  # AMC's whole numbers are stored as floats
    item_id = f"{name}-{row.get('unique_id') or row.get('id') or row.get('idx') or number}"
    return Item(item_id, f"{problem.strip()}\n{REQUEST}", MathAnswer(latex), name)


def _check_package(name: str) -> None:
    try:
        import math_verify  # noqa: F401
    except ImportError:
        hint = "in the project's folder: pip install -e '.[evaluate]'"
        raise InputError(f"{name} is judged with math-verify; {hint}") from None
