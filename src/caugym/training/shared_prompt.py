"""GRPO that computes each prompt once for all its completions: for small models on a CPU.

The algorithm is TRL's; only work that changes nothing is left out: a prompt's hidden states are computed
once a batch, rows whose advantage is zero (groups without signal) do not enter the backward pass, columns
that are padding in a batch are cut off, and rows that have ended leave the rollout.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import DynamicCache
from trl import GRPOTrainer

from caugym.evaluation.backends.decode import decode


class SharedPromptGRPOTrainer(GRPOTrainer):
    """For one process, a decoder with full attention, no adapter."""

    def _generate_single_turn(
        self, prompt_ids: list[list[int]], images: Any, multimodal_fields: Any, num_generations: int, *more: Any
    ) -> tuple[list[list[int]], None]:
        args, (end, *other_ends) = self.args, self.eos_token_ids
        if self.use_vllm or other_ends or args.top_k or args.min_p or args.repetition_penalty != 1.0:
            return super()._generate_single_turn(prompt_ids, images, multimodal_fields, num_generations, *more)
        # The draws come from torch's generator, whose state is part of a checkpoint.
        randomness = torch.rand(len(prompt_ids), self.max_completion_length, dtype=torch.float64)
        decoded = decode(
            self.accelerator.unwrap_model(self.model),
            prompt_ids,
            budgets=[self.max_completion_length] * len(prompt_ids),
            end_ids={end},
            pad_id=self._tokenizer.pad_token_id,
            temperature=self.temperature,
            top_p=self.top_p,
            randomness=randomness.numpy(),
        )
        return [[*row.ids, end] if row.finish_reason == "stop" else row.ids for row in decoded], None

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        signal = inputs["advantages"] != 0
        if self.beta == 0.0:
            if not signal.any():
                signal[0] = True  # one row keeps the graph: its loss and gradient are zero
            inputs = {name: rows_of(value, signal) for name, value in inputs.items()}
        return super()._compute_loss(model, trimmed(inputs))

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
        split = input_ids.size(1) - logits_to_keep - 1
        prompts, which = torch.unique(input_ids[:, :split], dim=0, return_inverse=True)
        rows = torch.arange(len(which), device=which.device)
        first = which.new_zeros(len(prompts)).scatter_(0, which, rows)
        positions = (attention_mask.cumsum(1) - 1).clamp(min=0)
        cache = DynamicCache(config=model.config)
        labels = input_ids[:, split:].masked_fill(attention_mask[:, split:] == 0, -100)
        with self.accelerator.autocast():
            model.base_model(
                input_ids=prompts,
                attention_mask=attention_mask[first, :split],
                position_ids=positions[first, :split],
                past_key_values=cache,
                use_cache=True,
            )
            cache.batch_select_indices(which)
            outputs = model(
                input_ids=input_ids[:, split:],
                attention_mask=attention_mask,
                position_ids=positions[:, split:],
                past_key_values=cache,
                labels=labels,
                fused_lm_head=True,
            )
        return outputs.log_probs, outputs.entropy if compute_entropy else None, None


def rows_of(value: Any, keep: torch.Tensor) -> Any:
    return value[keep] if isinstance(value, torch.Tensor) and value.dim() > 0 else value


def trimmed(inputs: dict[str, Any]) -> dict[str, Any]:
    """Without the columns that are padding in every row: on the left of prompts, on the right of completions."""
    prompt = int(inputs["prompt_mask"].sum(1).max())
    completion = max(int(inputs["completion_mask"].sum(1).max()), 1)
    cut = dict(inputs)
    for name in ("prompt_ids", "prompt_mask"):
        cut[name] = inputs[name][:, -prompt:]
    for name in ("completion_ids", "completion_mask", "old_per_token_logps", "ref_per_token_logps"):
        if name in inputs:
            cut[name] = inputs[name][:, :completion]
    return cut
