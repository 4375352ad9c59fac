"""TRL's chunked language-model head, fitted to a CPU: tiles that caches hold, and only the positions that count.

Where there is no Triton, TRL 1.16 scores every position of a batch, prompts and padding too (devices other than CPUs
would compile anew for each number of positions), in tiles of 4,096 tokens by the whole vocabulary. For a model of two
million parameters that was more than half of a training step (``benchmarks/head_speed.py``).
"""

from __future__ import annotations

from typing import Any

TOKENS, COLUMNS = 512, 1024
"""Positions and words of a tile: 2 MB of logits."""


def fit_to_cpu() -> None:
    """From now on; does nothing where there is an accelerator. The losses are the same but for rounding."""
    import torch
    from trl.kernels import chunked_logprob
    from trl.trainer import utils

    if torch.accelerator.is_available():
        return
    chunked_logprob.TOKEN_CHUNK_SIZE = TOKENS
    utils._CHUNKED_LOGPROB_CHUNK_SIZE = COLUMNS
    utils._use_triton = _on_cpu  # what it decides there is only whether positions without a label are left out


def _on_cpu(device: Any) -> bool:
    return bool(device.type == "cpu")
