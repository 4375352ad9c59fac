"""The ID algorithm: known diagrams, enumeration of random models with latent variables, and y0's verdicts."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from caugym.causal.admg import ADMG, project
from caugym.causal.estimand import Expression, P, Quotient, bind, expand, free, parts, text, value
from caugym.causal.graph import DAG
from caugym.causal.id_algorithm import Hedge, interventional
from caugym.causal.latex import latex
from caugym.causal.scm import SCM, random_scm


def diagram(nodes: str, edges: str, bidirected: str = "") -> DAG:
    """ "XM MY" and "XY" are X -> M -> Y and X <-> Y, each latent common cause a node U0, U1, ..."""
    pairs = bidirected.split()
    latent = tuple(f"U{i}" for i in range(len(pairs)))
    hidden = tuple((u, node) for u, pair in zip(latent, pairs, strict=True) for node in pair)
    return DAG((*latent, *nodes), (*hidden, *((a, b) for a, b in edges.split())), latent)


KNOWN = {
    "front door": (
        diagram("XMY", "XM MY", "XY"),
        "sum_{M} P(M|X=1)*[sum_{X} P(X)*P(Y=1|X,M)]",
    ),
    "front door with an observed confounder": (
        diagram("CXMY", "CX CM CY XM MY", "XY"),
        "sum_{C,M} P(C)*P(M|C,X=1)*[sum_{X} P(X|C)*P(Y=1|C,X,M)]",
    ),
    "napkin": (
        diagram("WZXY", "WZ ZX XY", "WX WY"),
        "[sum_{W} P(W)*P(X=1|W,Z=0)*P(Y=1|W,Z=0,X=1)]/[sum_{W} P(W)*P(X=1|W,Z=0)]",
    ),
    "backdoor": (diagram("ZXY", "ZX ZY XY"), "sum_{Z} P(Z)*P(Y=1|Z,X=1)"),
    "no effect": (diagram("XY", "YX"), "P(Y=1)"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_formulas(name: str) -> None:
    graph, formula = KNOWN[name]
    found = interventional(project(graph), (("Y", 1),), (("X", 1),))
    assert not isinstance(found, Hedge)
    assert text(found) == formula


def test_a_bow_is_a_hedge() -> None:
    found = interventional(project(diagram("XY", "XY", "XY")), (("Y", 1),), (("X", 1),))
    assert found == Hedge(frozenset("Y"), frozenset("XY"))


def test_an_unknown_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown variable 'U0' \\(observed are X, M, Y\\)"):
        interventional(project(KNOWN["front door"][0]), (("Y", 1),), (("U0", 1),))


def test_the_latent_projection() -> None:
    """Latent chains and latent variables with causes: U -> L -> {A, B} and A -> K -> B."""
    edges = (("U", "L"), ("L", "A"), ("L", "B"), ("A", "K"), ("K", "B"), ("U", "C"))
    projected = project(DAG(("U", "L", "A", "K", "B", "C"), edges, ("U", "L", "K")))
    assert projected.directed == {("A", "B")}
    assert projected.bidirected == {frozenset("AB"), frozenset("AC"), frozenset("BC")}
    assert projected.c_components() == (frozenset("ABC"),)
    assert ADMG(tuple("ABC"), frozenset(), frozenset()).c_components() == tuple(map(frozenset, "ABC"))


def test_binding_leaves_what_a_sum_runs_over() -> None:
    tree = KNOWN["front door"][0]
    found = interventional(project(tree), (("Y", 1),), (("X", 0),))
    assert not isinstance(found, Hedge)
    assert free(found) == frozenset() and bind(found, {"X": 1, "M": 1}) == found
    assert r"\left[\sum_{x}" in latex(found)


def exact(scm: SCM, p: P) -> float:
    return scm.probability(p.event, p.condition)


def random_diagram(rng: np.random.Generator, largest: int) -> tuple[DAG, str, str]:
    nodes = "ABCDEF"[: int(rng.integers(3, largest + 1))]
    pairs = [a + b for i, a in enumerate(nodes) for b in nodes[i + 1 :]]
    edges, bows = ([pair for pair in pairs if rng.random() < share] for share in (0.5, 0.3))
    x, y = sorted(rng.choice(list(nodes), 2, replace=False))
    return diagram(nodes, " ".join(edges), " ".join(bows[:6])), str(x), str(y)


def holds_quotient(tree: Expression) -> bool:
    return isinstance(tree, Quotient) or any(holds_quotient(part) for part in parts(tree))


@pytest.mark.parametrize("core", ["", "napkin"])
def test_every_formula_equals_the_enumeration(core: str) -> None:
    """On any diagrams, and on those around the napkin, whose formulas are quotients."""
    rng = np.random.default_rng(1)
    quotients = identified = 0
    for _ in range(300):
        graph, x, y = around_the_napkin(rng) if core else random_diagram(rng, 6)
        found = interventional(project(graph), ((y, 1),), ((x, 0),))
        if isinstance(found, Hedge):
            continue
        scm = random_scm(graph, rng)
        truth = scm.probability(((y, 1),), (), ((x, 0),))
        assert value(found, partial(exact, scm)) == pytest.approx(truth, abs=1e-9), (graph, x, y, text(found))
        assert not any(node in graph.latent for p in _terms(found) for node, _ in (*p.event, *p.condition))
        identified += 1
        quotients += holds_quotient(found)
    assert identified > 80 and (quotients > 50 or not core)


def around_the_napkin(rng: np.random.Generator) -> tuple[DAG, str, str]:
    """The napkin with some of the edges that a sixth and a seventh variable add."""
    more = ["AW", "AZ", "AY", "XB", "BY", "AX"]
    edges = ["WZ", "ZX", "XY"] if rng.random() < 0.5 else ["WZ", "ZX", "XB", "BY"]
    edges += [pair for pair in more if pair not in edges and rng.random() < 0.3]
    bows = [pair for pair in ("AZ", "AY", "ZB", "AB") if rng.random() < 0.15]
    return diagram("AWZXBY", " ".join(edges), " ".join(["WX", "WY", *bows])), "X", "Y"


def _terms(tree: Expression) -> list[P]:
    return [tree] if isinstance(tree, P) else [p for part in parts(expand(tree)) for p in _terms(part)]


def test_what_is_identified_is_what_y0_identifies() -> None:
    graphs = pytest.importorskip("y0.graph")
    from y0.algorithm.identify import identify_outcomes
    from y0.dsl import Variable

    rng = np.random.default_rng(2)
    verdicts = {True: 0, False: 0}
    for _ in range(250):
        graph, x, y = random_diagram(rng, 6)
        projected = project(graph)
        theirs = graphs.NxMixedGraph.from_str_edges(
            nodes=list(projected.nodes),
            directed=list(projected.directed),
            undirected=[tuple(pair) for pair in projected.bidirected],
        )
        known = identify_outcomes(theirs, treatments={Variable(x)}, outcomes={Variable(y)}) is not None
        ours = not isinstance(interventional(projected, ((y, 1),), ((x, 0),)), Hedge)
        assert known == ours, (graph, x, y)
        verdicts[known] += 1
    assert min(verdicts.values()) > 30
