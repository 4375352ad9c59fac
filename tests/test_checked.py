"""nano:checked reads a text again where its solution contradicts itself, and answers as most clear readings do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

pytest.importorskip("torch")

from caugym.errors import InputError
from caugym.evaluation.backends import Completion, Request, Sampling
from caugym.evaluation.backends.transformers import TransformersBackend
from caugym.gym.generate import generate
from caugym.nano import checked, worked
from caugym.nano.checked import CLEAR, CONTRADICTORY, chosen, rank

PROBLEM = generate("ATE", "base", "test", 0, 0)
PROMPT = PROBLEM.prompt
RIGHT = worked.solution(PROBLEM)
ANSWER = RIGHT.strip().rsplit("\n", 1)[-1]
OTHER = RIGHT.replace(ANSWER, '{"ANSWER": "No", "PROB": "0.5000"}')
HALF = RIGHT[: len(RIGHT) // 2]


def test_a_solution_is_clear_and_half_of_one_contradicts_itself() -> None:
    assert rank(PROMPT, RIGHT) == CLEAR
    assert rank(PROMPT, HALF) == CONTRADICTORY


@pytest.mark.parametrize(
    ("completions", "place"),
    [
        ([RIGHT, OTHER, OTHER], 0),  # nothing speaks against the first one
        ([HALF, HALF], 0),
        ([HALF, RIGHT, HALF], 1),
        ([HALF, OTHER, RIGHT, HALF, RIGHT], 2),
        ([HALF, OTHER, RIGHT], 1),  # as many of each: the first
    ],
)
def test_the_answer_of_most_clear_readings_is_chosen(
    completions: list[str], place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranks = {RIGHT: CLEAR, OTHER: CLEAR, HALF: CONTRADICTORY}
    monkeypatch.setattr(checked, "rank", lambda prompt, completion: ranks[completion])
    assert chosen(PROMPT, completions) == place


class Scripted(TransformersBackend):
    """A backend whose first readings break off, and whose further ones are right or wrong by turns."""

    def _complete(
        self, batch: list[Request], prompts: list[list[int]], sampling: Sampling, stop: Event
    ) -> list[Completion]:
        self.asked.append((batch, sampling))
        first = sampling.temperature == 0
        rightly = self.right_from <= sampling.temperature
        texts = [HALF if first or not rightly else (OTHER, RIGHT, RIGHT)[place % 3] for place in range(len(batch))]
        return [Completion(of.problem_id, of.run, text, "stop", 10) for of, text in zip(batch, texts, strict=True)]

    asked: list[Any]
    right_from: float


@pytest.mark.parametrize(("right_from", "rounds"), [(0.5, 1), (0.9, 2), (9.0, len(checked.TEMPERATURES))])
def test_doubted_completions_are_read_again_until_one_is_clear(
    right_from: float, rounds: int, tiny_model: Path
) -> None:
    backend = Scripted(f"{tiny_model}:checked", device="cpu")
    backend.asked, backend.threads, backend.right_from = [], 1, right_from
    requests = [Request("a", 0, PROMPT), Request("a", 1, PROMPT)]
    made = [one for batch in backend.generate(requests, Sampling(0.0), lambda request: False) for one in batch]
    assert [replace(one, text="") for one in made] == [
        Completion("a", run, "", "stop", 10 * (1 + rounds * checked.READINGS)) for run in (0, 1)
    ]
    assert {one.text for one in made} == {RIGHT if rounds < len(checked.TEMPERATURES) else HALF}
    assert [sampling.temperature for _, sampling in backend.asked] == [0, *checked.TEMPERATURES[:rounds]]
    again = [of for batch, _ in backend.asked[1:] for of in batch]
    draws = {tuple(of.randomness(0, 4)) for of in again}
    assert len(draws) == len(again) == 2 * checked.READINGS * rounds


def test_only_models_with_nanos_tokenizer_are_checked(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caugym.nano.calculator.OPERATIONS", {"\nno such word": None})
    with pytest.raises(InputError, match=r":checked: that mode is for models with nano's tokenizer"):
        TransformersBackend(f"{tiny_model}:checked", device="cpu")
