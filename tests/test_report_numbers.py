"""The kinds of numbers that test_report.py leaves out: each is recomputed from result files, ten or more of a kind."""

from __future__ import annotations

import csv
import html
import json
import math
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

import report_study
from caugym.evaluation.statistics import estimate, paired_difference, stratified_estimate
from caugym.gym.problem import Problem
from caugym.report.analysis import features
from caugym.report.anatomy import NO_STEPS, first_wrong_step
from caugym.report.results import published_rows
from caugym.report.write import write_report

SETS = ("caugym-base", "published-base", "published-insufficient")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = report_study.make(tmp_path_factory.mktemp("study"))
    write_report([folder], folder, plots=False)
    return folder


def table(study: Path, name: str) -> list[dict[str, str]]:
    with (study / "report" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def lines(study: Path, model: str, benchmark: str, name: str = "scores") -> list[dict[str, Any]]:
    path = study / "evaluations" / model / benchmark / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def result(study: Path, model: str, benchmark: str) -> dict[str, Any]:
    return json.loads((study / "evaluations" / model / benchmark / "result.json").read_text())


def outcomes(study: Path, model: str, benchmark: str, judge: str = "strict") -> dict[str, dict[str, list[bool]]]:
    """Task -> problem -> outcomes."""
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in lines(study, model, benchmark):
        found[row["task"]][row["id"]].append(row[judge]["correct"])
    return found


def mean_of(study: Path, model: str, benchmark: str, judge: str = "strict") -> Any:
    tasks = outcomes(study, model, benchmark, judge)
    return stratified_estimate({task: list(found.values()) for task, found in tasks.items()})


def shown(found: Any) -> str:
    return f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def signed(found: Any) -> str:
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def difference(study: Path, benchmark: str, first: str, second: str) -> Any:
    before, after = outcomes(study, first, benchmark), outcomes(study, second, benchmark)
    pairs = [(after[task][problem], before[task][problem]) for task in sorted(before) for problem in before[task]]
    return paired_difference([one for one, _ in pairs], [one for _, one in pairs])


def figure(study: Path, name: str) -> str:
    page = (study / "report.html").read_text()
    return re.search(rf'<figure id="{name}">.*?</figure>', page, re.DOTALL)[0]  # type: ignore[index]


def tips(study: Path, chart: str) -> dict[tuple[str, str], str]:
    """(series, group) -> the numbers that a bar of the page says."""
    found = re.findall(r"<title>(.*?), (.*?): ([^<]*)</title>", figure(study, f"chart-{chart}"))
    return {(html.unescape(series), html.unescape(group)): numbers for series, group, numbers in found}


def test_every_set_and_the_heat_map(study: Path) -> None:
    rows = {row["model"]: row for row in table(study, "sets")}
    cells = re.findall(r'class="cell[^"]*">([^<]*)<', figure(study, "chart-robustness"))
    expected = [mean_of(study, model, benchmark) for model in report_study.STAGES for benchmark in SETS]
    assert cells == [f"{100 * one.mean:.0f}" for one in expected]
    assert [rows[model][benchmark] for model in report_study.STAGES for benchmark in SETS] == list(map(shown, expected))
    for benchmark in SETS:
        constant = result(study, "grpo", benchmark)["constant_answer"]
        for judge in ("strict", "published"):
            last = table(study, f"accuracy-{benchmark}-{judge}")[-1]
            assert last["mean"] == f"{100 * constant[judge]['mean']['mean']:.1f}"
            for task, found in constant[judge]["tasks"].items():
                assert last[task] == f"{100 * found['mean']:.1f}"
        assert rows["best constant answer per task"][benchmark] == f"{100 * constant['strict']['mean']['mean']:.1f}"


def test_differences_on_every_set_with_their_p_values(study: Path) -> None:
    steps = {"base → cold-start": ("base", "cold-start"), "cold-start → grpo": ("cold-start", "grpo")}
    rows = table(study, "set-differences")
    assert [row["stages"] for row in rows] == list(steps)
    for row in rows:
        for benchmark in SETS:
            assert row[benchmark] == signed(difference(study, benchmark, *steps[row["stages"]]))
    for name in ("rq1-differences-caugym-base", "rq2-differences-caugym-base"):
        rows, chances = table(study, name), []
        for row in rows:
            first, second = row["stages"].split(" → ")
            found = difference(study, "caugym-base", first, second)
            count, fewer = found.better + found.worse, min(found.better, found.worse)
            tail = sum(math.comb(count, k) for k in range(fewer + 1)) / 2**count
            chances.append(min(1.0, 2 * tail) if count else 1.0)
            assert row["better : worse"] == f"{found.better} : {found.worse}"
            assert (row["all problems"], row["sign test p"]) == (signed(found), f"{chances[-1]:.2g}")
        holm, least = {}, 0.0
        for rank, p in enumerate(sorted(chances)):
            least = max(least, min(1.0, (len(chances) - rank) * p))
            holm.setdefault(p, least)
        assert [row["p (Holm)"] for row in rows] == [f"{holm[p]:.2g}" for p in chances]


def test_kinds_of_mistakes_and_tokens(study: Path) -> None:
    compared = 0
    for row in table(study, "anatomy"):
        counted: Counter[str] = Counter()
        items = {item["id"]: item for item in lines(study, row["model"], "caugym-base", "items")}
        completions = lines(study, row["model"], "caugym-base", "completions")
        made = {(one["problem_id"], one["run"]): one["text"] for one in completions}
        for one in lines(study, row["model"], "caugym-base"):
            if not one["strict"]["correct"]:
                problem = Problem.from_row(items[one["id"]]["problem"])
                step = first_wrong_step(problem, made[one["id"], one["run"]])
                counted[step.kind if step else NO_STEPS] += 1
        assert row["wrong completions"] == str(counted.total())
        for kind in [name for name in row if name not in ("model", "wrong completions")]:
            assert row[kind] == f"{100 * counted[kind] / counted.total():.1f}"
            assert tips(study, "anatomy")[row["model"], kind] == row[kind]
            compared += 2
    for row in table(study, "verdicts"):
        tokens = [one["tokens"] for one in lines(study, row["model"], row["set"])]
        assert row["tokens per completion"] == f"{sum(tokens) / len(tokens):.0f}"
    assert compared >= 10


def test_accuracy_by_the_size_of_the_adjustment_set(study: Path) -> None:
    rows = table(study, "by-variables")
    compared = 0
    for row in rows:
        sizes = {}
        for item in lines(study, row["model"], "caugym-base", "items"):
            looks = features(Problem.from_row(item["problem"]))
            sizes[item["id"]] = looks.adjustment if looks else None
        grouped: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for one in lines(study, row["model"], "caugym-base"):
            grouped[str(sizes[one["id"]])][one["id"]].append(one["strict"]["correct"])
        for size, found in grouped.items():
            if len(found) >= 5 and size != "None":
                assert row[size] == shown(estimate(list(found.values())))
                compared += 3
    assert compared >= 10


def test_the_bars_say_what_the_tables_say(study: Path) -> None:
    compared = 0
    for benchmark in SETS:
        rows = {row["model"]: row for row in table(study, f"accuracy-{benchmark}-strict")}
        for (model, task), numbers in tips(study, f"tasks-{benchmark}").items():
            mean = rows[model][task].split()[0]
            assert numbers in (rows[model][task], mean)
            compared += 1
    for name in ("by-nodes", "by-variables"):
        rows = {row["model"]: row for row in table(study, name)}
        for (model, size), numbers in tips(study, name).items():
            assert numbers in (rows[model][size], rows[model][size].split()[0])
            compared += 1
    assert compared >= 40


def test_published_rows_and_sizes(study: Path) -> None:
    rows = {row["model"]: row for row in table(study, "published-published-base")}
    published, _ = published_rows("published-base")
    for name, row in published.items():
        for task, accuracy in row.items():
            assert rows[f"{name} (published)"][task] == f"{100 * accuracy:.1f}"
    chart = figure(study, "chart-size-published-base")
    for model in report_study.STAGES:
        mean = mean_of(study, model, "published-base", "published")
        assert rows[model]["mean"] == shown(mean)
        assert f"{model}: {100 * mean.mean:.1f} at 1.5M parameters" in html.unescape(chart)
    assert f"14B GRPO: {100 * published['14B GRPO']['mean']:.1f} at 14B parameters" in html.unescape(chart)


def test_where_the_numbers_come_from(study: Path) -> None:
    for row in table(study, "data"):
        found = result(study, "grpo", row["set"])
        assert row["SHA-256 of its items"] == found["items"]
        assert (row["problems"], row["runs"]) == (str(found["problems"]), str(found["runs"]))
    rows = table(study, "weights")
    assert len(rows) == len(SETS) * len(report_study.STAGES)
    for row in rows:
        found = result(study, row["model"], row["set"])
        assert (row["checksum of the weights"], row["seconds"]) == (found["weights"], str(found["wall_seconds"]))
    origin = {row["what"]: row["value"] for row in table(study, "provenance")}
    found = result(study, "grpo", "caugym-base")
    for name, version in found["versions"].items():
        assert f"{name} {version}" in origin["versions"]
    assert str(found["hardware"]["cores"]) in origin["hardware"] and found["command"] in origin["command"]
    assert origin["training seeds"] == "1"
