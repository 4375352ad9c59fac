"""Model backends: where completions come from. One file each; ``open_backend`` chooses by the model string."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class Sampling:
    """``temperature`` 0 is greedy. The published setting is 0.6 and 0.95."""

    temperature: float = 0.6
    top_p: float = 0.95
    max_new_tokens: int = 1024
    seed: int = 0


@dataclass(frozen=True)
class Request:
    """One completion to be made: the ``run``-th of problem ``problem_id``."""

    problem_id: str
    run: int
    prompt: str

    def randomness(self, seed: int, count: int) -> np.ndarray:
        """The uniform numbers that this completion is sampled with: its own, whatever else is in the batch."""
        digest = hashlib.sha256(f"{seed}\0{self.run}\0{self.problem_id}".encode()).digest()
        return np.random.default_rng(list(digest)).random(count, dtype=np.float32)


@dataclass(frozen=True)
class Completion:
    """What a model wrote; ``finish_reason`` is "stop" or "length", ``tokens`` counts the new ones."""

    problem_id: str
    run: int
    text: str
    finish_reason: str
    tokens: int


class Backend(Protocol):
    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion]]:
        """Yield completions batch by batch, leaving out those that are done; the same batches on every call."""
        ...

    def description(self) -> dict[str, Any]:
        """What identifies the model: two equal descriptions mean the same completions for the same seed."""
        ...


def open_backend(model: str, batch_size: int | None = None, device: str | None = None) -> Backend:
    """The backend of a model string. Raises InputError for a model that cannot be loaded."""
    from caugym.evaluation.backends.transformers import TransformersBackend

    return TransformersBackend(model, batch_size=batch_size, device=device)
