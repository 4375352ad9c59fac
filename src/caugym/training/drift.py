"""How far the policy is from its start where no KL term holds it there: measured on some completions of each rollout.

TRL computes the reference's probabilities only for a loss with a KL term; without one a run that drifts away would not
show it before its accuracy falls.
"""

from __future__ import annotations

from typing import Any

import torch
from accelerate.utils import is_peft_model
from trl.models.utils import disable_gradient_checkpointing
from trl.trainer.utils import add_fused_lm_head, create_model_from_path

from caugym.training import gae

ROWS = 32
"""Completions of a rollout, in each process: the two passes are a small part of what the rollout costs."""


class FromStart:
    """Put before an online trainer. ``model``, a folder or hub name, is what it trains and measures its distance from:
    a frozen copy in each process, or, where an adapter is trained, the weights below it."""

    def __init__(self: Any, model: str, *more: Any, **options: Any) -> None:
        super().__init__(model, *more, **options)  # type: ignore[call-arg]
        self.start = None
        if not is_peft_model(self.model):
            self.start = create_model_from_path(model, **(self.args.model_init_kwargs or {}))
            add_fused_lm_head(self.start, temperature=self.temperature)
            self.start.to(self.accelerator.device).requires_grad_(False).eval()

    def _generate_and_score_completions(self: Any, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = super()._generate_and_score_completions(inputs)  # type: ignore[misc]
        if self.model.training and self.args.beta == 0.0:
            self._metrics["train"]["kl"].append(self._kl_from_start(batch))
        return batch

    def _kl_from_start(self: Any, batch: dict[str, Any]) -> float:
        """Mean over tokens."""
        prompts, completions = batch["prompt_ids"], batch["completion_ids"]
        chosen = torch.arange(0, len(prompts), max(1, len(prompts) // ROWS), device=prompts.device)
        mask = batch["completion_mask"][chosen]
        ids = torch.cat([prompts, completions], 1)[chosen]
        whole_mask = torch.cat([batch["prompt_mask"][chosen], mask], 1)

        def log_probabilities(model: Any) -> torch.Tensor:
            found: torch.Tensor = self._get_per_token_logps_and_entropies(
                model, ids, whole_mask, completions.size(1), self.args.per_device_train_batch_size
            )[0]
            return found

        with torch.no_grad(), disable_gradient_checkpointing(self.model, self.args.gradient_checkpointing_kwargs):
            logps = log_probabilities(self.model)
            if self.start is not None:
                start_logps = log_probabilities(self.start)
            else:
                with self.accelerator.unwrap_model(self.model).disable_adapter():
                    start_logps = log_probabilities(self.model)
        sums = gae.sums(gae.kl_estimates(logps, start_logps), mask)
        count, total, _ = self.accelerator.reduce(sums, reduction="sum").tolist()
        return float(total / max(count, 1))
