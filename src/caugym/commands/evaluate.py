"""Measure a model on benchmarks: accuracy per task with 95% intervals, under both judges."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import typer

from caugym.errors import InputError

TABLE_WIDTH = 136
"""Narrower, and numbers would be cut off."""


def evaluate(
    model: str = typer.Option("nano", help="nano, nano-base, a model folder, or a Hugging Face model name."),
    benchmark: str = typer.Option("caugym-base", help="Benchmarks with commas between, or 'all'."),
    data: Path | None = typer.Option(None, help="Folder of published files (it or its folders calm_lite, caugym)."),
    runs: int = typer.Option(5, help="Completions of each problem."),
    limit: int | None = typer.Option(None, help="At most this many problems a benchmark, spread over the tasks."),
    temperature: float = typer.Option(0.6, help="Sampling temperature; 0 is greedy and makes one run."),
    top_p: float = typer.Option(0.95, help="Sample from the smallest set of tokens of this probability."),
    max_new_tokens: int = typer.Option(1024, help="Longest completion."),
    seed: int = typer.Option(0, help="Seed of the sampling."),
    batch_size: int | None = typer.Option(None, help="Completions made side by side (default: 96 on CPU, 64 on GPU)."),
    device: str | None = typer.Option(None, help="cpu, cuda or cuda:1 (default: a GPU where there is one)."),
    step_by_step: bool = typer.Option(False, help='Append the published "Let\'s think step by step." to each prompt.'),
    output: Path = typer.Option(..., "-o", "--out", help="Folder of the results, one folder a benchmark in it."),
) -> None:
    """Measure a model on benchmarks: accuracy per task with 95% intervals, under both judges.

    \b
    Benchmarks: caugym-base (ours, held out), calm-basic, and published-base, published-rephrased,
    published-omitted, published-deconfounding, published-redundant, published-insufficient (these read --data).

    \b
    Examples:
      caugym evaluate --model nano -o runs/nano
      caugym evaluate --model nano --benchmark caugym-base,calm-basic --data DIR --runs 5 -o runs/nano
      caugym evaluate --model Qwen/Qwen3-0.6B --benchmark calm-basic --data DIR --limit 70 --step-by-step -o runs/qwen

    Writes completions.jsonl, scores.jsonl and result.json. The same command goes on where it was interrupted.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from caugym.evaluation import benchmarks
    from caugym.evaluation.backends import Sampling, open_backend
    from caugym.evaluation.evaluate import Evaluation
    from caugym.evaluation.evaluate import evaluate as run

    names = benchmarks.parse_names(benchmark)
    for name in names:
        benchmarks.load(name, data, limit)
    if batch_size is not None and batch_size < 1:
        raise InputError(f"--batch-size is {batch_size}; it must be 1 or more")
    sampling = Sampling(temperature, top_p, max_new_tokens, seed)
    backend = open_backend(model, batch_size, device)
    results = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty()) as bar:
        for name in names:
            shown = functools.partial(_show, bar, bar.add_task(name, total=None))
            evaluation = Evaluation(model, name, data, limit, runs, sampling, step_by_step)
            results.append(run(evaluation, output / name, backend, shown))
    Console(width=max(Console().width, TABLE_WIDTH)).print(_table(model, results))


def _show(bar: Any, task: Any, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _table(model: str, results: list[dict[str, Any]]) -> Any:
    """One row a benchmark and judge, and the best constant answer; tasks as columns."""
    from rich import box
    from rich.table import Table

    tasks = sorted({task for result in results for task in result["judges"]["strict"]["tasks"]})
    table = Table(title=f"{model}: accuracy in percent, with 95% intervals", box=box.SIMPLE)
    for heading in ("benchmark", "judge", *tasks, "mean", "no answer"):
        table.add_column(heading, justify="left" if heading in ("benchmark", "judge") else "right", no_wrap=True)
    for result in results:
        for judge, judged in result["judges"].items():
            cells = [_percent(judged["tasks"].get(task)) for task in tasks]
            mean = judged["mean"]
            interval = f"{_percent(mean)} [{_percent(mean, 'low')}, {_percent(mean, 'high')}]"
            table.add_row(result["benchmark"], judge, *cells, interval, f"{100 * judged['no_answer_share']:.1f}")
        constant = result["constant_answer"]["strict"]
        cells = [_percent(constant["tasks"].get(task)) for task in tasks]
        table.add_row(result["benchmark"], "constant answer", *cells, _percent(constant["mean"]), "0.0", style="dim")
    return table


def _percent(estimate: dict[str, Any] | None, name: str = "mean") -> str:
    return "none" if estimate is None else f"{100 * estimate[name]:.1f}"
