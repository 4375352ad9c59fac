"""Read problems in words, compute their answers from the text alone and show the steps."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import typer

from caugym.errors import InputError
from caugym.files import check_writable, content_of, print_out, write_lines
from caugym.gym.rows import Row, is_json, rows
from caugym.gym.solve import Solved, solve_text

SHOW_PROGRESS_AFTER = 2.0  # seconds
_T = TypeVar("_T")


def solve(
    file: Path = typer.Argument(help="Problems as JSON, JSON lines or plain text; '-' reads standard input."),
    output: Path | None = typer.Option(None, "-o", "--output", "--out", help="JSON lines file (default: print)."),
) -> None:
    """Read problems in words and compute their answers from the text alone, with steps.

    \b
    FILE holds rows with a field "prompt" (text or chat) or "problem", CaLM-Lite rows, or one problem as plain
    text. Each becomes a line {id, status, answer, steps}; status is
      solved          answer {"ANSWER": "Yes", "PROB": "0.1234"} or {"PROB": "0.1234"}
      lack_condition  answer LACK_CONDITION; "missing" names the probabilities that are not given
      unreadable      "message" says what cannot be read, and where

    \b
    Examples:
      caugym solve problems.jsonl -o solved.jsonl
      caugym solve problem.txt
      cat problem.txt | caugym solve -
    """
    name = "standard input" if str(file) == "-" else str(file)
    content = content_of(file, name)
    problems = rows(content, name)
    alone = not is_json(content, name)
    if output is not None:
        check_writable(output)
    solved = [(row, solve_text(row.text)) for row in tracked(problems, "solving")]
    counts = Counter(outcome.status for _, outcome in solved)
    if counts["unreadable"] == len(solved):
        several = "" if len(solved) == 1 else "no problem can be read, the first: "
        raise InputError(f"{name}: {several}{solved[0][1].message}")
    lines = [json.dumps(_row(row, outcome), ensure_ascii=False) for row, outcome in solved]
    if output is not None:
        write_lines(output, lines)
    elif alone:
        print_out(_pretty(solved[0][1]))
    else:
        print_out("\n".join(lines))
    if output is not None or counts["unreadable"]:
        tally = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
        print(f"{len(solved)} problems: {tally}", file=sys.stderr)


def tracked(rows: list[_T], doing: str) -> Iterator[_T]:
    """The rows one after another; a bar on standard error once it takes long."""
    from rich.console import Console
    from rich.progress import Progress

    start = time.monotonic()
    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(doing, total=len(rows))
    shown = False
    try:
        for row in rows:
            yield row
            bar.advance(task)
            if not shown and time.monotonic() - start > SHOW_PROGRESS_AFTER:
                bar.start()
                shown = True
    finally:
        if shown:
            bar.stop()


def _row(row: Row, solved: Solved) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": row.id,
        "status": solved.status,
        "answer": None if solved.answer is None else solved.answer.text(),
        "steps": list(solved.steps),
    }
    if solved.missing:
        line["missing"] = list(solved.missing)
    if solved.message:
        line["message"] = solved.message
    return line


def _pretty(solved: Solved) -> str:
    answer = "" if solved.answer is None else solved.answer.text()
    return "\n".join([*solved.steps, f"Answer: {answer}"])
