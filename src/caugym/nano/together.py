"""Several processes that train one small model: each on its rows of a batch, with the mean of all their gradients."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist


class Meeting:
    """What the processes say to each other; with one process nothing is said. ``rank`` counts from 0."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size
        self._told_to_stop = False

    @property
    def first(self) -> bool:
        return self.rank == 0

    def listen(self) -> None:
        """SIGTERM and Ctrl-C end the work behind a step, as ``average`` says. A terminal sends Ctrl-C to all processes;
        the first one answers for them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop if self.first else signal.SIG_IGN)

    def _stop(self, *_: object) -> None:
        self._told_to_stop = True

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

    def average(self, model: torch.nn.Module) -> bool:
        """Replace each gradient by the mean over all processes; whether the first one was told to stop."""
        if self.size == 1:
            return self._told_to_stop
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        told = gradients[0].new_tensor([self._told_to_stop])
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), told])
        dist.all_reduce(flat)
        *parts, told = (flat / self.size).split([*(gradient.numel() for gradient in gradients), 1])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return bool(told > 0)

    def divided(self, work: Callable[[torch.Tensor], torch.Tensor], stack: torch.Tensor) -> torch.Tensor:
        """``work(stack)``, each process doing its share of the rows; of the shape and type of ``stack``."""
        if self.size == 1:
            return work(stack)
        whole = torch.empty_like(stack)
        parts = whole.tensor_split(self.size)
        parts[self.rank].copy_(work(stack.tensor_split(self.size)[self.rank]))
        for rank, part in enumerate(parts):
            dist.broadcast(part.view(torch.uint8), rank)  # bytes: gloo does not know every type
        return whole


ALONE = Meeting(0, 1)


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
    try:
        work(Meeting(rank, size), source, *settings)
    except RuntimeError as error:  # gloo's, when another process was killed
        if size == 1 or "onnection" not in str(error):
            raise
        raise SystemExit("another of the processes has ended; the same command goes on from the checkpoint") from None
    if size > 1:
        dist.destroy_process_group()
