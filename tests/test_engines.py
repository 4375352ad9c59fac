"""What is written for other engines: rows as they read them, a reward that judges, arguments they know."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import shlex
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from caugym.errors import InputError
from conftest import EFFECT_KEY

pytest.importorskip("pyarrow")

import pyarrow.parquet

from caugym.training import engines
from caugym.training.train import TrainingRun


def written(
    engine: str, method: str, out: Path, rows_file: Path, *settings: str, model: str = "Qwen/Qwen3-8B"
) -> list[str]:
    """The words of the launch script's command."""
    engines.write(engine, TrainingRun(method, model, None, settings, str(rows_file)), out)
    script = (out / engines.LAUNCH).read_text()
    return shlex.split(script.replace("\\\n", " "), comments=True)[3:]


def module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize("method", ["grpo", "ppo"])
def test_verl(method: str, rows_file: Path, tmp_path: Path) -> None:
    words = written("verl", method, tmp_path, rows_file, "max_steps=30", "beta=0.01", "steps_per_generation=32")
    keys = dict(word.split("=", 1) for word in words if "=" in word)
    assert keys["algorithm.adv_estimator"] == {"grpo": "grpo", "ppo": "gae"}[method]
    # 4 rows x 16 steps of accumulation x 8 GPUs x 2 minibatches over 8 completions a prompt.
    assert keys["data.train_batch_size"] == "128"
    assert keys["actor_rollout_ref.actor.ppo_mini_batch_size"] == "64"
    assert keys["actor_rollout_ref.actor.clip_ratio_high"] == "0.28"
    assert keys["trainer.total_training_steps"] == "30"
    kl = {"grpo": "actor_rollout_ref.actor.kl_loss_coef", "ppo": "algorithm.kl_ctrl.kl_coef"}[method]
    assert keys[kl] == "0.01"
    table = pyarrow.parquet.read_table(keys["data.train_files"]).to_pylist()
    assert len(table) == 40
    assert table[0]["prompt"][0]["role"] == "user"
    assert table[0]["reward_model"]["ground_truth"] == EFFECT_KEY
    reward = module(tmp_path / engines.REWARD)
    assert reward.compute_score("caugym", f"so {EFFECT_KEY}", EFFECT_KEY, {}) == pytest.approx(1.1)
    assert reward.compute_score("caugym", "no idea", EFFECT_KEY) == 0


@pytest.mark.parametrize("method", ["grpo", "ppo"])
def test_openrlhf(method: str, rows_file: Path, tmp_path: Path) -> None:
    words = written("openrlhf", method, tmp_path, rows_file)
    assert words[words.index("--algo.advantage.estimator") + 1] == {"grpo": "group_norm", "ppo": "gae"}[method]
    assert words[words.index("--actor.eps_clip_low_high") + 1 :][:2] == ["0.2", "0.28"]
    assert ("--critic.adam.lr" in words) == (method == "ppo")
    reward = module(tmp_path / engines.REWARD)
    prompt = f"Question? in JSON format, like {EFFECT_KEY}:"
    right = reward.reward_func([f"<s>{prompt}so {EFFECT_KEY}<|im_end|>"], [prompt], [EFFECT_KEY])
    assert right["rewards"] == pytest.approx(1.1)
    # The form that the prompt shows is no answer.
    assert reward.reward_func([f"<s>{prompt}no idea</s>"], [prompt], [EFFECT_KEY])["rewards"] == 0


@pytest.mark.parametrize("method", ["grpo", "ppo"])
@pytest.mark.parametrize("settings", [(), ("beta=0.01", "lora.r=16", "lr_scheduler_type=cosine", "warmup_steps=0.1")])
def test_verl_reads_what_is_written(
    method: str, settings: tuple[str, ...], tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    """By the package's own configuration, dataclasses and checks, where it is installed."""
    pytest.importorskip("verl")
    hydra = pytest.importorskip("hydra")
    from verl.utils.config import omega_conf_to_dataclass, validate_config

    words = written("verl", method, tmp_path, rows_file, *settings, model=str(tiny_model))
    words = [word for word in words if "=" in word]
    with hydra.initialize_config_module("verl.trainer.config", version_base=None):
        config = hydra.compose("ppo_trainer", overrides=words)
    assert omega_conf_to_dataclass(config.actor_rollout_ref.actor).optim.weight_decay == 0
    assert omega_conf_to_dataclass(config.actor_rollout_ref.rollout).n == 8
    if method == "ppo":
        assert omega_conf_to_dataclass(config.critic).optim.lr == 2e-6
    if not settings:  # where there is an adapter the check asks for vLLM itself
        validate_config(config, use_reference_policy=False, use_critic=method == "ppo")


@pytest.mark.parametrize("method", ["grpo", "ppo"])
@pytest.mark.parametrize("settings", [(), ("beta=0.01", "lora.r=16", "lr_scheduler_type=cosine", "warmup_steps=0.1")])
def test_openrlhf_parses_what_is_written(
    method: str, settings: tuple[str, ...], rows_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the package's own command line and checks, without what it imports to train, where it is installed."""
    found = importlib.util.find_spec("openrlhf")
    if found is None or found.origin is None:
        pytest.skip("openrlhf is not installed")
    words = written("openrlhf", method, tmp_path, rows_file, *settings)
    monkeypatch.setattr(sys, "argv", words[2:-1])
    monkeypatch.setitem(sys.modules, "openrlhf.utils", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "openrlhf.utils.config", module(Path(found.origin).parent / "utils" / "config.py"))
    *_, main = ast.parse((Path(found.origin).parent / "cli" / "train_ppo_ray.py").read_text()).body
    assert isinstance(main, ast.If)  # __name__ == "__main__"
    given: list[Any] = []
    names = {"argparse": argparse, "os": os, "datetime": datetime, "train": given.append}
    exec(compile(ast.Module(main.body, []), "main", "exec"), names)
    assert given[0].algo.advantage.estimator == {"grpo": "group_norm", "ppo": "gae"}[method]
    assert given[0].actor.lr_scheduler == ("cosine" if settings else "constant_with_warmup")
    assert given[0].actor.adam.weight_decay == 0


def test_the_schedule_is_the_recipes(rows_file: Path, tmp_path: Path) -> None:
    settings = ("lr_scheduler_type=cosine", "warmup_steps=0.1", "weight_decay=0.02")
    keys = dict(word.split("=", 1) for word in written("verl", "ppo", tmp_path, rows_file, *settings) if "=" in word)
    words = written("openrlhf", "ppo", tmp_path, rows_file, *settings)
    for part, place in (("actor", "actor_rollout_ref.actor"), ("critic", "critic")):
        assert keys[f"{place}.optim.lr_scheduler_type"] == "cosine"
        assert keys[f"{place}.optim.lr_warmup_steps_ratio"] == "0.1"
        assert keys[f"{place}.optim.weight_decay"] == "0.02"
        assert words[words.index(f"--{part}.lr_scheduler") + 1] == "cosine"
        assert words[words.index(f"--{part}.lr_warmup_ratio") + 1] == "0.1"
        assert words[words.index(f"--{part}.adam.weight_decay") + 1] == "0.02"


@pytest.mark.parametrize(
    ("engine", "method", "settings", "message"),
    [
        ("nemo", "grpo", (), "unknown engine 'nemo': expected one of openrlhf, verl"),
        ("verl", "sft", (), "it has no sft; expected one of grpo, ppo"),
        ("verl", "grpo", ("rewards=[length]",), "the reward 'length' cannot be used with --engine"),
        ("openrlhf", "grpo", ("scale_rewards=batch",), "OpenRLHF knows group, none"),
        ("verl", "grpo", ("num_generations=7",), "do not divide by num_generations 7"),
        ("verl", "grpo", ("lr_scheduler_type=linear",), "verl knows constant, constant_with_warmup, cosine"),
    ],
)
def test_what_an_engine_cannot_do(
    engine: str, method: str, settings: tuple[str, ...], message: str, rows_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        written(engine, method, tmp_path, rows_file, *settings)


def test_scripts_take_further_arguments(rows_file: Path, tmp_path: Path) -> None:
    written("verl", "grpo", tmp_path, rows_file)
    assert (tmp_path / engines.LAUNCH).stat().st_mode & 0o111
    assert (tmp_path / engines.LAUNCH).read_text().rstrip().endswith('"$@"')
