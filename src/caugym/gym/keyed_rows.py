"""Problems with their keys from the rows of any data set in our own or the published form."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from caugym.errors import InputError
from caugym.gym.disagreement import said_by
from caugym.gym.problem import BOUND_TASKS, TASKS, Answer
from caugym.gym.rows import row_of


@dataclass(frozen=True)
class KeyedRow:
    """A problem's id and text. ``key`` is None where ``problem`` says why it is none; ``said`` is the worked yes/no."""

    id: Any
    text: str
    key: Answer | None
    said: bool | None = None
    problem: str = ""


def keyed_rows(items: Iterable[tuple[str, int, Any]]) -> list[KeyedRow]:
    """Each item, given with its place in words and as a number.

    The key stands in "answer", "reward_model": {"ground_truth"} or, in CaLM rows, "gt_answer". Raises InputError, which
    names the place, for an item without a problem text or without any of these fields.
    """
    found = []
    for where, place, item in items:
        row = row_of(item, place, where)
        said = _said(item)
        try:
            found.append(KeyedRow(row.id, row.text, _key(item, said, where), said))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            found.append(KeyedRow(row.id, row.text, None, said, str(error)))
    return found


def _key(item: dict[str, Any], said: bool | None, where: str) -> Answer:
    reward = item.get("reward_model")
    if isinstance(reward, dict) and "ground_truth" in reward:
        return Answer.from_text(_text(reward["ground_truth"]))
    if isinstance(item.get("answer"), str | dict):
        return Answer.from_text(_text(item["answer"]))
    if "gt_answer" in item:  # the file keys the value only; the worked solution has the yes/no
        value = Answer.from_text(json.dumps({"PROB": str(item["gt_answer"])})).value
        return Answer(value, None if item.get("Type") in BOUND_TASKS else said)
    raise InputError(f"{where}: no key (expected a field 'answer', 'gt_answer' or 'reward_model' with 'ground_truth')")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _said(item: dict[str, Any]) -> bool | None:
    """What the published worked solution says, a dict or its text; only effects have a yes/no."""
    reason = item.get("Reason")
    if isinstance(reason, str):
        try:
            reason = ast.literal_eval(reason)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    if not isinstance(reason, dict) or item.get("Type") in BOUND_TASKS or item.get("Type") not in TASKS:
        return None
    return said_by({step: text for step, text in reason.items() if text is not None})
