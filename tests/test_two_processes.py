"""Two processes on a CPU (gloo) learn what one process learns: the same rows, losses and weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from safetensors.torch import load_file

from caugym.training import run
from caugym.training.train import TrainingRun
from train_in_turn import train_and_record

# Adam's usual epsilon makes whole steps of gradients that are nothing but rounding: a draw may then fall otherwise.
STEPS = (
    "max_steps=3", "save_steps=3", "logging_steps=1", "learning_rate=1e-3", "warmup_steps=0", "adam_epsilon=1e-3",
)  # fmt: skip
ROLLOUT = ("num_generations=4", "gradient_accumulation_steps=2", "max_completion_length=12")
# Name -> method, its settings, rows a step and device in one process; two processes take half of them each.
RUNS: dict[str, tuple[str, tuple[str, ...], int]] = {
    "sft": ("sft", ("solution=published",), 8),
    "grpo": ("grpo", ROLLOUT, 8),
    "ppo": ("ppo", (*ROLLOUT, "value_pretraining_steps=1"), 8),
    "rft": ("rft", ("sampling.runs=6", "sampling.max_new_tokens=40", "budget.seconds=1000"), 8),
    "grpo-generate": ("grpo", (*ROLLOUT, "shared_prompt=false"), 8),
}
SAME_DRAWS = ("sft", "grpo", "ppo", "rft")
MEANS_OF_MEANS = ("entropy", "value_loss")
SPLIT = "split.safetensors"


def descriptions(model: Path, data: Path, out: Path, processes: int) -> list[tuple[TrainingRun, Path]]:
    found = []
    for name, (method, settings, rows) in RUNS.items():
        settings += (*STEPS, f"per_device_train_batch_size={rows // processes}")
        found.append((TrainingRun(method, str(model), f"{method}-tiny", settings, str(data)), out / name))
        (out / name).mkdir()
    return found


@pytest.fixture(scope="module")
def one_and_two(tmp_path_factory: pytest.TempPathFactory, started: Path, rows_file: Path) -> tuple[Path, Path]:
    """The runs' folders of one process and of two, which train all runs in turn: torch is imported once."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    file = two / "runs.json"
    file.write_text(json.dumps([(asdict(of), str(to)) for of, to in descriptions(started, rows_file, two, 2)]))
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    worker = Path(__file__).with_name("train_in_turn.py")
    command = [sys.executable, *torchrun, str(worker), str(file), str(started), str(two / SPLIT)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | run.QUIET)
    assert done.returncode == 0, done.stderr[-3000:]
    for description, out in descriptions(started, rows_file, one, 1):
        train_and_record(description, out)
    return one, two


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / run.LOG).read_text().splitlines()]


def rollouts(folder: Path, rank: int) -> list[list[list[str]]]:
    return [json.loads(line) for line in (folder / f"rows-{rank}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", SAME_DRAWS)
def test_losses_and_weights_are_those_of_one_process(name: str, one_and_two: tuple[Path, Path]) -> None:
    """Of equal effective batches. Our rollouts draw by a row's place among those of all processes, so GRPO and PPO
    also write the same completions; TRL's own generation draws otherwise in each process (see below). Left out are
    the entropy and the value loss in the log: means over tokens of each minibatch of each process, then over these."""
    one, two = (folder / name for folder in one_and_two)
    logs = log_of(one), log_of(two)
    assert [row["step"] for row in logs[1]] == [1, 2, 3]
    for row, other in zip(*logs, strict=True):
        assert row.keys() == other.keys()
        compared = [field for field in row if field not in ("seconds", "before", *MEANS_OF_MEANS)]
        assert [other[field] for field in compared] == pytest.approx([row[field] for field in compared], 1e-4, 1e-6)
    assert any(abs(row["loss"]) > 1e-4 for row in logs[0])
    start = load_file(Path(json.loads((one / run.SETTINGS).read_text())["model"]) / "model.safetensors")
    weights, others = load_file(one / "model.safetensors"), load_file(two / "model.safetensors")
    apart = max(float((weights[at] - others[at]).abs().max()) for at in weights)
    moved = max(float((weights[at] - start[at]).abs().max()) for at in weights)
    assert moved > 1e-4
    assert apart < 0.02 * moved
    assert all(torch.isfinite(weight).all() for weight in others.values())


@pytest.mark.parametrize("name", ["grpo", "ppo", "grpo-generate"])
def test_every_prompt_group_is_whole_and_in_its_place(name: str, one_and_two: tuple[Path, Path]) -> None:
    """The rollouts of both processes, put together, are those of one: the same prompts in the same places, each as
    often as a group has completions; and where the draws are the same ones, the same completions."""
    one, two = (folder / name for folder in one_and_two)
    whole, parts = rollouts(one, 0), list(zip(rollouts(two, 0), rollouts(two, 1), strict=True))
    assert len(whole) == len(parts) == 3
    for batch, (first, second) in zip(whole, parts, strict=True):
        assert len(batch) == 16 and len(first) == len(second) == 8
        prompts = [prompt for prompt, _ in batch]
        assert prompts == [prompt for prompt, _ in first + second]
        assert all(prompts[at : at + 4] == [prompts[at]] * 4 for at in range(0, 16, 4))
        assert len(set(prompts)) == 4
        if name in SAME_DRAWS:
            assert batch == first + second
    assert len({prompt for batch in whole for prompt, _ in batch}) == 12


def test_each_process_samples_its_share(one_and_two: tuple[Path, Path]) -> None:
    """Every second problem, and both learn from all that was sampled."""

    def sampled(file: Path) -> list[tuple[int, int, str]]:
        made = map(json.loads, file.read_text().splitlines())
        return [(int(one["problem_id"]), one["run"], one["text"]) for one in made]

    one, two = (folder / "rft" for folder in one_and_two)
    shares = sampled(two / "samples.jsonl"), sampled(two / "samples-1.jsonl")
    assert [{row % 2 for row, _, _ in share} for share in shares] == [{0}, {1}]
    assert sorted(shares[0] + shares[1]) == sorted(sampled(one / "samples.jsonl"))
    for folder in (one, two):
        before = [row["before"] for row in log_of(folder)]
        assert before == [before[0]] * 3 and before[0]["completions"] == len(shares[0]) + len(shares[1])


def test_weights_that_fsdp2_splits_are_saved_whole(one_and_two: tuple[Path, Path], started: Path) -> None:
    """By torch's fully_shard; accelerate's way of calling it needs GPUs and is not tested."""
    saved, weights = load_file(one_and_two[1] / SPLIT), load_file(started / "model.safetensors")
    assert saved.keys() == weights.keys()
    assert all(torch.equal(saved[name], weights[name]) for name in weights)
