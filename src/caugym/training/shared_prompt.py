"""Online trainers that compute each prompt once for all its completions: for small models on a CPU.

The algorithms are TRL's; only work that changes nothing is left out: a prompt's hidden states are computed
once a batch, rows whose advantage is zero (groups without signal) do not enter GRPO's backward pass where its loss
is divided by the tokens of the whole batch, columns that are padding in a batch are cut off, and rows that have
ended leave the rollout.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import DynamicCache
from trl import GRPOTrainer, RLOOTrainer

from caugym.evaluation.backends.decode import decode

ROWS = 8
"""Completions of one forward pass, the shortest together: one long one would make a wide batch of them all."""

BY_WHOLE_BATCH = ("dapo", "cispo")
"""Losses that TRL divides by the tokens of the whole batch, whichever rows it computes."""

BY_TOKEN = ("completion_ids", "completion_mask", "old_per_token_logps", "ref_per_token_logps", "values", "returns")


class SharedPrompt:
    """Put before one of TRL's online trainers. For whole weights in each process, a decoder with full attention, no
    adapter."""

    def _completions(self: Any, prompt_ids: list[list[int]]) -> list[list[int]] | None:
        """The rollout, or None where only TRL's own generation knows what is asked.

        The draws depend on the seed, the step and the row's place among those of all processes.
        """
        args, (end, *other_ends) = self.args, self.eos_token_ids
        if self.use_vllm or other_ends or args.top_k or args.min_p or args.repetition_penalty != 1.0:
            return None
        here, count = self.accelerator.process_index, len(prompt_ids)
        window = self._step % args.gradient_accumulation_steps if self.model.training else 0
        draws = np.random.default_rng((args.seed, self.state.global_step, window, int(self.model.training)))
        randomness = draws.random((count * self.accelerator.num_processes, self.max_completion_length))
        decoded = decode(
            self.accelerator.unwrap_model(self.model),
            prompt_ids,
            budgets=[self.max_completion_length] * count,
            end_ids={end},
            pad_id=self._tokenizer.pad_token_id,
            temperature=self.temperature,
            top_p=self.top_p,
            randomness=randomness[here * count : (here + 1) * count],
        )
        return [[*row.ids, end] if row.finish_reason == "stop" else row.ids for row in decoded]

    def _compute_loss(self: Any, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        return super()._compute_loss(model, trimmed(inputs))  # type: ignore[misc]

    def _readers(self, policy: Any) -> dict[str, Any]:
        """The argument of a forward pass that takes a cache -> the decoder that fills it with the prompts."""
        return {"past_key_values": policy.base_model}

    def _pass(self: Any, model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, logits_to_keep: int) -> Any:
        """The model's output on the completions and the last token of their prompts."""
        split = input_ids.size(1) - logits_to_keep - 1
        prompts, which = torch.unique(input_ids[:, :split], dim=0, return_inverse=True)
        rows = torch.arange(len(which), device=which.device)
        first = which.new_zeros(len(prompts)).scatter_(0, which, rows)
        positions = (attention_mask.cumsum(1) - 1).clamp(min=0)
        labels = input_ids[:, split:].masked_fill(attention_mask[:, split:] == 0, -100)
        lengths = attention_mask[:, split + 1 :].sum(1)
        order = lengths.argsort(stable=True)
        # A wrapper for several processes expects one forward pass for each backward pass.
        together = len(order) if self.accelerator.num_processes > 1 else ROWS
        outputs = []
        with self.accelerator.autocast():
            caches = {}
            for name, reader in self._readers(self.accelerator.unwrap_model(model)).items():
                caches[name] = reader(
                    input_ids=prompts,
                    attention_mask=attention_mask[first, :split],
                    position_ids=positions[first, :split],
                    use_cache=True,
                ).past_key_values
            for chosen in order.split(together):
                end = split + 1 + max(int(lengths[chosen].max()), 1)
                outputs.append(
                    model(
                        input_ids=input_ids[chosen, split:end],
                        attention_mask=attention_mask[chosen, :end],
                        position_ids=positions[chosen, split:end],
                        labels=labels[chosen, : end - split],
                        fused_lm_head=True,
                        **{name: of_rows(cache, which[chosen]) for name, cache in caches.items()},
                    )
                )
        return joined(outputs, order, logits_to_keep)


def of_rows(cache: Any, rows: torch.Tensor) -> DynamicCache:
    """A cache of its own for ``rows`` of ``cache``."""
    return DynamicCache([(layer.keys[rows], layer.values[rows]) for layer in cache.layers])


def joined(outputs: list[Any], order: torch.Tensor, width: int) -> Any:
    """One output of those of the rows in ``order``: their matrices padded with zeros, the rows in their old places."""
    back = order.argsort()
    parts = {name: [output[name] for output in outputs] for name, value in outputs[0].items() if value.dim() == 2}
    whole = {
        name: torch.cat([torch.nn.functional.pad(part, (0, width - part.size(1))) for part in matrices])[back]
        for name, matrices in parts.items()
    }
    return type(outputs[0])(**whole)


class _LogProbabilities:
    """TRL's method of that name for the text models of GRPO and RLOO, on :class:`SharedPrompt`'s pass."""

    def _get_per_token_logps_and_entropies(
        self: Any,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        output = self._pass(model, input_ids, attention_mask, logits_to_keep)
        return output.log_probs, output.entropy if compute_entropy else None, None


class SharedPromptGRPOTrainer(_LogProbabilities, SharedPrompt, GRPOTrainer):
    """GRPO that computes each prompt once."""

    def _generate_single_turn(self, prompt_ids: list[list[int]], *more: Any) -> tuple[list[list[int]], Any]:
        completions = self._completions(prompt_ids)
        if completions is None:
            return super()._generate_single_turn(prompt_ids, *more)
        return completions, None

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        signal = inputs["advantages"] != 0
        if self._idle_rows_add_nothing() and self.accelerator.num_processes == 1:  # several gather metrics of all rows
            if not signal.any():
                signal[0] = True  # one row keeps the graph: its loss and gradient are zero
            inputs = {name: rows_of(value, signal) for name, value in inputs.items()}
        return super()._compute_loss(model, inputs)

    def _idle_rows_add_nothing(self) -> bool:
        """The other losses divide by the rows or tokens that they are given; KL and entropy are of every row."""
        args = self.args
        bonus = args.entropy_coef or args.use_adaptive_entropy
        whole = args.loss_type in BY_WHOLE_BATCH and args.top_entropy_quantile == 1.0
        return whole and self.beta == 0.0 and not bonus


class SharedPromptRLOOTrainer(_LogProbabilities, SharedPrompt, RLOOTrainer):
    """RLOO that computes each prompt once. Its loss is a mean over rows, so all of them stay in."""

    def _generate_single_turn(self, prompt_ids: list[list[int]], *more: Any) -> list[list[int]]:
        completions = self._completions(prompt_ids)
        if completions is None:
            return super()._generate_single_turn(prompt_ids, *more)
        return completions


def rows_of(value: Any, keep: torch.Tensor) -> Any:
    return value[keep] if isinstance(value, torch.Tensor) and value.dim() > 0 else value


def trimmed(inputs: dict[str, Any]) -> dict[str, Any]:
    """Without the columns that are padding in every row: on the left of prompts, on the right of completions."""
    prompt = int(inputs["prompt_mask"].sum(1).max())
    completion = max(int(inputs["completion_mask"].sum(1).max()), 1)
    cut = dict(inputs)
    for name in ("prompt_ids", "prompt_mask"):
        cut[name] = inputs[name][:, -prompt:]
    for name in BY_TOKEN + (("advantages",) if inputs["advantages"].dim() == 2 else ()):
        if name in inputs:
            cut[name] = inputs[name][:, :completion]
    return cut
