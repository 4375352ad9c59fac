"""The report's tables as plain rows of text, ready for Markdown and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from caugym.evaluation.compare import ALL_TASKS, compare
from caugym.evaluation.statistics import Difference
from caugym.report.results import Study, published_rows


@dataclass(frozen=True)
class Table:
    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tasks_of(study: Study, benchmark: str) -> list[str]:
    return sorted(
        {task for result in study.results[benchmark].values() for task in result["judges"]["strict"]["tasks"]}
    )


def accuracy_table(study: Study, benchmark: str, judge: str) -> Table:
    """Our models, the best constant answer and, under the published judge, the published rows."""
    tasks = tasks_of(study, benchmark)
    rows = []
    for model in study.models:
        result = study.results[benchmark].get(model)
        if result is None:
            rows.append((model, *["not evaluated"] * (len(tasks) + 1)))
            continue
        judged = result["judges"][judge]
        cells = [_interval(judged["tasks"].get(task)) for task in tasks]
        rows.append((model, *cells, _interval(judged["mean"])))
    first = next(iter(study.results[benchmark].values()))
    constant = first["constant_answer"][judge]
    cells = [_plain(constant["tasks"].get(task)) for task in tasks]
    rows.append(("best constant answer per task", *cells, _plain(constant["mean"])))
    note = f"{first['problems']} problems, {first['runs']} runs."
    published, source = published_rows(benchmark) if judge == "published" else ({}, "")
    for name, values in published.items():
        percents = [f"{100 * values[task]:.1f}" if task in values else "none" for task in (*tasks, "mean")]
        rows.append((f"{name} (published)", *percents))
    if source:
        note += f" Published rows, on the whole set: {source}."
    return Table(f"{benchmark}, judge: {judge}", ("model", *tasks, "mean"), tuple(rows), note)


def outcome_table(study: Study, benchmark: str) -> Table:
    """How the strict judge's verdicts divide, in percent of the completions."""
    reasons = ("correct", "wrong_value", "wrong_decision", "no_answer", "truncated")
    rows = []
    for model in study.models:
        if result := study.results[benchmark].get(model):
            counts = result["judges"]["strict"]["reasons"]
            total = sum(counts.values())
            shares = [f"{100 * counts.get(reason, 0) / total:.1f}" for reason in reasons]
            tokens = f"{result['tokens'] / total:.0f}"
            rows.append((model, *shares, tokens))
    heading = ("model", *(reason.replace("_", " ") for reason in reasons), "tokens per completion")
    return Table(f"{benchmark}: verdicts of the strict judge, percent of completions", heading, tuple(rows))


def difference_table(study: Study, benchmark: str, judge: str = "strict") -> Table | None:
    """Each stage against the one before it, and the last against the first, problem by problem."""
    models = [model for model in study.models if model in study.results[benchmark]]
    pairs = list(pairwise(models))
    if len(models) > 2:
        pairs.append((models[0], models[-1]))
    if not pairs:
        return None
    tasks = tasks_of(study, benchmark)
    rows = []
    for before, after in pairs:
        found = compare(study.scores(benchmark, before), study.scores(benchmark, after), judge)
        over_all = found[ALL_TASKS]
        verdict = "yes" if over_all.low > 0 or over_all.high < 0 else "no"
        rows.append(
            (
                f"{before} -> {after}",
                *(_signed(found.get(task)) for task in tasks),
                _signed(over_all),
                f"[{100 * over_all.bootstrap_low:+.1f}, {100 * over_all.bootstrap_high:+.1f}]",
                f"{over_all.better} : {over_all.worse}",
                f"{over_all.p_value:.2g}",
                verdict,
            )
        )
    heading = ("stages", *tasks, "all problems", "bootstrap", "better : worse", "sign test p", "excludes zero")
    note = "Percentage points, paired by problem, 95% t intervals; bootstrap over problems, 10,000 resamples."
    return Table(f"{benchmark}: paired differences, judge: {judge}", heading, tuple(rows), note)


def _interval(estimate: dict[str, Any] | None) -> str:
    if estimate is None:
        return "none"
    return f"{100 * estimate['mean']:.1f} [{100 * estimate['low']:.1f}, {100 * estimate['high']:.1f}]"


def _plain(estimate: dict[str, Any] | None) -> str:
    return "none" if estimate is None else f"{100 * estimate['mean']:.1f}"


def _signed(difference: Difference | None) -> str:
    if difference is None:
        return "none"
    return f"{100 * difference.mean:+.1f} [{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]"
