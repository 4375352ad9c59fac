"""Free reading: the grammar's texts, held-out phrasings included, people's wording, and refusals instead of guesses."""

from __future__ import annotations

import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from caugym.gym.generate import generate_many
from caugym.gym.problem import BOUND_TASKS, TASKS, Answer, Given, Problem
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.solve import solve
from caugym.gym.wording import phrasing, published
from caugym.gym.wording.phrasing import synonyms

HEAD = "Consider an isolated hypothetical scenario governed solely by these relationships: "
EDGES = "Talent directly influences both income and mood, and income, in turn, affects mood. "
NUMBERS = (
    "When talent is low, the likelihood of high income is 0.2000. Conversely, with high talent, it rises to 0.5000. "
)
QUESTION = "Does changing talent to high increase the probability of income being high?"


def same(reading: Reading, problem: Problem) -> bool:
    """The same edges, numbers and query, up to other names for variables and other words for values."""
    called = {}
    for node in reading.graph.nodes:
        names = {node, *synonyms.names(node)}
        fits = [v.name for v in problem.variables if names & set(synonyms.names(v.name))]
        if len(fits) != 1:
            return False
        called[node] = fits[0]
    edges = {(called[a], called[b]) for a, b in reading.graph.edges}
    query = reading.query
    return (
        edges == set(problem.graph.edges)
        and (called[query.treatment], called[query.outcome]) == (problem.query.treatment, problem.query.outcome)
        and (query.task == problem.query.task or query.task in BOUND_TASKS)
        and query.bound == problem.query.bound
        and Counter(g.value for g in reading.givens) == Counter(g.value for g in problem.givens)
        and solve(reading).answer == problem.answer
    )


@pytest.mark.parametrize("variation", ["rephrased", "omitted"])
def test_reads_held_out_phrasings_and_never_wrongly(variation: str) -> None:
    outcomes: Counter[str] = Counter()
    for task in TASKS:
        for problem in generate_many(task, 30, seed=1, split="test", variation=variation):
            try:
                reading = read(problem.prompt)
            except ReadError:
                outcomes["refused"] += 1
                continue
            outcomes["same" if same(reading, problem) else "other"] += 1
            assert solve(reading).answer == problem.answer, problem.prompt
    assert outcomes["other"] <= 1 and outcomes["refused"] == 0, outcomes


def test_reads_questions_before_numbers_and_numbers_before_the_graph() -> None:
    rng, outcomes = np.random.default_rng(4), Counter[str]()
    for task in TASKS:
        for problem in generate_many(task, 12, seed=31):
            parts = (problem.graph, problem.variables, problem.givens, problem.query)
            text = phrasing.rephrase(*parts, rng, True, "test", dials=phrasing.Dials(reordered=1.0))
            try:
                assert solve(read(text)).answer == problem.answer, text
                outcomes["right"] += 1
            except ReadError:
                outcomes["refused"] += 1
    assert outcomes["refused"] <= 2, outcomes


def test_reads_a_small_free_text() -> None:
    reading = read(HEAD + EDGES + NUMBERS + QUESTION)
    assert set(reading.graph.edges) == {("talent", "income"), ("talent", "mood"), ("income", "mood")}
    assert reading.query.task == "ATE" and solve(reading).answer.text() == '{"ANSWER": "Yes", "PROB": "0.3"}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (QUESTION, "If talent were high, would income be more likely to be high?"),
        (QUESTION, "Would high income become more probable if we set talent to high?"),
        ("both income and mood, and income, in turn,", "income and mood; income"),
        ("Conversely, with high talent, it rises to 0.5000", "P(income = high | talent = high) = 0.5000"),
        ("Conversely, with high talent, it rises to", "Those with high talent have high income with probability"),
        ("likelihood", "likelihod"),
        (NUMBERS, "\n- P(high income | low talent) = 0.2000\n- P(high income | high talent) = 0.5000\n"),
        (NUMBERS, "The probability of high income is 0.2000 when talent is low and 0.5000 when it is high. "),
        (QUESTION, "Suppose that talent becomes high. Would high income be more likely?"),
        (QUESTION, "Would income be more likely to be high if talent is increased to high?"),
        (
            "When talent is low, the likelihood",
            "With talent low and mood high, income has a 0.2000 probability of "
            "being high. When talent is low, the likelihood",
        ),
        ("When talent is low, the likelihood", "When mood is high despite low talent and high income, the likelihood"),
    ],
)
def test_reads_it_in_other_words_or_refuses(old: str, new: str) -> None:
    text = HEAD + EDGES + NUMBERS + QUESTION
    assert old in text
    try:
        reading = read(text.replace(old, new))
    except ReadError:
        assert "it is high" in new or "Those with" in new or "despite" in new
        return
    assert solve(reading).answer.text() == '{"ANSWER": "Yes", "PROB": "0.3"}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (QUESTION, "Does changing talent to high increase or decrease the probability of income being high?"),
        (QUESTION, "Is high income no less likely when talent is set to high?"),
        (QUESTION, "Is income high if talent is reduced to low?"),
        (QUESTION, "Is talent good?"),
        (QUESTION, ""),
        ("0.2000", "0.2000 and 0.3000"),
        ("When talent is low", "When luck is low"),
        ("high income is 0.2", "income is 0.2"),
        ("affects mood", "affects mood and income affects talent"),
        (EDGES, ""),
        ("it rises to 0.5000", "the chance of low income is 0.5000 and that of high income 0.4000"),
    ],
)
def test_refuses_what_is_unclear(old: str, new: str) -> None:
    with pytest.raises(ReadError):
        read((HEAD + EDGES + NUMBERS + QUESTION).replace(old, new))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("1.2000", "the probability 1.2000 is outside [0, 1]"),
        ("-0.2000", "a sign or a percentage"),
        ("\u22120.2000", "a sign or a percentage"),
        ("0.2000%", "a sign or a percentage"),
        ("0.2000 percent", "a sign or a percentage"),
        ("0.2000 (50 of 250)", "a number that is no probability"),
        ("0.2000 \u00bd", "a number that is no probability"),
        ("0.2000e5", "cannot tell what 'this probability' means"),
        ("12.2000", "cannot tell what 'this probability' means"),
        ("\u0660.\u0662", "cannot tell what 'this probability' means"),
        (".\u0662", "cannot tell what 'this probability' means"),
        ("0.2000\x1b[31m", "a control character"),
        ("0.2000\u202e", "a control character"),
        ("0.2000\u200b", "a control character"),
    ],
)
def test_what_no_problem_can_say_is_refused_in_free_words_too(new: str, said: str) -> None:
    with pytest.raises(ReadError) as error:
        read((HEAD + EDGES + NUMBERS + QUESTION).replace("0.2000", new))
    assert said in str(error.value) and str(error.value).isprintable()


@pytest.mark.parametrize(
    "edges",
    [
        "Imagine a village in which talent has a direct effect on income and another on mood. Income acts on mood.",
        "Take a closed world: talent directly moves income and, in turn, mood; income directly moves mood, too.",
        "Income is directly affected by talent. Mood is directly affected by talent and by income.",
        "Direct effects run from talent to income and mood; from income to mood.",
        "Income is directly affected by talent; mood by talent and income.",
        "Suppose that talent directly affects income, which directly affects mood. Mood depends directly on talent.",
        "Talent directly affects income and mood, income directly affects mood.",
        "Envisage a world, closed off, in which talent directly affects income and mood and no other variable."
        " Income directly affects mood.",
    ],
)
def test_reads_edges_in_many_forms(edges: str) -> None:
    reading = read(f"{edges} {NUMBERS}{QUESTION}")
    assert set(reading.graph.edges) == {("talent", "income"), ("talent", "mood"), ("income", "mood")}


def test_a_name_in_the_genitive_is_one_variable() -> None:
    edges = "The river's flow directly affects income. The flow of the river directly affects mood. "
    reading = read(HEAD + edges + NUMBERS.replace("talent", "river flow") + QUESTION.replace("talent", "river flow"))
    assert set(reading.graph.nodes) == {"river's flow", "income", "mood"}


def test_a_name_that_leaves_out_the_middle_of_another_one_is_refused() -> None:
    edges = "Traffic directly affects immune strength, and appearance directly affects the immune system's strength. "
    numbers = "When immune strength is low, the chance of heavy traffic is 0.2419. "
    question = "Does changing immune strength to high make heavy traffic more likely?"
    with pytest.raises(
        ReadError, match="'immune strength' and \"immune system's strength\" may be one variable or two"
    ):
        read(HEAD + edges + numbers + question)


@pytest.mark.parametrize(
    ("premise", "edges"),
    [
        ("In a closed world with only these, talent is one of the direct causes of income. ", {("talent", "income")}),
        ("In a closed world with no other factors: talent is a direct cause of income. ", {("talent", "income")}),
        ("In a closed world with these effects and no others: the parents of income are talent. ", None),
        ("In a closed world with these effects and no others: talent influences income. ", {("talent", "income")}),
        ("Consider a closed world with only talent, income and mood. Talent directly affects income. ",
         {("talent", "income")}),
        ("Consider a hypothetical world in which talent feeds income. ", None),
        ("Only talent makes income what it is. ", None),
    ],
)  # fmt: skip
def test_a_premise_that_says_an_edge_is_read_or_refused_and_never_passed_over(
    premise: str, edges: set[tuple[str, str]] | None
) -> None:
    """Both variables have another edge each, so that the graph without this one would be a graph all the same."""
    text = premise + "Talent directly affects mood. Income directly affects mood. " + NUMBERS + QUESTION
    if edges is None:
        with pytest.raises(ReadError, match="what this premise says of the variables"):
            read(text)
    else:
        assert set(read(text).graph.edges) == edges | {("talent", "mood"), ("income", "mood")}


@pytest.mark.parametrize(
    "stays",
    [
        "the mediator is held fixed",
        "the intermediate variable stays as it was under low talent",
        "the intermediary keeps the value it had before",
        "keeping the intermediate variable at its previous value",
    ],
)
def test_a_mediator_by_any_of_its_names_stays(stays: str) -> None:
    question = f"If talent were changed to high while {stays}, would high mood be more likely?"
    assert read(HEAD + EDGES + NUMBERS + question).query.task == "NDE"


def test_a_name_that_ends_like_a_verb_is_a_name() -> None:
    """ "Control directly determine" held "control directly" for the verb, and "determine mood" for a variable."""
    edges = "Talent has a direct effect on seizure control. Both talent and seizure control directly determine mood. "
    numbers, question = NUMBERS.replace("income", "seizure control"), QUESTION.replace("income", "seizure control")
    wanted = {("talent", "seizure control"), ("talent", "mood"), ("seizure control", "mood")}
    assert set(read(HEAD + edges + numbers + question).graph.edges) == wanted


def test_edges_that_are_open_are_refused() -> None:
    for edges in (
        "Talent directly affects income and luck, which directly affect mood. ",  # one of them, or both?
        "Talent directly affects income, luck and diet directly affect mood. ",
        "Talent directly affects two things, income and the same. ",
    ):
        with pytest.raises(ReadError):
            read(HEAD + edges + NUMBERS.replace("income", "mood") + QUESTION.replace("income", "mood"))


@pytest.mark.parametrize(
    "numbers",
    [
        "When talent is low, income is high with probability 0.2000 and low with probability 0.8000. "
        "When talent is high, it is high with probability 0.5000.",
        "Income is high with probability 0.2000 when talent is low and with probability 0.5000 when it is high.",
        "The probability of high income is:\n- 0.2000 if talent is low;\n- 0.5000 if talent is high.\n",
        "Given low talent, the probability of high income is 0.2000. Given high talent, the probability is 0.5000.",
        "Given high talent, which has probability 0.3000, high income has probability 0.5000. "
        "Given low talent, it has a probability of 0.2000.",
    ],
)
def test_fills_in_what_a_statement_leaves_out(numbers: str) -> None:
    assert solve(read(f"{HEAD}{EDGES}{numbers} {QUESTION}")).answer.text() == '{"ANSWER": "Yes", "PROB": "0.3"}'


def test_a_statement_that_begins_with_its_number_is_no_condition_of_the_one_before() -> None:
    numbers = "Talent is high with probability 0.3000, but with probability 0.4000, income is high. "
    given = read(HEAD + EDGES + NUMBERS + numbers + QUESTION).givens[-1]
    assert given == Given((("income", 1),), (), Decimal("0.4000"))


@pytest.mark.parametrize(
    "numbers",
    [
        "Talent is low with probability 0.3000. In that case, the probability of high income is 0.2000.",
        "Income is high with probability 0.2000 and low with probability 0.8000 when talent is low.",
        "When talent is low, income is high with probability 0.2000; mood is high with probability 0.4000.",
    ],
)
def test_refuses_conditions_that_may_hold_or_not(numbers: str) -> None:
    with pytest.raises(ReadError):
        read(f"{HEAD}{EDGES}{numbers} {QUESTION}")


def test_a_condition_holds_for_what_the_same_sentence_adds() -> None:
    numbers = "When talent is low, income is high with probability 0.2000, and mood is high with probability 0.4000."
    reading = read(f"{HEAD}{EDGES}{numbers} {QUESTION}")
    assert [given.condition for given in reading.givens] == [(("talent", 0),)] * 2


def test_had_it_been_speaks_of_the_one_variable_before() -> None:
    asked = "Look at those whose talent is low. Had it been high, would income have been more likely to be high?"
    query = read(HEAD + EDGES + NUMBERS + asked).query
    assert (query.task, query.treatment, query.treatment_value) == ("ETT", "talent", 1)


def test_which_texts_fall_through_to_the_free_reader() -> None:
    text = HEAD + EDGES + NUMBERS + QUESTION
    assert read("\ufeff" + text.replace(". ", ".\r\n\t")).query.task == "ATE"
    edge = "Talent has a direct effect on income. "
    asked = "If talent is changed to be high, will income be more likely to be high?"
    with pytest.raises(ReadError, match="'1/2' is no number"):  # the published reader's words, though both refuse
        read(f"{edge}The probability of talent being high is 1/2. {asked}")
    with pytest.raises(ReadError, match="no sentence of the form"):
        read("Good morning.")
    assert read(f"{edge}{NUMBERS}{QUESTION}").query.task == "ATE"
    with pytest.raises(ReadError, match="a sentence that is no edge"):  # that premise wants its form throughout
        read(f"{published.PREMISE} {edge}{NUMBERS}{QUESTION}")


def test_numbers_that_contradict_the_graph_as_read_are_refused() -> None:
    """Here "crop sales" might be the income of the numbers: then talent's effect on it would be missed."""
    text = (
        "Input Info: Consider a closed world with only these relationships: Talent directly affects crop sales. "
        "Luck directly affects income. When talent is low and luck is low, the probability of high income is {}. When "
        "talent is high and luck is low, the probability of high income is 0.5000. When luck is high, the probability "
        "of high income is 0.7000. Question: If luck becomes high, will income be more likely to be high?"
    )
    with pytest.raises(ReadError, match=r"the graph as it is read makes .* equal"):
        read(text.format("0.2000"))
    assert solve(read(text.format("0.4950"))).answer.text().startswith('{"ANSWER": "Yes"')


def test_long_texts_are_refused_at_once() -> None:
    with pytest.raises(ReadError):
        read(HEAD + "Talent influences " * 5000)


def test_published_development_items_are_read_rightly_where_they_are_read() -> None:
    folder = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
    if not (folder / "caugym" / "rephrased_dev.json").exists():
        pytest.skip("published data not found")
    for name, wrong_keys in (("rephrased", 1), ("omitted", 0)):  # one rephrased item lost a number's condition
        outcomes: Counter[str] = Counter()
        for row in json.loads((folder / "caugym" / f"{name}_dev.json").read_text(encoding="utf-8")):
            try:
                answer = solve(read(row["problem"])).answer
            except ReadError:
                outcomes["refused"] += 1
                continue
            key = Answer.from_text(row["answer"])
            close = answer is not None and answer.value is not None and abs(answer.value - key.value) < 0.0006
            outcomes["right" if close else "wrong"] += 1
        assert outcomes["wrong"] <= wrong_keys and outcomes["right"] >= 20, outcomes
