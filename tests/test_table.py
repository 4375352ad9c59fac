"""What ``caugym evaluate`` prints: the table, and below it what has no column."""

from typing import Any

import pytest

from caugym.cli import main
from caugym.commands.evaluate import PUBLISHED_BASE, _published
from caugym.evaluation.backends import Completion, Failure
from caugym.evaluation.items import Item
from caugym.evaluation.summary import summarize
from caugym.evaluation.table import print_table
from caugym.gym.problem import Answer
from caugym.gym.scoring import JUDGES, score
from caugym.report.results import published_rows

KEY = Answer.from_text('{"PROB": "0.5"}')
RIGHT, WRONG = '{"PROB": "0.5"}', '{"PROB": "0.1"}'


def result(texts: dict[tuple[str, int], str], runs: int, failed: tuple[str, ...] = ()) -> dict[str, Any]:
    """A result.json of problems that are named by their tasks."""
    items = [Item(task, task, KEY, task) for task in ("PN", "PS")]
    completions = {key: Completion(*key, text, "stop", 1) for key, text in texts.items()}
    scores = {key: {judge: score(text, KEY, judge) for judge in JUDGES} for key, text in texts.items()}
    failures = [Failure(task, run, "HTTP 500") for task in failed for run in range(runs)]
    return {"benchmark": "published-base", "runs": runs, **summarize(items, runs, scores, completions, failures, None)}


def shown(capsys: pytest.CaptureFixture[str], *results: dict[str, Any], **options: Any) -> str:
    print_table("scripted", results, {}, **options)
    return capsys.readouterr().out


def row(text: str, judge: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if f" {judge} " in line)


def test_a_task_that_failed_is_in_the_table_and_the_mean_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, result({("PN", 0): RIGHT}, 1, failed=("PS",)))
    cells = row(text, "strict")
    assert cells[2:5] == ["100.0", "failed", "100.0"] and cells[6].endswith("]*")
    assert "* published-base: the mean is over 1 of 2 tasks; all requests of PS failed\n" in text
    whole = shown(capsys, result({("PN", 0): RIGHT, ("PS", 0): WRONG}, 1))
    assert "*" not in whole and row(whole, "strict")[2:5] == ["100.0", "0.0", "50.0"]


def test_the_title_says_which_column_has_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, result({("PN", 0): RIGHT, ("PS", 0): WRONG}, 1))
    assert "scripted: accuracy in percent; the mean has its 95% interval" in " ".join(text.split())
    assert "The tasks' 95% intervals stand in each benchmark's result.json.\n" in text


def test_several_runs_have_pass_at_k_and_the_majority_vote(capsys: pytest.CaptureFixture[str]) -> None:
    texts = {("PN", run): RIGHT for run in range(3)} | {("PS", 0): RIGHT, ("PS", 1): WRONG, ("PS", 2): WRONG}
    text = shown(capsys, result(texts, 3))
    line = "published-base, 3 runs, strict judge: pass@1 66.7, pass@2 83.3, pass@3 100.0, majority vote 50.0\n"
    assert line in text
    assert "pass@" not in shown(capsys, result({("PN", 0): RIGHT, ("PS", 0): RIGHT}, 1))


def test_the_best_published_row_and_the_base_models(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = _published("published-base")
    rows = published_rows("published-base")[0]
    assert list(chosen) == ["14B GRPO", PUBLISHED_BASE]
    assert all(chosen["14B GRPO"]["mean"] >= other["mean"] for other in rows.values())
    assert list(_published("published-rephrased")) == ["14B GRPO"] and not _published("caugym-base")
    one = result({("PN", 0): RIGHT, ("PS", 0): RIGHT}, 1)
    text = shown(capsys, one, published={"published-base": chosen, "cladder": chosen})
    lines = [line for line in text.splitlines() if ", published: " in line]
    assert lines[0].startswith("published-base, published: 14B GRPO 93.5 (ATE 99.0, CDE 99.4, ")
    assert len(lines) == 2 and PUBLISHED_BASE in lines[1]


def test_the_command_shows_the_published_rows_of_what_it_ran(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from caugym.evaluation import backends
    from test_benchmarks import Silent
    from test_evaluate import write_published

    monkeypatch.setattr(backends, "open_backend", lambda *_: Silent())
    options = ["--benchmark", "published-base", "--data", str(write_published(tmp_path / "data")), "--runs", "1"]
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", *options, "-o", str(tmp_path / "out")])
    text = capsys.readouterr().out
    assert not stop.value.code and text.count("published-base, published: ") == 2
