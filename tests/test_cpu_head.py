"""TRL's head fitted to a CPU: the same losses, entropies and gradients, from the positions that count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from transformers import AutoModelForCausalLM
from trl.kernels import chunked_logprob
from trl.trainer import utils

from caugym.training import cpu_head

pytestmark = pytest.mark.skipif(torch.accelerator.is_available(), reason="nothing is fitted where there is a GPU")


def outcome(folder: Path, labels: torch.Tensor) -> dict[str, Any]:
    """Loss, the outputs of each token, and the gradient of every weight."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    utils.add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"), temperature=0.7)
    ids = torch.arange(labels.numel()).reshape(labels.shape) % 997
    out = model(input_ids=ids, labels=labels, fused_lm_head=True)
    (out.loss + 0.1 * out.entropy.sum()).backward()
    found = {name: out[name].detach() for name in ("loss", "log_probs", "entropy", "is_top1")}
    return found | {name: weight.grad for name, weight in model.named_parameters()}


@pytest.mark.parametrize("labelled", [0, 1, 30, 90])
def test_losses_and_gradients_are_those_of_trl(
    labelled: int, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = torch.full((8, 100), -100)
    labels[:, 100 - labelled :] = torch.arange(8 * labelled).reshape(8, labelled) * 7 % 997
    monkeypatch.setattr(chunked_logprob, "TOKEN_CHUNK_SIZE", 4096)  # TRL's own, whatever ran before
    monkeypatch.setattr(utils, "_CHUNKED_LOGPROB_CHUNK_SIZE", 32768)
    monkeypatch.setattr(utils, "_use_triton", lambda device: False)
    before = outcome(tiny_model, labels)

    scored: list[int] = []
    forward = chunked_logprob.ChunkedLogProbFunction.forward

    def counting(ctx: Any, hidden: torch.Tensor, *more: Any) -> Any:
        scored.append(len(hidden))
        return forward(ctx, hidden, *more)

    monkeypatch.setattr(chunked_logprob.ChunkedLogProbFunction, "forward", staticmethod(counting))
    cpu_head.fit_to_cpu()
    after = outcome(tiny_model, labels)

    assert scored == [8 * min(labelled, 99)]  # the last position predicts nothing
    for name, value in before.items():
        torch.testing.assert_close(after[name], value, rtol=1e-4, atol=1e-6)
