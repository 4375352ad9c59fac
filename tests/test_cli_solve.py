"""``caugym solve``: forms of input, output lines, and one clear line for every mistake."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from caugym.cli import main
from test_read import PROBLEM

ANSWER = '{"ANSWER": "Yes", "PROB": "0.3"}'


def run(*words: str) -> int:
    try:
        main(["solve", *words])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_json_lines_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lacking = PROBLEM.replace("For those with talent being low, the probability of income being high is 0.2000. ", "")
    rows = [
        {"id": "a", "prompt": PROBLEM},
        {"index": 7, "problem": lacking},
        {"prompt": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": PROBLEM}]},
        {"idx": 3, "problem": "What a day."},
    ]
    source.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    assert run(str(source), "-o", str(target)) == 0
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["a", 7, 3, 3]
    assert [line["status"] for line in lines] == ["solved", "lack_condition", "solved", "unreadable"]
    assert [line["answer"] for line in lines] == [ANSWER, "LACK_CONDITION", ANSWER, None]
    assert lines[1]["missing"] == ["P(income being high | talent being low)"]
    assert lines[3]["message"].startswith("line 1: ")
    assert all(isinstance(line["steps"], list) for line in lines)
    assert "1 unreadable" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("shape", [lambda row: [row], lambda row: row])
def test_json_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str], shape: object) -> None:
    source = tmp_path / "in.json"
    source.write_text(json.dumps(shape({"problem": PROBLEM}), indent=2), encoding="utf-8")  # type: ignore[operator]
    assert run(str(source)) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == ANSWER


def test_plain_text_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PROBLEM.encode())))
    assert run("-") == 0
    out = capsys.readouterr().out
    assert out.startswith("Asked: the average treatment effect (ATE)")
    assert out.rstrip().endswith(f"Answer: {ANSWER}")


def test_calm_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    premise, statements, instruction, question, _ = PROBLEM.split("\n")
    row = {
        "index": 4,
        "given_info": premise.removeprefix("Input Info: "),
        "Background": {"data_info": statements},
        "Instruction": instruction.removeprefix("Instruction: "),
        "Question": question.removeprefix("Question: "),
    }
    source = tmp_path / "calm.jsonl"
    source.write_text(json.dumps(row), encoding="utf-8")
    assert run(str(source)) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == ANSWER


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", "", "empty.jsonl: the file is empty"),
        ("blank.txt", " \n", "blank.txt: the file is empty"),
        ("list.json", "[]", "list.json: the list is empty"),
        ("three.jsonl", '{"prompt": "a"}\n{"prompt": "b"}\n{"prompt": \n', "three.jsonl:3: broken JSON"),
        ("broken.json", '[{"prompt": "a"},\n\n{"prompt" "b"}]', "broken.json:3: broken JSON"),
        ("field.jsonl", '{"prompt": "a"}\n{"text": "b"}\n', "field.jsonl:2: no field 'prompt' or 'problem'"),
        ("number.json", '[{"prompt": 3}]', "number.json: item 1: field 'prompt': expected a text"),
        ("rows.json", '["a"]', "rows.json: item 1: expected an object"),
        ("garbage.txt", "What a day.", "garbage.txt: line 1: not a causal problem"),
        ("garbage.jsonl", '{"prompt": "x"}\n{"prompt": "y"}\n', "no problem can be read, the first: line 1"),
        ("range.txt", PROBLEM.replace("0.5000", "1.5000"), "line 2: the probability 1.5000 is outside [0, 1]"),
        ("cycle.txt", PROBLEM.replace("Luck has", "Income has").replace("effect on income. \n", "effect on talent. \n"),
         "cycle "),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str) -> None:
    source = tmp_path / name
    source.write_text(content, encoding="utf-8")
    assert run(str(source)) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""


def test_missing_file_and_unwritable_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "none.jsonl")) == 2
    assert "none.jsonl" in capsys.readouterr().err
    source = tmp_path / "in.txt"
    source.write_text(PROBLEM, encoding="utf-8")
    assert run(str(source), "-o", str(tmp_path / "no" / "out.jsonl")) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert run(str(source), "-o", str(tmp_path)) == 2
    assert "is a folder" in capsys.readouterr().err
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert run(str(tmp_path / "latin.txt")) == 2
    assert "not UTF-8" in capsys.readouterr().err
