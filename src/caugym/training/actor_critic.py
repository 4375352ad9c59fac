"""Proximal policy optimisation on GRPO's machinery: rollouts, rewards, checkpoints and logs are TRL's.

Only what the algorithms differ in is here: a critic instead of a group's mean, so that every token has an advantage
of its own. The objective is that of Schulman et al. 2017, equation 9 (clipped surrogate, equation 7; value loss; the
entropy bonus is the trainer's ``entropy_coef``), the advantages are Schulman et al. 2015's (see ``gae``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from trl import GRPOConfig, GRPOTrainer
from trl.models.utils import disable_gradient_checkpointing
from trl.trainer.utils import create_model_from_path

from caugym.training import critic, gae
from caugym.training.shared_prompt import SharedPrompt


@dataclass
class PPOConfig(GRPOConfig):
    """GRPO's fields, of which these mean something else here: ``beta`` weighs the KL term in the reward, not in the
    loss; ``num_iterations`` is the number of epochs over a rollout, ``steps_per_generation`` over
    ``gradient_accumulation_steps`` the number of minibatches in one. ``scale_rewards`` has no effect."""

    critic: str = field(default="separate", metadata={"help": "separate or shared: the critic's trunk."})
    critic_learning_rate: float | None = field(default=None, metadata={"help": "None: the policy's."})
    vf_coef: float = field(default=0.5, metadata={"help": "Weight of the value loss."})
    cliprange_value: float | None = field(default=0.2, metadata={"help": "None: the value loss is not clipped."})
    gamma: float = field(default=1.0, metadata={"help": "Discount."})
    lam: float = field(default=1.0, metadata={"help": "Lambda of the policy's advantages."})
    adaptive_lam: float | None = field(
        default=None, metadata={"help": "alpha of lambda = 1 - 1 / (alpha length), instead of ``lam``."}
    )
    value_lam: float = field(default=1.0, metadata={"help": "Lambda of the value targets; 1: the returns themselves."})
    whiten_advantages: bool = field(default=True, metadata={"help": "Mean 0 and deviation 1 over a rollout."})
    value_pretraining_steps: int = field(
        default=0, metadata={"help": "So many optimiser steps in the beginning train the critic alone."}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.critic not in ("separate", "shared"):
            raise ValueError(f"critic {self.critic!r}: expected separate or shared")
        for name in ("gamma", "lam", "value_lam"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name)}: expected a number from 0 to 1")
        if self.adaptive_lam is not None and self.adaptive_lam <= 0:
            raise ValueError(f"adaptive_lam {self.adaptive_lam}: expected a number above 0")
        if self.multi_objective_aggregation != "sum_then_normalize" or self.importance_sampling_level != "token":
            raise ValueError(
                "PPO knows multi_objective_aggregation sum_then_normalize and importance_sampling_level token only"
            )


class PPOTrainer(GRPOTrainer):
    """For text models. ``model`` is a folder's path or a name on the hub."""

    def __init__(self, model: str, reward_funcs: Any, args: PPOConfig, peft_config: Any = None, **more: Any) -> None:
        loaded = create_model_from_path(model, **(args.model_init_kwargs or {}))
        critic.attach(loaded, args.critic)  # type: ignore[arg-type]
        if peft_config is not None:
            # The trunk takes adapters like the policy's layers; the head is trained whole and kept with them.
            peft_config.modules_to_save = [*(peft_config.modules_to_save or []), f"{critic.NAME}.head"]
        init_kwargs, args.model_init_kwargs = args.model_init_kwargs, None  # the model is made already
        super().__init__(loaded, reward_funcs, args, peft_config=peft_config, **more)
        args.model_init_kwargs = init_kwargs
        critic.return_values(self.policy)
        self._passes: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._scores = torch.zeros(0)
        if self.use_vllm:
            parameters = self.vllm_generation._iter_named_params
            self.vllm_generation._iter_named_params = lambda: (
                (name, value) for name, value in parameters() if not name.startswith(f"{critic.NAME}.")
            )

    @property
    def policy(self) -> Any:
        """The causal language model inside all wrappers."""
        model = self.accelerator.unwrap_model(self.model)
        return model.get_base_model() if hasattr(model, "get_base_model") else model

    def without_critic(self) -> None:
        """Take the critic out of the model, which is then the policy alone."""
        critic.detach(self.policy)

    def create_optimizer(self, model: Any = None) -> Any:
        optimizer = super().create_optimizer(model)
        rate = self.args.critic_learning_rate
        if rate is None:
            return optimizer
        ours = {id(weight) for weight in self.policy.critic.parameters()}
        for group in list(optimizer.param_groups):
            members = [weight for weight in group["params"] if id(weight) in ours]
            group["params"] = [weight for weight in group["params"] if id(weight) not in ours]
            rest = {name: value for name, value in group.items() if name not in ("params", "lr")}
            optimizer.add_param_group({**rest, "params": members, "lr": rate})
        return optimizer

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """TRL's for text, which also keeps the values of the pass (the reference model has none)."""
        batch_size = batch_size or len(input_ids)
        parts = [
            self._pass(model, input_ids[at : at + batch_size], attention_mask[at : at + batch_size], logits_to_keep)
            for at in range(0, len(input_ids), batch_size)
        ]
        logps = torch.cat([part.log_probs[:, -logits_to_keep:] for part in parts])
        if isinstance(parts[0], critic.PolicyAndValues):
            self._passes.append((logps, torch.cat([part["state_values"][:, -logits_to_keep:] for part in parts])))
        entropies = torch.cat([part.entropy[:, -logits_to_keep:] for part in parts]) if compute_entropy else None
        return logps, entropies, None

    def _pass(self, model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, logits_to_keep: int) -> Any:
        labels = input_ids.masked_fill(attention_mask == 0, -100)
        labels[:, :-logits_to_keep] = -100
        with self.accelerator.autocast():
            return model(input_ids=input_ids, attention_mask=attention_mask, labels=labels, fused_lm_head=True)

    def _calculate_rewards(self, *args: Any) -> torch.Tensor:
        rewards = super()._calculate_rewards(*args)
        self._scores = (rewards * self.reward_weights.to(rewards.device)).nansum(1)
        return rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._passes.clear()
        batch: dict[str, Any] = super()._generate_and_score_completions(inputs)
        logps, values = self._rollout_pass(batch)
        mask = batch["completion_mask"]
        first = self.accelerator.process_index * len(mask)
        scores = self._scores[first : first + len(mask)].to(values.device)
        ref_logps, args = batch.get("ref_per_token_logps"), self.args
        rewards = gae.token_rewards(scores, mask, logps, ref_logps, self.beta)
        values = values * mask
        lam = args.lam if args.adaptive_lam is None else gae.length_adaptive_lam(mask, args.adaptive_lam)
        advantages = gae.advantages(rewards, values, mask, args.gamma, lam)
        returns = (gae.advantages(rewards, values, mask, args.gamma, args.value_lam) + values) * mask
        self._log_rollout(values, returns, mask, logps, ref_logps)
        if args.whiten_advantages:
            advantages = gae.whitened(advantages, mask, self._summed(gae.sums(advantages, mask)))
        means = (advantages * mask).sum(1) / mask.sum(1).clamp(min=1)
        self._logs["advantages"].extend(self.accelerator.gather(means).tolist())
        return batch | {"advantages": advantages, "values": values, "returns": returns}

    def _rollout_pass(self, batch: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-probabilities and values of the policy that made the rollout; TRL's own pass where it made one."""
        old = batch.get("old_per_token_logps")
        found = next((kept for kept in self._passes if kept[0] is old), None)
        if found is not None:
            return found
        ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
        mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)
        with torch.no_grad(), disable_gradient_checkpointing(self.model, self.args.gradient_checkpointing_kwargs):
            self._get_per_token_logps_and_entropies(
                self.model, ids, mask, batch["completion_ids"].size(1), self.args.per_device_train_batch_size
            )
        return self._passes[-1]

    def _summed(self, value: torch.Tensor) -> torch.Tensor:
        return self.accelerator.reduce(value, reduction="sum")

    def _log_rollout(
        self,
        values: torch.Tensor,
        returns: torch.Tensor,
        mask: torch.Tensor,
        logps: torch.Tensor,
        ref_logps: torch.Tensor | None,
    ) -> None:
        metrics = self._metrics["train" if self.model.training else "eval"]
        error = self._summed(gae.sums(returns - values, mask))
        metrics["explained_variance"].append(gae.explained_variance(error, self._summed(gae.sums(returns, mask))))
        count, total, _ = self._summed(gae.sums(values, mask))
        metrics["value_mean"].append(float(total / count.clamp(min=1)))
        if ref_logps is not None:
            count, total, _ = self._summed(gae.sums(gae.kl_estimates(logps, ref_logps), mask))
            metrics["kl"].append(float(total / count.clamp(min=1)))

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        self._passes.clear()
        beta: float = self.args.beta
        self.beta = 0.0  # the KL term stands in the reward
        try:
            policy_loss: torch.Tensor = super()._compute_loss(model, inputs)
        finally:
            self.beta = beta
        _, values = self._passes.pop()
        mask = inputs["completion_mask"]
        loss = gae.clipped_value_loss(values, inputs["values"], inputs["returns"], self.args.cliprange_value)
        # As TRL normalises its token-level policy loss: by the tokens of one accumulation window.
        tokens = inputs["num_items_in_batch"].clamp(min=1) / self.accelerator.num_processes
        training = self.model.training
        if training:
            tokens = tokens * self.current_gradient_accumulation_steps / self.args.steps_per_generation
        total = (loss * mask).sum()
        count, summed, _ = self._summed(gae.sums(loss.detach(), mask))
        self._metrics["train" if training else "eval"]["value_loss"].append(float(summed / count.clamp(min=1)))
        if self._pretraining:
            # No backward pass through the policy; several processes wait for gradients of all weights.
            policy_loss = 0.0 * (policy_loss.detach() if self.accelerator.num_processes == 1 else policy_loss)
        return policy_loss + self.args.vf_coef * total / tokens

    @property
    def _pretraining(self) -> bool:
        return bool(self.model.training and self.state.global_step < self.args.value_pretraining_steps)

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        if self._pretraining:
            # Without a gradient the optimiser passes a weight by; with one of zero its moments would age.
            for name, weight in self.accelerator.unwrap_model(self.model).named_parameters():
                if f"{critic.NAME}." not in name:
                    weight.grad = None
        return loss

    def _clip_grad_norm(self, model: Any) -> Any:
        """A critic of its own is clipped by itself, so that the policy is clipped as GRPO's is; the policy's norm."""
        if self.args.critic == "shared" or self.is_deepspeed_enabled:  # DeepSpeed clips by itself
            return super()._clip_grad_norm(model)
        named = list(model.named_parameters())
        own = [weight for name, weight in named if f"{critic.NAME}." in name]
        policy = [weight for name, weight in named if f"{critic.NAME}." not in name]
        self.accelerator.clip_grad_norm_(own, self.args.max_grad_norm)
        return self.accelerator.clip_grad_norm_(policy, self.args.max_grad_norm)


class SharedPromptPPOTrainer(SharedPrompt, PPOTrainer):
    """PPO that computes each prompt once for all its completions."""

    def _generate_single_turn(self, prompt_ids: list[list[int]], *more: Any) -> tuple[list[list[int]], Any]:
        completions = self._completions(prompt_ids)
        if completions is None:
            return super()._generate_single_turn(prompt_ids, *more)
        return completions, None

    def _readers(self, policy: Any) -> dict[str, Any]:
        readers = super()._readers(policy)
        own = getattr(policy, critic.NAME, None)  # the reference model has none
        return readers if own is None or own.trunk is None else readers | {"critic_past_key_values": own.trunk}
