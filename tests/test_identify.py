"""The formulas of the seven tasks: published examples, and enumeration of the model on random graphs."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from caugym.causal.estimand import Constant, P, text, value
from caugym.causal.graph import DAG
from caugym.causal.identify import NotIdentified, candidates, identify
from caugym.causal.query import TASKS, Query
from caugym.causal.scm import SCM, random_scm
from caugym.gym import tasks
from caugym.gym.generate import random_graph
from caugym.gym.presets import Preset

GRAPH = DAG(("A", "B", "C", "D"), (("A", "B"), ("A", "C"), ("A", "D"), ("B", "C"), ("B", "D"), ("C", "D")))
FORMULAS = {
    "ATE": "sum_{A} [P(D=1|B=1,A)*P(A)-P(D=1|B=0,A)*P(A)]",
    "CDE": "sum_{A} [P(D=1|B=1,C=0,A)-P(D=1|B=0,C=0,A)]*P(A)",
    "ETT": "P(D=1|B=0)-sum_{A} P(D=1|B=1,A)*P(A|B=0)",
    "NDE": "sum_{C}sum_{A} [P(D=1|B=1,C,A)-P(D=1|B=0,C,A)]*P(C|B=0,A)*P(A)",
    "NIE": "sum_{C}sum_{A} P(D=1|B=0,C,A)*[P(C|B=1,A)-P(C|B=0,A)]*P(A)",
    "PN": "max{0, [P(D=1)-P(D=1|do(B=0))]/P(B=1,D=1)}",
    "PS": "min{1, [P(D=1|do(B=1))-P(B=1,D=1)]/P(B=0,D=0)}",
}


def query(task: str, x: str = "B", y: str = "D") -> Query:
    if task == "PN":
        return Query("PN", x, y, 1, 0, 1, bound="lower")
    if task == "PS":
        return Query("PS", x, y, 0, 1, 0, bound="upper")
    return Query(task, x, y, 1, 0, 1, (("C", 0),) if task == "CDE" else ())


@pytest.mark.parametrize("task", TASKS)
def test_the_formulas_are_the_published_ones(task: str) -> None:
    found = identify(GRAPH, query(task))
    assert not isinstance(found, NotIdentified)
    assert text(found.estimand) == FORMULAS[task]
    assert found.adjustment_set == ("A",)
    assert found.mediators == (("C",) if task in ("CDE", "NDE", "NIE") else ())


@pytest.mark.parametrize(
    ("task", "edges", "reason"),
    [
        ("ATE", (("D", "B"), ("D", "C")), "no directed path"),
        ("ETT", (("C", "B"), ("C", "D")), "no directed path"),
        ("CDE", (("B", "C"), ("C", "D")), "no edge"),
        ("NDE", (("B", "C"), ("C", "D")), "no edge"),
        ("NIE", (("B", "D"), ("C", "D")), "no indirect path"),
    ],
)
def test_the_graph_alone_can_say_that_there_is_no_effect(task: str, edges: tuple, reason: str) -> None:
    found = identify(DAG(("B", "C", "D"), edges), query(task))
    assert not isinstance(found, NotIdentified)
    assert (found.estimand, found.no_effect) == (Constant(0), reason)


def test_bounds_on_an_effect_of_a_cause_of_the_treatment_are_not_identified() -> None:
    found = identify(DAG(("B", "D"), (("D", "B"),)), query("PN"))
    assert isinstance(found, NotIdentified)
    assert "backdoor path from B to D" in found.reason


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Query("XYZ", "B", "D", 1, 0, 1), "unknown task 'XYZ'"),
        (Query("ATE", "B", "B", 1, 0, 1), "same variable 'B'"),
        (Query("ATE", "B", "Q", 1, 0, 1), "unknown variable 'Q'"),
        (Query("CDE", "B", "D", 1, 0, 1, (("D", 0),)), "'D' cannot be both"),
    ],
)
def test_bad_queries_are_refused(bad: Query, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        identify(GRAPH, bad)


def exact(scm: SCM, p: P) -> float:
    return scm.probability(p.event, p.condition)


@pytest.mark.parametrize("task", TASKS)
def test_every_candidate_formula_equals_the_enumeration(task: str) -> None:
    """All minimal sets, of up to three variables and more, with up to three mediators and more."""
    rng = np.random.default_rng(TASKS.index(task))
    preset, module = Preset(edges={}, density=0.6), tasks.load(task)
    sizes = set()
    for _ in range(40):
        graph = random_graph(tuple("ABCDEFG"[: int(rng.integers(4, 8))]), preset, rng)
        pairs = module.pairs(graph, True)
        if not pairs:
            continue
        x, y = pairs[int(rng.integers(len(pairs)))]
        asked = module.ask(graph, x, y, rng)
        scm = random_scm(graph, rng)
        truth = module.truth(scm, asked)
        for found in candidates(graph, asked):
            number = value(found.estimand, partial(exact, scm))
            sizes.add((len(found.adjustment_set), len(found.mediators)))
            if asked.bound == "lower":
                assert number <= truth + 1e-9
            elif asked.bound == "upper":
                assert number >= truth - 1e-9
            else:
                assert number == pytest.approx(truth, abs=1e-9)
    assert max(z for z, _ in sizes) >= 2
    if task in ("CDE", "NDE", "NIE"):
        assert max(m for _, m in sizes) >= 3


@pytest.mark.parametrize("task", ["CDE", "NDE", "NIE", "ATE", "ETT"])
def test_every_query_with_an_effect_is_identified(task: str) -> None:
    """Models without hidden variables: adjustment for all non-descendants of the treatment always works."""
    rng = np.random.default_rng(7)
    preset, module = Preset(edges={}, density=0.6), tasks.load(task)
    for _ in range(40):
        graph = random_graph(tuple("ABCDEF"), preset, rng)
        for effect in (True, False):
            for x, y in module.pairs(graph, effect):
                found = identify(graph, module.ask(graph, x, y, rng))
                assert not isinstance(found, NotIdentified)
                assert (found.no_effect is None) == effect


def test_pairs_without_effect_have_a_true_effect_of_zero() -> None:
    rng = np.random.default_rng(9)
    preset = Preset(edges={}, density=0.5)
    for task in ("ATE", "CDE", "ETT", "NDE", "NIE"):
        module = tasks.load(task)
        for _ in range(20):
            graph = random_graph(tuple("ABCDE"), preset, rng)
            scm = random_scm(graph, rng)
            for x, y in module.pairs(graph, False):
                assert module.truth(scm, module.ask(graph, x, y, rng)) == pytest.approx(0, abs=1e-9)
