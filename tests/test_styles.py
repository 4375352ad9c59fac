"""Solution styles: the judge accepts each, the programs compute the answer, every line of the arithmetic is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from caugym.errors import InputError
from caugym.gym import styles
from caugym.gym.generate import generate, generate_many
from caugym.gym.problem import TASKS, Problem
from caugym.gym.read import read
from caugym.gym.scoring import score
from caugym.gym.scratchpad import spell
from caugym.gym.solve import worked
from caugym.training import rows

STYLES = styles.names()
VARIATIONS = ("base", "insufficient")
EQUATION = re.compile(r"(-?[\d.]+) ([-+*/]) \(?(-?[\d.]+)\)? (~?=) (-?[\d.]+)")


def problems(style: str) -> list[Problem]:
    return [p for v in VARIATIONS for task in TASKS for p in generate_many(task, 4, 5, variation=v, style=style)]


@pytest.mark.parametrize("style", STYLES)
def test_the_judge_accepts_every_solution(style: str) -> None:
    answers = set()
    for problem in problems(style):
        verdict = score(problem.solution, problem.answer)
        assert verdict.correct, (problem.id, problem.solution, verdict)
        assert problem.solution.splitlines()[-1] == problem.answer.text()
        answers.add((problem.answer.decision, problem.answer.lacks_condition))
    assert answers == {(True, False), (False, False), (None, False), (None, True)}


def test_the_styles_change_the_solution_and_nothing_else() -> None:
    rows_of = [generate("NDE", seed=2, index=1, style=style).to_row() for style in STYLES]
    assert len({row.pop("solution") for row in rows_of}) == len(STYLES)
    assert [row["provenance"].pop("solution", None) for row in rows_of] == [None, *STYLES[1:]]
    assert all(row == rows_of[0] for row in rows_of)


def test_the_programs_print_the_answer() -> None:
    """All run in one subprocess, each printing one line."""
    asked = problems("python")
    programs = [re.fullmatch(r"```python\n(.*)\n```\n\nOutput:\n(.*)", p.solution, re.DOTALL) for p in asked]
    assert all(programs)
    script = "import json, sys\nfor program in json.load(sys.stdin):\n    exec(program, {})\n"
    sources = json.dumps([match[1] for match in programs if match])
    done = subprocess.run([sys.executable, "-c", script], input=sources, capture_output=True, text=True, check=True)
    printed = done.stdout.splitlines()
    assert len(printed) == len(asked) > 50
    for problem, line in zip(asked, printed, strict=True):
        assert score(line, problem.answer).correct, (problem.solution, line)
        assert problem.answer.lacks_condition == (line == "LACK_CONDITION")


@pytest.mark.parametrize("style", ["thinking-scratchpad", "symbolic-scratchpad", "published-scratchpad"])
def test_every_line_of_arithmetic_is_true(style: str) -> None:
    seen = set()
    for problem in problems(style):
        for line in problem.solution.splitlines():
            if match := EQUATION.fullmatch(line):
                left, right, result = (Decimal(match[i]) for i in (1, 3, 5))
                exact = {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[match[2]]
                assert exact == result if match[4] == "=" else 0 < abs(exact - result) < Decimal("1e-6"), line
                seen.add(match[2])
    assert seen == set("+-*/")


@pytest.mark.parametrize("sign", "+-*/")
@pytest.mark.parametrize(
    ("left", "right"),
    [("0.1234", "0.5678"), ("0.9999", "0.0001"), ("-0.3", "0.25"), ("-0.3", "-0.7001"), ("0", "0.5"), ("1", "0.0407")],
)
def test_the_scratchpad_reaches_the_result(sign: str, left: str, right: str) -> None:
    a, b = Decimal(left), Decimal(right)
    exact = {"+": a + b, "-": a - b, "*": a * b, "/": round(a / b, 6)}[sign]
    lines = spell(sign, a, b, 6)
    assert Decimal(lines[-1].rpartition(": ")[2]) == exact
    for line in lines[:-1]:
        head = re.fullmatch(r"(\d+) ([-+*:]) (\d+)(?:: .* -> (\d+)| = (\d+) rest (\d+).*|, \d decimals)", line)
        assert head, line
        x, y = int(head[1]), int(head[3])
        if head[4]:
            assert int(head[4]) == {"+": x + y, "-": x - y, "*": x * y}[head[2]], line
        for step in re.findall(r"(?:: |; )([-\d*+]+)=(\d+)", line):
            assert sum(_product(term) for term in re.findall(r"[-+]?[\d*]+", step[0])) == int(step[1]), line


def _product(term: str) -> int:
    first, *others = term.split("*")
    return int(first) * (int(others[0]) if others else 1)


def test_a_multiplication_on_paper() -> None:
    assert spell("*", Decimal("0.34"), Decimal("-0.27"), 6) == [
        "34 * 27, 4 decimals",
        "34 * 7: 4*7=28 write 8 carry 2; 3*7+2=23 write 3 carry 2 -> 238",
        "34 * 20: 4*2=8; 3*2=6 -> 680",
        "238 + 680: 8+0=8; 3+8=11 write 1 carry 1; 2+6+1=9 -> 918",
        "one factor is negative: -0.0918",
    ]


def test_division_by_zero_and_other_signs_are_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        spell("/", Decimal(1), Decimal(0), 4)
    with pytest.raises(ValueError, match="unknown operation '%'"):
        spell("%", Decimal(1), Decimal(1), 4)


def test_thinking_stands_before_the_answer_and_names_every_number() -> None:
    for problem in problems("thinking"):
        thinking, end, rest = problem.solution.partition("</think>")
        assert thinking.startswith("<think>\n") and end and "<think>" not in rest
        if not problem.answer.lacks_condition:
            assert all(f"{given.value:.4f}" in thinking for given in problem.givens)
        assert problem.query.treatment in thinking and problem.query.outcome in thinking


def test_a_problem_that_was_read_has_the_same_solution() -> None:
    for style in STYLES:
        for task in TASKS:
            problem = generate(task, seed=6, style=style)
            assert worked(read(problem.prompt), style) == problem.solution


def test_training_rows_in_every_style(tmp_path: Path) -> None:
    file = tmp_path / "problems.jsonl"
    file.write_text("".join(json.dumps(p.to_row()) + "\n" for p in problems("published")))
    for style in ("thinking", "python"):
        examples = rows.generated(("ATE", "PN"), 4, 1, style)
        assert [e.solution for e in examples[::2]] == [
            generate("ATE", seed=1, index=i, style=style).solution for i in (0, 1)
        ]
        from_file = rows.from_file(file, style, solutions=True)
        assert [e.solution for e in from_file if e.id.startswith("base")] == [
            p.solution for p in problems(style) if p.variation == "base"
        ]


def test_an_unknown_style_is_refused() -> None:
    for bad in ("poem", "python-scratchpad"):
        with pytest.raises(InputError, match=f"unknown solution style '{bad}': use one of published, "):
            generate_many("ATE", 1, style=bad)
