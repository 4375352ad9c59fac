"""The table that ``caugym evaluate`` prints: a row for each benchmark and judge, and the best constant answer.

Lines below it hold what has no column: pass@k and the majority vote, published rows, what was not run and what failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from caugym.gym.problem import TASKS

NOT_APPLICABLE, FAILED, PARTIAL = "n/a", "failed", "*"
Published = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Benchmark -> published model -> task (and "mean") -> accuracy."""


def print_table(
    model: str, results: Sequence[Mapping[str, Any]], not_run: Mapping[str, str], published: Published | None = None
) -> None:
    """Print all results in one table; a benchmark in ``not_run`` has a row too, and its reason below the table."""
    tasks = [task for task in TASKS if any(task in _tasks(result) for result in results)]
    has_others = any(task not in TASKS for result in results for task in _tasks(result))
    table = Table(title=f"{model}: accuracy in percent; the mean has its 95% interval", box=box.SIMPLE)
    headings = ["benchmark", "judge", *tasks, *(["other tasks"] if has_others else []), "mean", "no answer", "failed"]
    for heading in headings:
        justify: Any = "left" if heading in ("benchmark", "judge", "other tasks") else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for result in results:
        for judge, judged in result["judges"].items():
            shown = {task: _percent(estimate) for task, estimate in judged["tasks"].items()}
            cells = _cells(shown | dict.fromkeys(_failed_tasks(result), FAILED), tasks, has_others)
            mean = judged["mean"]
            mark = PARTIAL if _failed_tasks(result) else ""
            interval = f"{_percent(mean)} [{_percent(mean, 'low')}, {_percent(mean, 'high')}]{mark}"
            no_answer = f"{100 * judged['no_answer_share']:.1f}"
            table.add_row(result["benchmark"], judge, *cells, interval, no_answer, _failed(result))
        constant = result["constant_answer"]["strict"]
        shown = {task: _percent(estimate) for task, estimate in constant["tasks"].items()}
        ending = (_percent(constant["mean"]), "0.0", "0")
        table.add_row(result["benchmark"], "constant answer", *_cells(shown, tasks, has_others), *ending, style="dim")
    for number, name in enumerate(not_run, 1):
        table.add_row(name, f"not run ({number})", *[NOT_APPLICABLE] * (len(headings) - 2))
    plain = Console(width=1000)
    console = Console(width=max(Console().width, plain.measure(table).maximum))
    console.print(table)
    if not_run or has_others:
        _say(console, f"{NOT_APPLICABLE}: the benchmark has no such task or was not run")
    for note in _notes(results, not_run, published or {}):
        _say(console, note)


def _say(console: Console, note: str) -> None:
    console.print(note, markup=False, highlight=False, soft_wrap=True)


def _notes(results: Sequence[Mapping[str, Any]], not_run: Mapping[str, str], published: Published) -> Iterator[str]:
    if results:
        yield "The tasks' 95% intervals stand in each benchmark's result.json."
    for result in results:
        if failed := _failed_tasks(result):
            counted = len(result["judges"]["strict"]["tasks"])
            yield (
                f"{PARTIAL} {result['benchmark']}: the mean is over {counted} of {counted + len(failed)} tasks; all "
                f"requests of {', '.join(failed)} failed"
            )
    yield from (f"({number}) {name} was not run: {reason}" for number, (name, reason) in enumerate(not_run.items(), 1))
    yield from (_over_runs(result) for result in results if result["runs"] > 1)
    for result in results:
        for name, row in published.get(result["benchmark"], {}).items():
            yield f"{result['benchmark']}, published: {_published(name, row)}"
    for result in results:
        if requests := result.get("failed_requests"):
            first = next(iter(result["failures"]))
            yield (
                f"{result['benchmark']}: {requests} requests failed and count in no accuracy; the same command asks "
                f"for them again. Most often: {first}"
            )
    costs = [result["usage"]["cost"] for result in results if result.get("usage", {}).get("cost") is not None]
    if costs:
        yield f"cost: {sum(costs):.4f}"


def _over_runs(result: Mapping[str, Any]) -> str:
    judged = result["judges"]["strict"]
    passed = ", ".join(f"pass@{k} {100 * share:.1f}" for k, share in judged["pass_at_k"].items())
    vote = _percent(judged["majority_vote"]["mean"])
    return f"{result['benchmark']}, {result['runs']} runs, strict judge: {passed}, majority vote {vote}"


def _published(name: str, row: Mapping[str, float]) -> str:
    tasks = ", ".join(f"{task} {100 * share:.1f}" for task, share in row.items() if task != "mean")
    return f"{name} {100 * row['mean']:.1f} ({tasks}; published judge, whole set)"


def _tasks(result: Mapping[str, Any]) -> list[str]:
    return [*result["judges"]["strict"]["tasks"], *_failed_tasks(result)]


def _failed_tasks(result: Mapping[str, Any]) -> list[str]:
    return list(result.get("failed_tasks", {}))


def _cells(shown: Mapping[str, str], tasks: Sequence[str], has_others: bool) -> list[str]:
    cells = [shown.get(task, NOT_APPLICABLE) for task in tasks]
    others = ", ".join(f"{task} {cell}" for task, cell in shown.items() if task not in TASKS)
    return [*cells, others or NOT_APPLICABLE] if has_others else cells


def _failed(result: Mapping[str, Any]) -> str:
    return str(result.get("failed_requests", 0))


def _percent(estimate: Mapping[str, Any], name: str = "mean") -> str:
    return f"{100 * estimate[name]:.1f}"
