"""CausalProbe 2024 (Chi et al. 2024, arXiv 2506.21215): causes and effects in news texts, four choices.

Reads ``CausalProbe-E*.json``, ``-H*`` and ``-M*`` from --data or its folder ``causalprobe``. In M several choices may
be right; all of them and no other are asked for. The released scripts compare one number, so that M has no rule of
its own: the judge ``published`` judges it as ``strict`` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.items import Item, spread
from caugym.evaluation.published_files import find_files, read_rows, text_field
from caugym.gym.short_answers import Choices, ShortAnswer, Word

NAMES = ("causalprobe-e", "causalprobe-h", "causalprobe-m")
LICENCE = "none stated (Haoang97/CausalProbe-2024)"
NEEDS_DATA = True
_FOLDER = "https://raw.githubusercontent.com/Haoang97/CausalProbe-2024/HEAD/benchmarks/CausalProbe2024"
DOWNLOADS = {f"causalprobe-{part.lower()}": ("causalprobe", (f"{_FOLDER}/CausalProbe-{part}.json",)) for part in "EHM"}
OPTIONS = ("1", "2", "3", "4")
ONE = 'Choose the right answer. Give its number in JSON format, like {"ANSWER": "1"}:'
SEVERAL = 'Choose every right answer; several may be right. Give their numbers in JSON format, like {"ANSWER": ["1"]}:'


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder does not hold the set's file."""
    assert data is not None
    part = name[-1].upper()
    pattern = f"CausalProbe[-_]{part}*.json"
    files = find_files(data, ("causalprobe",), (pattern,))
    if not files:
        raise InputError(f"--data {data}: no file of {name}: expected {pattern} there or in {data / 'causalprobe'}")
    rows = enumerate(read_rows(files[0]))
    return spread([_item(name, part, row, place, number) for number, (place, row) in rows], limit)


def _item(name: str, part: str, row: dict[str, Any], place: str, number: int) -> Item:
    lines = [text_field(row, "context", place), "Question: " + text_field(row, "question", place)]
    lines += [f"{option}. {text_field(row, f'choice_{option}', place)}" for option in OPTIONS]
    right = row.get("answer")
    chosen = tuple(str(option) for option in (right if isinstance(right, list) else [right]))
    if not chosen or any(option not in OPTIONS for option in chosen) or (part != "M" and len(chosen) > 1):
        expected = "numbers from 1 to 4" if part == "M" else "a number from 1 to 4"
        raise InputError(f"{place}: field 'answer' is {right!r}, expected {expected}")
    key: ShortAnswer = Choices(frozenset(chosen), OPTIONS) if part == "M" else Word(chosen[0], OPTIONS, "causalprobe")
    prompt = "\n".join([*lines, SEVERAL if part == "M" else ONE])
    return Item(f"{name}-{row.get('id', number)}", prompt, key, part)
