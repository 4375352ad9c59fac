"""The reader: published and generated forms, hostile variations of them, and errors that say where."""

from __future__ import annotations

from decimal import Decimal

import pytest

from caugym.gym.generate import generate
from caugym.gym.problem import TASKS, Given, Problem
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.wording import published

HEAD = f"Input Info: {published.PREMISE} "
EDGES = "Talent has a direct effect on income. Luck has a direct effect on income. "
STATEMENTS = (
    "For those with talent being low, the probability of income being high is 0.2000. "
    "For those with talent being high, the probability of income being high is 0.5000. "
)
QUESTION = "Question: If talent is changed to be high, will income be more likely to be high?"
PROBLEM = "\n".join(
    (
        HEAD + EDGES,
        STATEMENTS,
        "Instruction: Consider the average treatment effect (ATE) of talent on income.",
        QUESTION,
        published.EFFECT_REQUEST,
    )
)


def same(one: Reading, other: Reading) -> bool:
    return (
        set(one.graph.edges) == set(other.graph.edges)
        and one.query == other.query
        and set(one.givens) == set(other.givens)
        and set(one.variables) == set(other.variables)
    )


def assert_read_back(problem: Problem) -> Reading:
    reading = read(problem.prompt)
    assert set(reading.graph.edges) == set(problem.graph.edges), problem.id
    assert set(reading.graph.nodes) == set(problem.graph.nodes), problem.id
    assert reading.query == problem.query, problem.id
    assert set(reading.givens) == set(problem.givens), problem.id
    assert {v.name: v.words for v in reading.variables} == {v.name: v.words for v in problem.variables}, problem.id
    return reading


def test_reads_the_base_form() -> None:
    reading = read(PROBLEM)
    assert reading.graph.edges == (("talent", "income"), ("luck", "income"))
    assert reading.query.task == "ATE"
    assert (reading.query.treatment, reading.query.treatment_value, reading.query.control_value) == ("talent", 1, 0)
    assert reading.givens[0] == Given((("income", 1),), (("talent", 0),), Decimal("0.2000"))
    assert all(variable.words == ("low", "high") for variable in reading.variables)


@pytest.mark.parametrize(
    "variant",
    [
        PROBLEM.replace("\n", "\r\n"),
        PROBLEM.replace(" ", "  "),
        PROBLEM.replace("effect on income. ", "effect on income.").replace("relationships: ", "relationships:"),
        PROBLEM.replace("Talent", "talent").replace("Luck", "LUCK"),
        PROBLEM.replace("has a direct", "has a\ndirect"),
        PROBLEM.replace("Question: ", ""),
        PROBLEM.replace("Instruction: Consider the average treatment effect (ATE) of talent on income.", ""),
        PROBLEM.replace("0.5000. ", "0.5000"),
        PROBLEM + " " + published.STEP_BY_STEP,
        PROBLEM + "\n" + published.STEP_BY_STEP + " " + published.LACK_HINT,
        "\ufeff" + PROBLEM.split("Provide")[0],
        "\n".join((QUESTION, STATEMENTS, EDGES)),
        PROBLEM.replace("will income", "will the income"),
    ],
)
def test_reads_variations_alike(variant: str) -> None:
    assert same(read(variant), read(PROBLEM))


def test_names_with_and_of_on_commas_brackets_and_the() -> None:
    x, y, z = "the number of cars on the road", "noise (e.g. horns, sirens) and dust", "U.S. demand, supply and trade"
    text = (
        f"{HEAD}{z.capitalize()} has a direct effect on {x}.{x.capitalize()} has a direct effect on {y}."
        f"{z} has a direct effect on {y}.\n"
        f"For those with {x} being few and far between, {z} being low, the probability of {y} being lack of is 0.1000. "
        f"For those with {x} being many and {z} being low, the probability of noise (e.g. horns and sirens) and dust "
        "being lack of is 0.3000. "
        f"The probability of {z} being low is 1.0000\n"
        f"Question: Suppose the mediator keeps constant when {x} is changed to be many, would the {y} have been more "
        "likely to be lack of?"
    )
    reading = read(text)
    assert reading.query.task == "NDE"
    assert reading.query.treatment == x
    assert [len(given.condition) for given in reading.givens] == [2, 2, 0]
    words = {variable.name: variable.words for variable in reading.variables}
    assert set(words[x]) == {"few and far between", "many"}


def test_annotations_decide_which_value_is_which() -> None:
    annotated = PROBLEM.replace("talent being low", "talent being low (B=1)").replace(
        "talent being high", "talent being high (B=0)"
    )
    reading = read(annotated)
    assert {v.name: v.words for v in reading.variables}["talent"] == ("high", "low")
    assert reading.query.treatment_value == 0
    assert reading.letters == (("talent", "B"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: no problem here"),
        ("  \n ", "line 1: no problem here"),
        ("Hello, how are you?", "line 1: not a causal problem"),
        (PROBLEM.replace("\nInstruction", "\nThe moon is made of cheese.\nInstruction"), "line 3: .*moon is made"),
        (PROBLEM.replace("0.5000", "1.5000"), r"line 2: the probability 1.5000 is outside \[0, 1\]"),
        (PROBLEM.replace("0.5000", "-0.5000"), r"line 2: the probability -0.5000 is outside \[0, 1\]"),
        (PROBLEM.replace("0.5000", "half"), "line 2: 'half' is no number"),
        (PROBLEM.replace("those with talent", "those with wealth", 1), "line 2: 'wealth' is no variable of the graph"),
        (PROBLEM.replace(EDGES, EDGES + "Income has a direct effect on talent. "), "line 1: .*cycle .*talent"),
        (PROBLEM.replace(QUESTION, ""), "the text ends without one of the questions"),
        (PROBLEM + "\n" + QUESTION, "a second question"),
        (PROBLEM.replace("(ATE)", "(XYZ)"), r"line 3: an unknown task \(known are ATE"),
        (PROBLEM.replace("average treatment effect (ATE)", "natural direct effect (NDE)"), "asks for NDE, .* for ATE"),
        (PROBLEM.replace("of talent on income", "of luck on income"), "name different variables"),
        (PROBLEM.replace("talent being high", "talent being middling"), "'talent' has three values"),
        (PROBLEM.replace(STATEMENTS, STATEMENTS + STATEMENTS.replace("0.5", "0.6")), "same probability is 0.5000"),
        (
            PROBLEM.replace(
                STATEMENTS, "The probability of luck being low is 0.2. The probability of luck being high is 0.6. "
            ),
            "add up to 0.8",
        ),
    ],
)
def test_errors_name_line_and_words(text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read(text)


def test_a_damaged_statement_is_kept_apart() -> None:
    reading = read(PROBLEM.replace("\nInstruction", "horns) being loud (D=0) is 0.5198. \nInstruction"))
    assert [sentence.text for sentence in reading.damaged] == ["horns) being loud (D=0) is 0.5198"]
    assert len(reading.givens) == 2


@pytest.mark.parametrize("task", TASKS)
def test_reads_back_the_annotated_form(task: str) -> None:
    for index in range(5):
        problem = generate(task, "base", "test", 11, index, "published-deconfounding")
        assert_read_back(problem)
