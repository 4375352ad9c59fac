"""Causal attention for training on a CPU, about twice as fast there as torch's fused kernel.

Queries go in blocks against the keys up to their end, each as plain matrix products, which processors with bfloat16
units run fast. Only for whole sequences padded on the right: there is no cache and no mask but the causal one.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface

NAME = "caugym_blocks"
"""For ``model.set_attn_implementation``."""
BLOCK = 128


class BlockAttention(torch.autograd.Function):
    """softmax(q k^T) v under the causal mask; all contiguous, (batch * heads, length, width), q already scaled."""

    @staticmethod
    def forward(ctx: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        out, shares = torch.empty_like(q), []
        for start, end in _blocks(q.shape[1]):
            scores = torch.bmm(q[:, start:end], k[:, :end].mT)
            later = torch.ones(end - start, end - start, dtype=torch.bool, device=q.device).triu_(1)
            scores[..., start:].masked_fill_(later, float("-inf"))
            share = torch.softmax(scores, -1)
            out[:, start:end] = torch.bmm(share, v[:, :end])
            shares.append(share)
        ctx.save_for_backward(q, k, v, *shares)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        outer = gradients[0].contiguous()
        q, k, v, *shares = ctx.saved_tensors
        dq, dk, dv = torch.empty_like(q), torch.zeros_like(k), torch.zeros_like(v)
        for share, (start, end) in zip(shares, _blocks(q.shape[1]), strict=True):
            block = outer[:, start:end]
            dv[:, :end].baddbmm_(share.mT, block)
            scores = torch._softmax_backward_data(torch.bmm(block, v[:, :end].mT), share, -1, share.dtype)
            dq[:, start:end] = torch.bmm(scores, k[:, :end])
            dk[:, :end].baddbmm_(scores.mT, q[:, start:end])
        return dq, dk, dv


def _blocks(length: int) -> list[tuple[int, int]]:
    return [(start, min(start + BLOCK, length)) for start in range(0, length, BLOCK)]


@torch.compiler.disable
def block_attention(
    module: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor,
    attention_mask: torch.Tensor | None, scaling: float, **unused: Any,
) -> tuple[torch.Tensor, None]:  # fmt: skip
    """In transformers' form: query, key, value (batch, heads, length, width) to (batch, length, heads, width)."""
    device = query.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else value.dtype
    # Contiguous and three-dimensional: a product of strided slices would copy its operands once for each block.
    parts = (part.to(dtype).contiguous().flatten(0, 1) for part in (query * scaling, key, value))
    mixed = BlockAttention.apply(*parts).unflatten(0, query.shape[:2])
    return mixed.transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, block_attention)
AttentionMaskInterface.register(NAME, lambda *arguments, **named: None)
