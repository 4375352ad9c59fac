"""Paired differences between two finished evaluations of the same benchmark."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from caugym.errors import InputError
from caugym.evaluation.published_files import read_object, read_rows
from caugym.evaluation.statistics import CONFIDENCE, Difference, corrected, paired_difference, problem_means, t_quantile

ALL_TASKS, SCORES, SETTINGS, ITEMS = "all", "scores.jsonl", "settings.json", "items.jsonl"
Pairs = Sequence[tuple[list[bool], list[bool]]]
"""The outcomes of a problem's runs, before and after."""


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
    """Second minus first for each task and, under "all", the mean over the tasks; by problems that both hold.

    The tasks' p-values are corrected for the number of tasks; "all" is a comparison of its own.
    """
    before, after = read_outcomes(first, judge), read_outcomes(second, judge)
    pairs = {
        task: [(before[task][p], after[task][p]) for p in before[task] if p in after[task]]
        for task in sorted(before.keys() & after.keys())
    }
    tasks = corrected({task: _difference(rows) for task, rows in pairs.items() if rows})
    return tasks | ({ALL_TASKS: mean_over_tasks({task: pairs[task] for task in tasks})} if tasks else {})


def mean_over_tasks(pairs: Mapping[str, Pairs], seed: int = 0, resamples: int = 10_000) -> Difference:
    """The mean over the tasks of their mean differences, as an evaluation's mean is the mean over its tasks.

    A problem weighs the more the fewer its task has; with as many in each task this is the paired difference of all
    problems. The intervals are those of a weighted mean over problems, as if their tasks had been drawn with them: on
    the wide side where the tasks' differences are far apart. Better, worse and the sign test count problems.
    """
    rows = [pair for task in pairs.values() for pair in task]
    pooled = _difference(rows)
    sizes = [len(task) for task in pairs.values()]
    if len(set(sizes)) == 1:
        return pooled
    count = len(rows)
    weights = np.repeat([count / (len(sizes) * size) for size in sizes], sizes)
    difference = problem_means([after for _, after in rows]) - problem_means([before for before, _ in rows])
    mean = float((weights * difference).sum()) / count
    spread = math.sqrt(float(((weights * (difference - mean)) ** 2).sum()) / (count - 1))
    half = t_quantile(count - 1) * spread / math.sqrt(count)
    # As in paired_difference, resampling problems is a multinomial draw of how often each weight and value occurs.
    drawn_from, counts = np.unique(np.stack([weights, difference], axis=1), axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(count, counts / count, size=resamples)
    means = (drawn @ drawn_from.prod(axis=1)) / (drawn @ drawn_from[:, 0])
    bootstrap_low, bootstrap_high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return replace(
        pooled,
        mean=mean,
        low=max(mean - half, -1.0),
        high=min(mean + half, 1.0),
        bootstrap_low=float(bootstrap_low),
        bootstrap_high=float(bootstrap_high),
    )


def compare_folders(folders: Sequence[Path], judge: str) -> dict[tuple[str, str, str], Difference]:
    """(benchmark, first, second) -> second minus first, for all pairs of evaluations with a benchmark in common.

    A folder is what ``caugym evaluate -o`` wrote. Corrected for the number of comparisons. Raises InputError where a
    folder holds no evaluation, no two hold the same benchmark, or two asked different questions under the same ids.
    """
    found = {folder: sorted(path.parent.name for path in folder.glob(f"*/{SCORES}")) for folder in folders}
    for folder, names in found.items():
        if not names:
            raise InputError(f"{folder}: no evaluation, expected {folder / 'BENCHMARK' / SCORES}")
    differences = {}
    for first, second in combinations(found, 2):
        for name in found[first]:
            if name in found[second]:
                check_same_questions(first / name, second / name)
                over_all = compare(first / name / SCORES, second / name / SCORES, judge).get(ALL_TASKS)
                if over_all is not None:
                    differences[name, str(first), str(second)] = over_all
    if not differences:
        raise InputError(f"{', '.join(map(str, folders))}: no two hold a benchmark with the same problems")
    return corrected(differences)


def check_same_questions(first: Path, second: Path) -> None:
    """Raises InputError where two evaluations of a benchmark do not have the same prompt under an id of both."""
    if not all((folder / SETTINGS).is_file() for folder in (first, second)):
        return  # scores alone, without a record of what was asked
    if read_object(first / SETTINGS).get("items") == read_object(second / SETTINGS).get("items"):
        return
    before, after = _prompts(first), _prompts(second)
    changed = [problem for problem in before if problem in after and before[problem] != after[problem]]
    if changed:
        others = f" and of {len(changed) - 1} more" if len(changed) > 1 else ""
        raise InputError(
            f"{first} and {second} asked different questions: the prompt of {changed[0]!r}{others} differs; evaluate "
            "both with the same files, version and --prompt-style"
        )


def _prompts(folder: Path) -> dict[str, str]:
    return {str(row.get("id")): str(row.get("prompt")) for _, row in read_rows(folder / ITEMS)}


def _difference(rows: Pairs) -> Difference:
    return paired_difference([second for _, second in rows], [first for first, _ in rows])
