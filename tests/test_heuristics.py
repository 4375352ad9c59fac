"""Programs that ignore the graph: they solve base, and none of them solves the shortcut-proof problems."""

from __future__ import annotations

from caugym.gym.generate import generate_many
from caugym.gym.heuristics import accuracies
from caugym.gym.problem import TASKS, Answer


def problems(variation: str, each: int) -> list[tuple[str, Answer]]:
    return [
        (problem.prompt, problem.answer)
        for task in TASKS
        for problem in generate_many(task, each, seed=5, split="test", variation=variation)
    ]


def test_counting_numbers_is_enough_for_base() -> None:
    assert accuracies(problems("base", 10))["formula by position"] > 0.9


def test_no_program_without_the_graph_passes_35_percent_of_shortcut_proof() -> None:
    scores = accuracies(problems("shortcut-proof", 100))
    assert max(scores.values()) <= 0.35, scores


def test_no_problems_no_accuracy() -> None:
    assert set(accuracies([]).values()) == {0.0}
