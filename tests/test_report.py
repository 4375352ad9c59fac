"""The report shows what stands in the result files, beside the published rows, and escapes what it shows."""

import json
from pathlib import Path

import pytest

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation.backends import Completion
from caugym.evaluation.evaluate import Evaluation, evaluate
from caugym.report.results import published_results, published_rows
from caugym.report.write import write_report

STAGES = {"base": 0.0, "cold-start": 0.4, "grpo": 0.9}


class Answering:
    """Gives the key of the first share of a task's problems."""

    def __init__(self, name: str, keys: dict[str, str], share: float) -> None:
        self.name, self.keys, self.share = name, keys, share

    def description(self):
        return {"model": self.name}

    def generate(self, requests, sampling, done):
        right = {problem for place, problem in enumerate(self.keys) if place % 10 < 10 * self.share}
        yield [
            Completion(r.problem_id, r.run, self.keys[r.problem_id] if r.problem_id in right else "no", "stop", 3)
            for r in requests
        ]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("study")
    data, folder = root / "data", root / "quick <b>study</b>"
    data.mkdir()
    rows = [
        {"problem": f"Q{i}", "answer": json.dumps({"PROB": str(i / 100)}), "Type": ("PN", "PS")[i % 2], "index": i}
        for i in range(40)
    ]
    (data / "base.json").write_text(json.dumps(rows))
    keys = {f"published-base-{row['Type']}-{row['index']}": row["answer"] for row in rows}
    for name, share in STAGES.items():
        evaluation = Evaluation(name, "published-base", data=data, runs=2)
        evaluate(evaluation, folder / "evaluations" / name / "published-base", Answering(name, keys, share))
    log = folder / "models" / "grpo" / "log.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(
        "".join(json.dumps({"step": s, "reward": s / 10, "accuracy": s / 20}) + "\n" for s in range(5)) + '{"st'
    )
    (folder / "study.json").write_text(json.dumps({"note": "<script>alert(1)</script> | x"}))
    return folder


def test_report(study: Path) -> None:
    path = write_report(study)
    text = path.read_text()
    result = json.loads((study / "evaluations" / "grpo" / "published-base" / "result.json").read_text())
    mean = result["judges"]["strict"]["mean"]
    assert mean["mean"] == 0.9
    cell = f"90.0 [{100 * mean['low']:.1f}, {100 * mean['high']:.1f}]"
    assert any(line.startswith("| grpo |") and cell in line for line in text.splitlines())
    assert "| 14B GRPO (published) | 92.8 | 86.6 | 93.5 |" in text
    assert "| best constant answer per task |" in text
    (difference,) = [line for line in text.splitlines() if line.startswith("| cold-start -> grpo |")]
    assert "+50.0 [" in difference and difference.endswith("| yes |")
    assert "20 : 0" in difference
    assert (study / "report.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_is_self_contained_and_escaped(study: Path) -> None:
    write_report(study)
    page = (study / "report.html").read_text()
    assert "<script" not in page and "&lt;script&gt;" in page and "<b>study" not in page
    assert "http" not in page.replace("http-equiv", "") and len(page) < 5_000_000


def test_a_missing_cell_says_so(study: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    other = copy / "evaluations" / "base" / "published-other"
    shutil.copytree(copy / "evaluations" / "base" / "published-base", other)
    assert "| grpo | not evaluated |" in write_report(copy).read_text()


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
        write_report(tmp_path)
    broken = tmp_path / "evaluations" / "nano" / "calm-basic" / "result.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        write_report(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["report", "/no/such/study"])
    assert stop.value.code == 2 and "/no/such/study: no such folder" in capsys.readouterr().err
