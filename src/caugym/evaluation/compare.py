"""Paired differences between two finished evaluations of the same benchmark."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.statistics import Difference, corrected, paired_difference

ALL_TASKS, SCORES = "all", "scores.jsonl"


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
    """Second minus first for each task and, under "all", over all problems; by problems that both hold.

    The tasks' p-values are corrected for the number of tasks; "all" is a comparison of its own.
    """
    before, after = read_outcomes(first, judge), read_outcomes(second, judge)
    pairs = {
        task: [(before[task][p], after[task][p]) for p in before[task] if p in after[task]]
        for task in sorted(before.keys() & after.keys())
    }
    tasks = corrected({task: _difference(rows) for task, rows in pairs.items() if rows})
    everything = [pair for rows in pairs.values() for pair in rows]
    return tasks | ({ALL_TASKS: _difference(everything)} if everything else {})


def compare_folders(folders: Sequence[Path], judge: str) -> dict[tuple[str, str, str], Difference]:
    """(benchmark, first, second) -> second minus first, for all pairs of evaluations with a benchmark in common.

    A folder is what ``caugym evaluate -o`` wrote. Corrected for the number of comparisons. Raises InputError where a
    folder holds no evaluation or no two hold the same benchmark.
    """
    found = {folder: sorted(path.parent.name for path in folder.glob(f"*/{SCORES}")) for folder in folders}
    for folder, names in found.items():
        if not names:
            raise InputError(f"{folder}: no evaluation, expected {folder / 'BENCHMARK' / SCORES}")
    differences = {}
    for first, second in combinations(found, 2):
        for name in found[first]:
            if name in found[second]:
                over_all = compare(first / name / SCORES, second / name / SCORES, judge).get(ALL_TASKS)
                if over_all is not None:
                    differences[name, str(first), str(second)] = over_all
    if not differences:
        raise InputError(f"{', '.join(map(str, folders))}: no two hold a benchmark with the same problems")
    return corrected(differences)


def _difference(rows: Sequence[tuple[list[bool], list[bool]]]) -> Difference:
    return paired_difference([second for _, second in rows], [first for first, _ in rows])
