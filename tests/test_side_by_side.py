"""Batches of a small model by several threads: the same completions in the same order, and an end that is soon."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from caugym.evaluation.backends import Request, Sampling
from caugym.evaluation.backends.side_by_side import SMALL, even_size, side_by_side, threads_for
from caugym.evaluation.backends.transformers import TransformersBackend


def test_batches_are_as_even_as_the_threads_need_them() -> None:
    assert [even_size(count, 56, 2) for count in (0, 1, 56, 70, 112, 113, 700)] == [1, 1, 28, 35, 56, 29, 50]
    for count in range(1, 400):
        for threads in (1, 2, 3, 4):
            size = even_size(count, 56, threads)
            assert size <= 56
            assert -(-count // size) <= threads * -(-count // (56 * threads))


def test_results_come_in_the_order_of_the_items_from_several_threads() -> None:
    names, both = set(), Event()

    def work(item: int, stop: Event) -> int:
        names.add(current_thread().name)
        if item == 0:
            both.wait(30)  # ends only once another item is worked at
        elif item == 1:
            both.set()
        return item * item

    assert list(side_by_side(work, range(9), 2)) == [item * item for item in range(9)]
    assert len(names) == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_whatever_ends_the_reading_stops_what_is_under_way(error: type[BaseException]) -> None:
    ended: list[str] = []

    def work(item: int, stop: Event) -> int:
        if item == 1:
            ended.append("stopped" if stop.wait(30) else "waited in vain")
        return item

    cores = torch.get_num_threads()
    results, start = side_by_side(work, range(9), 2), time.monotonic()
    with pytest.raises(error):
        next(results)
        results.throw(error())  # type: ignore[attr-defined]
    assert ended == ["stopped"]
    assert time.monotonic() - start < 20
    assert torch.get_num_threads() == cores


def test_an_error_of_one_batch_is_raised_and_ends_the_others() -> None:
    ended: list[bool] = []

    def work(item: int, stop: Event) -> int:
        if item == 0:
            raise ValueError("no")
        ended.append(stop.wait(30))
        return item

    with pytest.raises(ValueError, match="no"):
        list(side_by_side(work, range(9), 2))
    assert all(ended)


@pytest.mark.parametrize("temperature", [0.0, 0.6])
def test_several_threads_complete_as_one_does(temperature: float, tiny_model: Path) -> None:
    requests = [Request(str(i), run, f"Is {'x' * i} a cause?") for i in range(7) for run in range(3)]

    def made(threads: int) -> list[Any]:
        backend = TransformersBackend(str(tiny_model), batch_size=4, device="cpu")
        backend.threads = threads
        sampling = Sampling(temperature, 0.95, 24, 1)
        return [one for batch in backend.generate(requests, sampling, lambda request: False) for one in batch]

    assert made(3) == made(1)
    assert len(made(2)) == len(requests)


def test_only_small_models_on_a_cpu_are_decoded_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    small, large = torch.nn.Linear(2, 2), torch.nn.Linear(1, SMALL, device="meta")
    assert threads_for(small, "cpu") == 4
    assert threads_for(small, "cuda") == threads_for(large, "cpu") == 1
