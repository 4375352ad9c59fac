"""nano:checked: nano reads again where its own steps contradict each other or the text (caugym.nano.consistency).

A completion with a contradiction, or an unusual one, is sampled anew ``TRIES`` times; of all completions without a
contradiction the most frequent answer is taken, unusual ones counted half. Where none is without, the first completion
stands. The exact solver is not asked, and no answer is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from caugym.evaluation.backends import Completion, Request, Sampling
from caugym.evaluation.backends.transformers import TransformersBackend
from caugym.gym.problem import Answer
from caugym.gym.scoring import score
from caugym.nano.consistency import contradiction, unusual

TRIES = 8
TEMPERATURE = 0.7
LONGEST = 1600
"""Tokens of a second reading: solutions of the published sets have at most 1,250, and a loop has no end."""
FIRST_RUN = 1_000_000
"""Runs of the new samples are counted from here, so that their random numbers are nobody else's."""


class CheckedBackend:
    """``model`` without its suffix. Raises InputError as TransformersBackend does."""

    def __init__(self, model: str, batch_size: int | None = None, device: str | None = None) -> None:
        self.inner = TransformersBackend(model, batch_size, device)

    def description(self) -> dict[str, Any]:
        return {**self.inner.description(), "checked": {"tries": TRIES, "temperature": TEMPERATURE}}

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion]]:
        """As the inner backend, each batch with its second readings."""
        asked = {(request.problem_id, request.run): request for request in requests}
        for batch in self.inner.generate(requests, sampling, done):
            doubted = [request for made in batch
                       if _doubtful((request := asked[made.problem_id, made.run]).prompt, made.text)]  # fmt: skip
            again = self._again(doubted, sampling)
            yield [chosen(asked[made.problem_id, made.run].prompt, made, again.get((made.problem_id, made.run), []))
                   for made in batch]  # fmt: skip

    def _again(self, doubted: Sequence[Request], sampling: Sampling) -> dict[tuple[str, int], list[Completion]]:
        """Other completions of each request, by problem and run."""
        anew = [
            replace(request, run=FIRST_RUN + request.run * TRIES + k) for request in doubted for k in range(TRIES)
        ]
        found: dict[tuple[str, int], list[Completion]] = {}
        warmer = replace(sampling, temperature=TEMPERATURE, max_new_tokens=min(LONGEST, sampling.max_new_tokens))
        for batch in self.inner.generate(anew, warmer, lambda request: False):
            for made in batch:
                found.setdefault((made.problem_id, (made.run - FIRST_RUN) // TRIES), []).append(made)
        return found


def chosen(prompt: str, first: Completion, others: Sequence[Completion]) -> Completion:
    """The first completion with the answer that weighs most among those without a contradiction, else ``first``."""
    votes: Counter[str] = Counter()
    sound: dict[str, Completion] = {}
    for made in (first, *sorted(others, key=lambda made: made.run)):
        answer = _answer(made)
        if answer is not None and contradiction(prompt, made.text) is None:
            votes[answer] += 1 if unusual(prompt, made.text) else 2
            sound.setdefault(answer, made)
    best = sound[votes.most_common(1)[0][0]] if votes else first
    return replace(best, run=first.run, tokens=first.tokens + sum(made.tokens for made in others))


def _doubtful(prompt: str, text: str) -> bool:
    return bool(contradiction(prompt, text) or unusual(prompt, text))


def _answer(made: Completion) -> str | None:
    parsed = score(made.text, Answer()).parsed
    return None if parsed is None else parsed.text()
