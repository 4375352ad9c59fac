"""Model backends: where completions come from. One file each; ``open_backend`` chooses by the model string."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

API_PREFIX, VLLM_PREFIX = "openai:", "vllm:"
OPTIONAL_PARAMETERS = ("temperature", "top_p", "seed", "max_tokens")
"""What some servers refuse: OpenAI's reasoning models a temperature, Gemini's compatible endpoint a seed."""
CALCULATOR_SUFFIX = ":calculator"
"""nano:calculator is nano with its arithmetic done by the runtime (caugym.nano.calculator): a model of its own."""
CHECKED_SUFFIX = ":checked"
"""nano:checked is nano that reads a text again where its solution contradicts itself (caugym.nano.checked): another."""


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
        return np.random.default_rng(list(self._digest(seed))).random(count, dtype=np.float32)

    def own_seed(self, seed: int) -> int:
        """A seed of its own for a server that samples itself: runs of one problem must differ."""
        return int.from_bytes(self._digest(seed)[:4], "big") >> 1

    def _digest(self, seed: int) -> bytes:
        return hashlib.sha256(f"{seed}\0{self.run}\0{self.problem_id}".encode()).digest()


@dataclass(frozen=True)
class Completion:
    """What a model wrote; ``finish_reason`` is "stop", "length" or "content_filter", ``tokens`` counts the new ones.

    ``prompt_tokens`` is None where the backend does not count them. ``text`` is kept without halves of surrogate
    pairs. Raises TypeError for a text that is none.
    """

    problem_id: str
    run: int
    text: str
    finish_reason: str
    tokens: int
    prompt_tokens: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _writable(self.text))


@dataclass(frozen=True)
class Failure:
    """A request that brought no completion after all retries: not an answer, and not a wrong one."""

    problem_id: str
    run: int
    error: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "error", _writable(self.error))


def _writable(text: str) -> str:
    """Half a surrogate pair, which JSON can hold and no UTF-8 file, becomes a question mark."""
    return str.encode(text, "utf-8", "replace").decode("utf-8")


class Backend(Protocol):
    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[Sequence[Completion | Failure]]:
        """Yield completions batch by batch, leaving out those that are done; the same batches on every call."""
        ...

    def description(self) -> dict[str, Any]:
        """What identifies the model: two equal descriptions mean the same completions for the same seed."""
        ...


@dataclass(frozen=True)
class Server:
    """How a server is asked. ``base_url`` None is OpenAI's own; the key is read from the environment alone.

    ``retries`` follow the first try after ``backoff`` seconds, doubled each time, or after what the server asks for
    where that is longer. ``leave_out`` names parameters that a server refuses and that are not sent to it, of
    ``OPTIONAL_PARAMETERS``. ``thinking_opened`` says that the model's chat template opens its thinking and the server
    does not set it apart: a reply then begins within the thinking, without the opening tag, which is put before it.
    """

    base_url: str | None = None
    api_key_env: str | None = None
    concurrency: int = 8
    timeout: float = 600.0
    retries: int = 8
    backoff: float = 0.5
    reasoning_effort: str | None = None
    leave_out: tuple[str, ...] = ()
    thinking_opened: bool = False


def open_backend(
    model: str, batch_size: int | None = None, device: str | None = None, server: Server | None = None
) -> Backend:
    """The backend of a model string. Raises InputError for a model that cannot be loaded or reached."""
    if model.startswith(API_PREFIX):
        from caugym.evaluation.backends.openai import OpenAIBackend

        return OpenAIBackend(model.removeprefix(API_PREFIX), server or Server())
    if model.startswith(VLLM_PREFIX):
        from caugym.evaluation.backends.vllm import VLLMBackend

        return VLLMBackend(model.removeprefix(VLLM_PREFIX), batch_size)
    from caugym.evaluation.backends.transformers import TransformersBackend

    return TransformersBackend(model, batch_size=batch_size, device=device)
