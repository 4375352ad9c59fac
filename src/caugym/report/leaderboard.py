"""RQ4: our models beside the published ones, and the leaderboard that begins the page."""

from __future__ import annotations

import re

from caugym.report import sentences
from caugym.report.charts import Chart, Series, short
from caugym.report.results import PUBLISHED, STRICT, Results, published_results, published_rows
from caugym.report.sections import Block, Section
from caugym.report.tables import NONE, Table, interval

LARGEST_PUBLISHED = "14B GRPO"


def parameters_of(results: Results, model: str) -> float | None:
    """From the base model's manifest, or from a name such as DeepSeek-R1-Distill-Qwen-14B."""
    one = results.models[model]
    for other in results.models.values():
        counted = other.manifest.get("settings", {}).get("parameters")
        if other.source == one.source and other.study == one.study and counted:
            return float(counted)
    return published_parameters(one.source)


def published_parameters(name: str) -> float | None:
    found = re.search(r"(\d+(?:\.\d+)?)B\b", name)
    return float(found[1]) * 1e9 if found else None


def with_published(results: Results) -> list[str]:
    return [benchmark for benchmark in results.benchmarks if published_rows(benchmark)[0]]


def leaderboard(results: Results) -> Table:
    """Our models by the strict judge on every set and by the published judge where published rows exist; those rows."""
    compared = with_published(results)
    ours = [benchmark for benchmark in results.benchmarks if benchmark not in compared]
    rows = []
    for name in results.models:
        cells = [_cell(results, benchmark, name, STRICT) for benchmark in ours]
        cells += [_cell(results, benchmark, name, PUBLISHED) for benchmark in compared]
        size = parameters_of(results, name)
        rows.append((name, *cells, short(size) if size else NONE, "ours"))
    marked = set()
    published = dict.fromkeys(name for benchmark in compared for name in published_rows(benchmark)[0])
    for name in published:
        means = [published_rows(benchmark)[0].get(name, {}).get("mean") for benchmark in compared]
        size = published_parameters(name)
        cells = [NONE] * len(ours) + [NONE if mean is None else f"{100 * mean:.1f}" for mean in means]
        marked.add(len(rows))
        rows.append((name, *cells, short(size) if size else "not published", "published"))
    sets = (*ours, *(f"{benchmark}, published judge" for benchmark in compared))
    heading = ("model", *sets, "parameters", "source")
    note = "Mean accuracy over the tasks, percent [95% interval]. Ours on the sets of ours: strict judge. "
    if compared:
        sources = list(dict.fromkeys(published_rows(benchmark)[1] for benchmark in compared))
        note += f"Published rows are on the whole sets. {published_results()['note']} Sources: {'; '.join(sources)}."
    return Table("leaderboard", "Leaderboard", heading, tuple(rows), note.strip(), frozenset(marked))


def _cell(results: Results, benchmark: str, model: str, judge: str) -> str:
    one = results.evaluations[benchmark].get(model)
    return interval(one.result["judges"][judge]["mean"]) if one else NONE


def small_against_large(results: Results) -> Section:
    compared = with_published(results)
    found: list[str] = []
    blocks: list[Block] = []
    for benchmark in compared:
        evaluated = results.evaluations[benchmark]
        best = max(evaluated, key=lambda name: evaluated[name].result["judges"][PUBLISHED]["mean"]["mean"])
        mean = evaluated[best].result["judges"][PUBLISHED]["mean"]
        for name, row in published_rows(benchmark)[0].items():
            found.append(sentences.against_published(benchmark, best, mean, name, row["mean"]))
        blocks.append(against_size(results, benchmark))
        blocks.append(published_table(results, benchmark))
    if not compared:
        found.append("No set with published results was evaluated: name the published files with --data.")
    text = (
        "Our models beside the published ones, by the published judge. Published rows are on the whole sets and have "
        "no interval; ours may be on a part of them. The sentences take our model with the highest mean on each set."
    )
    title = "RQ4 · How far do small post-trained models come beside large ones?"
    return Section("rq4", title, text, tuple(found), tuple(blocks))


def against_size(results: Results, benchmark: str) -> Chart:
    series = []
    for name, one in results.evaluations[benchmark].items():
        if size := parameters_of(results, name):
            mean = 100 * one.result["judges"][PUBLISHED]["mean"]["mean"]
            series.append(Series(name, points=((size, mean),)))
    for name, row in published_rows(benchmark)[0].items():
        if size := published_parameters(name):
            series.append(Series(name, points=((size, 100 * row["mean"]),), published=True))
    note = "Published judge. Models whose size is not published are in the table alone."
    title = f"Accuracy against parameters, {benchmark}"
    return Chart(f"size-{benchmark}", title, "scatter", tuple(series), (), "parameters", logarithmic=True, note=note)


def published_table(results: Results, benchmark: str) -> Table:
    published, source = published_rows(benchmark)
    tasks = [task for task in next(iter(published.values())) if task != "mean"]
    rows = []
    for name, one in results.evaluations[benchmark].items():
        judged = one.result["judges"][PUBLISHED]
        rows.append((name, interval(judged["mean"]), *(interval(judged["tasks"].get(task)) for task in tasks)))
    marked = set()
    for name, row in published.items():
        marked.add(len(rows))
        cells = [f"{100 * row[task]:.1f}" if task in row else NONE for task in ("mean", *tasks)]
        rows.append((f"{name} (published)", *cells))
    title = f"{benchmark} beside the published rows, percent"
    heading = ("model", "mean", *tasks)
    return Table(f"published-{benchmark}", title, heading, tuple(rows), f"Source: {source}.", frozenset(marked))
