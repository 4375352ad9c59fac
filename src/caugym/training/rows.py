"""Problems -> rows in TRL's layout. Pure functions: the same problems give the same rows.

SFT rows are ``prompt`` and ``completion``, RL rows ``prompt`` and ``answer``; prompts and completions are
conversations (lists of messages), to which the trainer applies the model's chat template.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.gym import styles
from caugym.gym.problem import TASKS, Answer, Problem
from caugym.gym.tasks import FURTHER

Style = str
"""Which worked solution SFT trains on: one of the gym's styles, or the compact form nano computes with."""
STYLES: tuple[Style, ...] = (*styles.names(), "nano")
SPLIT = "train"


@dataclass(frozen=True)
class Example:
    """One training problem: what is asked, its key and one worked solution."""

    id: str
    task: str
    prompt: str
    answer: str
    solution: str


def sft_row(example: Example) -> dict[str, Any]:
    return {"prompt": _user(example.prompt), "completion": [{"role": "assistant", "content": example.solution}]}


def rl_row(example: Example) -> dict[str, Any]:
    return {"prompt": _user(example.prompt), "answer": example.answer, "task": example.task}


def _user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def parse_tasks(text: str) -> tuple[str, ...]:
    """The word all, or a comma-separated list of tasks. Raises InputError that names an unknown one."""
    if text.strip().lower() == "all":
        return TASKS
    names = tuple(word.strip().upper() for word in text.split(",") if word.strip())
    for name in names:
        if name not in TASKS + FURTHER:
            raise InputError(f"unknown task {name!r}: expected all or some of {', '.join(TASKS + FURTHER)}")
    if not names:
        raise InputError("no task named: expected all or some of " + ", ".join(TASKS))
    return names


def generated(
    tasks: Sequence[str], problems: int, seed: int, style: Style, variation: str = "base", preset: str | None = None
) -> list[Example]:
    """``problems`` problems of the training split, the tasks in turn.

    In nano's style and without a preset these are nano's own training documents (caugym.nano.solutions). A problem
    that the style cannot write (nano's form has bounds on size) is left out and the next one taken.
    """
    if problems < 1:
        raise InputError(f"--problems {problems}: expected at least 1")
    if style == "nano" and preset is None and variation == "base":
        return _nano_documents(tasks, problems, seed)
    examples: list[Example] = []
    streams = [_stream(task, variation, seed, style, preset) for task in tasks]
    while len(examples) < problems:
        examples.extend(next(stream) for stream in streams[: problems - len(examples)])
    return examples


def _stream(task: str, variation: str, seed: int, style: Style, preset: str | None) -> Iterator[Example]:
    from caugym.gym.generate import generate

    index, written = 0, styles.PUBLISHED if style == "nano" else style
    while True:
        example = from_problem(generate(task, variation, SPLIT, seed, index, preset, written), style)
        if example is not None:
            yield example
        index += 1


def _nano_documents(tasks: Sequence[str], problems: int, seed: int) -> list[Example]:
    from caugym.nano.solutions import documents

    enough = -(-problems // len(tasks)) * len(TASKS)  # they come with all tasks in turn
    wanted = (row for row in documents(enough, seed) if row["task"] in tasks)
    return [Example(row["id"], row["task"], row["prompt"], "", row["completion"]) for row in islice(wanted, problems)]


def from_problem(problem: Problem, style: Style) -> Example | None:
    """``problem``, whose solution is in ``style`` already unless that is nano's. None where that has no form for it."""
    solution = nano_solution(problem) if style == "nano" else problem.solution
    if solution is None:
        return None
    return Example(problem.id, problem.task, problem.prompt, problem.answer.text(), solution)


def nano_solution(problem: Problem) -> str | None:
    """The worked form nano computes with, or None where it has none for this problem."""
    from caugym.nano import worked

    try:
        return worked.solution(problem)
    except worked.NotWritableError:
        return None


def from_file(path: Path, style: Style, *, solutions: bool) -> list[Example]:
    """The rows of ``caugym generate`` (or others with ``prompt``, ``answer`` and, for SFT, ``solution``).

    Raises InputError that names file and line for what cannot be used. In other styles than the published one the
    problem is read back from its prompt; rows that the style cannot write to their answer are left out.
    """
    examples = []
    for number, row in read_jsonl(path):
        place = f"{path}:{number}"
        prompt, key = _text(row, "prompt", place), _text(row, "answer", place)
        try:
            answer = Answer.from_text(key)
        except ValueError as error:
            raise InputError(f"{place}: {error}") from None
        solution: str | None = ""
        if solutions:
            own = style == styles.PUBLISHED
            solution = _text(row, "solution", place) if own else _read_back(prompt, answer, place, style)
        if solution is not None:
            name = str(row.get("id", f"{path.stem}-{number}"))
            examples.append(Example(name, str(row.get("task", "")), prompt, key, solution))
    if not examples:
        raise InputError(f"{path}: no row that can be trained on in the style {style!r}")
    return examples


def read_jsonl(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Line numbers (from 1) with their objects. Raises InputError for an empty file and for a line that is none."""
    empty = True
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            empty = False
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}:{number}: not JSON: {error.msg} at column {error.colno}") from None
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: not an object with prompt and answer: {line.strip()[:60]!r}")
            yield number, row
    if empty:
        raise InputError(f"{path}: the file is empty")


def _text(row: dict[str, Any], field: str, place: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{place}: the field {field!r} is missing or is not text")
    return value


def _read_back(prompt: str, answer: Answer, place: str, style: Style) -> str | None:
    from caugym.gym.read import ReadError, read
    from caugym.gym.scoring import score
    from caugym.gym.solve import worked

    try:
        reading = read(prompt)
    except ReadError as error:
        raise InputError(f"{place}: the problem cannot be read: {error}") from None
    if style != "nano":
        solution = worked(reading, style)
        return solution if solution is not None and score(solution, answer).correct else None
    problem = Problem(
        id=place,
        task=reading.query.task,
        variation="base",
        query=reading.query,
        graph=reading.graph,
        variables=reading.variables,
        givens=reading.givens,
        prompt=prompt,
        solution="",
        answer=answer,
    )
    return nano_solution(problem)
