"""The problem browser's data: problems with their graphs and exact solutions, and what each model wrote.

The page holds as many problems as fit; very long completions are cut where the page would grow too large, and say so.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

from caugym.causal.identify import Identified
from caugym.gym.problem import Problem
from caugym.gym.read import Reading
from caugym.gym.solve import solve
from caugym.report.analysis import Problems, identified
from caugym.report.anatomy import first_wrong_step
from caugym.report.drawing import draw
from caugym.report.results import STRICT, Evaluation, Results

BUDGET = 3_000_000
"""Characters of the browser's data in the page."""
MOST_PROBLEMS = 400
CUTS = (None, 100_000, 20_000, 5_000)
"""Longest completion shown, tried in turn until the data fits."""
FEWEST_PER_SET = 7


def browser_data(results: Results, problems: Problems, budget: int = BUDGET) -> str:
    """JSON for the page's script, in which no ``<`` stands. First long completions are cut, then problems left out."""
    limit = max(FEWEST_PER_SET, MOST_PROBLEMS // max(len(results.evaluations), 1))
    while True:
        rows = _rows(results, problems, limit)
        for cut in CUTS:
            text = _json({"problems": rows if cut is None else [_cut(row, cut) for row in rows], "limit": limit})
            if len(text) <= budget:
                return text
        if limit == 1:
            return _json({"problems": [], "limit": 0})
        limit = max(1, limit // 2)


def _json(value: Any) -> str:
    """Inside a script element neither ``</script`` nor ``<!--`` may stand."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _cut(row: dict[str, Any], length: int) -> dict[str, Any]:
    def cut(made: dict[str, Any]) -> dict[str, Any]:
        hidden = len(made["text"]) - length
        return made if hidden <= 0 else made | {"text": made["text"][:length], "hidden": hidden}

    return row | {"made": [cut(made) for made in row["made"]]}


def _rows(results: Results, problems: Problems, limit: int) -> list[dict[str, Any]]:
    rows = []
    for benchmark, found in results.evaluations.items():
        evaluations = [one for one in found.values() if one.items]
        if not evaluations:
            continue
        items = _spread(list(evaluations[0].items.values()), limit)
        by_model = {one.model: _by_problem(one) for one in evaluations}
        for item in items:
            made = [
                _made(one, problems, item["id"], by_model[one.model][item["id"]])
                for one in evaluations
                if item["id"] in by_model[one.model]
            ]
            rows.append(_row(benchmark, item, problems.problem(evaluations[0], item["id"])) | {"made": made})
    return rows


def _spread(items: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """At most ``limit`` items, the first ones of every task."""
    tasks: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        tasks.setdefault(item["task"], []).append(item)
    in_turn = [item for row in zip_longest(*tasks.values()) for item in row if item is not None]
    return sorted(in_turn[:limit], key=items.index)


def _by_problem(evaluation: Evaluation) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in evaluation.scores:
        found.setdefault(row["id"], []).append(row)
    return found


def _row(benchmark: str, item: dict[str, Any], problem: Problem | None) -> dict[str, Any]:
    row = {"set": benchmark, "id": item["id"], "task": item["task"], "prompt": item["prompt"], "key": item["answer"]}
    if problem is None:
        return row
    reading = Reading.of(problem)
    solved = solve(reading)
    found = identified(problem)
    row["graph"] = draw(problem.graph, roles(problem, found))
    row["solution"] = [*solved.steps, f"Answer: {solved.answer.text()}" if solved.answer else solved.message]
    return row


def roles(problem: Problem, found: Identified | None) -> dict[str, str]:
    """Variable -> its role in the query, as far as the effect is not zero by the graph alone."""
    marked: dict[str, str] = {}
    if found is not None and not found.no_effect:
        marked |= dict.fromkeys(found.adjustment_set, "adjustment")
    if problem.query.task in ("CDE", "NDE", "NIE") and found is not None:
        marked |= dict.fromkeys(found.mediators, "mediator")
    return marked | {problem.query.treatment: "treatment", problem.query.outcome: "outcome"}


def _made(evaluation: Evaluation, problems: Problems, name: str, scores: list[dict[str, Any]]) -> dict[str, Any]:
    """A model's first completion of a problem, how it was judged, and how many of its runs were right."""
    first = scores[0]
    verdict = first[STRICT]
    text = evaluation.completions.get((name, first["run"]), {}).get("text", "")
    made = {
        "model": evaluation.model,
        "verdict": verdict["reason"],
        "why": verdict["explanation"],
        "right": sum(row[STRICT]["correct"] for row in scores),
        "runs": len(scores),
        "text": text,
    }
    problem = problems.problem(evaluation, name)
    step = first_wrong_step(problem, text) if problem is not None and not verdict["correct"] else None
    if step is not None:
        made["wrong"] = {"at": step.offset, "length": step.length, "kind": step.kind, "expected": step.expected}
    return made
