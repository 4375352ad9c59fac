"""Retellings: their marks, and the problems drawn from them."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from caugym.gym.problem import LACK_CONDITION
from caugym.gym.reading import Reading
from caugym.gym.solve import solve, solve_text
from caugym.gym.wording import published
from caugym.nano import solutions, told, worked
from caugym.nano.marked import MarkError, Telling
from caugym.nano.numbered import numbered

ROW = {
    "id": "x",
    "task": "ATE",
    "nodes": [
        {"letter": "A", "name": "stress", "words": ["low", "high"]},
        {"letter": "B", "name": "sleep", "words": ["poor", "good"]},
    ],
    "edges": ["A>B"],
    "givens": [
        {"value": "0.1234", "event": ["B0"], "condition": ["A0"]},
        {"value": "0.5678", "event": ["B0"], "condition": ["A1"]},
    ],
    "query": {
        "treatment": "A", "outcome": "B", "treatment_value": 1, "reference_value": 0, "outcome_value": 0,
        "fixed": [], "bound": None,
    },
    "text": (
        "Take a closed world: the [A|strain] on people directly shapes their [B|sleep][A>B].\n"
        "Where [A|stress] is [A0|low], [B|sleep] is [B0|bad] with probability 0.1234; it is 0.5678 [A1|under stress].\n"
        "Does [A1|high] [A|stress] make [B0|poor] [B|sleep] likelier?"
    ),
}  # fmt: skip


def test_a_retelling_is_read_and_becomes_a_problem():
    telling = Telling.read(ROW)
    problem, places = told.problem(telling, [Decimal("0.2"), Decimal("0.7")], telling.variables, "\nAnswer:")
    assert problem.prompt == (
        "Take a closed world: the strain on people directly shapes their sleep.\n"
        "Where stress is low, sleep is bad with probability 0.2000; it is 0.7000 under stress.\n"
        "Does high stress make poor sleep likelier?\nAnswer:"
    )
    text = worked.solution(problem, places=places, check=False)
    sentences = dict(part.split(") ", 1) for part in numbered(problem.prompt).split("\n(")[1:])
    assert sentences["2"].startswith("the strain") and sentences["3"].startswith("Where")
    assert text.startswith("\n(2)\n strain\na: strain=a> sleep\nb: sleep=b\na>b\nate\n")
    assert "x: strain=a high x+\ny: sleep=b poor y+" in text
    assert "\n(3)\n strain=a low x-| sleep=b bad y+\ny+|x-=+0002#1=0002" in text
    # Behind the second number stands the condition; of the outcome nothing is said there.
    assert " strain=a under stress x+| sleep=b bad y+\ny+|x+=+0007#2=0007" in text
    assert text.endswith('{"ANSWER": "Yes", "PROB": "0.5000"}')


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[A>B]", "", r"edges: missing \['A>B'\]"),
        ("0.5678", "0.5679", r"numbers: missing \['0.5678'\], not asked for \['0.5679'\]"),
        ("0.5678", "0.1234", r"more than once \['0.1234'\]"),
        ("[A1|under stress]", "under [stress]", "a bracket that is no mark"),
        ("[B0|bad]", "[B0]", r"\[B0\] covers no words"),
        ("the [A|strain] on people directly", "the strain on people directly", r"\[A>B\] stands before"),
    ],
)
def test_marks_that_do_not_say_the_problem_are_refused(old, new, message):
    assert old in ROW["text"]
    with pytest.raises(MarkError, match=message):
        Telling.read({**ROW, "text": ROW["text"].replace(old, new)})


def test_a_value_that_is_needed_and_never_said_is_refused():
    text = ROW["text"].replace("[A0|low]", "low")
    with pytest.raises(MarkError, match="values never said: A0"):
        Telling.read({**ROW, "text": text})


def test_other_variables_take_the_place_of_plain_ones():
    text = ROW["text"].replace("[A|strain]", "[A|stress]").replace("[A1|under stress]", "if [A|stress] is [A1|high]")
    telling = Telling.read({**ROW, "text": text})
    assert telling.plain("A") and not telling.plain("B")
    rng = random.Random(1)
    found = [told._others(rng, telling) for _ in range(20)]
    assert any(found)
    for others in filter(None, found):
        problem, _ = told.problem(telling, [Decimal("0.2"), Decimal("0.7")], telling.variables | others, "")
        assert list(others) == ["A"] and f"the {others['A'].name} on people" in problem.prompt


def test_the_retellings_that_ship_are_whole_and_some_are_held_out():
    kept, held_out = told.tellings(), told.tellings(held_out=True)
    assert len(kept) > 500 and len(held_out) >= len(kept) // told.HELD_OUT
    ids = [telling.id for telling in (*kept, *held_out)]
    assert len(ids) == len(set(ids))


def test_worked_solutions_of_retellings_have_the_gym_solvers_answers():
    rng = random.Random(2)
    compared = close = lacking = 0
    for _ in range(150):
        problem, places = told.draw(rng)
        try:
            _, text = solutions.written(problem, places, rng)
        except worked.NotWritableError:
            continue
        solved = solve(Reading.of(problem))
        if solved.answer is None:  # random numbers may contradict each other
            continue
        if solved.answer.value is None:
            lacking += 1
            assert text.endswith(LACK_CONDITION), (problem.id, problem.prompt)
            continue
        value = Decimal(text.rsplit('"PROB": "', 1)[1].removesuffix('"}'))
        distance = abs(value - solved.answer.value)
        assert distance <= Decimal("0.005"), (problem.id, problem.prompt)  # small denominators magnify what is rounded
        compared += 1
        close += distance <= Decimal("0.0005")
    assert compared > 80 and close >= 0.95 * compared and lacking > 3


def test_the_free_reader_reads_no_retelling_wrongly():
    """What the marks say is the key; most retellings are freer than what the reader reads, and are refused."""
    right = 0
    for telling in (*told.tellings(), *told.tellings(held_out=True))[::3]:
        values = [Decimal(text) for mark, text in telling.pieces if mark == "#"]
        problem, _ = told.problem(telling, values, telling.variables, "\n" + published.request(telling.query.task))
        read, key = solve_text(problem.prompt), solve(Reading.of(problem))
        if read.answer is not None:
            assert read.answer == key.answer, (telling.id, problem.prompt)
            right += 1
    assert right > 30
