"""The solver: derivations, missing probabilities, choice of sets, zero effects, contradictions."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from caugym.gym.generate import generate
from caugym.gym.problem import TASKS, Answer
from caugym.gym.solve import Solved, solve, solve_text
from test_read import assert_read_back

EDGES = (
    "Wealth has a direct effect on talent. Wealth has a direct effect on income. Talent has a direct effect on income."
)
ATE = "If talent is changed to be high, will income be more likely to be high?"
STRATA = "For those with talent being {x} and wealth being {z}, the probability of income being high is {p}."
ALL_STRATA = " ".join(
    STRATA.format(x=x, z=z, p=p)
    for x, z, p in (("high", "low", 0.5), ("low", "low", 0.3), ("high", "high", 0.9), ("low", "high", 0.4))
)
PN = (
    "Talent has a direct effect on income.\n{}\nGiven that talent was high and income was high, what is the {} bound "
    "of the probability of the income would have been low if the talent had been low?"
)


def ate(statements: str, edges: str = EDGES) -> Solved:
    return solve_text(f"{edges}\n{statements}\n{ATE}")


def test_complement_gives_the_other_stratum() -> None:
    solved = ate(ALL_STRATA + " The probability of wealth being low is 0.6000.")
    assert solved.answer == Answer(Decimal("0.3200"), True)  # 0.6 * 0.2 + 0.4 * 0.5
    assert solved.answer.text() == '{"ANSWER": "Yes", "PROB": "0.32"}'
    assert any("by complement" in step for step in solved.steps)
    assert "= [0.5000-0.3000]" in " ".join(solved.steps) or "0.5000*0.6000" in " ".join(solved.steps)


def test_missing_probability_is_named() -> None:
    solved = ate(ALL_STRATA)
    assert solved.status == "lack_condition"
    assert solved.answer == Answer()
    assert solved.missing == ("P(wealth being low)",)


def test_no_statement_at_all() -> None:
    assert ate("").status == "lack_condition"


def test_zero_effect_needs_no_statement() -> None:
    solved = ate("", "Income has a direct effect on talent.")
    assert solved.answer == Answer(Decimal("0"), False)
    assert "no directed path" in solved.steps[-1]


def test_zero_effect_with_more_mediators_than_could_be_summed() -> None:
    edges = " ".join(f"Talent has a direct effect on m{i}. M{i} has a direct effect on income." for i in range(12))
    question = "Suppose the mediator keeps constant when talent is changed to be high, would the income have been "
    solved = solve_text(f"{edges}\n{question}more likely to be high?")
    assert solved.answer == Answer(Decimal("0"), False)
    direct = solve_text(f"{edges} Talent has a direct effect on income.\n{question}more likely to be high?")
    assert direct.status == "lack_condition"
    assert "m0" in direct.missing[0]


def test_takes_the_set_whose_terms_are_printed() -> None:
    edges = (
        "Wealth has a direct effect on school. School has a direct effect on talent. "
        "Wealth has a direct effect on income. Talent has a direct effect on income."
    )
    strata = " ".join(line + "." for line in ALL_STRATA.replace("wealth", "school").rstrip(".").split(". "))
    first = ate(ALL_STRATA + " The probability of wealth being low is 0.6000.", edges)
    second = ate(strata + " The probability of school being low is 0.5000.", edges)
    assert (first.answer, second.answer) == (Answer(Decimal("0.32"), True), Answer(Decimal("0.35"), True))
    assert "{school}" in " ".join(second.steps)


def test_hidden_confounding_order_is_not_identified() -> None:
    solved = solve_text(
        "Income has a direct effect on talent.\nThe probability of income being high is 0.5.\n"
        "Given that talent was high and income was high, what is the lower bound of the probability of the income "
        "would have been low if the talent had been low?"
    )
    assert solved.status == "lack_condition"


@pytest.mark.parametrize(("effect", "decision"), [("0.5009", False), ("0.5010", True), ("0.4000", False)])
def test_dead_zone(effect: str, decision: bool) -> None:
    statements = (
        f"For those with talent being high, the probability of income being high is {effect}. "
        "For those with talent being low, the probability of income being high is 0.5000."
    )
    solved = ate(statements, "Talent has a direct effect on income.")
    assert solved.answer is not None and solved.answer.decision is decision


def test_ett_is_factual_minus_counterfactual() -> None:
    solved = solve_text(
        "Talent has a direct effect on income.\n"
        "For those with talent being high, the probability of income being high is 0.9000. "
        "For those with talent being low, the probability of income being high is 0.5000.\n"
        "For those with talent being low, if their talent had been high, would the income have been "
        "more likely to be high?"
    )
    assert solved.answer == Answer(Decimal("-0.4000"), True)


def test_joint_by_chain_rule_and_bounds() -> None:
    statements = (
        "For those with talent being low, the probability of income being high is 0.3000. "
        "For those with talent being high, the probability of income being high is 0.8000. "
        "The probability of talent being high is 0.5000."
    )
    lower = solve_text(PN.format(statements, "lower")).answer
    upper = solve_text(PN.format(statements, "upper")).answer
    assert lower == Answer(Decimal("0.6250"))  # (0.55 - 0.3) / 0.4
    assert upper == Answer(Decimal("0.8750"))  # (0.7 - 0.35) / 0.4


def test_zero_denominator_is_explained() -> None:
    statements = (
        "For those with talent being low, the probability of income being high is 0.3000. "
        "The probability of income being high is 0.3000. "
        "The probability of talent being high and income being high is 0.0000."
    )
    solved = solve_text(PN.format(statements, "lower"))
    assert solved.status == "lack_condition"
    assert "probability 0 as printed" in solved.missing[0]


def test_contradicting_numbers_are_no_answer() -> None:
    statements = (
        "For those with talent being low, the probability of income being high is 0.1000. "
        "The probability of income being high is 0.9000. "
        "The probability of talent being high and income being high is 0.2000."
    )
    solved = solve_text(PN.format(statements, "lower"))
    assert solved.status == "unreadable"
    assert "contradict each other" in solved.message


def test_unreadable_says_where() -> None:
    solved = solve_text("What a day.")
    assert (solved.status, solved.answer) == ("unreadable", None)
    assert solved.message.startswith("line 1: ")


def test_a_damaged_statement_that_is_needed_makes_the_text_unreadable() -> None:
    solved = ate(ALL_STRATA + " ty of wealth being low is 0.6000.")
    assert solved.status == "unreadable"
    assert "damaged" in solved.message


ROUND_TRIPS = int(os.environ.get("CAUGYM_ROUND_TRIPS", "100"))
"""Problems a task; 1,000 before a release."""


@pytest.mark.parametrize("task", TASKS)
def test_reads_and_solves_what_the_gym_writes(task: str) -> None:
    presets = ("published-base", "published-hard", "wide", "published-deconfounding")
    for index in range(ROUND_TRIPS):
        problem = generate(task, "base", "test", 12, index, presets[index % len(presets)])
        assert solve(assert_read_back(problem)).answer == problem.answer, problem.id
