"""Synthesised negatives: one labelled error each, refused by the judge, in every style; never a right completion."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from caugym.errors import InputError
from caugym.gym.generate import generate
from caugym.gym.problem import TASKS, Problem
from caugym.gym.scoring import score
from caugym.training import negatives, rows
from caugym.training.negatives import LABELS
from caugym.training.pairs import pairs
from caugym.training.rows import Style, worked_solution

STYLES = ("published", "thinking", "symbolic", "nano")


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    """Three of each task in each of three variations, those without an effect and without an answer among them."""
    return [
        generate(task, variation, "train", 3, index)
        for variation in ("base", "deconfounding", "insufficient")
        for task in TASKS
        for index in range(3)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_every_error_is_found_and_refused(style: Style, problems: list[Problem]) -> None:
    labels: Counter[str] = Counter()
    for problem in problems:
        for label in LABELS:
            text = next(negatives.texts(problem, style, label, np.random.default_rng(1)), None)
            if text is not None:
                labels[label] += not score(text, problem.answer).correct
    assert set(labels) == set(LABELS)
    assert min(labels.values()) >= (1 if style == "nano" else 4)


@pytest.mark.parametrize("style", STYLES)
def test_nearly_every_problem_has_a_negative(style: Style, problems: list[Problem]) -> None:
    made = [
        (problem, negatives.synthesised(problem, style, np.random.default_rng((1, row))))
        for row, problem in enumerate(problems)
        if worked_solution(problem, style) is not None
    ]
    found = [(problem, negative) for problem, negative in made if negative is not None]
    assert len(found) > 0.95 * len(made)
    assert not any(score(negative.text, problem.answer).correct for problem, negative in found)
    again = negatives.synthesised(found[0][0], style, np.random.default_rng((1, 0)))
    assert again == made[0][1]


def problem_with_adjustment() -> Problem:
    """An ETT with one confounder and the naive number printed as well."""
    return next(
        problem
        for index in range(50)
        if re.search(r"adjustment set: \{[A-Z]\}", (problem := generate("ETT", "deconfounding", index=index)).solution)
    )


def first(label: str) -> str:
    problem, rng = problem_with_adjustment(), np.random.default_rng(1)
    texts = negatives.texts(problem, "published", label, rng)
    return next(text for text in texts if negatives.is_wrong(text, problem.answer))


def test_an_error_stands_where_its_label_says_and_the_rest_follows_from_it() -> None:
    right = problem_with_adjustment().solution.split("\n")
    steps = {label: first(label).split("\n") for label in LABELS if label != "invented_number"}
    changed = {
        label: [number for number, (a, b) in enumerate(zip(right, lines, strict=False), start=1) if a != b]
        for label, lines in steps.items()
    }
    assert changed["wrong_adjustment"] == [3, 4, 5, 6, 7, 8]
    assert "empty set" in steps["wrong_adjustment"][2]
    assert changed["swapped_condition"] == [5, 6, 7, 8]
    assert changed["sign"] == [4, 5, 6, 7, 8]
    assert changed["arithmetic_slip"] == [6, 7, 8]
    assert changed["wrong_formula"][0] == 4
    assert changed["wrong_path"][0] == 1
    assert "there is no directed path" in steps["wrong_path"][0]


def test_a_problem_that_lacks_a_condition_gets_an_invented_number() -> None:
    lacking = next(
        problem
        for index in range(10)
        if (problem := generate("CDE", "insufficient", "train", 1, index)).answer.lacks_condition
    )
    negative = negatives.synthesised(lacking, "published", np.random.default_rng(0))
    assert negative is not None
    assert negative.label == "invented_number"
    assert '"PROB"' in negative.text


def test_pairs_leave_out_what_has_no_right_solution(tmp_path: Path) -> None:
    examples = rows.generated(TASKS, 14, 1, "published")
    wrong = rows.Example("wrong", "ATE", examples[0].prompt, '{"PROB": "0.7777"}', examples[0].solution)
    options = {"solution": "published", "negatives": "synthesised", "chosen": "solution", "sampling": None}
    found, spent = pairs("nano", None, [*examples, wrong], options, 1, tmp_path)
    assert len(found) == 14
    assert spent.completions == 0
    for pair in found:
        assert score(pair.chosen, pair.example.answer).correct
        assert not score(pair.rejected, pair.example.answer).correct
    with pytest.raises(InputError, match="negatives 'none': expected one of synthesised, model"):
        pairs("nano", None, examples, options | {"negatives": "none"}, 1, tmp_path)
