"""What every test shares: one thread, no telemetry, no network."""

from __future__ import annotations

import os

# One thread whatever the caller set: runs in this process and in others are compared bit by bit, and where a study has
# set this process's threads, another number in the others moves the last bits.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import json
from pathlib import Path

import pytest

QUESTION = "Input Info: Talent has a direct effect on income.\nThe probability of income being high is 0.{:04d}. \n"
EFFECT_KEY = '{"ANSWER": "Yes", "PROB": "0.1234"}'
SAID = (EFFECT_KEY, '{"ANSWER": "Yes", "PROB": "0.9"}')


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3 of 60,000 parameters with nano's tokenizer, saved as a model folder."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from caugym.nano import tokenizer as nano_tokenizer

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = nano_tokenizer.build()
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=16,
        intermediate_size=64,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def rows_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty short rows with prompt, answer and solution; every second solution is wrong, so that RL has a signal."""
    row = {"task": "ATE", "answer": EFFECT_KEY}
    table = [row | {"id": str(i), "prompt": QUESTION.format(i), "solution": f"so {SAID[i % 2]}"} for i in range(40)]
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in table))
    return file


@pytest.fixture(scope="session")
def few_rows(tmp_path_factory: pytest.TempPathFactory, rows_file: Path) -> Path:
    """Eight rows: two steps are an epoch, so a resume falls into a later one."""
    file = tmp_path_factory.mktemp("few") / "rows.jsonl"
    file.write_text("".join(rows_file.read_text().splitlines(keepends=True)[:8]))
    return file


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, rows_file: Path) -> Path:
    """The tiny model after a cold start that makes some of its answers right: RL needs a signal."""
    from caugym.training.train import TrainingRun, train

    folder = tmp_path_factory.mktemp("started")
    settings = ("solution=published", "max_steps=60", "learning_rate=2e-2", "save_steps=100", "logging_steps=10",
                "per_device_train_batch_size=4")  # fmt: skip
    train(TrainingRun("sft", str(tiny_model), "sft-tiny", settings, str(rows_file)), folder)
    return folder
