"""verl (Ray): ``python -m verl.trainer.main_ppo`` with Hydra overrides.

The keys are those of verl 0.9.1's ``trainer/config/_generated_ppo_trainer.yaml``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import engines

METHODS = ("grpo", "ppo")
COMMAND = "python3 -m verl.trainer.main_ppo"
NOTE = "For more machines: start Ray on them, then give trainer.nnodes=N behind this script's name."
REWARD = '''"""The reward that verl calls for each completion."""

from caugym.gym import scoring

WEIGHTS = {weights!r}


def compute_score(data_source, solution_str, ground_truth, extra_info=None):
    """Accuracy by the strict judge and the format reward, weighted."""
    parts = {{
        "accuracy": float(scoring.score(solution_str, ground_truth).correct),
        "format": scoring.format_reward(solution_str),
    }}
    return sum(weight * parts[name] for name, weight in WEIGHTS.items())
'''
LOSSES = {
    "dapo": "token-mean",
    "bnpo": "token-mean",
    "grpo": "seq-mean-token-mean",
    "dr_grpo": "seq-mean-token-sum-norm",
}
SCHEDULERS = ("constant", "constant_with_warmup", "cosine")
MAX_PROMPT_TOKENS = 2048


def arguments(method: str, model: str, recipe: dict[str, Any], folder: Path) -> tuple[list[str], set[str]]:
    """Hydra overrides, and the fields without a counterpart. Raises InputError for what it cannot do."""
    used: set[str] = {"per_device_train_batch_size", "gradient_accumulation_steps", "steps_per_generation",
                      "reward_weights", "rewards"}  # fmt: skip

    def field(name: str, default: Any) -> Any:
        used.add(name)
        value = recipe.get(name, default)
        return default if value is None else value

    actor, rollout = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"
    prompts = engines.prompts_per_rollout(recipe)
    micro = recipe.get("per_device_train_batch_size", 8)
    beta, low = float(field("beta", 0.0)), field("epsilon", 0.2)
    adapter = field("lora", {}) or {}
    ppo = method == "ppo"
    optimisers = [actor, "critic"] if ppo else [actor]
    scheduler, warmup = field("lr_scheduler_type", "constant"), field("warmup_steps", 0)
    schedule = {
        "lr_scheduler_type": "cosine" if scheduler == "cosine" else "constant",
        "lr_warmup_steps_ratio" if 0 < warmup < 1 else "lr_warmup_steps": warmup,
        "weight_decay": field("weight_decay", 0.0),
    }
    if scheduler not in SCHEDULERS:
        raise InputError(f"recipe: lr_scheduler_type {scheduler!r}: verl knows {', '.join(SCHEDULERS)}")
    keys: dict[str, Any] = {
        "algorithm.adv_estimator": "gae" if ppo else "grpo",
        "data.train_files": folder / engines.TRAIN,
        "data.val_files": folder / engines.TRAIN,
        "data.train_batch_size": prompts,
        "data.max_prompt_length": MAX_PROMPT_TOKENS,
        "data.max_response_length": field("max_completion_length", 512),
        "actor_rollout_ref.model.path": model,
        "actor_rollout_ref.model.lora_rank": adapter.get("r", 0),
        "actor_rollout_ref.model.lora_alpha": adapter.get("lora_alpha", 16),
        f"{actor}.optim.lr": field("learning_rate", 1e-6),
        f"{actor}.grad_clip": field("max_grad_norm", 1.0),
        f"{actor}.ppo_mini_batch_size": prompts // engines.minibatches(recipe),
        f"{actor}.ppo_micro_batch_size_per_gpu": micro,
        f"{actor}.ppo_epochs": field("num_iterations", 1),
        f"{actor}.clip_ratio_low": low,
        f"{actor}.clip_ratio_high": field("epsilon_high", low),
        f"{actor}.loss_agg_mode": LOSSES.get(field("loss_type", "dapo"), "token-mean"),
        f"{rollout}.name": "vllm",
        f"{rollout}.n": field("num_generations", 8),
        f"{rollout}.temperature": field("temperature", 1.0),
        f"{rollout}.top_p": field("top_p", 1.0),
        f"{rollout}.log_prob_micro_batch_size_per_gpu": micro,
        "actor_rollout_ref.ref.log_prob_micro_batch_size_per_gpu": micro,
        "reward.custom_reward_function.path": folder / engines.REWARD,
        "reward.custom_reward_function.name": "compute_score",
        "trainer.project_name": "caugym",
        "trainer.experiment_name": method,
        "trainer.default_local_dir": folder / "checkpoints",
        "trainer.n_gpus_per_node": engines.GPUS,
        "trainer.nnodes": 1,
        "trainer.save_freq": field("save_steps", 10),
        "trainer.total_epochs": int(field("num_train_epochs", 1)),
        "trainer.val_before_train": False,
    }
    keys |= {f"{of}.optim.{name}": value for of in optimisers for name, value in schedule.items()}
    if field("max_steps", -1) > 0:
        keys["trainer.total_training_steps"] = recipe["max_steps"]
    if ppo:
        keys |= {
            "algorithm.gamma": field("gamma", 1.0),
            "algorithm.lam": field("lam", 1.0),
            "algorithm.use_kl_in_reward": beta > 0,
            "algorithm.kl_ctrl.kl_coef": beta,
            "critic.model.path": model,
            "critic.optim.lr": field("critic_learning_rate", field("learning_rate", 1e-6)),
            "critic.ppo_micro_batch_size_per_gpu": micro,
            "critic.cliprange_value": field("cliprange_value", 0.5),
            "trainer.critic_warmup": field("value_pretraining_steps", 0),
        }
    else:
        keys |= {
            "algorithm.norm_adv_by_std_in_grpo": field("scale_rewards", "group") not in ("none", False),
            f"{actor}.use_kl_loss": beta > 0,
            f"{actor}.kl_loss_coef": beta,
        }
    return [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in keys.items()], (
        set(recipe) - used
    )
