"""Programs that ignore the graph: they solve base, and none of them solves the shortcut-proof problems."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from caugym.gym.generate import generate_many
from caugym.gym.heuristics import NEAREST, Nearest, accuracies
from caugym.gym.problem import TASKS, Answer
from caugym.gym.read import read


def problems(variation: str, each: int, split: str = "test") -> list[tuple[str, Answer]]:
    return [
        (problem.prompt, problem.answer)
        for task in TASKS
        for problem in generate_many(task, each, seed=5, split=split, variation=variation)
    ]


def test_counting_numbers_is_enough_for_base() -> None:
    assert accuracies(problems("base", 10))["formula by position"] > 0.9


def test_no_program_without_the_graph_passes_35_percent_of_shortcut_proof() -> None:
    """Nor one that copies the key of the most similar training problem."""
    scores = accuracies(problems("shortcut-proof", 60), problems("shortcut-proof", 30, "train"))
    assert NEAREST in scores and max(scores.values()) <= 0.35, scores


def test_the_nearest_item_is_the_same_problem_with_other_numbers_never_itself() -> None:
    known = problems("base", 8)
    nearest = Nearest((read(prompt), key) for prompt, key in known)
    for prompt, key in known:
        reading = read(prompt)
        if reading.givens:
            moved = tuple(replace(given, value=given.value + Decimal("0.0001")) for given in reading.givens)
            assert nearest(replace(reading, givens=moved)) == key
    prompt, key = next((prompt, key) for prompt, key in known if read(prompt).givens)
    assert Nearest([(read(prompt), key)])(read(prompt)) == Answer(Decimal(0), False)


def test_no_problems_no_accuracy() -> None:
    assert set(accuracies([]).values()) == {0.0}
