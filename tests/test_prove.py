"""The proof script: it passes what is right and finds what is not."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from caugym.gym.generate import generate
from caugym.gym.problem import Answer


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[1] / "scripts" / "prove.py"
    spec = importlib.util.spec_from_file_location("prove", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_cell_is_proved_and_made_alike_by_another_process(script: ModuleType) -> None:
    line = script.prove(("NIE", "insufficient"), 2)
    assert (line["problems"], line["unread"], line["faults"]) == (12, 0, [])
    assert script.shared([line], "texts") == script.shared([line], "worlds") == 0
    groups = list(line["worlds"])
    line["worlds"][groups[0]].append(line["worlds"][groups[1]][0])
    assert script.shared([line], "worlds") == 1


def test_wrong_problems_are_found(script: ModuleType) -> None:
    problem = next(p for i in range(20) if (p := generate("ATE", seed=4, index=i)).givens)
    value = problem.answer.value
    assert value is not None and script.check(problem, float(value)) == ""
    assert "off the enumerated value" in script.check(problem, float(value) + 0.002)
    turned = replace(problem, answer=Answer(value, not problem.answer.decision))
    assert "ends with another answer" in script.check(turned, float(value))
    moved = Answer(value + Decimal("0.0002"), problem.answer.decision)
    assert "the solver says" in script.check(
        replace(problem, answer=moved, solution=problem.solution + "\n" + moved.text()), float(value)
    )
    lacking = next(p for i in range(4) if (p := generate("PS", "insufficient", index=i)).answer.lacks_condition)
    assert script.check(lacking, None) == ""
    proof = {**lacking.provenance["proof"], "models": [lacking.provenance["proof"]["models"][0]] * 2}
    assert script.check(replace(lacking, provenance={"proof": {**proof, "answers": [0.5, 0.5]}}), None) == (
        "the two models have the same answer"
    )


def test_an_unfinished_file_goes_on(script: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "proof.jsonl"
    file.write_text('{"each": 2, "cell": "ATE/base"}\n{"each": 4, "cell": "ATE/base"}\n{"each": 2, "ce')
    assert script._finished(file, {"each": 2}) == [{"each": 2, "cell": "ATE/base"}]
    assert script._finished(tmp_path / "none.jsonl", {"each": 2}) == []
