"""What is written for other engines: rows as they read them, a reward that judges, arguments they know."""

from __future__ import annotations

import importlib.util
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from caugym.errors import InputError
from conftest import EFFECT_KEY

pytest.importorskip("pyarrow")

import pyarrow.parquet

from caugym.training import engines
from caugym.training.train import TrainingRun


def written(engine: str, method: str, out: Path, rows_file: Path, *settings: str) -> list[str]:
    """The words of the launch script's command."""
    engines.write(engine, TrainingRun(method, "Qwen/Qwen3-8B", None, settings, str(rows_file)), out)
    script = (out / engines.LAUNCH).read_text()
    return shlex.split(script.replace("\\\n", " "), comments=True)[3:]


def reward_module(out: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reward", out / engines.REWARD)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    reward = reward_module(tmp_path)
    assert reward.compute_score("caugym", f"so {EFFECT_KEY}", EFFECT_KEY, {}) == pytest.approx(1.1)
    assert reward.compute_score("caugym", "no idea", EFFECT_KEY) == 0


@pytest.mark.parametrize("method", ["grpo", "ppo"])
def test_openrlhf(method: str, rows_file: Path, tmp_path: Path) -> None:
    words = written("openrlhf", method, tmp_path, rows_file)
    assert words[words.index("--algo.advantage.estimator") + 1] == {"grpo": "group_norm", "ppo": "gae"}[method]
    assert words[words.index("--actor.eps_clip_low_high") + 1 :][:2] == ["0.2", "0.28"]
    assert ("--critic.adam.lr" in words) == (method == "ppo")
    reward = reward_module(tmp_path)
    prompt = f"Question? in JSON format, like {EFFECT_KEY}:"
    right = reward.reward_func([f"<s>{prompt}so {EFFECT_KEY}<|im_end|>"], [prompt], [EFFECT_KEY])
    assert right["rewards"] == pytest.approx(1.1)
    # The form that the prompt shows is no answer.
    assert reward.reward_func([f"<s>{prompt}no idea</s>"], [prompt], [EFFECT_KEY])["rewards"] == 0


def test_the_engines_know_what_is_written(rows_file: Path, tmp_path: Path) -> None:
    """Against the packages themselves, where they are installed."""
    verl = pytest.importorskip("verl")
    file = Path(verl.__file__).parent / "trainer" / "config" / "_generated_ppo_trainer.yaml"
    known = yaml.safe_load(file.read_text())
    for method in ("grpo", "ppo"):
        for word in written("verl", method, tmp_path, rows_file):
            place: Any = known
            for part in word.partition("=")[0].split(".") if "=" in word else ():
                assert part in place, word
                place = place[part]


@pytest.mark.parametrize(
    ("engine", "method", "settings", "message"),
    [
        ("nemo", "grpo", (), "unknown engine 'nemo': expected one of openrlhf, verl"),
        ("verl", "sft", (), "it has no sft; expected one of grpo, ppo"),
        ("verl", "grpo", ("rewards=[length]",), "the reward 'length' cannot be used with --engine"),
        ("openrlhf", "grpo", ("scale_rewards=batch",), "OpenRLHF knows group, none"),
        ("verl", "grpo", ("num_generations=7",), "do not divide by num_generations 7"),
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
