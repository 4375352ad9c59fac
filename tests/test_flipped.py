"""Questions that ask "less likely?": the yes/no follows the question's direction, the value does not."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from contextlib import redirect_stdout
from decimal import Decimal

import pytest

from caugym.causal.query import BOUND_TASKS, EFFECT_TASKS, Query
from caugym.errors import InputError
from caugym.gym import styles
from caugym.gym.conventions import decide
from caugym.gym.faithful import difference
from caugym.gym.generate import generate, generate_many
from caugym.gym.heuristics import first_minus_second, positional, zero
from caugym.gym.problem import Answer, Problem
from caugym.gym.read import ReadError, read
from caugym.gym.scoring import score
from caugym.gym.solve import solve, solve_text
from caugym.gym.wording import published

EDGES = "Talent directly influences income. "
NUMBERS = "When talent is low, the likelihood of high income is 0.2000. With high talent, it rises to 0.5000. "


def flipped(task: str, count: int, variation: str = "rephrased", **options: object) -> list[Problem]:
    return list(generate_many(task, count, 21, "test", variation, flipped=1.0, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "effect", "more", "less"),
    [
        ("ATE", "0.2", True, False),
        ("ATE", "-0.2", False, True),
        ("ETT", "0.2", False, True),
        ("ETT", "-0.2", True, False),
        ("NIE", "0.0009", False, False),
        ("NIE", "-0.0009", False, False),
        ("CDE", "0.001", True, False),
        ("CDE", "-0.001", False, True),
    ],
)
def test_yes_means_the_sign_that_the_question_asks_for(task: str, effect: str, more: bool, less: bool) -> None:
    assert (decide(task, Decimal(effect)), decide(task, Decimal(effect), "less")) == (more, less)


@pytest.mark.parametrize("task", EFFECT_TASKS)
def test_the_same_problem_asked_for_less_has_the_same_value_and_the_other_answer(task: str) -> None:
    decisions: Counter[bool | None] = Counter()
    for less in flipped(task, 12):
        if not less.givens:  # such a problem is drawn again until its text falls to its split
            assert less.answer == Answer(Decimal(0), False) and less.solution.endswith(less.answer.text())
            continue
        more = generate(task, "rephrased", "test", 21, less.provenance["index"])
        assert (less.query.direction, more.query.direction) == ("less", "more")
        assert (less.graph, less.givens, less.answer.value) == (more.graph, more.givens, more.answer.value)
        assert less.answer.decision is not more.answer.decision
        assert less.solution.splitlines()[-1] == less.answer.text()
        assert Problem.from_row(json.loads(json.dumps(less.to_row()))) == less
        assert "direction" not in more.to_row()["query"] and less.to_row()["query"]["direction"] == "less"
        decisions[less.answer.decision] += 1
    assert len(decisions) == 2


@pytest.mark.parametrize("variation", ["rephrased", "omitted"])
def test_they_are_read_back_with_their_direction_and_never_wrongly(variation: str) -> None:
    outcomes: Counter[str] = Counter()
    for task in EFFECT_TASKS:
        for problem in flipped(task, 6, variation):
            try:
                reading = read(problem.prompt)
            except ReadError:
                outcomes["refused"] += 1
                continue
            outcomes["same"] += 1
            assert reading.query.direction == "less" and solve(reading).answer == problem.answer, problem.prompt
    assert outcomes["same"] >= 0.9 * outcomes.total(), outcomes


@pytest.mark.parametrize("style", styles.names())
def test_every_style_comes_to_the_key(style: str) -> None:
    for task in EFFECT_TASKS:
        for problem in flipped(task, 2, style=style):
            solution = problem.solution
            if style == "python":
                printed = io.StringIO()
                with redirect_stdout(printed):
                    exec(re.sub(r"^```\w*$", "", solution.rpartition("```")[0], flags=re.MULTILINE), {})
                assert score(printed.getvalue(), problem.answer).correct, solution
            assert score(solution, problem.answer).correct, solution
            assert "more likely" not in solution and "more_likely" not in solution


def test_the_published_form_can_ask_for_less() -> None:
    for task in EFFECT_TASKS:
        for problem in flipped(task, 3):
            by_name = {variable.name: variable for variable in problem.variables}
            text = published.prompt(problem.graph, by_name, problem.givens, problem.query)
            assert "less likely" in text and read(text).query == problem.query
            assert solve_text(text).answer == problem.answer
            assert "direction" in str(difference(problem, plain(text).replace("less likely", "more likely")))


def plain(text: str) -> str:
    """Published lines without premise, labels and request."""
    text = text.rsplit("\n", 1)[0].replace(published.PREMISE, "Consider an isolated hypothetical scenario.")
    return re.sub(r"^(?:Input Info|Instruction|Question): ", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "question",
    [
        "If talent were high, would income be less likely to be high?",
        "Does changing talent to high decrease the probability of income being high?",
        "Does setting talent to high lower the chance that income is high?",
        "Would high income become less probable if we set talent to high?",
        "If talent is set to high, would the likelihood of income being high drop?",
    ],
)
def test_people_ask_for_less_in_many_ways(question: str) -> None:
    text = f"Consider an isolated hypothetical scenario. {EDGES}{NUMBERS}{question}"
    assert solve_text(text).answer == Answer(Decimal("0.3"), False)
    assert solve_text(text.replace("0.2000", "0.8000")).answer == Answer(Decimal("-0.3"), True)


def test_programs_that_ignore_the_graph_know_the_direction() -> None:
    text = f"Consider an isolated hypothetical scenario. {EDGES}{NUMBERS}If talent were high, would high income be "
    less, more = (read(f"{text}{word} likely?") for word in ("less", "more"))
    assert first_minus_second(less) == Answer(Decimal("-0.3"), True)
    assert first_minus_second(more) == Answer(Decimal("-0.3"), False)
    assert positional(less).decision != positional(more).decision and zero(less) == Answer(Decimal(0), False)


def test_a_share_of_the_effects_and_no_bound() -> None:
    directions = [p.query.direction for p in generate_many("ATE", 40, 1, variation="omitted", flipped=0.5)]
    assert 8 < directions.count("less") < 32
    assert all(p.query.direction == "more" for task in BOUND_TASKS for p in flipped(task, 3))
    with pytest.raises(InputError, match="variation base has no dial flipped"):
        generate("ATE", flipped=0.5)
    with pytest.raises(ValueError, match="not for 'less'"):
        Query("PN", "a", "b", 1, 0, 1, bound="lower", direction="less")
    with pytest.raises(ValueError, match="bad 'query'"):
        Problem.from_row((row := generate("ATE").to_row()) | {"query": row["query"] | {"direction": "up"}})
