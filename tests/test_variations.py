"""The variations: the solver agrees, the proofs hold by enumeration, pairs, published form, determinism."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import pytest

from caugym.causal.estimand import P, terms, value
from caugym.causal.identify import Identified, formula, identify
from caugym.causal.twin import model
from caugym.errors import InputError
from caugym.gym import tasks, variations
from caugym.gym.conventions import TOLERANCE
from caugym.gym.derivation import Knowledge, Term
from caugym.gym.generate import generate, generate_many
from caugym.gym.presets import PRESETS
from caugym.gym.problem import BOUND_TASKS, TASKS, Problem
from caugym.gym.solve import solve_text
from caugym.gym.variations import printed
from test_read import assert_read_back

NEW = ("deconfounding", "redundant", "insufficient", "shortcut-proof")
EACH = 30


@cache
def made(variation: str, task: str) -> tuple[Problem, ...]:
    return tuple(generate_many(task, EACH, seed=11, split="test", variation=variation))


def found_of(problem: Problem) -> Identified:
    found = identify(problem.graph, problem.query)
    assert isinstance(found, Identified)
    return found


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("variation", NEW)
def test_the_solver_agrees_from_the_text_alone(variation: str, task: str) -> None:
    for problem in made(variation, task):
        assert solve_text(problem.prompt).answer == problem.answer, problem.id
        assert problem.solution.splitlines()[-1] == problem.answer.text()
        assert_read_back(problem)
        assert "(A=0)" in problem.prompt or "(A=1)" in problem.prompt or "(" in problem.prompt.splitlines()[1]


@pytest.mark.parametrize("variation", NEW)
def test_rows_round_trip_and_repeat(variation: str) -> None:
    for task in TASKS:
        again = generate(task, variation, "test", seed=11, index=7)
        assert again == made(variation, task)[7]
        assert Problem.from_row(json.loads(json.dumps(again.to_row()))) == again


@pytest.mark.parametrize("task", TASKS)
def test_deconfounding_needs_its_set_and_prints_the_temptation(task: str) -> None:
    for problem in made("deconfounding", task):
        found, known = found_of(problem), Knowledge(problem.givens, problem.graph)
        assert found.adjustment_set and not found.no_effect
        naive = formula(problem.query, found.mediators, ())
        assert all(known.find_printed(Term.from_p(p)) for p in terms(naive))
        assert abs(float(value(naive, known)) - float(problem.answer.value)) > float(TOLERANCE)


@pytest.mark.parametrize("task", TASKS)
def test_redundant_statements_are_one_to_six_and_not_needed(task: str) -> None:
    counts = Counter()
    for problem in made("redundant", task):
        needed = {p.facts for p in tasks.statements(found_of(problem))}
        extra = [g for g in problem.givens if (frozenset(g.event), frozenset(g.condition)) not in needed]
        assert len(problem.givens) == len(needed) + len(extra)
        counts[len(extra)] += 1
    assert set(counts) <= set(range(1, 7)) and len(counts) > 3


@pytest.mark.parametrize("variation", ["insufficient", "shortcut-proof"])
@pytest.mark.parametrize("task", TASKS)
def test_two_models_print_the_same_and_answer_differently(variation: str, task: str) -> None:
    lacking = [problem for problem in made(variation, task) if problem.answer.lacks_condition]
    assert lacking
    for problem in lacking:
        proof = json.loads(json.dumps(problem.provenance["proof"]))
        first, second = (model(problem.graph, tables) for tables in proof["models"])
        for given in problem.givens:
            p = P(given.event, given.condition)
            assert printed(first, p) == printed(second, p) == given
        estimand = found_of(problem).estimand
        for scm, stated in zip((first, second), proof["answers"], strict=True):
            exact = value(estimand, lambda p, scm=scm: scm.probability(p.event, p.condition))
            truth = exact if task in BOUND_TASKS else tasks.load(task).truth(scm, problem.query)
            assert abs(truth - stated) < 1e-6 and abs(exact - stated) < 1e-6
        assert abs(proof["answers"][0] - proof["answers"][1]) > 2 * float(TOLERANCE)
        assert "neither given nor implied" in problem.solution.splitlines()[-2]


def test_insufficient_has_as_many_controls() -> None:
    for task in TASKS:
        pairs = Counter(problem.provenance["pair"] for problem in made("insufficient", task))
        assert set(pairs.values()) == {2}
        for first, second in zip(made("insufficient", task)[::2], made("insufficient", task)[1::2], strict=True):
            assert first.provenance["pair"] == second.provenance["pair"]
            assert {first.answer.lacks_condition, second.answer.lacks_condition} == {True, False}
            assert (first.graph, first.query) == (second.graph, second.query)
            assert abs(len(first.givens) - len(second.givens)) == 1
    firsts = [problem.answer.lacks_condition for task in TASKS for problem in made("insufficient", task)[::2]]
    assert 0.3 < sum(firsts) / len(firsts) < 0.7


def test_published_presets_have_the_published_layout() -> None:
    deconfounding = generate("ATE", "deconfounding", preset="published-deconfounding")
    assert "relationships:" + deconfounding.graph.topological_order()[0].capitalize()[:1] in deconfounding.prompt
    assert len(deconfounding.givens) == 6 and deconfounding.prompt.splitlines()[1].endswith(". ")
    redundant = generate("ATE", "redundant", preset="published-redundant", no_effect={}, adjustment={"ATE": {1: 1}})
    assert [len(redundant.givens), len(redundant.provenance["redundant"])] == [8, 2]
    insufficient = generate("NIE", "insufficient", preset="published-insufficient", adjustment={"NIE": {1: 1}})
    assert insufficient.answer.lacks_condition and "pair" not in insufficient.provenance
    assert insufficient.prompt.splitlines()[1][-1].isdigit() and len(insufficient.givens) == 7
    assert "LACK_CONDITION" not in insufficient.prompt


def test_every_variation_names_its_preset() -> None:
    for name in variations.names():
        assert variations.load(name).PRESET in PRESETS


def test_deconfounding_without_a_set_is_refused() -> None:
    with pytest.raises(InputError, match="ATE allows none"):
        generate("ATE", "deconfounding", adjustment={"ATE": {0: 1.0}})
