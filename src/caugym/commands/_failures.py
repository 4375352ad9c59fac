"""What requests to a model failed with, for the commands that only ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from caugym.evaluation.backends import Backend, Completion, Failure, Request, Sampling


class CountingFailures:
    """A backend that counts its failures by their errors."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.errors: Counter[str] = Counter()

    def description(self) -> dict[str, Any]:
        return self.backend.description()

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[Sequence[Completion | Failure]]:
        for batch in self.backend.generate(requests, sampling, done):
            self.errors.update(one.error for one in batch if isinstance(one, Failure))
            yield batch

    def message(self, failed: int) -> str:
        """``failed`` requests in one line, with the commonest error."""
        commonest = "".join(f" (most often: {error})" for error, _ in self.errors.most_common(1))
        return f"{failed} requests failed{commonest}; the same command asks them again, and no others"
