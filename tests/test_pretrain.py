"""nano's pre-training loop: a killed run goes on to the same weights; several processes train one model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def start(out: Path, *more: str) -> subprocess.Popen[bytes]:
    options = ["--out", str(out), "--steps", "8", "--tokens", "1000", "--exam", "2", "--dtype", "float32",
               "--save-every", "0", *more]  # fmt: skip
    command = [sys.executable, "-m", "caugym.nano.pretrain", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CAUGYM_TEST_RUN": str(out)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def weights(out: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(out / "last" / "model.safetensors")


def same(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait(timeout=300) == 0
    run = start(killed)
    checkpoint, deadline = killed / "checkpoint.pt", time.time() + 300
    while time.time() < deadline and not (checkpoint.exists() and saved(checkpoint) >= 2):
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    while time.time() < deadline and workers(killed):
        time.sleep(0.5)
    assert not workers(killed)
    assert 2 <= saved(checkpoint) < 8
    assert start(killed).wait(timeout=300) == 0
    assert same(whole, killed)
    row = json.loads((killed / "log.jsonl").read_text().splitlines()[-1])
    assert row["step"] == 8 and row["held_out"].keys() >= {"solution", "div"}


def workers(out: Path) -> list[str]:
    """Processes of a run that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"CAUGYM_TEST_RUN={out}".encode() in entry.read_bytes():
                found.append(entry.parent.name)
    return found


def saved(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, weights_only=True)["step"])


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    assert start(tmp_path, "--processes", "2", "--steps", "3").wait(timeout=300) == 0
    assert saved(tmp_path / "checkpoint.pt") == 3 and not same_as_initial(tmp_path)


def same_as_initial(out: Path) -> bool:
    from caugym.nano import model, tokenizer

    torch.manual_seed(1)
    fresh = model.build("1m", tokenizer.build()).state_dict()
    return all(torch.equal(fresh[name], value) for name, value in weights(out).items() if name in fresh)
