"""Every user's mistake is one clear line and exit code 2, from each command that can meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from caugym import cli

KEY = '{"ANSWER": "Yes", "PROB": "0.1234"}'
PROBLEM = (
    "Input Info: Imagine a self-contained, hypothetical world with only the following conditions, and without any "
    "unmentioned factors or causal relationships: Talent has a direct effect on income.{edge}\n"
    "For those with talent being high, the probability of income being high is {value}. "
    "For those with talent being low, the probability of income being high is 0.2000. \n"
    "Instruction: Consider the average treatment effect (ATE) of talent on income.\n"
    "Question: If talent is changed to be high, will income be more likely to be high?\n"
    'Provide the calculation result to four decimal places and a final "yes" or "no" answer in JSON format, '
    'like {{"ANSWER": "Yes", "PROB": "0.1234"}}:'
)
GOOD = json.dumps({"id": "1", "prompt": PROBLEM.format(edge="", value="0.5000"), "answer": KEY, "completion": KEY})
FILES = {
    "empty": "",
    "broken": f'{GOOD}\n{GOOD}\n{{"prompt": \n',
    "no_problem": json.dumps({"prompt": "The weather is nice.", "answer": KEY}),
    "probability": json.dumps({"prompt": PROBLEM.format(edge="", value="1.2000"), "answer": KEY}),
    "cycle": json.dumps(
        {"prompt": PROBLEM.format(edge=" Income has a direct effect on talent.", value="0.5000"), "answer": KEY}
    ),
    "no_rows": "[]",
    "long_id": GOOD + "\n" + GOOD.replace('"1"', "9" * 5000),
    "good": GOOD,
    "bad_key": json.dumps({"prompt": PROBLEM.format(edge="", value="0.5000"), "answer": "maybe", "completion": "x"}),
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / f"{name}.jsonl").write_text(text)
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_folder").mkdir()
    (tmp_path / "latin.jsonl").write_bytes(GOOD.encode() + b"\n\xe9")
    (tmp_path / "latin.yaml").write_bytes(b"learning_rate: \xe9")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "settings.json").write_text('{"kind": "rl"')
    (tmp_path / "broken" / "result.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fails(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2
    captured = capsys.readouterr()
    error = captured.err.splitlines()[-1]
    assert error.startswith("error: ")
    assert "Traceback" not in captured.err
    return error


@pytest.mark.parametrize(
    ("command", "messages"),
    [
        ("solve empty.jsonl", ["empty.jsonl", "empty"]),
        ("solve broken.jsonl", ["broken.jsonl:3"]),
        ("solve missing.jsonl", ["missing.jsonl", "No such file"]),
        ("solve no_problem.jsonl", ["no_problem.jsonl", "not a causal problem", "The weather is nice"]),
        ("solve probability.jsonl", ["probability.jsonl", "1.2000 is outside [0, 1]"]),
        ("solve cycle.jsonl", ["cycle.jsonl", "cycle talent -> income -> talent"]),
        ("score empty.jsonl", ["empty.jsonl", "empty"]),
        ("score broken.jsonl", ["broken.jsonl:3"]),
        ("score bad_key.jsonl", ["bad_key.jsonl:1", "maybe"]),
        ("score no_rows.jsonl", ["no_rows.jsonl: the list is empty"]),
        ("score long_id.jsonl", ["long_id.jsonl:2: broken JSON (a number with too many digits"]),
        ("score latin.jsonl", ["latin.jsonl: not UTF-8 text"]),
        ("generate --task XYZ", ["unknown task 'XYZ'", "ATE"]),
        ("generate --variation odd", ["odd", "base"]),
        ("generate --task ATE --count 1 -o a_file/out.jsonl", ["a_file/out.jsonl", "a_file is a file, not a folder"]),
        ("report a_folder", ["a_folder", "no finished evaluation"]),
        ("report nowhere", ["nowhere: no such folder"]),
        ("report broken", ["broken/result.json: no result of 'caugym evaluate'", "it has no items"]),
        ("dataset rl -o broken", ["broken/settings.json: holds no settings", "choose another output folder"]),
        ("study a_folder -o out", ["a_folder: is a folder"]),
        ("study latin.yaml -o out", ["latin.yaml: not UTF-8 text"]),
    ],
)
def test_light_commands(command: str, messages: list[str], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = fails(command.split(), capsys)
    for message in messages:
        assert message in error


@pytest.mark.parametrize(
    ("command", "messages"),
    [
        ("train sft --data empty.jsonl", ["empty.jsonl: the file is empty"]),
        ("train sft --data broken.jsonl", ["broken.jsonl:3: not JSON"]),
        ("train sft --data missing.jsonl", ["missing.jsonl"]),
        ("train sft --data a_folder", ["a_folder: is a folder"]),
        ("train sft --data latin.jsonl", ["latin.jsonl: not UTF-8 text"]),
        ("train sft --data long_id.jsonl", ["long_id.jsonl:2: not JSON: a number with too many digits"]),
        ("train sft --recipe latin.yaml", ["latin.yaml: not UTF-8 text"]),
        ("train sft --data no_problem.jsonl", ["no_problem.jsonl:1", "not a causal problem"]),
        ("train sft --data probability.jsonl", ["probability.jsonl:1", "1.2000 is outside [0, 1]"]),
        ("train sft --data cycle.jsonl", ["cycle.jsonl:1", "cycle talent -> income -> talent"]),
        ("train grpo --data bad_key.jsonl", ["bad_key.jsonl:1", "maybe"]),
        ("train sft --data broken.jsonl --set solution=published", ["broken.jsonl:1", "'solution' is missing"]),
        ("train sft --tasks ATE,XYZ", ["unknown task 'XYZ'"]),
        ("train sft --problems 0", ["--problems 0"]),
        ("train sft --recipe nothing", ["unknown recipe 'nothing'", "sft-tiny"]),
    ],
)
def test_training(
    command: str, messages: list[str], files: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = [] if "--recipe" in command else ["--recipe", f"{command.split()[1]}-tiny"]
    error = fails([*command.split(), "--model", str(tiny_model), *recipe, "-o", "out"], capsys)
    for message in messages:
        assert message in error


def test_details_hold_half_a_surrogate_pair(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "half.jsonl").write_text(json.dumps({"answer": KEY, "completion": f"\ud800 {KEY}"}))
    with pytest.raises(SystemExit) as stop:
        cli.main(["score", "half.jsonl", "--details", "details.jsonl"])
    assert not stop.value.code and json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    assert json.loads((files / "details.jsonl").read_text(encoding="utf-8"))["completion"] == f"\ud800 {KEY}"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["generate --task ATE --count 1", "score good.jsonl", "audit good.jsonl"])
def test_a_full_disk_behind_standard_output(
    command: str, files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", open("/dev/full", "w"))  # noqa: SIM115
    assert "standard output: cannot be written" in fails(command.split(), capsys)


@pytest.mark.parametrize("command", ["train sft", "train grpo", "evaluate"])
@pytest.mark.parametrize("model", ["./nowhere", "a_folder", "no-one/has-this-model"])
def test_unknown_models(command: str, model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert model in fails([*command.split(), "--model", model, "-o", "out"], capsys)


@pytest.mark.parametrize("command", ["train sft", "train grpo", "evaluate"])
def test_unwritable_output(command: str, files: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = fails([*command.split(), "--model", str(tiny_model), "-o", "a_file/out"], capsys)
    assert "cannot write to the output folder a_file/out" in error


def test_studies(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot write" in fails(["study", "-o", "a_file/out"], capsys)
    assert "missing.yaml" in fails(["study", "missing.yaml", "-o", "out"], capsys)
    assert "unknown preset 'slow'" in fails(["study", "--preset", "slow", "-o", "out"], capsys)
