"""Several processes that train one small model: each on its rows of a batch, with the mean of all their gradients."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist


class Meeting:
    """What the processes say to each other; with one process nothing is said. ``rank`` counts from 0."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    @property
    def first(self) -> bool:
        return self.rank == 0

    def same_start(self, model: torch.nn.Module) -> None:
        """Everyone begins with the first one's weights: new tokens and layers start at random."""
        if self.size > 1:
            for parameter in model.parameters():
                dist.broadcast(parameter.data, 0)

    def agreed(self, choice: bool) -> bool:
        """The first one's choice."""
        said = torch.tensor(int(choice))
        if self.size > 1:
            dist.broadcast(said, 0)
        return bool(said)

    def average(self, model: torch.nn.Module) -> None:
        """Replace each gradient by the mean over all processes."""
        if self.size == 1:
            return
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = (flat / self.size).split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def run(
    work: Callable[..., None], size: int, rendezvous: Path, sources: Sequence[Any], settings: tuple[Any, ...]
) -> None:
    """Call ``work(meeting, sources[rank], *settings)`` in ``size`` processes, the first of which is this one.

    ``rendezvous`` is a file by which they find each other.
    """
    rendezvous.unlink(missing_ok=True)
    context = multiprocessing.get_context("spawn")
    for rank in range(1, size):
        arguments = (work, rank, size, rendezvous, sources[rank], settings)
        context.Process(target=_join, args=arguments, daemon=True).start()
    _join(work, 0, size, rendezvous, sources[0], settings)


def _join(
    work: Callable[..., None], rank: int, size: int, rendezvous: Path, source: Any, settings: tuple[Any, ...]
) -> None:
    if size > 1:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // size))
        dist.init_process_group("gloo", init_method=rendezvous.resolve().as_uri(), rank=rank, world_size=size)
    work(Meeting(rank, size), source, *settings)
    if size > 1:
        dist.destroy_process_group()
