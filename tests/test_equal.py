"""Methods at equal problems, tokens and time: recomputed from log.jsonl, and no claim beyond its interval."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import report_study
from caugym.evaluation.statistics import estimate, holm, paired_difference
from caugym.report.analysis import spent
from caugym.report.equal import AXES, at, course, equal_budgets, equal_findings, equal_table
from caugym.report.questions import critic_table
from caugym.report.results import Model, Results
from caugym.report.write import write_report

PROBLEMS = 20


def row(step: int, solved: int, tokens: int, **more: Any) -> dict[str, Any]:
    """A line of a log: the first ``solved`` problems are right."""
    each = "1" * solved + "0" * (PROBLEMS - solved)
    measured = {"held_out": solved / PROBLEMS, "held_out_each": each}
    return {"step": step, "tokens": tokens, "seconds": 1.0 * step} | measured | more


def model(name: str, after: str | None, *log: dict[str, Any], problems: int = PROBLEMS, seed: int = 1) -> Model:
    recipe = {"held_out": {"problems": problems}, "num_train_epochs": 1}
    settings = {"recipe": recipe, "problems": 100, "tasks": "all", "seed": seed}
    return Model(name, name, "nano", seed, "study", after, log, {"settings": settings, "steps": 10})


def results(*models: Model) -> Results:
    return Results("study", {one.name: one for one in models}, {}, {}, {}, {})


START = model("cold-start", "base", row(5, 4, 500), row(10, 2, 900))


def test_every_budget_is_the_largest_that_all_reached() -> None:
    cheap = model("sft", "cold-start", row(5, 6, 400), row(10, 8, 800))
    dear = model("grpo", "cold-start", row(4, 8, 1600), row(8, 20, 6400))
    found = {one.axis: one for one in equal_budgets(results(START, cheap, dear))}
    assert {axis: one.budget for axis, one in found.items()} == {"problems": 80.0, "tokens": 800.0, "seconds": 8.0}
    # After 800 tokens GRPO is half way from its start, the best of the cold start's measurements (4), to 8 problems.
    assert found["tokens"].best == "sft" and sum(found["tokens"].solved["sft"]) == 8
    assert found["tokens"].solved["grpo"] == pytest.approx([1] * 4 + [0.5] * 4 + [0] * 12)
    assert found["seconds"].best == "grpo" and sum(found["seconds"].solved["grpo"]) == 20
    assert sum(found["seconds"].solved["sft"]) == pytest.approx(6 + 2 * 3 / 5)
    difference = found["seconds"].differences()["sft"]
    expected = paired_difference([[1]] * 20, [[1]] * 6 + [[0.6]] * 2 + [[0]] * 12)
    assert (difference.mean, difference.low, difference.p_value) == (expected.mean, expected.low, expected.p_value)


def test_only_methods_that_write_completions_are_compared_at_equal_ones_and_logged_problems_count() -> None:
    sft = model("sft", "cold-start", row(10, 8, 800, problems=40.0))
    ppo = model("ppo", "cold-start", row(5, 8, 800, completions=320), row(10, 10, 1600, completions=640))
    grpo = model("grpo", "cold-start", row(10, 20, 800, completions=320))
    found = {one.axis: one for one in equal_budgets(results(START, sft, ppo, grpo))}
    assert found["completions"].budget == 320 and set(found["completions"].solved) == {"ppo", "grpo"}
    assert found["problems"].budget == 40


def test_sentences_claim_what_their_interval_shows() -> None:
    strong = model("grpo", "cold-start", row(10, 20, 1000))
    weak = model("sft", "cold-start", row(10, 8, 1000))
    alike = model("dpo", "cold-start", row(10, 19, 1000))
    said = equal_findings(equal_budgets(results(START, strong, weak, alike)))
    assert len(said) == 2 * (len(AXES) - 1)  # none of them wrote completions
    where = "On the held-out problems after 1,000 tokens each,"
    assert f"{where} grpo is more accurate than sft by 60.0 points [+36.5, +83.5]." in said
    assert any(one.startswith(f"{where} these results show no difference between grpo and dpo") for one in said)
    assert not any("accurate than dpo" in one for one in said)


def test_what_was_sampled_before_the_first_step_taught_nothing() -> None:
    before = {"tokens": 3000, "completions": 40, "seconds": 5.0}
    sampled = model("rft", "cold-start", row(5, 14, 4000, before=before), row(10, 16, 5000, before=before))
    cheap = model("sft", "cold-start", row(10, 8, 2000))
    tokens = equal_budgets(results(START, sampled, cheap))[1]
    assert tokens.budget == 2000 and sum(tokens.solved["rft"]) == 4
    assert sum(at(course(results(START, sampled), "rft"), AXES["tokens"], 3500) or ()) == pytest.approx(9)


def test_only_models_that_began_alike_and_saw_the_same_problems_are_compared() -> None:
    first = model("sft", "cold-start", row(10, 8, 800))
    assert equal_budgets(results(START, first)) == []
    for other in (
        model("later", "sft", row(10, 9, 800)),
        model("seed 2", "cold-start", row(10, 9, 800), seed=2),
        model("longer", "cold-start", row(10, 9, 800), problems=30),
        model("old", "cold-start", {"step": 10, "held_out": 0.5, "tokens": 800, "seconds": 3.0}),
    ):
        assert equal_budgets(results(START, first, other)) == []


def test_without_a_measured_start_nothing_is_guessed() -> None:
    start = model("cold-start", "base", row(10, 4, 900), seed=2)
    cheap = model("sft", "cold-start", row(10, 8, 800))
    dear = model("grpo", "cold-start", row(5, 8, 1600), row(10, 9, 2000))
    assert at(course(results(start, dear), "grpo"), AXES["tokens"], 1599) is None
    assert {one.axis for one in equal_budgets(results(start, cheap, dear))} == {"problems", "seconds"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report's study with a second method after the cold start, and the outcomes of held-out problems."""
    folder = report_study.make(tmp_path_factory.mktemp("study"))
    for part in ("models", "evaluations"):
        shutil.copytree(folder / part / "grpo", folder / part / "sft")
    described = json.loads((folder / "study.json").read_text())
    again = [cell for cell in described["cells"] if cell["stage"] == "grpo"]
    described["cells"] += json.loads(json.dumps(again).replace("grpo", "sft"))
    (folder / "study.json").write_text(json.dumps(described))
    rng = np.random.default_rng(1)
    for name, tokens in (("cold-start", 500), ("sft", 700), ("grpo", 2100)):
        manifest = json.loads((folder / "models" / name / "manifest.json").read_text())
        manifest["settings"]["recipe"]["held_out"] = {"problems": 40}
        (folder / "models" / name / "manifest.json").write_text(json.dumps(manifest))
        lines = []
        for step in range(1, 6):
            solved = rng.random(40) < 0.15 * step
            each = "".join(str(int(one)) for one in solved)
            measured = {"held_out": float(solved.mean()), "held_out_each": each, "completions": 9 * step}
            lines.append(row(step, 0, tokens * step, **measured))
        (folder / "models" / name / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_report([folder], folder, plots=False)
    return folder


def recomputed(study: Path, name: str, column: str, budget: float) -> list[list[float]]:
    """Each problem's outcome at a budget, by numpy from the log's lines."""
    lines = [json.loads(line) for line in (study / "models" / name / "log.jsonl").read_text().splitlines()]
    began = [json.loads(line) for line in (study / "models/cold-start/log.jsonl").read_text().splitlines()]
    start = max(began, key=lambda line: line["held_out"])["held_out_each"]
    places = [0.0, *(line[column] for line in lines)]
    outcomes = [start, *(line["held_out_each"] for line in lines)]
    return [[float(np.interp(budget, places, [int(one[i]) for one in outcomes]))] for i in range(len(start))]


def test_the_table_is_what_the_logs_say(study: Path) -> None:
    with (study / "report" / "equal.csv").open() as file:
        rows = list(csv.DictReader(file))
    compared = 0
    for budget, column, key in (("3,500 tokens", "tokens", 3500), ("5 seconds", "seconds", 5)):
        both = {one["model"]: one for one in rows if one["when each had used"] == budget}
        assert both.keys() == {"sft", "grpo"}
        found = {name: recomputed(study, name, column, key) for name in both}
        best, other = sorted(found, key=lambda name: -sum(map(sum, found[name])))
        difference = paired_difference(found[best], found[other])
        for name, one in both.items():
            e = estimate(found[name])
            assert one["held-out accuracy"] == f"{100 * e.mean:.1f} [{100 * e.low:.1f}, {100 * e.high:.1f}]"
            compared += 3
        d = f"{100 * difference.mean:+.1f} [{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]"
        assert (both[best]["highest minus this"], both[other]["highest minus this"]) == ("highest", d)
        assert both[other]["p (Holm)"] == f"{holm([difference.p_value])[0]:.2g}"
        compared += 3
    assert compared >= 10


def test_the_page_says_it_and_no_more(study: Path) -> None:
    text = (study / "report.md").read_text()
    where = r"^- On the held-out problems after [\d.,]+ \w+ each, "
    claim = where + r"\S+ is more accurate than \S+ by \S+ points \[(\S+), \S+\]\."
    claims = re.findall(claim, text, re.MULTILINE)
    none = re.findall(where + r"these results show no difference between .* \[-\S+, \+\S+\]\.", text, re.MULTILINE)
    assert len(claims) + len(none) == len(AXES) and claims and none
    assert all(float(low) > 0 for low in claims)
    page = (study / "report.html").read_text()
    assert "At equal problems, completions, tokens and time" in page
    assert re.search(r"grpo: \d+\.\d at 0 tokens", page)  # the curves begin where the training began


def test_the_critics_explained_variance_is_shown_by_quarters() -> None:
    values = (-0.5, 0.0, 0.1, 0.2, 0.4)
    log = [row(step, 4, 100 * step, explained_variance=value) for step, value in enumerate(values, 1)]
    table = critic_table(results(START, model("ppo", "cold-start", *log), model("sft", "cold-start", row(5, 6, 400))))
    assert table is not None
    assert table.rows == (("ppo", "-0.500", "+0.000", "+0.100", "+0.300", "+0.400"),)
    assert critic_table(results(START)) is None


def test_nothing_to_compare_makes_no_table() -> None:
    assert equal_table([]) is None and equal_findings([]) == []
    assert spent(START) is not None
