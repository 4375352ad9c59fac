"""The critic of PPO: a value for every prefix of a completion, computed in the policy's own forward pass.

It is a submodule of the policy, so that there is one wrapper for several processes, one optimiser and one checkpoint;
:func:`detach` takes it out before the model is saved.
"""

from __future__ import annotations

import copy
import functools
import types
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from trl.trainer.utils import FusedCausalLMOutput

Trunk = Literal["separate", "shared"]
NAME = "critic"


class ValueHead(nn.Module):
    """Hidden states (..., width) -> values (...): linear, begun at zero. No ``nn.Linear``, which adapters look for."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden.to(self.weight.dtype) @ self.weight + self.bias


class Critic(nn.Module):
    """A value head on a trunk of its own, a copy of the policy's, or (``trunk`` None) on the policy's."""

    def __init__(self, trunk: nn.Module | None, width: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = ValueHead(width)


@dataclass
class PolicyAndValues(FusedCausalLMOutput):
    """``state_values`` (rows, positions - 1): V of the prefix before each label, where ``log_probs`` has its
    probability. A field named ``values`` would hide the method of that name, which wrappers for several processes call.
    """

    state_values: torch.Tensor | None = None


def attach(model: Any, trunk: Trunk) -> None:
    """Give a causal language model a critic. Before an adapter is put around it."""
    own = copy.deepcopy(model.base_model) if trunk == "separate" else None
    model.add_module(NAME, Critic(own, model.config.get_text_config().hidden_size))


def detach(model: Any) -> None:
    delattr(model, NAME)


def return_values(model: Any) -> None:
    """Let ``model(..., fused_lm_head=True)`` return values too. After TRL's ``add_fused_lm_head``, once."""
    fused = model.forward

    @functools.wraps(type(model).forward)
    def forward(self: Any, *args: Any, critic_past_key_values: Any = None, **kwargs: Any) -> Any:
        if not kwargs.get("fused_lm_head"):
            return fused(*args, **kwargs)
        states: list[torch.Tensor] = []
        keep = self.base_model.register_forward_hook(lambda _, __, output: states.append(output.last_hidden_state))
        try:
            output = fused(*args, **kwargs)
        finally:
            keep.remove()
        if self.critic.trunk is not None:
            read = {name: kwargs.get(name) for name in ("input_ids", "attention_mask", "position_ids")}
            output_of_trunk = self.critic.trunk(**read, past_key_values=critic_past_key_values, use_cache=False)
            states = [output_of_trunk.last_hidden_state]
        return PolicyAndValues(**output, state_values=self.critic.head(states[-1])[:, :-1].float())

    model.forward = types.MethodType(forward, model)
