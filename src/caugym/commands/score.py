"""Judge completions in a file: accuracy, counts by reason and a 95% interval."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from caugym.errors import InputError
from caugym.files import ESCAPED, content_of, print_out
from caugym.gym.problem import Answer
from caugym.gym.rows import items
from caugym.gym.scoring import JUDGES, REASONS, Judge, Score
from caugym.gym.scoring import score as judge_completion


@dataclass(frozen=True)
class Row:
    """A line of the file: its key and its completions, each with its finish reason where the line has one."""

    id: Any
    task: str | None
    answer: Answer
    completions: tuple[str, ...]
    finish_reasons: tuple[str | None, ...]


def score(
    file: Path = typer.Argument(help="JSON lines or a JSON list; '-' reads standard input."),
    judge: str = typer.Option("strict", help="strict or published."),
    details: Path | None = typer.Option(None, help="Write a JSON line for each completion: verdict and parsed answer."),
) -> None:
    """Judge completions in a file: accuracy, counts by reason and a 95% interval.

    \b
    Each row holds "answer", the key ({"ANSWER": "Yes", "PROB": "0.1234"}, {"PROB": "0.1234"} or LACK_CONDITION), and
    "completion" or a list "completions"; "id", "task" and "finish_reason" are optional. Rows with the same id are
    runs of one problem. Prints JSON.

    \b
    Judges:
      strict     the last answer, after any thinking: its value within 5e-4 and, for effects, its yes/no
      published  what the released scripts do: any PROB in the published form within 5e-4, yes/no ignored

    \b
    Examples:
      caugym score completions.jsonl
      caugym score completions.jsonl --judge published --details verdicts.jsonl
    """
    if judge not in JUDGES:
        raise InputError(f"unknown judge {judge!r}: use one of {', '.join(JUDGES)}")
    rows = read_rows(file)
    named: Judge = "strict" if judge == "strict" else "published"
    verdicts = [
        (row, made, judge_completion(made, row.answer, named, finish_reason))
        for row in rows
        for made, finish_reason in zip(row.completions, row.finish_reasons, strict=True)
    ]
    if details is not None:
        _write_details(details, verdicts)
    print_out(json.dumps(summary(judge, [(row, verdict) for row, _, verdict in verdicts]), indent=2))


def summary(judge: str, verdicts: list[tuple[Row, Score]]) -> dict[str, Any]:
    """Accuracy over completions' problems, each problem counting the same, with an interval clustered by problem."""
    from caugym.evaluation.statistics import estimate

    by_problem: dict[Any, list[bool]] = defaultdict(list)
    by_task: dict[str, dict[Any, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row, verdict in verdicts:
        problem = json.dumps(row.id)
        by_problem[problem].append(verdict.correct)
        if row.task is not None:
            by_task[row.task][problem].append(verdict.correct)
    overall = estimate(list(by_problem.values()))
    reasons = Counter(verdict.reason for _, verdict in verdicts)
    result: dict[str, Any] = {
        "judge": judge,
        "problems": overall.problems,
        "completions": len(verdicts),
        "accuracy": overall.mean,
        "interval": [overall.low, overall.high],
        "reasons": {reason: reasons[reason] for reason in REASONS},
    }
    if by_task:
        result["tasks"] = {task: asdict(estimate(list(by_task[task].values()))) for task in sorted(by_task)}
    return result


def read_rows(file: Path) -> list[Row]:
    """Raises InputError that names file and line for what is no row."""
    name = "standard input" if str(file) == "-" else str(file)
    text = content_of(file, name)
    if not text.strip():
        raise InputError(f"{name}: the file is empty, expected JSON lines with answer and completion")
    found = items(text, name)
    if not found:
        raise InputError(f"{name}: the list is empty, expected at least one row with answer and completion")
    return [_row(item, number, place) for number, (place, _, item) in enumerate(found, 1)]


def _row(item: Any, number: int, place: str) -> Row:
    if not isinstance(item, dict):
        raise InputError(f"{place}: expected a JSON object, found {type(item).__name__}")
    if "answer" not in item:
        raise InputError(f"{place}: field 'answer' is missing")
    key = item["answer"] if isinstance(item["answer"], str) else json.dumps(item["answer"])
    try:
        answer = Answer.from_text(key)
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None
    if ("completion" in item) == ("completions" in item):
        raise InputError(f"{place}: expected one of the fields 'completion' and 'completions'")
    completions = item["completions"] if "completions" in item else [item["completion"]]
    if not isinstance(completions, list) or not completions or not all(isinstance(c, str) for c in completions):
        raise InputError(f"{place}: completions are texts: a string in 'completion' or a list of them in 'completions'")
    reasons = item.get("finish_reason", item.get("finish_reasons"))
    reasons = reasons if isinstance(reasons, list) else [reasons] * len(completions)
    if len(reasons) != len(completions) or not all(reason is None or isinstance(reason, str) for reason in reasons):
        raise InputError(f"{place}: field 'finish_reason' is a text, or a list with one for each completion")
    task = item.get("task")
    if task is not None and not isinstance(task, str):
        raise InputError(f"{place}: field 'task' is a text, not {task!r}")
    problem = item.get("id")
    return Row(f"line {number}" if problem is None else problem, task, answer, tuple(completions), tuple(reasons))


def _write_details(path: Path, verdicts: list[tuple[Row, str, Score]]) -> None:
    from caugym.evaluation.evaluate import score_row

    try:
        with path.open("w", encoding="utf-8", errors=ESCAPED) as file:
            for row, completion, verdict in verdicts:
                line = {"id": row.id, "task": row.task, "answer": row.answer.text(), **score_row(verdict)}
                file.write(json.dumps(line | {"completion": completion}, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(f"--details {path}: cannot be written ({error.strerror or error})") from None
