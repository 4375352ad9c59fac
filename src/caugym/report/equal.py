"""RQ2 at equal problems, completions, tokens and time: held-out accuracy of methods at a budget that all reached.

While a method trains, its log says which held-out problems it solves (``held_out_each``). Between two measurements a
problem's outcome is interpolated linearly, so a method's accuracy at a budget is a point of its learning curve, and two
methods are compared problem by problem.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from caugym.evaluation.statistics import Difference, corrected, estimate, paired_difference
from caugym.report import sentences
from caugym.report.analysis import Spent, spent
from caugym.report.results import Model, Results
from caugym.report.tables import NONE, Table, interval, points

AXES: dict[str, Callable[[Spent], float]] = {
    "problems": lambda used: used.problems,
    "completions": lambda used: float(used.completions),
    "tokens": lambda used: float(used.tokens),
    "seconds": lambda used: used.seconds,
}
FEWEST = 2
"""Methods that a comparison needs."""

Outcomes = tuple[float, ...]
"""For each held-out problem 1 (solved), 0, or what lies between two measurements."""


@dataclass(frozen=True)
class Measured:
    """The held-out problems when so much was spent."""

    used: Spent
    solved: Outcomes

    @property
    def accuracy(self) -> float:
        """In percent."""
        return 100 * sum(self.solved) / len(self.solved)


def course(results: Results, name: str) -> list[Measured]:
    """A training's measurements, from its start where that was measured on the same problems; empty without any.

    The start is the best measurement of the model that the training began with, whose weights it took. What was
    spent before the first step (on sampling) taught nothing yet: until then the start holds.
    """
    model = results.models[name]
    found = _measured(model)
    start = results.start_of(name)
    before = _measured(results.models[start]) if start else []
    if found and before and _problems_of(model) == _problems_of(results.models[str(start)]):
        solved = max(before, key=lambda one: one.accuracy).solved
        ahead = model.log[0].get("before", {})
        first = Spent(0.0, int(ahead.get("tokens", 0)), int(ahead.get("completions", 0)), ahead.get("seconds", 0.0))
        found = [Measured(Spent(0.0, 0, 0, 0.0), solved), Measured(first, solved), *found]
    return found


def _measured(model: Model) -> list[Measured]:
    return [
        Measured(used, tuple(float(one) for one in row["held_out_each"]))
        for row in model.log
        if row.get("held_out_each") and (used := spent(model, row))
    ]


def _problems_of(model: Model) -> str:
    """What the held-out problems and the length of their completions depend on."""
    settings = model.manifest.get("settings", {})
    parts: list[Any] = [settings.get(part) for part in ("tasks", "seed", "variation", "preset")]
    held_out = settings.get("recipe", {}).get("held_out") or {}
    return json.dumps([*parts, held_out.get("problems"), held_out.get("max_new_tokens")])


def at(measured: list[Measured], axis: Callable[[Spent], float], budget: float) -> Outcomes | None:
    """The outcomes when ``budget`` was spent; None where that lies outside of what was measured."""
    places = [axis(one.used) for one in measured]
    for (low, before), (high, after) in pairwise(zip(places, measured, strict=True)):
        if low < high and low <= budget <= high:
            share = (budget - low) / (high - low)
            return tuple(a + share * (b - a) for a, b in zip(before.solved, after.solved, strict=True))
    return next((one.solved for place, one in zip(places, measured, strict=True) if place == budget), None)


@dataclass(frozen=True)
class Equal:
    """Models that began alike, at one budget: the outcomes of each, the highest first."""

    axis: str
    budget: float
    solved: dict[str, Outcomes]

    @property
    def best(self) -> str:
        return next(iter(self.solved))

    def differences(self) -> dict[str, Difference]:
        """Every other model -> the highest minus it, p-values corrected for their number."""
        first = [[one] for one in self.solved[self.best]]
        others = {name: [[one] for one in found] for name, found in self.solved.items() if name != self.best}
        return corrected({name: paired_difference(first, found) for name, found in others.items()})


def equal_budgets(results: Results) -> list[Equal]:
    """For problems, completions, tokens and seconds the largest budget that all reached, among models of one study that
    began with the same weights and were measured on the same problems; a method without completions has no part in
    theirs."""
    groups: dict[tuple[str, str, str | None, str], dict[str, list[Measured]]] = defaultdict(dict)
    for name, model in results.models.items():
        if measured := course(results, name):
            groups[model.study, model.source, model.after, _problems_of(model)][name] = measured
    found = []
    for courses in groups.values():
        for label, axis in AXES.items():
            spending = {name: measured for name, measured in courses.items() if axis(measured[-1].used) > 0}
            budget = min((axis(measured[-1].used) for measured in spending.values()), default=0.0)
            solved = {name: one for name, measured in spending.items() if (one := at(measured, axis, budget))}
            if budget > 0 and len(solved) >= FEWEST:
                ranked = sorted(solved, key=lambda name: -sum(solved[name]))
                found.append(Equal(label, budget, {name: solved[name] for name in ranked}))
    return found


def equal_table(found: list[Equal]) -> Table | None:
    rows = []
    for one in found:
        differences = one.differences()
        for name, solved in one.solved.items():
            accuracy = interval(estimate([[outcome] for outcome in solved]))
            compared = differences.get(name)
            chances = (f"{compared.p_value:.2g}", f"{compared.p_holm:.2g}") if compared else (NONE, NONE)
            ahead = points(compared) if compared else "highest"
            rows.append((name, _spent(one), accuracy, ahead, *chances))
    if not rows:
        return None
    heading = ("model", "when each had used", "held-out accuracy", "highest minus this", "sign test p", "p (Holm)")
    note = (
        "The largest budget that all of them reached, what came before their common start not included. Greedy "
        "accuracy on the held-out problems, interpolated between measurements; percent and percentage points with 95% "
        "intervals, differences paired by problem, each interval on its own; p (Holm) is corrected for the rows of "
        "its budget. Seconds are those of the machine it ran on, without the measurements."
    )
    return Table("equal", "At equal problems, completions, tokens and time", heading, tuple(rows), note)


def equal_findings(found: list[Equal]) -> list[str]:
    """For each budget the method with the highest accuracy against the others."""
    said = []
    for one in found:
        pairs = [(name, one.best, difference) for name, difference in one.differences().items()]
        said += sentences.compared_all(f"the held-out problems after {_spent(one)} each", pairs)
    return said


def _spent(one: Equal) -> str:
    return f"{one.budget:,.0f} {one.axis}"
