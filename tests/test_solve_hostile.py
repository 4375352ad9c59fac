"""The solve command and hostile input: one clear line each, and graphs too large to list every adjustment set."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from caugym.causal import graph as graphs
from caugym.causal.identify import candidates
from caugym.errors import InputError
from caugym.gym import tasks
from caugym.gym.generate import random_graph
from caugym.gym.presets import Preset
from caugym.gym.problem import TASKS
from caugym.gym.rows import rows
from caugym.gym.solve import solve_text

EDGE = "Talent has a direct effect on income. "
STATEMENTS = (
    "For those with talent being low, the probability of income being high is {}. "
    "For those with talent being high, the probability of income being high is 0.5.\n"
)
QUESTION = "If talent is changed to be high, will income be more likely to be high?\n"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1.2", "the probability 1.2 is outside [0, 1]"),
        ("-0.2", "the probability -0.2 is outside [0, 1]"),
        ("9" * 400, "99... is outside [0, 1]"),
        ("1e-99999999", "'1e-99999999' is no number from 0 to 1"),
        ("NaN", "'NaN' is no number"),
        ("sNaN", "'sNaN' is no number"),
        ("0,2", "'0,2' is no number"),
        ("1/5", "'1/5' is no number"),
        ("20%", "'20%' is no number"),
        ("20 %", "a percentage, write probabilities as numbers from 0 to 1"),
        ("\u0660.\u0662", "is no number"),
    ],
)
def test_a_number_that_is_no_probability(number: str, said: str) -> None:
    solved = solve_text(EDGE + STATEMENTS.format(number) + QUESTION)
    assert solved.status == "unreadable"
    assert said in solved.message and "\n" not in solved.message and len(solved.message) < 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EDGE + "Income has a direct effect on talent. " + QUESTION, "the cycle talent -> income -> talent"),
        (EDGE + "Talent has a direct effect on talent. " + QUESTION, "'talent' has an effect on itself"),
        (EDGE + QUESTION.replace("talent", "luck"), "other variables than those of the graph (talent, income)"),
        (EDGE + STATEMENTS.format("0.2") + STATEMENTS.format("0.3") + QUESTION, "the same probability is 0.2"),
        (EDGE + "\x1b[31mHello\x07 world. " + QUESTION, '"?[31mHello? world"'),
    ],
)
def test_a_text_that_contradicts_itself(text: str, said: str) -> None:
    assert said in solve_text(text).message


@pytest.mark.parametrize("change", [str, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\r")])
@pytest.mark.parametrize("number", ["0.2", ".2", "0.2000", "2e-1"])
def test_forms_of_the_same_text(change: type[str], number: str) -> None:
    text = (EDGE + STATEMENTS.format(number) + QUESTION).replace("talent", "größe 水").replace("Talent", "Größe 水")
    solved = solve_text(change("\ufeff" + text))
    assert solved.answer is not None and solved.answer.text() == '{"ANSWER": "Yes", "PROB": "0.3"}'


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        "[" + "9" * 6000 + "]",
        "null",
        "[1, 2]",
        '{"prompt": "\\ud800"}',
        '{"id": "\\ud800", "prompt": "a"}',
    ],
)
def test_json_that_holds_no_problem(content: str) -> None:
    with pytest.raises(InputError, match=r"^bad\.json") as error:
        rows(content, "bad.json")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "{} >&-", "{} >/dev/full"])
def test_closed_and_full_streams(redirection: str, tmp_path: Path) -> None:
    if "full" in redirection and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    file = tmp_path / "row.json"
    file.write_text(json.dumps({"prompt": EDGE + STATEMENTS.format("0.2") + QUESTION}))
    source = "-" if redirection.startswith("<") else ""
    line = f"'{sys.executable}' -m caugym.cli solve {source} {redirection.format(file)}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: standard ")


def test_needed_variables_change_no_list_of_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    compared = 0
    for _ in range(12):
        graph = random_graph(tuple("ABCDEFG"), Preset(edges={}, density=0.5), rng)
        for task in TASKS:
            module = tasks.load(task)
            for x, y in module.pairs(graph, True)[:6]:
                query = module.ask(graph, x, y, rng)
                lists = []
                for few in (99, 0):
                    monkeypatch.setattr(graphs, "FEW", few)
                    lists.append([found.adjustment_set for found in candidates(graph, query)])
                among = graph.nodes[::2]
                inside = [z for z in lists[0] if set(z) <= set(among) and len(z) <= 2]
                assert lists[0] == lists[1]
                assert [found.adjustment_set for found in candidates(graph, query, among, 2)] == inside
                compared += 1
    assert compared > 200


@pytest.mark.parametrize("density", [1.0, 0.4, 0.1])
def test_a_large_graph_needs_few_separation_tests(density: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every minimal set of such a graph cannot be listed: only those within one statement count."""
    rng = random.Random(1)
    names = [f"v{i:02d}" for i in range(40)]
    edges = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if rng.random() < density]
    tests = 0
    separated = graphs.DAG.d_separated

    def counted(*arguments: object) -> bool:
        nonlocal tests
        tests += 1
        return separated(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(graphs.DAG, "d_separated", counted)
    x, y = names[18], names[30]
    lines = [f"{a} has a direct effect on {b}." for a, b in dict.fromkeys([*edges, (x, y)])]
    for statements in (
        "",
        f"For those with {x} being low and {names[3]} being low, the probability of {y} being low is 0.5.",
    ):
        question = f"If {x} is changed to be high, will {y} be more likely to be high?"
        assert solve_text(f"{' '.join(lines)}\n{statements}\n{question}").status == "lack_condition"
    assert tests < 1700
