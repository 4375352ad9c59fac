"""The first wrong step of nano's worked form."""

from __future__ import annotations

import re

import pytest

from caugym.gym.generate import generate_many
from caugym.gym.problem import TASKS
from caugym.nano import anatomy, worked


def cases():
    for task in TASKS:
        yield from generate_many(task, 4, seed=31, preset="published-deconfounding")


@pytest.fixture(scope="module")
def solved():
    return [(problem, worked.solution(problem).strip()) for problem in cases()]


def test_the_reference_has_no_wrong_step(solved):
    assert all(anatomy.first_wrong_step(problem, text) is None for problem, text in solved)


def changed(text, pattern, replacement, last=False):
    """``text`` with one line changed; None where no line matches."""
    lines = text.splitlines()
    for place in sorted(range(len(lines)), reverse=last):
        line = re.sub(pattern, replacement, lines[place])
        if line != lines[place]:
            return place, "\n".join([*lines[:place], line, *lines[place + 1 :]])
    return None


@pytest.mark.parametrize(
    ("pattern", "replacement", "last", "kind"),
    [
        (r"^(.*>.*=).$", r"\1l", False, "misread"),
        (r"^x: .*", "x: nothing", False, "misread"),
        (r"^( .*=.) \S+ ([a-l]0)", r"\1 nothing \2", False, "misread"),
        (r"^link yes", "link no", False, "wrong formula"),
        (r"^z:=.", "z:=l", False, "wrong formula"),
        (r"^(y[^=]*)=\+.*", r"\1=+00x0", False, "misread"),
        (r"^(y[^=]*#\d+)=\d.*", r"\1=00x0", True, "wrong number"),
        (r"^(sub.*=.)....$", r"\1xxxx", False, "arithmetic"),
        (r"^\{.*", '{"PROB": "7"}', False, "answer"),
    ],
)
def test_each_kind_is_named_at_its_line(solved, pattern, replacement, last, kind):
    named = 0
    for problem, text in solved:
        wrong = changed(text, pattern, replacement, last)
        if wrong is None:
            continue
        step = anatomy.first_wrong_step(problem, wrong[1])
        assert step is not None and (step.line, step.kind) == (wrong[0], kind)
        named += 1
    assert named >= 8


def test_a_completion_that_stops_is_cut_off(solved):
    problem, text = solved[0]
    step = anatomy.first_wrong_step(problem, "\n".join(text.splitlines()[:-2]))
    assert step is not None and step.kind == "cut off" and step.line == len(text.splitlines()) - 2
