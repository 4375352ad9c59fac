"""What a benchmark is made of: items with their keys, drawn evenly over the tasks."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from caugym.errors import InputError
from caugym.gym.problem import Problem
from caugym.gym.released_words import CHINESE_WORDS, Released
from caugym.gym.scoring import Key
from caugym.gym.short_answers import Word
from caugym.gym.wording.published import STEP_BY_STEP

YES_NO = ("Yes", "No")
YES_NO_REQUEST = 'Provide a final "yes" or "no" answer in JSON format, like {"ANSWER": "Yes"}:'


@dataclass(frozen=True)
class Item:
    """One question: ``answer`` is the strict judge's key, ``published_answer`` the released key where it differs.

    ``problem`` is the whole problem where the benchmark has it: the report draws its graph and works it out.
    """

    id: str
    prompt: str
    answer: Key
    task: str
    published_answer: Key | None = None
    problem: Problem | None = None

    def to_row(self) -> dict[str, Any]:
        """The item as a line of ``items.jsonl``; ``released`` names the rule by which the judge ``published`` reads."""
        key = self.key("published")
        rule = {"released": key.released} if isinstance(key, Word) and key.released else {}
        return {
            "id": self.id,
            "task": self.task,
            "prompt": self.prompt,
            "answer": self.answer.text(),
            "published_answer": key.text(),
            **rule,
            "problem": None if self.problem is None else self.problem.to_row(),
        }

    def key(self, judge: str) -> Key:
        return self.published_answer if judge == "published" and self.published_answer is not None else self.answer

    def with_step_by_step(self) -> Item:
        """The prompt as the published harness asks it: one more line."""
        prompt, newline, hint = self.prompt.partition("\nIf the condition is not enough")
        text = f"{prompt}\n{STEP_BY_STEP}" + (" " + (newline + hint).lstrip("\n") if hint else "")
        return replace(self, prompt=text)

    def within(self, template: str) -> Item:
        """The prompt put into a template of the user's, in the place of ``{prompt}``."""
        return replace(self, prompt=template.replace("{prompt}", self.prompt))


def spread(items: Iterable[Item], limit: int | None) -> list[Item]:
    """The first ``limit`` items, taken from the tasks in turn; all of them where it is None."""
    items = list(items)
    if limit is None or limit >= len(items):
        return items
    by_task: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_task[item.task].append(item)
    in_turn = (item for row in zip_longest(*by_task.values()) for item in row if item is not None)
    chosen = {item.id for item, _ in zip(in_turn, range(limit), strict=False)}
    return [item for item in items if item.id in chosen]


def yes_no(row: Mapping[str, Any], field: str, place: str, released: Released | None = None) -> Word:
    """The key in a row's field, with the released rule by which ``published`` judges it.

    Raises InputError where it is neither yes nor no.
    """
    given = str(row.get(field)).strip()
    right = {said: word for word, said in CHINESE_WORDS.items()}.get(given, given).capitalize()
    if right not in YES_NO:
        raise InputError(f"{place}: field {field!r} is {row.get(field)!r}, expected yes or no")
    return Word(right, YES_NO, released)


def checksum(items: Iterable[Item]) -> str:
    """SHA-256 over ids, prompts and keys: two equal sums mean the same benchmark."""
    digest = hashlib.sha256()
    for item in items:
        row = [item.id, item.task, item.prompt, item.answer.text(), item.key("published").text()]
        digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
