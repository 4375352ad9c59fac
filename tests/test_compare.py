"""Paired comparisons of evaluations on disk, corrected for their number."""

import json
from pathlib import Path

import pytest

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation.compare import compare, compare_folders, read_outcomes
from caugym.evaluation.statistics import stratified_estimate


def write(folder: Path, benchmark: str, right: int, problems: int = 20) -> Path:
    """Scores of which the first ``right`` problems are right, of two tasks in turn."""
    path = folder / benchmark / "scores.jsonl"
    path.parent.mkdir(parents=True)
    verdicts = [{"strict": {"correct": i < right}, "published": {"correct": True}} for i in range(problems)]
    rows = [{"id": str(i), "run": 0, "task": ("ATE", "PN")[i % 2], **verdict} for i, verdict in enumerate(verdicts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_tasks_are_corrected_among_themselves(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", "x", 2), write(tmp_path / "b", "x", 18)
    found = compare(first / "x" / "scores.jsonl", second / "x" / "scores.jsonl", "strict")
    assert found["ATE"].p_value == pytest.approx(2 / 2**8) and found["ATE"].p_holm == pytest.approx(4 / 2**8)
    assert found["all"].p_holm == found["all"].p_value == pytest.approx(2 / 2**16)


def test_every_pair_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [write(tmp_path / name, "x", right) for name, right in (("a", 2), ("b", 8), ("c", 14))]
    write(folders[0], "alone", 3)
    found = compare_folders(folders, "strict")
    assert [one.mean for one in found.values()] == pytest.approx([0.3, 0.6, 0.3])
    assert [one.p_holm for one in found.values()] == pytest.approx([4 / 2**6, 6 / 2**12, 4 / 2**6])
    with pytest.raises(SystemExit) as stop:
        main(["compare", *map(str, folders)])
    shown = capsys.readouterr().out
    assert not stop.value.code and "+60.0 [" in shown and "12/0/8" in shown and shown.count(" -> ") == 4
    with pytest.raises(InputError, match="no evaluation, expected"):
        compare_folders([folders[0], tmp_path / "none"], "strict")
    with pytest.raises(InputError, match="no two hold a benchmark"):
        compare_folders([folders[1], write(tmp_path / "d", "y", 1)], "strict")


def test_the_difference_is_that_of_the_means_over_tasks(tmp_path: Path) -> None:
    """Also where the tasks differ in size: PN has every tenth problem alone, and it alone gets worse."""
    scores = []
    for name, right in (("a", {"ATE": 40, "PN": 10}), ("b", {"ATE": 60, "PN": 4})):
        tasks = ["PN" if i % 10 == 0 else "ATE" for i in range(100)]
        seen = {"ATE": 0, "PN": 0}
        rows = []
        for i, task in enumerate(tasks):
            rows.append({"id": str(i), "run": 0, "task": task, "strict": {"correct": seen[task] < right[task]}})
            seen[task] += 1
        scores.append(tmp_path / f"{name}.jsonl")
        scores[-1].write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = compare(*scores, "strict")
    before, after = (
        stratified_estimate({task: list(rows.values()) for task, rows in read_outcomes(path, "strict").items()}).mean
        for path in scores
    )
    over_all = found["all"]
    assert over_all.mean == pytest.approx(after - before) == pytest.approx((20 / 90 - 0.6) / 2)
    assert (over_all.better, over_all.worse, over_all.problems) == (20, 6, 100)
    # A problem of ATE weighs 1/180, one of PN 1/20; the error is that of their weighted residuals.
    mean = over_all.mean
    of_ate, of_pn = 20 * (1 - mean) ** 2 + 70 * mean**2, 6 * (1 + mean) ** 2 + 4 * mean**2
    error = (of_ate / 180**2 + of_pn / 20**2) ** 0.5
    for low, high in ((over_all.low, over_all.high), (over_all.bootstrap_low, over_all.bootstrap_high)):
        assert low < mean < high and (high - low) / 2 == pytest.approx(1.984 * error, rel=0.03)


def ask(folder: Path, prompts: dict[str, str]) -> None:
    """What an evaluation records of its questions."""
    (folder / "x" / "settings.json").write_text(json.dumps({"items": str(hash(tuple(prompts.items())))}))
    rows = [{"id": name, "prompt": prompt} for name, prompt in prompts.items()]
    (folder / "x" / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_other_questions_under_the_same_ids_are_refused(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", "x", 2), write(tmp_path / "b", "x", 8)
    ask(first, {"0": "Q0", "1": "Q1", "2": "Q2"})
    ask(second, {"1": "Q1", "2": "Q2", "3": "Q3"})
    assert compare_folders([first, second], "strict")
    ask(second, {"0": "Q0", "1": "Another", "2": "And another"})
    with pytest.raises(InputError, match="different questions: the prompt of '1' and of 1 more differs; evaluate"):
        compare_folders([first, second], "strict")
