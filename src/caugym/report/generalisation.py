"""RQ3: every set beside every other, accuracy by what problems look like, and when LACK_CONDITION is said."""

from __future__ import annotations

from collections.abc import Callable

from caugym.report import analysis, sentences
from caugym.report.analysis import Problems
from caugym.report.charts import Chart, Series
from caugym.report.results import STRICT, Results
from caugym.report.sections import Block, Section, compared, steps
from caugym.report.tables import HINDSIGHT, NONE, Table, bounds, interval, percent, points


def does_it_carry_over(results: Results, problems: Problems) -> Section:
    """The heat map over all sets, each method against its start on each, and accuracy by what problems look like."""
    found: list[str] = []
    for benchmark in results.benchmarks:
        found += compared(results, benchmark, steps(results))
    blocks: list[Block] = [heat_map(results), *set_tables(results)]
    for label, feature in (
        ("variables in the adjustment set", lambda looks: looks.adjustment),
        ("nodes in the graph", lambda looks: looks.nodes),
        ("statements that are not needed", lambda looks: looks.distractors),
    ):
        more, said = breakdown_blocks(results, problems, label, feature)
        blocks += more
        found += said
    calibrated, said = calibration_blocks(results)
    text = (
        "Generalisation: other words (rephrased). Internalisation: the estimand is not named (omitted), adjustment is "
        "needed (deconfounding). Robustness: numbers that are not needed (redundant), numbers that lack, beside "
        "problems that can be answered (insufficient), problems on which ignoring the graph is wrong (shortcut-proof), "
        "larger graphs. Differences are paired within a set; between sets the problems differ."
    )
    title = "RQ3 · Does it generalise, is it internalised, is it robust?"
    return Section("rq3", title, text, (*found, *said), (*blocks, *calibrated))


def heat_map(results: Results) -> Chart:
    series = []
    for name in results.models:
        cells = [found.get(name) for found in results.evaluations.values()]
        values = tuple(bounds(one.result["judges"][STRICT]["mean"]) if one else None for one in cells)
        series.append(Series(name, values))
    groups = tuple(results.benchmarks)
    note = "Strict judge, mean in percent."
    return Chart("robustness", "Accuracy on every set", "heat", tuple(series), groups, note=note)


def set_tables(results: Results) -> list[Table]:
    rows: list[tuple[str, ...]] = []
    for name in results.models:
        evaluated = [found.get(name) for found in results.evaluations.values()]
        rows.append((name, *(interval(one.result["judges"][STRICT]["mean"]) if one else NONE for one in evaluated)))
    firsts = [next(iter(found.values())).result["constant_answer"][STRICT] for found in results.evaluations.values()]
    rows.append(("best constant answer per task", *(percent(one["mean"]["mean"]) for one in firsts)))
    heading = ("model", *results.benchmarks)
    marked = frozenset([len(rows) - 1])
    title = "Accuracy on every set, percent [95% interval]"
    tables = [Table("sets", title, heading, tuple(rows), f"Strict judge. {HINDSIGHT}", marked)]
    changes = []
    for first, second in steps(results):
        cells = [points(analysis.difference(results, benchmark, first, second)) for benchmark in results.benchmarks]
        changes.append((f"{first} → {second}", *cells))
    if changes:
        note = "Percentage points by the strict judge, paired by problem, 95% t intervals, each on its own."
        title = "Every training against its start, on every set"
        tables.append(Table("set-differences", title, ("stages", *results.benchmarks), tuple(changes), note))
    return tables


def breakdown_blocks(
    results: Results, problems: Problems, label: str, feature: Callable[[analysis.Features], int]
) -> tuple[list[Block], list[str]]:
    """Strict accuracy by one feature of the problems, pooled over all sets."""
    found = {}
    for name in results.models:
        divided = analysis.breakdown(analysis.own_evaluations(results, name), problems, feature)
        if len(divided) > 1:
            found[name] = divided
    if not found:
        return [], []
    sizes = sorted({size for divided in found.values() for size in divided})
    key = label.partition(" ")[0]
    series = tuple(
        Series(name, tuple(bounds(divided[size]) if size in divided else None for size in sizes))
        for name, divided in found.items()
    )
    groups = tuple(str(size) for size in sizes)
    rows = tuple((name, *(interval(divided.get(size)) for size in sizes)) for name, divided in found.items())
    counts = next(iter(found.values()))
    note = "Problems, all sets together: " + ", ".join(f"{counts[size].problems} with {size}" for size in counts) + "."
    title = f"Accuracy against {label}"
    said = sentences.trends(label, found)
    chart = Chart(f"by-{key}", title, "bars", series, groups, label, note="Strict judge, 95% intervals.")
    return [chart, Table(f"by-{key}", f"{title}, percent [95% interval]", ("model", *groups), rows, note)], said


def calibration_blocks(results: Results) -> tuple[list[Block], list[str]]:
    rows, said = [], []
    for name in results.models:
        found = analysis.calibration(analysis.own_evaluations(results, name))
        if found is None:
            continue
        rows.append((name, interval(found.said), interval(found.said_wrongly)))
        if found.said_wrongly and found.said.low > found.said_wrongly.high:
            said.append(f"{name} says LACK_CONDITION more often where the condition is lacking than where it is not.")
        elif found.said_wrongly:
            said.append(f"It is not shown that {name} says LACK_CONDITION more often where the condition is lacking.")
    if not rows:
        return [], []
    heading = ("model", "says it where it is true", "says it where it is not")
    note = "Percent of the completions, all sets together; a model that always says it has 100 in both columns."
    return [Table("lack-condition", "LACK_CONDITION, percent [95% interval]", heading, tuple(rows), note)], said
