"""Read the published JSON files: find them in the user's folder, and their keys and worked solutions in a row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.gym.problem import EFFECT_TASKS, TASKS, Answer
from caugym.gym.rows import parse_json

_WORKED_DECISION = re.compile(r"answer is (yes|no)\b|答案为(是|否)", re.IGNORECASE)


def find_files(data: Path, folders: Sequence[str], patterns: Sequence[str]) -> list[Path]:
    """Files of the first pattern that matches in ``data`` itself or in one of its ``folders``."""
    for pattern in patterns:
        for place in (data, *(data / folder for folder in folders)):
            found = sorted(path for path in place.glob(pattern) if path.is_file())
            if found:
                return found
    return []


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the place where it stands, from a JSON list or JSON lines. Raises InputError with file and line."""
    text = _text(path)
    if text.lstrip().startswith("["):
        try:
            rows = [(f"{path}: item {index}", row) for index, row in enumerate(parse_json(text), 1)]
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{error.lineno}: broken JSON ({error.msg})") from None
    else:
        rows = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    rows.append((f"{path}:{number}", parse_json(line)))
                except json.JSONDecodeError as error:
                    raise InputError(f"{path}:{number}: broken JSON ({error.msg})") from None
    for place, row in rows:
        if not isinstance(row, dict):
            raise InputError(f"{place}: expected a JSON object, found {type(row).__name__}")
        yield place, row


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """As ``read_rows``, from a Parquet file. Raises InputError for what is none, or lacks one of ``columns``."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path, columns=None if columns is None else list(columns))
    except (OSError, KeyError, pyarrow.ArrowException) as error:
        reason = str(error).splitlines()[0][:120]
        expected = f" with {', '.join(columns[:-1])} and {columns[-1]}" if columns else ""
        raise InputError(f"{path}: no Parquet file{expected} ({reason})") from None
    for number, row in enumerate(table.to_pylist()):
        yield f"{path}: row {number}", row


def read_object(path: Path) -> dict[str, Any]:
    """A file that is one JSON object. Raises InputError with file and line."""
    try:
        value = parse_json(_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: broken JSON ({error.msg})") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    return text


def text_field(row: dict[str, Any], name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{place}: field {name!r} is {'missing' if value is None else 'no text'}")
    return value


def task_of(row: dict[str, Any], place: str) -> str:
    task = row.get("Type")
    if task not in TASKS:
        raise InputError(f"{place}: field 'Type' is {task!r}, expected one of {', '.join(TASKS)}")
    return str(task)


def worked_decision(row: dict[str, Any]) -> bool | None:
    """What the worked solution's last "so the answer is Yes/No" says; None where it says nothing."""
    reason = row.get("Reason")
    steps = " ".join(str(step) for step in reason.values()) if isinstance(reason, dict) else str(reason or "")
    words = ["".join(found).lower() for found in _WORKED_DECISION.findall(steps)]
    return words[-1] in ("yes", "是") if words else None


def keys(task: str, value: object, released: bool | None, row: dict[str, Any], place: str) -> tuple[Answer, Answer]:
    """The key of the strict judge and the released one.

    For effects the strict key takes its yes/no from the worked solution: the released base, rephrased and omitted
    keys say the opposite of it for every non-zero ETT and for two NIE. Where the worked solution says neither (no
    path), the released key holds.
    """
    try:
        number = round(Decimal(str(value)), 4)
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise InputError(f"{place}: the key's value {value!r} is no number") from None
    if task not in EFFECT_TASKS:
        return Answer(number), Answer(number)
    if released is None:
        released = number > 0
    worked = worked_decision(row)
    return Answer(number, released if worked is None else worked), Answer(number, released)
