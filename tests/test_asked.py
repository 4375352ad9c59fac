"""A question as a person writes it, in the form that nano knows; the published form stays as it is."""

from __future__ import annotations

import pytest

from caugym.gym.generate import generate
from caugym.gym.problem import TASKS
from caugym.gym.wording import published
from caugym.nano.asked import asked


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("variation", ["base", "rephrased", "redundant"])
def test_a_problem_in_the_known_form_stays_as_it_is(task: str, variation: str) -> None:
    prompt = generate(task, variation, seed=3).prompt
    assert asked(prompt) == prompt


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("the chance is 0.2.", "the chance is 0.2000."),
        ("the chance is .35, and", "the chance is 0.3500, and"),
        ("it is 0.12346 then", "it is 0.1235 then"),
        ("it is 30% of cases", "it is 0.3000 of cases"),
        ("it is 7.5 percent", "it is 0.0750"),
        ("version 1.0.2 on day 0.5x", "version 1.0.2 on day 0.5x"),
    ],
)
def test_numbers_get_four_decimals(said: str, read: str) -> None:
    assert asked(said).splitlines()[0] == read


def test_the_request_is_that_of_the_question() -> None:
    assert asked("Is it more likely?").endswith(published.EFFECT_REQUEST)
    assert asked("What is the lower bound of it?").endswith(published.BOUND_REQUEST)
    assert asked("Find the minimum possible probability of it.").endswith(published.BOUND_REQUEST)
    assert asked("Is it more likely? Answer in JSON.") == "Is it more likely? Answer in JSON."
