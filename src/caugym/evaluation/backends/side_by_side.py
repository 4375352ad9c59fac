"""Batches of a small model, several at a time: its operations are too small to share one among threads."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")

SMALL = 50_000_000
"""Parameters up to which a model's batches are made side by side on a CPU."""
MOST = 4
"""Batches at a time: each has a cache of its own, so more of them need more memory."""
AHEAD = 2
"""Batches under way or waiting to be yielded, for each thread: batches end out of turn and are yielded in turn."""


def threads_for(model: Any, device: str) -> int:
    """How many batches of ``model`` to make at a time."""
    small = sum(weight.numel() for weight in model.parameters()) <= SMALL
    return min(torch.get_num_threads(), MOST) if device == "cpu" and small else 1


def even_size(count: int, largest: int, threads: int) -> int:
    """The size of batches of at most ``largest`` that gives each of the threads as many, all about alike."""
    rounds = math.ceil(count / (largest * threads))
    return max(1, math.ceil(count / max(1, rounds * threads)))


def side_by_side(work: Callable[[T, Event], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """``work(item, stop)`` of each item, in the order of the items, ``threads`` of them at a time.

    ``stop`` is set when an error, Ctrl-C or the reader ends the iteration early: ``work`` is to look at it.
    """
    stop, cores = Event(), torch.get_num_threads()
    under_way: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, "batch", torch.set_num_threads, (max(1, cores // threads),)) as pool:
        try:
            for item in items:
                under_way.append(pool.submit(work, item, stop))
                if len(under_way) >= AHEAD * threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            stop.set()
            for waiting in under_way:
                waiting.cancel()
            torch.set_num_threads(cores)
