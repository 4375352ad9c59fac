"""Batched decoding with a KV cache that is written in place and shrinks when rows finish.

transformers' ``generate`` concatenates the whole cache at every token and carries finished rows to the end of the
batch; for small models on a CPU that is most of the time.
"""

from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

import numpy as np
import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

COMPACT_AT = 0.8
"""Finished rows are dropped once the share of live rows falls to this."""
LIKELY, MARGIN = 64, 1e-4
"""Tokens that are looked at where their probability exceeds ``top_p`` by more than rounding; else all are."""


@dataclass(frozen=True)
class Decoded:
    """New token ids without the end token, and "stop" or "length"."""

    ids: list[int]
    finish_reason: str


class Calculator(Protocol):
    """Computes what a model asks for while it writes."""

    @property
    def triggers(self) -> set[int]:
        """Tokens behind which a result may have to be put in."""
        ...

    def result(self, ids: list[int]) -> list[int]:
        """What to put in behind the new tokens ``ids``, the last of which is a trigger."""
        ...


class BufferLayer(DynamicLayer):
    """A dynamic layer whose keys and values stand in a buffer with room to grow."""

    def __init__(self) -> None:
        super().__init__()
        self.is_initialized = False
        self.length = 0

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        end = self.length + key_states.shape[-2]
        if not self.is_initialized:
            self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True
            self.keys, self.values = _room(key_states, end), _room(value_states, end)
        elif end > self.keys.shape[-2]:
            self.keys, self.values = _room(self.keys, end, self.length), _room(self.values, end, self.length)
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_seq_length(self) -> int:
        return self.length

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        self.keys, self.values = self.keys[indices], self.values[indices]


def _room(states: torch.Tensor, needed: int, used: int = 0) -> torch.Tensor:
    batch, heads, _, width = states.shape
    buffer = states.new_empty(batch, heads, needed + needed // 2 + 64, width)
    buffer[:, :, :used] = states[:, :, :used]
    return buffer


@torch.inference_mode()
def decode(
    model: Any,
    prompts: list[list[int]],
    budgets: list[int],
    end_ids: set[int],
    pad_id: int,
    temperature: float = 0.0,
    top_p: float = 1.0,
    randomness: np.ndarray | None = None,
    calculator: Calculator | None = None,
    stop: Event | None = None,
) -> list[Decoded]:
    """Continue each prompt by at most its budget of tokens.

    Greedy at temperature 0; else row i's token t is drawn by ``randomness[i, t]`` (uniform in [0, 1)) from the
    smallest set of tokens whose probability reaches ``top_p``. ``calculator`` puts results in as it says. Raises
    CancelledError soon after ``stop`` is set.
    """
    device, longest = model.device, max(map(len, prompts))
    # Several rows often continue one prompt: it is read once, then its cache is copied to its rows.
    distinct = {prompt: place for place, prompt in enumerate(dict.fromkeys(map(tuple, prompts)))}
    which = torch.tensor([distinct[tuple(prompt)] for prompt in prompts], device=device)
    ids = torch.full((len(distinct), longest), pad_id)
    mask = torch.zeros(len(distinct), longest + max(budgets), dtype=torch.long)
    for prompt, row in distinct.items():
        ids[row, longest - len(prompt) :] = torch.tensor(prompt)
        mask[row, longest - len(prompt) :] = 1
    ids, mask = ids.to(device), mask.to(device)
    padded = any(len(prompt) < longest for prompt in prompts)
    position = (mask[:, :longest].cumsum(-1) - 1).clamp(min=0)
    uniform = None if randomness is None else torch.from_numpy(randomness).to(device)
    cache = DynamicCache(config=model.config)
    cache.layers = [BufferLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    ends = torch.tensor(sorted(end_ids), device=device)
    budget = torch.tensor(budgets, device=device)
    rows, live = torch.arange(len(prompts), device=device), torch.ones(len(prompts), dtype=torch.bool, device=device)
    new = torch.full((len(prompts), max(budgets)), -1, device=device)
    pending: dict[int, list[int]] = {}
    for step in range(max(budgets)):
        if stop is not None and stop.is_set():
            raise CancelledError
        length = longest + step
        logits = model(
            input_ids=ids,
            attention_mask=mask[:, :length] if padded else None,
            position_ids=position,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        if step == 0 and len(distinct) < len(prompts):
            cache.batch_select_indices(which)
            logits, mask, position = logits[which], mask[which], position[which]
        token = _choose(logits.float(), temperature, top_p, None if uniform is None else uniform[rows, step])
        if calculator is not None:
            token = _calculated(token, rows[live].tolist(), live, new, step, pending, calculator)
        new[rows[live], step] = token[live]
        live &= ~torch.isin(token, ends) & (step + 1 < budget[rows])
        left = int(live.sum())
        if left == 0:
            break
        ids, position = token[:, None], position[:, -1:] + 1
        if left <= COMPACT_AT * len(rows):
            keep = live.nonzero()[:, 0]
            cache.batch_select_indices(keep)
            rows, ids, position, mask, live = rows[keep], ids[keep], position[keep], mask[keep], live[keep]
    return [_decoded(row, end_ids) for row in new.tolist()]


def _calculated(
    token: torch.Tensor,
    rows: list[int],
    live: torch.Tensor,
    new: torch.Tensor,
    step: int,
    pending: dict[int, list[int]],
    calculator: Calculator,
) -> torch.Tensor:
    """The tokens of a step, with those of results that are still to be put in instead of the chosen ones."""
    chosen = token.tolist()
    for place, row in zip(live.nonzero()[:, 0].tolist(), rows, strict=True):
        if pending.get(row):
            chosen[place] = pending[row].pop(0)
        elif chosen[place] in calculator.triggers:
            pending[row] = calculator.result([*new[row, :step].tolist(), chosen[place]])
    return torch.tensor(chosen, device=token.device)


def _choose(logits: torch.Tensor, temperature: float, top_p: float, uniform: torch.Tensor | None) -> torch.Tensor:
    if temperature <= 0 or uniform is None:
        return logits.argmax(-1)
    probability = (logits / temperature).softmax(-1)
    if top_p >= 1:
        total = probability.cumsum(-1)
        return torch.searchsorted(total, uniform[:, None] * total[:, -1:], right=True)[:, 0].clamp(
            max=len(total[0]) - 1
        )
    # Sorting the whole vocabulary takes longer than many a layer; its most probable tokens are nearly always enough.
    most, order = probability.topk(min(LIKELY, probability.shape[-1]))
    token = _drawn(most, order, top_p, uniform)
    flat = most.sum(-1) < top_p + MARGIN
    if bool(flat.any()):
        every, order = probability[flat].sort(-1, descending=True)
        token[flat] = _drawn(every, order, top_p, uniform[flat])
    return token


def _drawn(probability: torch.Tensor, order: torch.Tensor, top_p: float, uniform: torch.Tensor) -> torch.Tensor:
    """For each row the token of ``order`` that its uniform number draws, the most probable ones coming first."""
    total = probability.cumsum(-1)
    kept = (total - probability < top_p).sum(-1, keepdim=True)
    target = uniform[:, None] * total.gather(-1, kept - 1)
    place = torch.searchsorted(total, target, right=True)
    return order.gather(-1, torch.minimum(place, kept - 1))[:, 0]


def _decoded(row: list[int], end_ids: set[int]) -> Decoded:
    for count, token in enumerate(row):
        if token in end_ids:
            return Decoded(row[:count], "stop")
        if token < 0:
            return Decoded(row[:count], "length")
    return Decoded(row, "length")
