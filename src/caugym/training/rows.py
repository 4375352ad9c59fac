"""Problems -> rows in TRL's layout. Pure functions: the same problems give the same rows.

SFT rows are ``prompt`` and ``completion``, DPO rows ``prompt``, ``chosen`` and ``rejected``, KTO rows ``prompt``,
``completion`` and ``label``, RL rows ``prompt`` and ``answer``; prompts and completions are conversations (lists of
messages), to which the trainer applies the model's chat template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.files import content_of
from caugym.gym import styles
from caugym.gym.problem import TASKS, Answer, Problem
from caugym.gym.rows import parse_json
from caugym.gym.tasks import FURTHER
from caugym.nano.numbered import Places

Style = str
"""The form of a worked solution: one of the gym's styles, or the compact form nano computes with."""
STYLES: tuple[Style, ...] = (*styles.names(), "nano")
SPLIT = "train"
_ANNOTATED = re.compile(r"\([A-Z]\d*=[01]\)")
Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Example:
    """One training problem: what is asked, its key and one worked solution. ``problem`` where it is known."""

    id: str
    task: str
    prompt: str
    answer: str
    solution: str
    problem: Problem | None = None


def sft_row(example: Example, completion: str | None = None) -> dict[str, Any]:
    return {"prompt": user(example.prompt), "completion": assistant(completion or example.solution)}


def dpo_row(prompt: str, chosen: str, rejected: str) -> dict[str, Any]:
    return {"prompt": user(prompt), "chosen": assistant(chosen), "rejected": assistant(rejected)}


def kto_row(prompt: str, completion: str, label: bool) -> dict[str, Any]:
    return {"prompt": user(prompt), "completion": assistant(completion), "label": label}


def rl_row(example: Example) -> dict[str, Any]:
    return {"prompt": user(example.prompt), "answer": example.answer, "task": example.task}


def user(text: str) -> Messages:
    return [{"role": "user", "content": text}]


def assistant(text: str) -> Messages:
    return [{"role": "assistant", "content": text}]


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


def parse_mixture(text: str, preset: str | None = None) -> list[tuple[str, str | None, float]]:
    """Variations with their presets and weights: "base", "base=3,redundant", "base@published-hard=2,omitted".

    ``preset`` is that of the parts that name none. Raises InputError for an unknown name or a bad weight.
    """
    from caugym.gym import variations
    from caugym.gym.presets import preset_of

    parts = []
    for part in (word.strip() for word in text.split(",")):
        source, _, weight_text = part.partition("=")
        name, _, own = source.partition("@")
        variations.load(name)
        preset_of(own or preset, {})
        try:
            weight = float(weight_text or 1)
        except ValueError:
            weight = 0.0
        if not 0 < weight < float("inf"):
            raise InputError(f"mixture {text!r}: {weight_text!r} is no weight, expected a number above 0")
        parts.append((name, own or preset, weight))
    return parts


def generated(
    tasks: Sequence[str],
    problems: int,
    seed: int,
    style: Style,
    variation: str = "base",
    preset: str | None = None,
    split: str = SPLIT,
) -> list[Example]:
    """All of ``stream`` in a list."""
    return list(stream(tasks, problems, seed, style, variation, preset, split))


def stream(
    tasks: Sequence[str],
    problems: int,
    seed: int,
    style: Style,
    variation: str = "base",
    preset: str | None = None,
    split: str = SPLIT,
) -> Iterator[Example]:
    """``problems`` problems of a split, the tasks in turn; ``variation`` may be a mixture (``parse_mixture``).

    A problem that the style cannot write (nano's form has bounds on size) is left out and the next one taken.
    """
    if problems < 1:
        raise InputError(f"--problems {problems}: expected at least 1")
    mixture = parse_mixture(variation, preset)
    streams = {
        (task, part): _stream(task, name, split, seed, style, own)
        for task in tasks
        for part, (name, own, _) in enumerate(mixture)
    }
    taken = dict.fromkeys(streams, 0)
    for row in range(problems):
        task = tasks[row % len(tasks)]
        # The part that is furthest behind its share.
        part = min(range(len(mixture)), key=lambda part: (taken[task, part] + 1) / mixture[part][2])
        taken[task, part] += 1
        yield next(streams[task, part])


def _stream(task: str, variation: str, split: str, seed: int, style: Style, preset: str | None) -> Iterator[Example]:
    from caugym.gym.generate import generate

    index, written = 0, styles.PUBLISHED if style == "nano" else style
    while True:
        example = from_problem(generate(task, variation, split, seed, index, preset, written), style)
        if example is not None:
            yield example
        index += 1


def documents(tasks: Sequence[str], problems: int, seed: int, fits: Callable[[str, str], bool]) -> list[Example]:
    """Problems of all kinds with nano's worked solutions (caugym.nano.solutions): what a cold start reads.

    The tasks come in turn; in the place of a prompt and solution that do not fit others of their task are drawn. Raises
    InputError for a task that nano has no form for.
    """
    from caugym.nano.solutions import documents as solved

    for task in tasks:
        if task not in TASKS:
            raise InputError(f"--tasks {task}: documents are of {', '.join(TASKS)} only")

    return [
        Example(row["id"], row["task"], row["prompt"], "", row["completion"])
        for row in solved(problems, seed, tasks, fits)
    ]


def from_problem(problem: Problem, style: Style) -> Example | None:
    """``problem``, whose solution is in ``style`` already unless that is nano's. None where that has no form for it."""
    solution = nano_solution(problem) if style == "nano" else problem.solution
    if solution is None:
        return None
    return Example(problem.id, problem.task, problem.prompt, problem.answer.text(), solution, problem)


def nano_solution(problem: Problem, places: Places | None = None) -> str | None:
    """The worked form nano computes with, or None where it has none for this problem.

    ``places``: where edges and givens stand, if not where the prompt has them.
    """
    from caugym.nano import worked

    try:
        return worked.solution(problem, places=places)
    except worked.NotWritableError:
        return None


def worked_solution(problem: Problem, style: Style) -> str | None:
    """The solution written anew; None where the style has no form for the problem or another answer comes out."""
    if style == "nano":
        return nano_solution(problem)
    from caugym.gym.read import Reading
    from caugym.gym.scoring import score
    from caugym.gym.solution import letters
    from caugym.gym.solve import worked

    marks = tuple(letters(problem.graph).items()) if is_annotated(problem.prompt) else ()
    text = worked(Reading.of(problem, marks), style)
    return text if text is not None and score(text, problem.answer).correct else None


def is_annotated(prompt: str) -> bool:
    """Whether the text shows letters: "talent being low (A=0)"."""
    return _ANNOTATED.search(prompt) is not None


def problem_of(example: Example) -> Problem | None:
    """The example's problem, read back from its prompt where it did not come with it; None where that fails."""
    from caugym.gym.read import ReadError

    try:
        return _read_back(example)
    except ReadError:
        return None


def _read_back(example: Example) -> Problem | None:
    """As ``problem_of``, but raises the reader's ReadError; None where the prompt's numbers give no answer."""
    if example.problem is not None:
        return example.problem
    from caugym.gym.read import read
    from caugym.gym.solve import solve

    reading = read(example.prompt)
    answer = Answer.from_text(example.answer) if example.answer else solve(reading).answer
    if answer is None:
        return None
    return reading.problem(example.prompt, answer, example.id, variation="base")


def from_file(path: Path, style: Style, *, solutions: bool) -> list[Example]:
    """The rows of ``caugym generate`` (or others with ``prompt``, ``answer`` and, for SFT, ``solution``).

    Raises InputError that names file and line for what cannot be used. In the other styles than the published one the
    solution is written anew, from the row's problem or the one read from its prompt; rows that the style cannot write
    to their answer are left out.
    """
    from caugym.gym.read import ReadError

    examples = []
    for number, row in read_jsonl(path):
        place = f"{path}:{number}"
        prompt, key = _text(row, "prompt", place), _text(row, "answer", place)
        try:
            answer = Answer.from_text(key)
        except ValueError as error:
            raise InputError(f"{place}: {error}") from None
        name = str(row.get("id", f"{path.stem}-{number}"))
        example = Example(name, str(row.get("task", "")), prompt, answer.text(), "", _problem(row, place))
        solution: str | None = ""
        if solutions and style == styles.PUBLISHED:
            solution = _text(row, "solution", place)
        elif solutions:
            try:
                problem = _read_back(example)
            except ReadError as error:
                raise InputError(f"{place}: the problem cannot be read: {error}") from None
            if problem is None:
                raise InputError(f"{place}: the problem has no answer, so it has no solution in the style {style!r}")
            solution = worked_solution(problem, style)
        if solution is not None:
            examples.append(replace(example, answer=key, solution=solution))
    if not examples:
        raise InputError(f"{path}: no row that can be trained on in the style {style!r}")
    return examples


def read_jsonl(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Line numbers (from 1) with their objects. Raises InputError for a file that cannot be read, or is no text or
    empty, and for a line that is no object."""
    content = content_of(path, str(path))
    if not content.strip():
        raise InputError(f"{path}: the file is empty")
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{number}: not JSON: {error.msg} at column {error.colno}") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: not an object with prompt and answer: {line.strip()[:60]!r}")
        yield number, row


def _text(row: dict[str, Any], field: str, place: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{place}: the field {field!r} is missing or is not text")
    return value


def _problem(row: dict[str, Any], place: str) -> Problem | None:
    """The problem of a row that 'caugym generate' wrote."""
    if "graph" not in row:
        return None
    try:
        return Problem.from_row(row)
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None
