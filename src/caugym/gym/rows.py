"""Finds the problems in a file: JSON, JSON lines or plain text, in our own and the published rows' fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from caugym.errors import InputError

ID_FIELDS = ("id", "index", "idx")
TEXT_FIELDS = ("prompt", "problem")
CALM_FIELDS = ("given_info", "Background", "Instruction", "Question")


@dataclass(frozen=True)
class Row:
    """One problem's text and its id: the row's own, else its line in JSON lines or its place in a JSON list."""

    id: Any
    text: str


def rows(content: str, name: str) -> list[Row]:
    """The rows of a file's ``content``; ``name`` stands for the file in errors.

    Raises InputError that names file and line for an empty file, broken JSON or a row without a problem text.
    """
    if not content.strip():
        raise InputError(f"{name}: the file is empty, expected a problem as text, JSON or JSON lines")
    if not is_json(content, name):
        return [Row(1, content)]
    found = items(content, name)
    if not found:
        raise InputError(f"{name}: the list is empty, expected at least one problem")
    return [row_of(item, place, where) for where, place, item in found]


def is_json(content: str, name: str) -> bool:
    """Whether a file is meant as JSON or JSON lines, by its name or its first character."""
    return name.endswith((".json", ".jsonl")) or content.lstrip()[:1] in ("{", "[")


def items(content: str, name: str) -> list[tuple[str, int, Any]]:
    """Each item of JSON or JSON lines with its place in words and as a number. Raises InputError for broken JSON."""
    try:
        whole = parse_json(content)
    except json.JSONDecodeError as error:
        broken = error
    else:
        if isinstance(whole, list):
            return [(f"{name}: item {i}", i, item) for i, item in enumerate(whole, start=1)]
        return [(f"{name}:1", 1, whole)]
    lines = [(i, line) for i, line in enumerate(content.split("\n"), start=1) if line.strip()]
    if not name.endswith(".jsonl") and not any(_is_object(line) for _, line in lines):
        raise InputError(f"{name}:{broken.lineno}: broken JSON ({broken.msg} at column {broken.colno})")
    found = []
    for i, line in lines:
        try:
            found.append((f"{name}:{i}", i, parse_json(line)))
        except json.JSONDecodeError as error:
            raise InputError(f"{name}:{i}: broken JSON ({error.msg} at column {error.colno})") from None
    return found


def parse_json(text: str) -> Any:
    """``json.loads`` with one kind of error for all that it can fail on."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", text, 0) from None
    except ValueError:
        raise json.JSONDecodeError("a number with too many digits", text, 0) from None


def _is_object(line: str) -> bool:
    try:
        return isinstance(parse_json(line), dict)
    except json.JSONDecodeError:
        return False


def row_of(item: Any, place: int, where: str) -> Row:
    """Id and text of one item. Raises InputError, which begins with ``where``, for an item without a problem text."""
    row = Row(_id(item, place), _text(item, where))
    try:
        json.dumps([row.id, row.text], ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"{where}: broken Unicode (half of a surrogate pair) in the id or the text") from None
    return row


def _id(item: Any, place: int) -> Any:
    if isinstance(item, dict):
        for field in ID_FIELDS:
            if item.get(field) is not None:
                return item[field]
    return place


def _text(item: Any, where: str) -> str:
    if not isinstance(item, dict):
        raise InputError(f"{where}: expected an object with a field 'prompt' or 'problem', got {_short(item)}")
    for field in TEXT_FIELDS:
        if field in item:
            return _spoken(item[field], f"{where}: field {field!r}")
    if all(field in item for field in CALM_FIELDS):
        return _calm(item, where)
    fields = ", ".join(item) or "no fields"
    raise InputError(f"{where}: no field 'prompt' or 'problem' (the row has {_short(fields)})")


def _spoken(value: Any, where: str) -> str:
    """A text, or the user's messages of a chat."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(message, dict) for message in value):
        said = [message.get("content") for message in value if message.get("role", "user") == "user"]
        if said and all(isinstance(content, str) for content in said):
            return "\n".join(said)
    raise InputError(f"{where}: expected a text or a chat with a user's message, got {_short(value)}")


def _calm(item: dict[str, Any], where: str) -> str:
    """A CaLM-Lite row's text, its parts on the published lines."""
    background = item["Background"]
    statements = background.get("data_info") if isinstance(background, dict) else None
    parts = (item["given_info"], statements, item["Instruction"], item["Question"])
    if not all(isinstance(part, str) for part in parts):
        raise InputError(f"{where}: a CaLM row needs texts in given_info, Background.data_info, Instruction, Question")
    return "Input Info: {}\n{}\nInstruction: {}\nQuestion: {}\n".format(*parts)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
