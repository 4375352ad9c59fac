"""Muon for the weight matrices, AdamW for everything else, in one optimizer state.

Momentum, orthogonalised by five Newton-Schulz steps (Jordan et al. 2024), scaled to AdamW's update size (Liu et
al. 2025, "Muon is scalable for LLM training"), in ``dtype``: in bfloat16, as ``torch.optim.Muon`` has it, they are
slow on processors without units for it. Matrices of one shape are stacked, so that a step is a few batched products; of
several processes that train one model each orthogonalises its share of the matrices.
"""

from __future__ import annotations

from typing import Any

import torch

from caugym.nano.together import ALONE, Meeting


def orthogonalise(stack: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz on a stack of matrices (n, rows, columns): each becomes nearly orthogonal."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = stack.size(-2) > stack.size(-1)
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """``params``: two-dimensional hidden matrices only. ``dtype`` is that of the Newton-Schulz steps."""

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        dtype: torch.dtype = torch.float32,
        meeting: Meeting = ALONE,
    ) -> None:
        self.dtype, self.meeting = dtype, meeting
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[torch.nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                updates = []
                for parameter in parameters:
                    state = self.state[parameter]
                    if not state:
                        state["momentum"] = torch.zeros_like(parameter)
                    state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                    updates.append(parameter.grad.lerp(state["momentum"], group["momentum"]))
                stack = torch.stack(updates).to(self.dtype)
                directions = self.meeting.divided(orthogonalise, stack).float() * (0.2 * max(shape) ** 0.5)
                for parameter, direction in zip(parameters, directions, strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"]).sub_(direction, alpha=group["lr"])
