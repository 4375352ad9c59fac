"""OpenRLHF (Ray): ``python -m openrlhf.cli.train_ppo_ray``.

The arguments are those of OpenRLHF 0.11.2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import engines

METHODS = ("grpo", "ppo")
COMMAND = "python3 -m openrlhf.cli.train_ppo_ray"
NOTE = "For more machines: start Ray on them, then give --actor.num_nodes N and the others behind this script's name."
REWARD = '''"""The reward that OpenRLHF calls for each completion; a query is the prompt with its completion."""

import re

from caugym.gym import scoring

WEIGHTS = {weights!r}
END_TOKEN = re.compile(r"(<[|a-z_/][^<>]*>\\s*)+$")


def completion_of(query, prompt):
    """What was written after the prompt, without the end token's text: a prompt shows an answer's form itself."""
    before, found, completion = query.rpartition(prompt)
    if not found:
        raise ValueError("the query does not hold its prompt")
    return END_TOKEN.sub("", completion)


def reward_func(queries, prompts, labels, **kwargs):
    """Accuracy by the strict judge and the format reward, weighted; ``scores`` is the accuracy alone."""
    (query,), (prompt,), (label,) = queries, prompts, labels
    completion = completion_of(query, prompt)
    parts = {{
        "accuracy": float(scoring.score(completion, label).correct),
        "format": scoring.format_reward(completion),
    }}
    reward = sum(weight * parts[name] for name, weight in WEIGHTS.items())
    return {{"rewards": reward, "scores": parts["accuracy"], "extra_logs": parts}}
'''
ESTIMATORS = {"group": "group_norm", "none": "dr_grpo"}


def arguments(method: str, model: str, recipe: dict[str, Any], folder: Path) -> tuple[list[str], set[str]]:
    """Command-line arguments, and the fields without a counterpart. Raises InputError for what it cannot do."""
    used: set[str] = {"per_device_train_batch_size", "gradient_accumulation_steps", "steps_per_generation",
                      "reward_weights", "rewards"}  # fmt: skip

    def field(name: str, default: Any) -> Any:
        used.add(name)
        value = recipe.get(name, default)
        return default if value is None else value

    ppo = method == "ppo"
    prompts, group = engines.prompts_per_rollout(recipe), field("num_generations", 8)
    beta, low = float(field("beta", 0.0)), field("epsilon", 0.2)
    adapter = field("lora", {}) or {}
    if ppo:
        estimator = "gae"
    else:
        scale = field("scale_rewards", "group")
        scale = {True: "group", False: "none"}.get(scale, scale)
        if scale not in ESTIMATORS:
            raise InputError(f"recipe: scale_rewards {scale!r}: OpenRLHF knows {', '.join(ESTIMATORS)}")
        estimator = ESTIMATORS[scale]
    values: dict[str, Any] = {
        "actor.model_name_or_path": model,
        "reward.remote_url": folder / engines.REWARD,
        "data.prompt_dataset": folder / engines.TRAIN,
        "data.input_key": "prompt",
        "data.label_key": "answer",
        "data.apply_chat_template": True,
        "data.max_len": 2048 + field("max_completion_length", 512),
        "rollout.max_new_tokens": recipe.get("max_completion_length", 512),
        "rollout.batch_size": prompts,
        "rollout.n_samples_per_prompt": group,
        "rollout.temperature": field("temperature", 1.0),
        "rollout.top_p": field("top_p", 1.0),
        "rollout.micro_batch_size": recipe.get("per_device_train_batch_size", 8),
        "train.micro_batch_size": recipe.get("per_device_train_batch_size", 8),
        "train.batch_size": prompts * group // engines.minibatches(recipe),
        "train.max_epochs": field("num_iterations", 1),
        "train.num_episodes": int(field("num_train_epochs", 1)),
        "train.colocate_all": True,
        "actor.num_nodes": 1,
        "actor.num_gpus_per_node": engines.GPUS,
        "ref.num_nodes": 1,
        "ref.num_gpus_per_node": engines.GPUS,
        "vllm.num_engines": engines.GPUS,
        "vllm.tensor_parallel_size": 1,
        "vllm.enable_sleep": True,
        "vllm.gpu_memory_utilization": 0.5,
        "ds.enable_sleep": True,
        "ds.zero_stage": 3,
        "ds.lora.rank": adapter.get("r", 0),
        "ds.lora.alpha": adapter.get("lora_alpha", 16),
        "actor.gradient_checkpointing_enable": bool(field("activation_checkpointing", True)),
        "actor.adam.lr": field("learning_rate", 1e-6),
        "actor.max_norm": field("max_grad_norm", 1.0),
        "actor.eps_clip_low_high": (low, field("epsilon_high", low)),
        "algo.advantage.estimator": estimator,
        "algo.kl.init_coef": beta,
        "algo.kl.use_loss": not ppo and beta > 0,
        "algo.kl.estimator": "k1" if ppo else "k3",
        "ckpt.output_dir": folder / "model",
        "ckpt.path": folder / "checkpoints",
        "ckpt.save_steps": field("save_steps", 10),
    }
    schedule = {"lr_scheduler": field("lr_scheduler_type", "constant"), "adam.weight_decay": field("weight_decay", 0.0)}
    if 0 <= recipe.get("warmup_steps", 0) < 1:  # it knows no number of steps
        schedule["lr_warmup_ratio"] = field("warmup_steps", 0)
    for of in ("actor", "critic") if ppo else ("actor",):
        values |= {f"{of}.{name}": value for name, value in schedule.items()}
    if ppo:
        values |= {
            "critic.model_name_or_path": model,
            "critic.num_nodes": 1,
            "critic.num_gpus_per_node": engines.GPUS,
            "critic.adam.lr": field("critic_learning_rate", field("learning_rate", 1e-6)),
            "critic.value_clip": field("cliprange_value", 0.5),
            "critic.freezing_steps": field("value_pretraining_steps", 0),
            "algo.advantage.gamma": field("gamma", 1.0),
            "algo.advantage.lambd": field("lam", 1.0),
        }
    words: list[str] = []
    for name, value in values.items():
        if value is not False:
            words += [f"--{name}", *map(str, value if isinstance(value, tuple) else () if value is True else (value,))]
    return words, set(recipe) - used
