"""The study with micro budgets: every step is made once, a kill at any point changes nothing in the report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from caugym.errors import InputError

pytest.importorskip("trl")

from caugym import study
from caugym.training import run


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    small = ["max_steps=2", "save_steps=1", "logging_steps=1"]
    description = {
        "seed": 3,
        "model": str(tiny_model),
        "cold_start": {
            "recipe": "sft-tiny",
            "problems": 8,
            "tasks": "ATE,PN",
            "set": [*small, "per_device_train_batch_size=2", "max_length=800"],
        },
        "grpo": {
            "recipe": "grpo-tiny",
            "problems": 4,
            "tasks": "ATE",
            "set": [
                *small, "num_generations=2", "per_device_train_batch_size=2", "gradient_accumulation_steps=2",
                "max_completion_length=6",
            ],
        },
        "evaluation": {"runs": 2, "max_new_tokens": 6, "problems": {"caugym-base": 7}},
    }  # fmt: skip
    file = tmp_path_factory.mktemp("config") / "micro.yaml"
    file.write_text(yaml.safe_dump(description))
    return file


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Path:
    """The folder of an undisturbed study."""
    out = tmp_path_factory.mktemp("undisturbed") / "study"
    study.conduct(study.load(config, "quick"), out, None)
    return out


def test_a_study_makes_three_models_their_results_and_a_report(finished: Path) -> None:
    for name in study.MODELS:
        assert run.is_finished(finished / "models" / name)
        assert (finished / "evaluations" / name / "caugym-base" / "result.json").is_file()
    assert not (finished / "evaluations" / "base" / "calm-basic").exists()
    report = (finished / "report.md").read_text()
    assert "cold-start" in report
    assert "CAUGYM_PUBLISHED_DATA" in report  # how to get what was not found


def test_a_finished_study_is_only_reported_again(finished: Path, config: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in finished.glob("*/**/*") if path.is_file()}
    study.conduct(study.load(config, "quick"), finished, None)
    assert files == {path: path.stat().st_mtime_ns for path in finished.glob("*/**/*") if path.is_file()}


def test_a_study_killed_twice_ends_with_the_same_report(finished: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    kill_when(config, out, lambda: (out / "models" / "grpo" / "checkpoint-1" / run.COMPLETE).exists())
    assert not run.is_finished(out / "models" / "grpo")
    kill_when(config, out, lambda: (out / "evaluations" / "cold-start" / "caugym-base" / "settings.json").exists())
    assert not (out / "report.md").exists()
    study.conduct(study.load(config, "quick"), out, None)
    assert (out / "report.md").read_text() == (finished / "report.md").read_text()
    assert (out / "models/grpo/model.safetensors").read_bytes() == (
        finished / "models/grpo/model.safetensors"
    ).read_bytes()


def kill_when(config: Path, out: Path, reached: Callable[[], bool]) -> None:
    command = [sys.executable, "-m", "caugym", "study", str(config), "-o", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "CAUGYM_PUBLISHED_DATA"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    try:
        deadline = time.monotonic() + 600
        while not reached() and process.poll() is None:
            assert time.monotonic() < deadline, "the study came not this far"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_another_study_in_the_same_folder_is_refused(finished: Path, config: Path) -> None:
    other = study.load(config, "quick").model_copy(update={"seed": 4})
    with pytest.raises(InputError, match="seed was 3, now 4"):
        study.conduct(other, finished, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cold_start: {problems: 0}\ngrpo: {problems: 1}", "cold_start.problems: Input should be greater"),
        ("cold_start: {problems: 1}\ngrpo: {problem: 1}", "grpo.problem"),
        ("[", "not YAML"),
        ("", "the file: Input should be"),
    ],
)
def test_bad_descriptions(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        study.load(file, "quick")


def test_every_preset_is_a_study() -> None:
    for file in study.PRESETS.glob("*.yaml"):
        study.load(None, file.stem)
    with pytest.raises(InputError, match="unknown preset 'slow': expected one of quick"):
        study.load(None, "slow")
