"""The process reward: which steps of a worked solution are right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from caugym.gym.generate import generate
from caugym.gym.problem import TASKS
from caugym.nano import worked
from caugym.training import process_nano, rewards
from caugym.training.process import calculate, expected, process


def steps_of(task: str, index: int = 2) -> tuple[str, str]:
    """A prompt and its worked solution."""
    problem = generate(task, "base", "train", 1, index)
    return problem.prompt, problem.solution


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("index", range(6))
def test_our_own_solutions_are_right_in_every_step(task: str, index: int) -> None:
    prompt, solution = steps_of(task, index)
    steps = expected(prompt)
    assert steps is not None
    assert process(solution, steps) == 1.0, solution
    assert process("", steps) == 0.0
    assert process(prompt, steps) < 0.5


def ate() -> tuple[str, str]:
    for index in range(20):
        prompt, solution = steps_of("ATE", index)
        if "set: {" in solution:
            return prompt, solution
    raise AssertionError("no problem with an adjustment set")


def test_each_wrong_step_costs_its_share() -> None:
    prompt, solution = ate()
    steps = expected(prompt)
    assert steps is not None
    lines = solution.splitlines()
    assert len(steps.numbers) >= 3
    wrong_set = solution.replace("adjustment set: {", "adjustment set: {Q,")
    assert process(wrong_set, steps) == pytest.approx(4 / 5)
    no_formula = "\n".join(line for line in lines if not line.startswith("Step 4"))
    assert process(no_formula, steps) == pytest.approx(4 / 5)
    name, number = steps.numbers[0]
    five = next(line for line in lines if line.startswith("Step 5"))
    changed = solution.replace(five, five.replace(f"={number:.4f}", "=0.9999", 1))
    assert process(changed, steps) == pytest.approx((4 + 1 - 1 / len(steps.numbers)) / 5), name


def test_a_wrong_sum_is_found() -> None:
    prompt, solution = ate()
    steps = expected(prompt)
    assert steps is not None
    six = next(line for line in solution.splitlines() if line.startswith("Step 6"))
    wrong = solution.replace(six, six.rpartition("=")[0] + "=0.7777")
    found = process(wrong, steps)
    assert found == pytest.approx(4 / 5)  # the last line still gives the right result
    assert process(wrong.replace(solution.splitlines()[-1], ""), steps) == pytest.approx(3 / 5)


def test_the_small_calculator() -> None:
    assert calculate("[0.5*0.2-0.1*0.3]+(0.4-0.2)/0.5") == Decimal("0.47")
    assert calculate("-0.5*-0.2") == Decimal("0.1")
    for text in ("1/0", "(1+2", "2**3", "1+", "__import__", "1 + 2", "(" * 60 + "1" + ")" * 60):
        assert calculate(text) is None


def test_hostile_text_is_compared_and_nothing_more() -> None:
    steps = expected(ate()[0])
    assert steps is not None
    for text in ("(" * 100_000, "1+" * 50_000 + "=1", "P(" * 50_000, "-" * 100_000 + "=1", "{" * 100_000):
        assert 0 <= process(text, steps) <= 1


def test_a_reward_over_completions() -> None:
    prompt, solution = ate()
    conversation = [{"role": "user", "content": prompt}]
    found = rewards.process_reward([solution, "no"], [conversation] * 2)
    assert found == [1.0, 0.0]
    assert rewards.process_reward(["no"], [[{"role": "user", "content": "What is the time?"}]]) == [None]


@pytest.mark.parametrize("task", TASKS)
def test_a_solution_in_nanos_form_earns_the_lines_before_its_first_wrong_one(task: str) -> None:
    problem = generate(task, "base", "train", 1, 2)
    right = worked.solution(problem)
    reward = lambda text: rewards.process_reward([text], [problem.prompt])[0]  # noqa: E731
    assert reward(right) == 1.0
    lines = right.strip().splitlines()
    half = len(lines) // 2
    assert reward("\n".join(["", *lines[:half]])) == pytest.approx(half / len(lines))
    wrong = [*lines[:half], "skip" if lines[half] != "skip" else "link no", *lines[half + 1 :]]
    assert reward("\n".join(["", *wrong])) == pytest.approx(half / len(lines))
    assert reward(right + "\nand more") == pytest.approx((len(lines) - 1) / len(lines))
    assert reward("(1)\n") == 0.0 or lines[0] == "(1)"
    assert process_nano.expected("What is the weather?") is None
