"""Train what a JSON file describes, one run after the other, in each of the processes that torchrun starts.

    torchrun --nproc_per_node=2 tests/train_in_turn.py RUNS.json MODEL FILE

Beside each run's files every process leaves what it learned from: ``rows-RANK.jsonl``, one line a rollout.
Afterwards the model is split over the processes and its weights are saved into FILE.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import Any

from caugym.training import rewards, run
from caugym.training.train import TrainingRun, train
from caugym.training.weights import save_weights


def train_and_record(description: TrainingRun, out: Path) -> None:
    """:func:`train`, with the prompts and completions that each call of the accuracy reward sees written down."""
    judge = rewards.accuracy_reward
    file = out / f"rows-{os.environ.get('RANK', '0')}.jsonl"

    @functools.wraps(judge)
    def recorded(completions: list[Any], prompts: list[Any], **more: Any) -> list[float]:
        pairs = zip(map(rewards.text_of, prompts), map(rewards.text_of, completions), strict=True)
        with file.open("a") as rows:
            rows.write(json.dumps(list(pairs)) + "\n")
        return judge(completions, prompts=prompts, **more)

    rewards.accuracy_reward = recorded
    try:
        train(description, out)
    finally:
        rewards.accuracy_reward = judge


def save_split(model: str, file: Path) -> None:
    """Save the weights of a model that FSDP2 has split over the processes."""
    import torch
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard
    from transformers import AutoModelForCausalLM

    split = AutoModelForCausalLM.from_pretrained(model, dtype="float32")
    fully_shard(split, mesh=init_device_mesh("cpu", (torch.distributed.get_world_size(),)))
    save_weights(split, file, write=run.is_main_process())


if __name__ == "__main__":
    for fields, folder in json.loads(Path(sys.argv[1]).read_text()):
        train_and_record(TrainingRun(**fields | {"overrides": tuple(fields["overrides"])}), Path(folder))
    save_split(sys.argv[2], Path(sys.argv[3]))
