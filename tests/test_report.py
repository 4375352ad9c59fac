"""The report shows what stands in the result files, beside the published rows, and escapes what it shows.

Numbers are recomputed here from scores.jsonl, completions.jsonl and log.jsonl alone.
"""

from __future__ import annotations

import csv
import html.parser
import json
import re
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import report_study
from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation.statistics import estimate, paired_difference, stratified_estimate
from caugym.gym.generate import generate
from caugym.report.analysis import Problems
from caugym.report.anatomy import ARITHMETIC, ESTIMAND, FORMAT, MISREAD, NUMBER, first_wrong_step
from caugym.report.browser import browser_data
from caugym.report.charts import short, svg
from caugym.report.results import published_results, published_rows, read_results
from caugym.report.seeds import pooled_table
from caugym.report.tables import Table, to_csv, to_latex, to_markdown
from caugym.report.write import charts_of, sections_of, write_report
from caugym.training.rows import nano_solution


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = report_study.make(tmp_path_factory.mktemp("study"))
    write_report([folder], folder)
    return folder


def table(study: Path, name: str) -> list[dict[str, str]]:
    with (study / "report" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def scores(study: Path, model: str, benchmark: str) -> list[dict[str, Any]]:
    path = study / "evaluations" / model / benchmark / "scores.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def outcomes(study: Path, model: str, benchmark: str, judge: str = "strict") -> dict[str, dict[str, list[bool]]]:
    """Task -> problem -> outcomes."""
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in scores(study, model, benchmark):
        found[row["task"]][row["id"]].append(row[judge]["correct"])
    return found


def shown(found: Any) -> str:
    return f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def signed(found: Any) -> str:
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


@pytest.mark.parametrize("judge", ["strict", "published"])
@pytest.mark.parametrize("benchmark", ["caugym-base", "published-base"])
def test_accuracies(study: Path, benchmark: str, judge: str) -> None:
    """Means and tasks with their intervals: more than ten numbers of each set and judge."""
    rows = {row["model"]: row for row in table(study, f"accuracy-{benchmark}-{judge}")}
    compared = 0
    for model in report_study.STAGES:
        tasks = {task: list(found.values()) for task, found in outcomes(study, model, benchmark, judge).items()}
        assert rows[model]["mean"] == shown(stratified_estimate(tasks))
        for task, found in tasks.items():
            assert rows[model][task] == shown(estimate(found))
            compared += 3
    assert compared >= 10


def test_paired_differences(study: Path) -> None:
    rows = table(study, "rq1-differences-caugym-base")
    compared = 0
    for second in ("cold-start", "grpo"):
        (row,) = [row for row in rows if row["stages"] == f"base → {second}"]
        before, after = outcomes(study, "base", "caugym-base"), outcomes(study, second, "caugym-base")
        for task in before:
            first = [before[task][problem] for problem in before[task]]
            other = [after[task][problem] for problem in before[task]]
            assert row[task] == signed(paired_difference(other, first))
            compared += 3
    assert compared >= 10


def test_learning_curves_and_what_was_spent(study: Path) -> None:
    rows = {row["model"]: row for row in table(study, "spent")}
    columns = ("problems", "tokens", "completions", "seconds")
    assert [rows["grpo"][name] for name in columns] == ["40", "5,000", "320", "10"]
    assert [rows["cold-start"][name] for name in ("problems", "tokens", "completions")] == ["40", "5,000", "0"]
    assert rows["grpo"]["after"] == "cold-start"
    page = (study / "report.html").read_text()
    for step in range(1, 6):
        assert f"grpo: {10 * step}.0 at {8 * step} problems" in page
        assert f"grpo: {10 * step}.0 at {step}k tokens" in page
        assert f"cold-start: {10 * step}.0 at {2 * step} seconds" in page


def test_a_model_has_one_colour_in_every_chart(study: Path) -> None:
    results = read_results([study])
    charts = charts_of(sections_of(results, Problems()))
    ranks = {(one.name, one.rank) for chart in charts for one in chart.series if one.name in results.models}
    assert ranks == {(name, rank) for rank, name in enumerate(results.models)}
    for chart in charts:
        if chart.kind == "lines":
            ticks = re.findall(r'class="tick">([^<]*)</text>', svg(chart))[5:]  # behind those of the percents
            assert not chart.few() or ticks == [short(x) for x in chart.few()]


def test_pass_at_k(study: Path) -> None:
    for row in table(study, "pass-at-k"):
        tasks = outcomes(study, row["model"], "caugym-base")
        for k in (1, 2):
            means = []
            for found in tasks.values():
                solved = [any(one) if k == 2 else sum(one) / len(one) for one in found.values()]
                means.append(sum(solved) / len(solved))
            assert row[f"pass@{k}"] == f"{100 * sum(means) / len(means):.1f}"


def test_verdicts_and_calibration(study: Path) -> None:
    for row in table(study, "verdicts"):
        found = scores(study, row["model"], row["set"])
        for reason in ("correct", "wrong_value", "wrong_decision", "no_answer", "truncated"):
            share = sum(one["strict"]["reason"] == reason for one in found) / len(found)
            assert row[reason.replace("_", " ")] == f"{100 * share:.1f}"
    for row in table(study, "lack-condition"):
        said: dict[bool, dict[str, list[bool]]] = {True: defaultdict(list), False: defaultdict(list)}
        for benchmark in ("caugym-base", "published-base", "published-insufficient"):
            for one in scores(study, row["model"], benchmark):
                lacking = benchmark == "published-insufficient"
                said[lacking][one["id"]].append(one["strict"]["parsed"] == "LACK_CONDITION")
        assert row["says it where it is true"] == shown(estimate(list(said[True].values())))
        assert row["says it where it is not"] == shown(estimate(list(said[False].values())))


def test_accuracy_by_the_size_of_the_problem(study: Path) -> None:
    """Nodes as the generator's own problem has them, and adjustment sets as its estimand names them."""
    items = [json.loads(line) for line in (study / "evaluations/grpo/caugym-base/items.jsonl").read_text().splitlines()]
    nodes = {item["id"]: len(item["problem"]["graph"]["nodes"]) for item in items}
    compared = 0
    for row in table(study, "by-nodes"):
        grouped: dict[int, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for one in scores(study, row["model"], "caugym-base"):
            grouped[nodes[one["id"]]][one["id"]].append(one["strict"]["correct"])
        for size, found in grouped.items():
            if len(found) >= 5:
                assert row[str(size)] == shown(estimate(list(found.values())))
                compared += 3
    assert compared >= 10


def test_leaderboard(study: Path) -> None:
    rows = {row["model"]: row for row in table(study, "leaderboard")}
    assert rows["14B GRPO"]["source"] == "published" and rows["14B GRPO"]["published-base, published judge"] == "93.5"
    assert rows["grpo"]["parameters"] == "1.5M" and rows["OpenAI o3"]["parameters"] == "not published"
    for name, row in published_rows("published-base")[0].items():
        assert rows[name]["published-base, published judge"] == f"{100 * row['mean']:.1f}"
    for model in report_study.STAGES:
        tasks = {t: list(f.values()) for t, f in outcomes(study, model, "published-base", "published").items()}
        assert rows[model]["published-base, published judge"] == shown(stratified_estimate(tasks))


def test_no_sentence_claims_more_than_its_interval(study: Path) -> None:
    text = (study / "report.md").read_text()
    claim = r"^- On (\S+), (\S+) is (more|less) accurate than (\S+) by ([\d.]+) points \[(\S+), (\S+)\]\."
    found = re.findall(claim, text, re.MULTILINE)
    assert len(found) >= 4
    for benchmark, second, direction, first, size, low, high in found:
        assert float(low) * float(high) > 0 and (float(low) > 0) == (direction == "more")
        before, after = outcomes(study, first, benchmark), outcomes(study, second, benchmark)
        pairs = [(before[task][p], after[task][p]) for task in sorted(before) for p in before[task]]
        expected = paired_difference([b for _, b in pairs], [a for a, _ in pairs])
        assert size == f"{100 * abs(expected.mean):.1f}" and low == f"{100 * expected.low:+.1f}"
    assert "show no difference between grpo and cold-start" in text  # on the set where both always fail
    assert re.search(r"grpo \(\S+ \[.*\]\) lies above the published Llama-3.3-70B \(26.9\)", text)


class Elements(html.parser.HTMLParser):
    """The elements of a page and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            name = str(self.tags[-1][1].get("id"))
            self.data[name] = self.data.get(name, "") + data


def test_the_page_is_self_contained_and_what_models_wrote_is_text(study: Path) -> None:
    page = (study / "report.html").read_text()
    assert len(page) < 5_000_000
    elements = Elements(page)
    assert [tag for tag, _ in elements.tags].count("script") == 2
    assert not [attributes for _, attributes in elements.tags if set(attributes) & {"src", "onerror", "onclick"}]
    links = [attributes["href"] for _, attributes in elements.tags if attributes.get("href")]
    assert links and all(link.startswith(("#", "data:,")) for link in links)
    assert "url(http" not in page and "@import" not in page
    assert "<b>study" not in page and "<script>alert" not in page and "not <b>there" not in page
    section = page[page.index('id="rq2"') : page.index('id="rq3"')]
    assert "&lt;script&gt;alert(1)" in section  # the study's note
    problems = json.loads(elements.data["problem-data"])["problems"]
    texts = {made["text"] for problem in problems for made in problem["made"]}
    assert report_study.HOSTILE in texts  # unharmed, as data
    ids = [attributes["id"] for _, attributes in elements.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_a_megabyte_of_text_is_kept_or_cut_with_a_word(study: Path) -> None:
    results = read_results([study])
    whole = json.loads(browser_data(results, Problems(), budget=80_000_000))["problems"]
    assert report_study.LONG in {made["text"] for problem in whole for made in problem["made"]}
    text = browser_data(results, Problems(), budget=600_000)
    assert len(text) <= 600_000
    cut = [made for problem in json.loads(text)["problems"] for made in problem["made"] if made.get("hidden")]
    assert cut and all(len(made["text"]) + made["hidden"] == len(report_study.LONG) for made in cut)


def test_the_browser_marks_the_first_wrong_step(study: Path) -> None:
    problems = json.loads(Elements((study / "report.html").read_text()).data["problem-data"])["problems"]
    made = [one for problem in problems for one in problem["made"]]
    marked = [(one["text"], one["wrong"]) for one in made if one.get("wrong", {}).get("length")]
    assert len(marked) >= 10
    for text, wrong in marked:
        line = text[wrong["at"] : wrong["at"] + wrong["length"]]
        assert "\n" not in line and line in text.split("\n") and line != wrong["expected"]


def test_kinds_of_mistakes() -> None:
    problem = generate("ATE", "base", "train", 0, 5, nodes={4: 1.0}, adjustment={"ATE": {1: 1.0}}, no_effect={})
    lines = problem.solution.split("\n")
    assert first_wrong_step(problem, problem.solution) is None

    def kind(place: int, old: str, new: str) -> str:
        assert old in lines[place]
        broken = [*lines[:place], lines[place].replace(old, new), *lines[place + 1 :]]
        found = first_wrong_step(problem, "\n".join(broken))
        assert found is not None and found.expected == lines[place]
        return found.kind

    numbers = next(place for place, line in enumerate(lines) if "\t" in line or "=0." in line)
    assert kind(0, "is a cause of node", "is no cause of node") == MISREAD
    assert kind(2, "Step 3", "Step 3 then") == ESTIMAND
    assert kind(numbers, "=0.", "=0.9") in (NUMBER, ARITHMETIC)
    assert kind(len(lines) - 2, "0.", "0.9") == ARITHMETIC
    assert kind(len(lines) - 1, "PROB", "VALUE") == FORMAT
    cut = first_wrong_step(problem, "\n".join(lines[:3]))
    assert cut is not None and cut.kind == FORMAT
    assert first_wrong_step(problem, "I think the answer is yes.") is None


def test_nano_form_is_compared_with_its_own_reference() -> None:
    problem = generate("ATE", "base", "train", 0, 5, nodes={4: 1.0}, adjustment={"ATE": {1: 1.0}}, no_effect={})
    lines = [line for line in (nano_solution(problem) or "").split("\n") if line]
    assert lines and first_wrong_step(problem, "\n".join(lines)) is None
    for place in range(1, len(lines)):
        broken = [*lines[:place], lines[place] + "7", *lines[place + 1 :]]
        found = first_wrong_step(problem, "\n".join(broken))
        assert found is not None and found.expected == lines[place]


def test_a_missing_cell_says_so(study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    shutil.rmtree(copy / "evaluations" / "grpo" / "published-base")
    write_report([copy], copy, plots=False)
    rows = {row["model"]: row for row in table(copy, "accuracy-published-base-strict")}
    assert rows["grpo"]["mean"] == "not evaluated"


def test_several_studies_in_one_report(study: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(study, other)
    page = write_report([study, other], tmp_path, plots=False).read_text()
    assert "other · grpo" in page and "quick &lt;b&gt;study · grpo" in page


def test_what_evaluate_wrote_can_be_reported(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    shutil.copytree(study / "evaluations" / "grpo", folder)
    main_page = write_report([folder], folder, plots=False)
    assert "grpo" in main_page.read_text() and not (folder / "report" / "tasks-caugym-base.png").exists()


def test_the_same_results_give_the_same_files(study: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    write_report([study], again)
    for path in sorted((study / "report").iterdir()):
        assert path.read_bytes() == (again / "report" / path.name).read_bytes(), path.name
    assert (study / "report" / "robustness.png").read_bytes().startswith(b"\x89PNG")
    assert (study / "report" / "robustness.pdf").read_bytes().startswith(b"%PDF")
    assert (study / "report.html").read_text() == (again / "report.html").read_text()


def test_tables_in_other_forms() -> None:
    one = Table("t", "a|b", ("model", "50%"), (("<b> | x_1", "=1+1"), ("-1.5 [-2, 1]", "+x")))
    assert "\\<b\\> \\| x\\_1" in to_markdown(one)
    assert "'=1+1" in to_csv(one) and "'+x" in to_csv(one) and "\n-1.5 [-2" in to_csv(one).replace('"', "")
    assert r"50\%" in to_latex(one) and r"\textless{}b\textgreater{}" in to_latex(one)


def test_published_rows_are_complete() -> None:
    rows, source = published_rows("calm-basic")
    assert rows["14B GRPO"]["mean"] == 0.935 and "2602.06337" in source
    for name, row in rows.items():
        assert row["mean"] == pytest.approx(sum(v for k, v in row.items() if k != "mean") / 7, abs=0.004), (
            name
        )  # "14B SFT" is 0.0034 off as published
    assert published_rows("published-rephrased")[0]["14B GRPO"]["ATE"] == 0.948
    assert published_rows("caugym-base") == ({}, "")
    assert "ignores yes/no" in published_results()["note"]


def test_nothing_to_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="no finished evaluation"):
        write_report([tmp_path], tmp_path)
    broken = tmp_path / "evaluations" / "nano" / "calm-basic" / "result.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        write_report([tmp_path], tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["report", "/no/such/study"])
    assert stop.value.code == 2 and "/no/such/study: no such folder" in capsys.readouterr().err


def test_training_seeds_are_taken_together(study: Path) -> None:
    results = read_results([study])
    assert pooled_table(results, "caugym-base") is None
    start = results.models["grpo"]
    twice = {"grpo": start, "grpo · seed 2": replace(start, name="grpo · seed 2", seed=2)}
    found = results.evaluations["caugym-base"]
    both = {"caugym-base": {"grpo": found["cold-start"], "grpo · seed 2": found["grpo"]}}
    pooled = pooled_table(replace(results, models=twice, evaluations=both), "caugym-base")
    assert pooled is not None
    means = [100 * found[name].result["judges"]["strict"]["mean"]["mean"] for name in ("cold-start", "grpo")]
    middle, half = sum(means) / 2, 12.706 * abs(means[0] - means[1]) / 2  # t with one degree of freedom
    stated = [float(number) for number in re.findall(r"-?\d+\.\d", pooled.rows[0][2])]
    assert pooled.rows[0][:2] == ("grpo", "2")
    assert stated == pytest.approx([middle, middle - half, middle + half], abs=0.06)
