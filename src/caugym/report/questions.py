"""The report's sections: the paper's four questions, then ours, each answered by tables, charts and sentences.

RQ1 to RQ4: Chen, Chen and Lu 2026, arXiv 2602.06337.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from caugym.report import analysis, sentences
from caugym.report.analysis import Problems, Spent
from caugym.report.charts import Chart, Series
from caugym.report.results import PUBLISHED, STRICT, Results
from caugym.report.tables import NONE, Table, bounds, interval, percent, points

Block = Table | Chart


@dataclass(frozen=True)
class Section:
    """``findings`` are sentences from the numbers, ``text`` says what the section does; ``folded`` hides the blocks
    until they are asked for."""

    name: str
    title: str
    text: str
    findings: tuple[str, ...]
    blocks: tuple[Block, ...]
    folded: bool = False


def tasks_of(results: Results, benchmark: str, judge: str = STRICT) -> list[str]:
    found = results.evaluations[benchmark].values()
    return sorted({task for one in found for task in one.result["judges"][judge]["tasks"]})


def accuracy_table(results: Results, benchmark: str, judge: str = STRICT) -> Table:
    """Every model on one benchmark, task by task, above the best constant answer."""
    tasks = tasks_of(results, benchmark, judge)
    rows = []
    for model in results.models:
        one = results.evaluations[benchmark].get(model)
        judged = one.result["judges"][judge] if one else None
        cells = [interval(judged["tasks"].get(task)) if judged else "not evaluated" for task in tasks]
        rows.append((model, interval(judged["mean"]) if judged else "not evaluated", *cells))
    first = next(iter(results.evaluations[benchmark].values())).result
    constant = first["constant_answer"][judge]
    cells = [percent(constant["tasks"][task]["mean"]) if task in constant["tasks"] else NONE for task in tasks]
    rows.append(("best constant answer per task", percent(constant["mean"]["mean"]), *cells))
    note = f"{first['problems']} problems, {first['runs']} runs, judge: {judge}. Licence: {first['licence']}."
    heading = ("model", "mean", *tasks)
    name = f"accuracy-{benchmark}-{judge}"
    marked = frozenset([len(rows) - 1])
    return Table(name, f"Accuracy on {benchmark}, percent [95% interval]", heading, tuple(rows), note, marked)


def task_bars(results: Results, benchmark: str) -> Chart:
    tasks = tasks_of(results, benchmark)
    series = []
    for model, one in results.evaluations[benchmark].items():
        judged = one.result["judges"][STRICT]
        estimates = [judged["mean"], *(judged["tasks"].get(task) for task in tasks)]
        series.append(Series(model, tuple(bounds(found) if found else None for found in estimates)))
    title = f"Accuracy per task on {benchmark}"
    note = "Strict judge, 95% intervals."
    return Chart(f"tasks-{benchmark}", title, "bars", tuple(series), ("mean", *tasks), note=note)


def difference_table(results: Results, benchmark: str, pairs: list[tuple[str, str]], name: str) -> Table:
    """Second minus first, paired by problem, over all problems and task by task."""
    tasks = tasks_of(results, benchmark)
    rows = []
    for first, second in pairs:
        over_all = analysis.difference(results, benchmark, first, second)
        if over_all is None:
            continue
        cells = [points(analysis.difference(results, benchmark, first, second, task)) for task in tasks]
        better = f"{over_all.better} : {over_all.worse}"
        rows.append((f"{first} → {second}", points(over_all), better, f"{over_all.p_value:.2g}", *cells))
    heading = ("stages", "all problems", "better : worse", "sign test p", *tasks)
    note = "Percentage points by the strict judge, paired by problem, 95% t intervals, each on its own."
    return Table(f"{name}-{benchmark}", f"Paired differences on {benchmark}", heading, tuple(rows), note)


def steps(results: Results) -> list[tuple[str, str]]:
    """Every trained model after the one that it was trained from; where that is not known, after the one before."""
    pairs = []
    names = list(results.models)
    for place, name in enumerate(names):
        start = results.start_of(name)
        if start is None and place and not any(model.after for model in results.models.values()):
            start = names[place - 1]
        if start is not None:
            pairs.append((start, name))
    return pairs


def compared(results: Results, benchmark: str, pairs: list[tuple[str, str]]) -> list[str]:
    found = [(first, second, analysis.difference(results, benchmark, first, second)) for first, second in pairs]
    return sentences.compared_all(benchmark, [(first, second, one) for first, second, one in found if one])


def can_it_be_taught(results: Results) -> Section:
    main = results.main_benchmark()
    base = next(iter(results.evaluations[main]))
    pairs = [(base, name) for name in results.models if name != base]
    found = compared(results, main, pairs)
    first_result = next(iter(results.evaluations[main].values())).result
    constant = 100 * first_result["constant_answer"][STRICT]["mean"]["mean"]
    above = [
        name
        for name, one in results.evaluations[main].items()
        if 100 * one.result["judges"][STRICT]["mean"]["low"] > constant
    ]
    if above:
        found.append(f"Above the best constant answer per task ({constant:.1f}) with the whole interval: "
                     f"{sentences.listed(above)}.")
    else:
        found.append(f"No model's interval lies above the best constant answer per task ({constant:.1f}).")
    blocks: list[Block] = [task_bars(results, main), accuracy_table(results, main)]
    differences = difference_table(results, main, pairs, "rq1-differences")
    blocks += [differences] if differences.rows else []
    text = "The base model, its cold start and every method on the same held-out problems, by the strict judge."
    return Section("rq1", "RQ1 · Can post-training make causal reasoners?", text, tuple(found), tuple(blocks))


def which_method(results: Results) -> Section:
    main = results.main_benchmark()
    methods = [name for name, model in results.models.items() if model.log and model.stage != "cold-start"]
    evaluated = [name for name in methods if name in results.evaluations[main]]
    ranked = sorted(evaluated, key=lambda name: -_mean(results, main, name))
    found = compared(results, main, [(other, ranked[0]) for other in ranked[1:]])
    pairs = [pair for pair in steps(results) if pair[1] in methods]
    found += compared(results, main, pairs)
    blocks: list[Block] = []
    if spending := spending_table(results):
        blocks.append(spending)
    pairs += [(other, ranked[0]) for other in ranked[1:]]
    differences = difference_table(results, main, pairs, "rq2-differences")
    blocks += [differences] if differences.rows else []
    blocks += learning_curves(results)
    blocks += pass_at_k(results, main)
    text = (
        "Each method against where it started and against the one with the highest mean, at what it used: problems, "
        "tokens and time. The curves are greedy accuracy on held-out problems during training."
    )
    return Section("rq2", "RQ2 · Which method, and by how much?", text, tuple(found), tuple(blocks))


def _mean(results: Results, benchmark: str, model: str, judge: str = STRICT) -> float:
    return 100 * float(results.evaluations[benchmark][model].result["judges"][judge]["mean"]["mean"])


def spending_table(results: Results) -> Table | None:
    main = results.main_benchmark()
    rows = []
    for name, model in results.models.items():
        if used := analysis.spent(model):
            one = results.evaluations[main].get(name)
            mean = interval(one.result["judges"][STRICT]["mean"]) if one else NONE
            method = str(model.manifest.get("settings", {}).get("method", model.stage))
            counts = f"{used.problems:,.0f}", f"{used.tokens:,}", f"{used.completions:,}", f"{used.seconds:,.0f}"
            rows.append((name, method, results.start_of(name) or NONE, *counts, mean))
    if not rows:
        return None
    heading = ("model", "method", "after", "problems", "tokens", "completions", "seconds", f"accuracy on {main}")
    note = "Problems are counted as often as they were seen. What came before (such as the cold start) is not included."
    return Table("spent", "What each training used", heading, tuple(rows), note)


def learning_curves(results: Results) -> list[Block]:
    axes: list[tuple[str, Callable[[Spent], float]]] = [
        ("problems", lambda used: used.problems),
        ("tokens", lambda used: used.tokens),
        ("seconds", lambda used: used.seconds),
    ]
    curves = {name: analysis.curve(model) for name, model in results.models.items()}
    curves = {name: curve for name, curve in curves.items() if curve}
    blocks: list[Block] = []
    for label, axis in axes:
        series = tuple(
            Series(name, points=tuple((axis(used), accuracy) for used, accuracy in curve))
            for name, curve in curves.items()
        )
        if series:
            title = f"Accuracy on held-out problems against {label}"
            blocks.append(Chart(f"curve-{label}", title, "lines", series, (), label, "held-out accuracy, %"))
    return blocks


def pass_at_k(results: Results, benchmark: str) -> list[Block]:
    series, rows = [], []
    for name, one in results.evaluations[benchmark].items():
        found = one.result["judges"][STRICT].get("pass_at_k", {})
        series.append(Series(name, points=tuple((float(k), 100 * share) for k, share in found.items())))
        rows.append((name, *(percent(share) for share in found.values())))
    if not series or len(series[0].points) < 2:
        return []
    counts = tuple(f"pass@{k:g}" for k, _ in series[0].points)
    note = (
        "The chance that one of k completions is right. A method that lifts pass@1 but not pass@k has made right "
        "answers more frequent; one that lifts pass@k solves problems that its start did not solve in k tries."
    )
    rows = [row for row in rows if len(row) == len(counts) + 1]
    return [
        Chart("pass-at-k", f"pass@k on {benchmark}", "lines", tuple(series), (), "k"),
        Table("pass-at-k", f"pass@k on {benchmark}, percent", ("model", *counts), tuple(rows), note),
    ]


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
    tables = [Table("sets", title, heading, tuple(rows), "Strict judge.", marked)]
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


def where_it_goes_wrong(results: Results, problems: Problems) -> Section | None:
    """The kind of the first wrong step of the completions that were judged wrong."""
    from caugym.report.anatomy import KINDS, NO_STEPS

    kinds = (*KINDS, NO_STEPS)
    rows, series = [], []
    for name in results.models:
        counted = analysis.mistakes(analysis.own_evaluations(results, name), problems)
        total = sum(counted.values())
        if total:
            rows.append((name, str(total), *(f"{100 * counted[kind] / total:.1f}" for kind in kinds)))
            shares = [100 * counted[kind] / total for kind in kinds]
            series.append(Series(name, tuple((share, share, share) for share in shares)))
    verdicts = verdict_table(results)
    if not rows:
        return None
    text = (
        "The first line of a worked solution that differs from the reference, of completions that the strict judge "
        "found wrong, all sets with readable problems together. Another valid path differs from the reference too."
    )
    heading = ("model", "wrong completions", *kinds)
    title = "First wrong step, percent of the wrong completions"
    table = Table("anatomy", title, heading, tuple(rows))
    chart = Chart("anatomy", title, "bars", tuple(series), kinds, y_label="wrong completions, %")
    return Section("anatomy", "Where solutions go wrong", text, (), (chart, table, verdicts))


def verdict_table(results: Results) -> Table:
    reasons = ("correct", "wrong_value", "wrong_decision", "no_answer", "truncated")
    rows = []
    for benchmark, found in results.evaluations.items():
        for name, one in found.items():
            counts = one.result["judges"][STRICT]["reasons"]
            total = sum(counts.values())
            shares = [f"{100 * counts.get(reason, 0) / total:.1f}" for reason in reasons]
            rows.append((name, benchmark, *shares, f"{one.result['tokens'] / total:.0f}"))
    heading = ("model", "set", *(reason.replace("_", " ") for reason in reasons), "tokens per completion")
    return Table("verdicts", "Verdicts of the strict judge, percent of completions", heading, tuple(rows))


def every_set(results: Results) -> Section:
    blocks: list[Block] = []
    for benchmark in results.benchmarks:
        if benchmark != results.main_benchmark():
            blocks += [task_bars(results, benchmark), accuracy_table(results, benchmark)]
        blocks.append(accuracy_table(results, benchmark, PUBLISHED))
    text = (
        "The strict judge reads the last answer and asks for the value within 0.0005 and, for effects, the right "
        "yes/no. The published judge does what the released scripts do: any PROB within 0.0005, yes/no ignored."
    )
    return Section("sets", "Every set, task by task", text, (), tuple(blocks), folded=True)
