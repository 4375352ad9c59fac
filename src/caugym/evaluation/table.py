"""The table that ``caugym evaluate`` prints: a row for each benchmark and judge, and the best constant answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from caugym.gym.problem import TASKS

NOT_APPLICABLE = "n/a"


def print_table(model: str, results: Sequence[Mapping[str, Any]], not_run: Mapping[str, str]) -> None:
    """Print all results in one table; a benchmark in ``not_run`` has a row too, and its reason below the table."""
    tasks = [task for task in TASKS if any(task in _tasks(result) for result in results)]
    has_others = any(task not in TASKS for result in results for task in _tasks(result))
    table = Table(title=f"{model}: accuracy in percent, with 95% intervals", box=box.SIMPLE)
    headings = ["benchmark", "judge", *tasks, *(["other tasks"] if has_others else []), "mean", "no answer", "failed"]
    for heading in headings:
        justify: Any = "left" if heading in ("benchmark", "judge", "other tasks") else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for result in results:
        for judge, judged in result["judges"].items():
            cells = _cells(judged["tasks"], tasks, has_others)
            mean = judged["mean"]
            interval = f"{_percent(mean)} [{_percent(mean, 'low')}, {_percent(mean, 'high')}]"
            no_answer = f"{100 * judged['no_answer_share']:.1f}"
            table.add_row(result["benchmark"], judge, *cells, interval, no_answer, _failed(result))
        constant = result["constant_answer"]["strict"]
        cells = _cells(constant["tasks"], tasks, has_others)
        ending = (_percent(constant["mean"]), "0.0", "0")
        table.add_row(result["benchmark"], "constant answer", *cells, *ending, style="dim")
    for number, name in enumerate(not_run, 1):
        table.add_row(name, f"not run ({number})", *[NOT_APPLICABLE] * (len(headings) - 2))
    plain = Console(width=1000)
    console = Console(width=max(Console().width, plain.measure(table).maximum))
    console.print(table)
    _print_notes(console, results, not_run, bool(not_run) or has_others)


def _print_notes(
    console: Console, results: Sequence[Mapping[str, Any]], not_run: Mapping[str, str], legend: bool
) -> None:
    notes = [f"{NOT_APPLICABLE}: the benchmark has no such task or was not run"] if legend else []
    notes += [f"({number}) {name} was not run: {reason}" for number, (name, reason) in enumerate(not_run.items(), 1)]
    for result in results:
        if failed := result.get("failed_requests"):
            first = next(iter(result["failures"]))
            notes.append(
                f"{result['benchmark']}: {failed} requests failed and count in no accuracy; the same command asks for "
                f"them again. Most often: {first}"
            )
    costs = [result["usage"]["cost"] for result in results if result.get("usage", {}).get("cost") is not None]
    if costs:
        notes.append(f"cost: {sum(costs):.4f}")
    for note in notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)


def _tasks(result: Mapping[str, Any]) -> Mapping[str, Any]:
    tasks: Mapping[str, Any] = result["judges"]["strict"]["tasks"]
    return tasks


def _cells(estimates: Mapping[str, Any], tasks: Sequence[str], has_others: bool) -> list[str]:
    cells = [_percent(estimates[task]) if task in estimates else NOT_APPLICABLE for task in tasks]
    others = ", ".join(f"{task} {_percent(estimates[task])}" for task in estimates if task not in TASKS)
    return [*cells, others or NOT_APPLICABLE] if has_others else cells


def _failed(result: Mapping[str, Any]) -> str:
    return str(result.get("failed_requests", 0))


def _percent(estimate: Mapping[str, Any], name: str = "mean") -> str:
    return f"{100 * estimate[name]:.1f}"
