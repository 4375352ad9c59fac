"""Faithful rewordings are let through, damaged ones are refused and the damage is named."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from caugym.gym.faithful import completed, difference, source
from caugym.gym.generate import generate, generate_many
from caugym.gym.problem import TASKS, Problem
from caugym.gym.rows import Row
from caugym.gym.solve import solve_text
from caugym.gym.wording import published
from caugym.gym.wording.phrasing import Dials, rephrase

FIXED = Dials(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)


def reworded(problem: Problem, seed: int = 7, omitted: bool = False, dials: Dials = FIXED) -> str:
    """The problem in the grammar's words, without the request."""
    parts = (problem.graph, problem.variables, problem.givens, problem.query)
    text = rephrase(*parts, np.random.default_rng(seed), omitted, "train", dials=dials)
    return text.replace(published.request(problem.task), "").strip()


def test_other_words_are_no_other_problem() -> None:
    dials = Dials(published_request=1.0, noisy=0.0)
    outcomes: Counter[bool] = Counter()
    for variation in ("base", "deconfounding", "redundant", "insufficient", "shortcut-proof"):
        for task in TASKS:
            for problem in generate_many(task, 2, seed=5, split="test", variation=variation):
                for omitted in (False, True):
                    text = reworded(problem, 7, omitted, dials)
                    outcomes[difference(problem, text, omitted) is None] += 1
    assert outcomes[True] >= 0.9 * outcomes.total(), outcomes


PROBLEM = next(p for p in generate_many("ATE", 50, seed=2, styles={"FAKE": 1.0}) if len(p.givens) > 2)
X, Y = PROBLEM.query.treatment, PROBLEM.query.outcome
A, B = PROBLEM.graph.edges[0]
NUMBERS = [f"{given.value:.4f}" for given in PROBLEM.givens]


def plain() -> str:
    """A rewording of PROBLEM, one part a line."""
    words = {variable.name: variable.words for variable in PROBLEM.variables}

    def said(assignment: tuple[tuple[str, int], ...]) -> str:
        return " and ".join(f"{node} is {words[node][value]}" for node, value in assignment)

    edges = [f"{a.capitalize()} directly influences {b}." for a, b in PROBLEM.graph.edges]
    numbers = [
        f"The probability that {said(g.event)}" + (f", given that {said(g.condition)}," if g.condition else "")
        + f" is {g.value:.4f}." for g in PROBLEM.givens
    ]  # fmt: skip
    to, value = words[X][PROBLEM.query.treatment_value], words[Y][PROBLEM.query.outcome_value]
    return "\n".join(
        (
            "Consider an isolated hypothetical scenario with nothing else in it.",
            *edges,
            *numbers,
            f"Evaluate the average treatment effect (ATE) of {X} on {Y}.",
            f"If {X} were set to {to}, would {Y} be more likely to be {value}?",
        )
    )


def test_the_plain_rewording_is_the_same_problem_and_solves_to_its_key() -> None:
    assert difference(PROBLEM, plain()) is None
    prompt = completed(PROBLEM, plain())
    assert prompt.endswith(published.EFFECT_REQUEST) and solve_text(Row(1, prompt).text).answer == PROBLEM.answer


def opposite(node: str, value: int) -> tuple[str, str]:
    words = next(variable.words for variable in PROBLEM.variables if variable.name == node)
    return words[value], words[1 - value]


TO, NOT_TO = opposite(X, PROBLEM.query.treatment_value)
VALUE, NOT_VALUE = opposite(Y, PROBLEM.query.outcome_value)
GIVEN = PROBLEM.givens[0]
SEEN, UNSEEN = opposite(*GIVEN.event[0])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (NUMBERS[0], "0.1111", "0.1111 stands 1 times in the text, not 0"),
        (f"is {NUMBERS[0]}", f"is {NUMBERS[1]}", "stands"),
        (NUMBERS[0], NUMBERS[0][:-1], "stands"),
        (NUMBERS[0], f"{100 * PROBLEM.givens[0].value}%", "stands"),
        ("hypothetical scenario", "hypothetical scenario of 3 people", "the number 3 stands 1 times"),
        ("hypothetical scenario", "hypothetical scenario (½)", "the number ½ stands 1 times"),
        (f"{A.capitalize()} directly influences {B}.", "", ""),
        (f"{A.capitalize()} directly influences {B}.", f"{B.capitalize()} directly influences {A}.", ""),
        (f"that {GIVEN.event[0][0]} is {SEEN}", f"that {GIVEN.event[0][0]} is {UNSEEN}", ""),
        (f"set to {TO}", f"set to {NOT_TO}", "the question has another treatment's value"),
        (f"likely to be {VALUE}", f"likely to be {NOT_VALUE}", "the question has another outcome's value"),
        ("more likely", "less likely", "the question has another direction (less)"),
        ("more likely", "less or more likely", "cannot be read back (the question asks neither"),
        (f"If {X} were", f"If {Y} were", ""),
        ("average treatment effect (ATE)", "effect", "the estimand is not named any more"),
        ("average treatment effect (ATE)", "natural direct effect (NDE)", "the estimand is not named any more"),
        (f"directly influences {B}", "directly influences zwibble", ""),
        ("Consider an isolated hypothetical scenario with nothing else in it.", published.PREMISE, "the first"),
    ],
)  # fmt: skip
def test_damage_is_refused_and_named(old: str, new: str, said: str) -> None:
    assert old in plain()
    reason = difference(PROBLEM, plain().replace(old, new, 1))
    assert reason is not None and said in reason and "\n" not in reason


def test_swapped_numbers_are_noticed() -> None:
    first, second = NUMBERS[0], next(number for number in NUMBERS if number != NUMBERS[0])
    text = plain().replace(first, "§").replace(second, first).replace("§", second)
    assert "another event or condition" in str(difference(PROBLEM, text))


@pytest.mark.parametrize("words", ["average treatment effect", "average causal effect", "ATE", "average effect"])
def test_omitted_names_no_estimand(words: str) -> None:
    text = plain().replace(f"Evaluate the average treatment effect (ATE) of {X} on {Y}.\n", "")
    assert difference(PROBLEM, text, omitted=True) is None
    told = text.replace("If ", f"Think of the {words}. If ", 1)
    assert words in str(difference(PROBLEM, told, omitted=True))


def test_the_original_in_its_own_words_is_no_rewording() -> None:
    for task in TASKS:
        problem = generate(task, seed=4)
        assert difference(problem, source(problem)) == "the first sentence is the original's"
