"""TRL's chunked head on one core, as it comes and fitted to a CPU: python benchmarks/head_speed.py

Forward and backward pass of the head alone, on a batch as a cold start has it: 16 rows of 600 tokens, 55% of them
completions, width 128, nano's vocabulary. Prints JSON with seconds (best of three) and their ratio.
"""

from __future__ import annotations

import json
import time
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM
from trl.trainer.utils import add_fused_lm_head

from caugym.training.cpu_head import fit_to_cpu

ROWS, LENGTH, LABELLED, WIDTH, VOCABULARY = 16, 600, 0.55, 128, 5641


def seconds(model: Any, ids: torch.Tensor, labels: torch.Tensor) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        model(input_ids=ids, labels=labels, fused_lm_head=True).loss.backward()
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
            num_key_value_heads=1, head_dim=8, tie_word_embeddings=True,
        )
    )  # fmt: skip
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    ids = torch.randint(0, VOCABULARY, (ROWS, LENGTH))
    labels = ids.clone()
    labels[:, : int((1 - LABELLED) * LENGTH)] = -100
    before = seconds(model, ids, labels)
    fit_to_cpu()
    after = seconds(model, ids, labels)
    print(json.dumps({"trl_s": round(before, 2), "fitted_s": round(after, 2), "ratio": round(before / after, 1)}))


if __name__ == "__main__":
    main()
