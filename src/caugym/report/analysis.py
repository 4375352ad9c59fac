"""Numbers of the report that go beyond a result.json, from the files beside it: differences, what was spent, how
mistakes divide, and accuracy by what a problem looks like. No completion is judged here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from caugym.causal.estimand import terms
from caugym.causal.identify import Identified, candidates
from caugym.evaluation.compare import ALL_TASKS, compare
from caugym.evaluation.statistics import Difference, Estimate, estimate
from caugym.gym.problem import LACK_CONDITION, Problem
from caugym.gym.read import Reading
from caugym.gym.solve import choose
from caugym.report.anatomy import NO_STEPS, first_wrong_step, problem_of
from caugym.report.results import STRICT, Evaluation, Model, Results

LEAST_PROBLEMS = 5
"""Fewer problems make no row of their own in a breakdown."""


@dataclass(frozen=True)
class Spent:
    """What one training used: problems, tokens, completions that it sampled, seconds."""

    problems: float
    tokens: int
    completions: int
    seconds: float


def difference(results: Results, benchmark: str, first: str, second: str, task: str = ALL_TASKS) -> Difference | None:
    """Second minus first by the strict judge, paired by problem; None where one of them was not evaluated."""
    found = results.evaluations[benchmark]
    if first not in found or second not in found:
        return None
    return _compared(found[first].scores_file, found[second].scores_file).get(task)


@lru_cache(maxsize=4096)
def _compared(first: Any, second: Any) -> dict[str, Difference]:
    return compare(first, second, STRICT)


def spent(model: Model, row: dict[str, Any] | None = None) -> Spent | None:
    """At a line of the training's log, by default the last one. Problems are counted with repetition."""
    if not model.log:
        return None
    row = row or model.log[-1]
    settings = model.manifest.get("settings", {})
    recipe = settings.get("recipe", {})
    completions = int(row.get("completions", 0))
    if "problems" in row:
        problems = float(row["problems"])
    elif "num_generations" in recipe:
        problems = completions / int(recipe["num_generations"])
    else:  # of a log without them: all problems come by once an epoch, however many rows each has
        share = row["step"] / int(model.manifest.get("steps") or model.log[-1]["step"])
        problems = share * int(settings.get("problems", 0)) * float(recipe.get("num_train_epochs", 1))
    return Spent(problems, int(row.get("tokens", 0)), completions, float(row.get("seconds", 0.0)))


def curve(model: Model) -> list[tuple[Spent, float]]:
    """Held-out accuracy in percent while the model was trained, with what was spent until then."""
    return [(used, 100 * row["held_out"]) for row in model.log if "held_out" in row and (used := spent(model, row))]


@dataclass(frozen=True)
class Features:
    """What a problem looks like: nodes of its graph, size of the adjustment set, statements that are not needed."""

    nodes: int
    adjustment: int
    distractors: int


def identified(problem: Problem) -> Identified | None:
    """The estimand that the solution uses: the smallest set that the statements determine, else any."""
    chosen = choose(Reading.of(problem))
    return chosen[0] if chosen else next(candidates(problem.graph, problem.query), None)


def features(problem: Problem) -> Features | None:
    found = identified(problem)
    if found is None:
        return None
    needed = 0 if found.no_effect else len(terms(found.estimand))
    return Features(len(problem.graph.nodes), len(found.adjustment_set), max(0, len(problem.givens) - needed))


class Problems:
    """The problems behind an evaluation's items, each looked at once for all models."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, str], Problem | None] = {}
        self._features: dict[tuple[str, str], Features | None] = {}

    def problem(self, evaluation: Evaluation, name: str) -> Problem | None:
        key = evaluation.benchmark, name
        if key not in self._problems:
            item = evaluation.items.get(name)
            self._problems[key] = problem_of(item) if item else None
        return self._problems[key]

    def features(self, evaluation: Evaluation, name: str) -> Features | None:
        key = evaluation.benchmark, name
        if key not in self._features:
            problem = self.problem(evaluation, name)
            self._features[key] = features(problem) if problem else None
        return self._features[key]


def breakdown(
    evaluations: Iterable[Evaluation], problems: Problems, feature: Callable[[Features], int]
) -> dict[int, Estimate]:
    """Strict accuracy of one model over problems that are alike in a feature, pooled over benchmarks."""
    outcomes: dict[int, dict[tuple[str, str], list[bool]]] = defaultdict(lambda: defaultdict(list))
    for evaluation in evaluations:
        for row in evaluation.scores:
            looks = problems.features(evaluation, row["id"])
            if looks is not None:
                outcomes[feature(looks)][evaluation.benchmark, row["id"]].append(row[STRICT]["correct"])
    return {
        size: estimate(list(found.values())) for size, found in sorted(outcomes.items()) if len(found) >= LEAST_PROBLEMS
    }


def mistakes(evaluations: Iterable[Evaluation], problems: Problems) -> Counter[str]:
    """Kind of the first wrong step -> completions that the strict judge found wrong."""
    kinds: Counter[str] = Counter()
    for evaluation in evaluations:
        for row in evaluation.scores:
            made = evaluation.completions.get((row["id"], row["run"]))
            problem = problems.problem(evaluation, row["id"])
            if row[STRICT]["correct"] or made is None or problem is None:
                continue
            step = first_wrong_step(problem, made["text"])
            kinds[step.kind if step else NO_STEPS] += 1
    return kinds


@dataclass(frozen=True)
class Calibration:
    """How often a model says LACK_CONDITION where the condition is lacking, and where it is not."""

    said: Estimate
    said_wrongly: Estimate | None


def calibration(evaluations: Iterable[Evaluation]) -> Calibration | None:
    """None where no item lacks a condition."""
    lacking: dict[tuple[str, str], list[bool]] = defaultdict(list)
    enough: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for evaluation in evaluations:
        for row in evaluation.scores:
            item = evaluation.items.get(row["id"])
            if item is not None:
                group = lacking if item["answer"] == LACK_CONDITION else enough
                group[evaluation.benchmark, row["id"]].append(row[STRICT]["parsed"] == LACK_CONDITION)
    if not lacking:
        return None
    return Calibration(estimate(list(lacking.values())), estimate(list(enough.values())) if enough else None)


def own_evaluations(results: Results, model: str) -> list[Evaluation]:
    """A model's evaluations on causal problems whose graph is known."""
    return [found[model] for found in results.evaluations.values() if model in found]
