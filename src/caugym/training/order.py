"""In which order a run sees its rows: a pure function of the seed, so that a resumed run sees the same.

The trainers' own samplers draw a new order at every epoch from a generator whose state is not part of a checkpoint:
resumed in the second epoch or later, they go on with other rows. So the rows of all epochs are laid out beforehand
and the trainer reads them in sequence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

BATCHES_SORTED_TOGETHER = 50


def epoch_rows(count: int, epochs: float, seed: int, lengths: Sequence[int] | None = None, batch: int = 1) -> list[int]:
    """Row numbers for ``epochs`` passes over ``count`` rows, each in an order of its own.

    With ``lengths``, rows of like length share a batch of size ``batch``: less padding.
    """
    order: list[int] = []
    for epoch in range(math.ceil(epochs)):
        rng = np.random.default_rng((seed, epoch))
        rows = [int(row) for row in rng.permutation(count)]
        order += rows if lengths is None else _grouped(rows, lengths, batch, rng)
    return order[: math.ceil(count * epochs)]


def _grouped(rows: list[int], lengths: Sequence[int], batch: int, rng: np.random.Generator) -> list[int]:
    window = batch * BATCHES_SORTED_TOGETHER
    batches: list[list[int]] = []
    for start in range(0, len(rows), window):
        by_length = sorted(rows[start : start + window], key=lambda row: -lengths[row])
        batches += [by_length[at : at + batch] for at in range(0, len(by_length), batch)]
    last = [batches.pop()] if batches and len(batches[-1]) < batch else []  # only the last batch may be short
    return [row for at in rng.permutation(len(batches)) for row in batches[at]] + [row for rest in last for row in rest]
