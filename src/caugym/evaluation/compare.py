"""Paired differences between two finished evaluations of the same benchmark."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.statistics import Difference, paired_difference

ALL_TASKS = "all"


def read_outcomes(scores: Path, judge: str) -> dict[str, dict[str, list[bool]]]:
    """Task -> problem -> outcomes of its runs, from a scores.jsonl. Raises InputError with file and line."""
    tasks: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    with scores.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                tasks[row["task"]][row["id"]].append(bool(row[judge]["correct"]))
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{scores}:{number}: not a line of scores; evaluate again") from None
    return {task: dict(problems) for task, problems in tasks.items()}


def compare(first: Path, second: Path, judge: str) -> dict[str, Difference]:
    """Second minus first for each task and, under "all", over all problems; by problems that both hold."""
    before, after = read_outcomes(first, judge), read_outcomes(second, judge)
    pairs = {
        task: [(before[task][p], after[task][p]) for p in before[task] if p in after[task]]
        for task in sorted(before.keys() & after.keys())
    }
    pairs[ALL_TASKS] = [pair for rows in pairs.values() for pair in rows]
    return {task: paired_difference([b for _, b in rows], [a for a, _ in rows]) for task, rows in pairs.items() if rows}
