"""The report's sections: the paper's four questions, then ours, each answered by tables, charts and sentences.

RQ1 to RQ4: Chen, Chen and Lu 2026, arXiv 2602.06337. RQ3 has a file of its own (``generalisation``), so has RQ4
(``leaderboard``).
"""

from __future__ import annotations

from caugym.report import analysis, equal, seeds, sentences
from caugym.report.analysis import Problems
from caugym.report.charts import Chart, Series
from caugym.report.results import PUBLISHED, STRICT, Results
from caugym.report.sections import Block, Section, compared, difference_table, steps, tasks_of
from caugym.report.tables import HINDSIGHT, NONE, Table, bounds, interval, percent


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
    note = (
        f"{first['problems']} problems, {first['runs']} runs, judge: {judge}. Licence: {first['licence']}. {HINDSIGHT}"
    )
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
        found.append(
            f"Above the best constant answer per task ({constant:.1f}) with the whole interval: "
            f"{sentences.listed(above)}."
        )
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
    budgets = equal.equal_budgets(results)
    found += equal.equal_findings(budgets)
    for used in (spending_table(results), equal.equal_table(budgets)):
        blocks += [used] if used else []
    pairs += [(other, ranked[0]) for other in ranked[1:]]
    differences = difference_table(results, main, pairs, "rq2-differences")
    blocks += [differences] if differences.rows else []
    if together := seeds.pooled_table(results, main):
        blocks.append(together)
    blocks += learning_curves(results)
    if critics := critic_table(results):
        blocks.append(critics)
    blocks += pass_at_k(results, main)
    text = (
        "Each method against where it started and against the one with the highest mean, at what it used: problems, "
        "tokens and time; then all of them at the largest budget that each reached. The curves are greedy accuracy on "
        "held-out problems during training."
    )
    text = " ".join((text, *dict.fromkeys(config["note"] for config in results.configs.values() if config.get("note"))))
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
    curves = {
        name: [(one.used, one.accuracy) for one in equal.course(results, name)] or analysis.curve(model)
        for name, model in results.models.items()
    }
    # A training that was measured at its end alone, such as a cold start, has no course to compare.
    curves = {name: curve for name, curve in curves.items() if len(curve) > 1} or {
        name: curve for name, curve in curves.items() if curve
    }
    blocks: list[Block] = []
    for label, axis in equal.AXES.items():
        series = tuple(
            Series(name, points=tuple((axis(used), accuracy) for used, accuracy in curve))
            for name, curve in curves.items()
        )
        if series:
            title = f"Accuracy on held-out problems against {label}"
            blocks.append(Chart(f"curve-{label}", title, "lines", series, (), label, "held-out accuracy, %"))
    return blocks


def critic_table(results: Results) -> Table | None:
    """How much of the returns PPO's critic explains, by quarters of the training; None without a critic."""
    rows = []
    for name, model in results.models.items():
        logged = [float(row["explained_variance"]) for row in model.log if "explained_variance" in row]
        if logged:
            quarters = [logged[len(logged) * k // 4 : len(logged) * (k + 1) // 4] for k in range(4)]
            means = [f"{sum(part) / len(part):+.3f}" if part else NONE for part in quarters]
            rows.append((name, *means, f"{logged[-1]:+.3f}"))
    if not rows:
        return None
    note = "1 − Var(return − value) / Var(return) over the tokens of a rollout: 1 foretells every return, 0 their mean."
    heading = ("model", "first quarter", "second", "third", "last", "last line")
    return Table("critic", "Explained variance of PPO's critic", heading, tuple(rows), note)


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
        "yes/no. The published judge does what the released scripts do: any PROB within 0.0005, yes/no ignored; other "
        "benchmarks by the rules of their own scripts."
    )
    return Section("sets", "Every set, task by task", text, (), tuple(blocks), folded=True)
