"""Paired comparisons of evaluations on disk, corrected for their number."""

import json
from pathlib import Path

import pytest

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation.compare import compare, compare_folders


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
