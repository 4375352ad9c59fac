"""What a finished evaluation comes to: accuracies, pass@k, majority votes, how completions failed, tokens and cost.

Only completions count: a request that failed is in no accuracy, and a problem without any completion is left out. A
task of which no request brought a completion stands among the "failed_tasks", and the mean is over the others.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from caugym.evaluation.backends import Completion, Failure
from caugym.evaluation.items import Item
from caugym.evaluation.statistics import Outcomes, stratified_estimate
from caugym.gym.math_answers import MathAnswer
from caugym.gym.scoring import JUDGES, Judge, Score, right_answer, score

Scores = Mapping[tuple[str, int], Mapping[str, Score]]

MOST_CANDIDATES, MOST_TRIALS = 100, 200_000
"""Bounds on the search for the best constant answer."""


@dataclass(frozen=True)
class Prices:
    """What a server asks for a million tokens, in the user's currency."""

    prompt: float
    completion: float

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


def summarize(
    items: Sequence[Item],
    runs: int,
    scores: Scores,
    completions: Mapping[tuple[str, int], Completion],
    failures: Sequence[Failure],
    prices: Prices | None,
) -> dict[str, Any]:
    """The part of result.json that is computed from the completions."""
    made = list(completions.values())
    judged = {}
    for judge in JUDGES:
        reasons = Counter(verdicts[judge].reason for verdicts in scores.values())
        answered = [item for item in items if any((item.id, run) in scores for run in range(runs))]
        verdicts = [
            [scores[item.id, run][judge] for run in range(runs) if (item.id, run) in scores] for item in answered
        ]
        outcomes = [[verdict.correct for verdict in row] for row in verdicts]
        judged[judge] = {
            **_accuracies(answered, outcomes),
            "pass_at_k": _pass_at_k(answered, outcomes),
            "majority_vote": _accuracies(answered, [[majority(row)] for row in verdicts]),
            "reasons": dict(sorted(reasons.items())),
            "no_answer_share": (reasons["no_answer"] + reasons["truncated"]) / len(scores),
            "truncated_share": reasons["truncated"] / len(scores),
        }
    return {
        "judges": judged,
        "constant_answer": {judge: _constant_answer(items, judge) for judge in JUDGES},
        "tokens": sum(completion.tokens for completion in made),
        "usage": _usage(made, prices),
        "length_share": sum(completion.finish_reason == "length" for completion in made) / len(made),
        "failed_requests": len(failures),
        "failed_tasks": _failed_tasks(items, completions, failures),
        "failures": dict(Counter(failure.error for failure in failures).most_common(5)),
    }


def _failed_tasks(
    items: Sequence[Item], completions: Mapping[tuple[str, int], Completion], failures: Sequence[Failure]
) -> dict[str, dict[str, int]]:
    tasks = {item.id: item.task for item in items}
    answered = {tasks[problem_id] for problem_id, _ in completions}
    failed = Counter(tasks[failure.problem_id] for failure in failures)
    return {task: {"problems": 0, "failed_requests": failed[task]} for task in sorted(set(tasks.values()) - answered)}


def majority(verdicts: Sequence[Score]) -> bool:
    """Whether the most frequent answer of a problem's runs is right; the first of equally frequent ones stands."""
    votes: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.parsed is not None:
            votes[verdict.parsed.text()].append(verdict.correct)
    return max(votes.values(), key=len)[0] if votes else False


def pass_at_k(right: int, runs: int, k: int) -> float:
    """The chance that one of ``k`` of the runs is right (Chen et al. 2021, arXiv 2107.03374, unbiased)."""
    return 1.0 - math.comb(runs - right, k) / math.comb(runs, k)


def _pass_at_k(items: Sequence[Item], outcomes: Sequence[Sequence[bool]]) -> dict[str, float]:
    """Mean over the tasks' means for each k up to the runs that every problem has."""
    fewest = min(len(row) for row in outcomes)
    return {
        str(k): stratified_estimate(_by_task(items, [[pass_at_k(sum(row), len(row), k)] for row in outcomes])).mean
        for k in sorted({*range(1, min(fewest, 10) + 1), fewest})
    }


def _by_task(items: Sequence[Item], outcomes: Outcomes) -> dict[str, Outcomes]:
    by_task: dict[str, list[Sequence[bool | int | float]]] = defaultdict(list)
    for item, row in zip(items, outcomes, strict=True):
        by_task[item.task].append(row)
    return {task: by_task[task] for task in sorted(by_task)}


def _accuracies(items: Sequence[Item], outcomes: Outcomes) -> dict[str, Any]:
    tasks = _by_task(items, outcomes)
    return {
        "mean": asdict(stratified_estimate(tasks)),
        "tasks": {task: asdict(stratified_estimate({task: rows})) for task, rows in tasks.items()},
    }


def _constant_answer(items: Sequence[Item], judge: Judge) -> dict[str, Any]:
    """The best that one fixed answer per task can score, chosen with the keys in hand."""
    best: dict[str, str] = {}
    for task in sorted({item.task for item in items}):
        keys = [item.key(judge) for item in items if item.task == task]
        count = max(2, min(MOST_CANDIDATES, MOST_TRIALS // len(keys)))
        if isinstance(keys[0], MathAnswer):
            count = 1  # a comparison takes milliseconds; the most frequent text is the best guess
        candidates = sorted(text for text, _ in Counter(right_answer(key, judge) for key in keys).most_common(count))
        best[task] = max(candidates, key=lambda text: sum(score(text, key, judge).correct for key in keys))
    outcomes = [[score(best[item.task], item.key(judge), judge).correct] for item in items]
    return {**_accuracies(items, outcomes), "answers": best}


def _usage(made: Sequence[Completion], prices: Prices | None) -> dict[str, Any]:
    """Tokens and cost of the completions; those whose server did not count them are named, not guessed.

    Replies that were asked for again because they made no sense are not in it, though a server may charge for them.
    """
    counted = [completion for completion in made if completion.prompt_tokens is not None]
    prompt_tokens = sum(completion.prompt_tokens or 0 for completion in counted)
    tokens = sum(completion.tokens for completion in counted)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": tokens,
        "completions_without_count": len(made) - len(counted),
        "cost": None if prices is None else round(prices.cost(prompt_tokens, tokens), 6),
    }
