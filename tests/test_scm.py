"""Models: the joint, interventions and counterfactuals against plain enumeration of every response."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from caugym.causal.graph import DAG
from caugym.causal.scm import SCM, Mechanism, random_scm

GRAPH = DAG(("z", "x", "m", "y"), (("z", "x"), ("z", "y"), ("x", "m"), ("m", "y"), ("x", "y")))


def models(count: int) -> list[SCM]:
    rng = np.random.default_rng(3)
    return [random_scm(GRAPH, rng) for _ in range(count)]


def brute_force(scm: SCM, worlds: list[dict[str, int | str]]) -> list[tuple[float, list[dict[str, int]]]]:
    """Every draw of all response functions: its weight and the values in each world ("copy": as in world 0)."""
    nodes = scm.graph.topological_order()
    found = []
    for draw in product(*(range(len(scm.mechanisms[node].weights)) for node in nodes)):
        weight = np.prod([scm.mechanisms[node].weights[r] for node, r in zip(nodes, draw, strict=True)])
        outcomes: list[dict[str, int]] = []
        for world in worlds:
            values: dict[str, int] = {}
            for node, response in zip(nodes, draw, strict=True):
                configuration = 0
                for parent in scm.graph.parents(node):
                    configuration = 2 * configuration + values[parent]
                natural = int(scm.mechanisms[node].responses[response, configuration])
                forced = world.get(node, natural)
                values[node] = outcomes[0][node] if forced == "copy" else int(forced)
            outcomes.append(values)
        found.append((float(weight), outcomes))
    return found


def test_coupled_mechanisms_reproduce_their_table() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        table = rng.random(8)
        mechanism = Mechanism.coupled(table, rng.random(8))
        assert np.abs(mechanism.table - table).max() < 1e-12
        assert len(mechanism.weights) <= 17


def test_without_shifts_no_draw_is_prevented_by_a_likelier_configuration() -> None:
    mechanism = Mechanism.coupled(np.array([0.2, 0.7]))
    assert mechanism.pair_table[2, 0, 1] == 0  # 1 at the first configuration and 0 at the second
    assert mechanism.pair_table[3, 0, 1] == pytest.approx(0.2)


def test_the_joint_is_markov_to_the_graph() -> None:
    for scm in models(20):
        assert scm.joint().sum() == pytest.approx(1, abs=1e-12)
        kept = scm.probability((("y", 1),), (("x", 1), ("m", 0), ("z", 1)))
        assert kept == pytest.approx(scm.mechanisms["y"].table[scm_bits(scm, z=1, x=1, m=0)], abs=1e-12)
        assert scm.probability((("m", 1),), (("x", 1), ("z", 0))) == pytest.approx(
            scm.probability((("m", 1),), (("x", 1),)), abs=1e-12
        )


def scm_bits(scm: SCM, **values: int) -> int:
    configuration = 0
    for parent in scm.graph.parents("y"):
        configuration = 2 * configuration + values[parent]
    return configuration


def test_counterfactuals_agree_with_every_draw() -> None:
    for scm in models(3):
        y, x1, x0 = (("y", 1),), (("x", 1),), (("x", 0),)
        draws = brute_force(scm, [{}, {"x": 1}])
        seen = [(w, b) for w, (a, b) in draws if a["x"] == 0 and a["y"] == 0]
        sufficiency = sum(w for w, b in seen if b["y"] == 1) / sum(w for w, _ in seen)
        assert scm.counterfactual(y, x1, (("x", 0), ("y", 0))) == pytest.approx(sufficiency, abs=1e-12)
        draws = brute_force(scm, [{"x": 0}, {"x": 1, "m": "copy"}])
        nested = sum(w for w, (_, b) in draws if b["y"] == 1)
        assert scm.nested(y, x1, ("m",), x0) == pytest.approx(nested, abs=1e-12)


def test_one_world_counterfactuals_are_interventions_and_observations() -> None:
    for scm in models(20):
        y, x1 = (("y", 1),), (("x", 1),)
        assert scm.counterfactual(y, x1) == pytest.approx(scm.probability(y, do=x1), abs=1e-12)
        assert scm.counterfactual(y, x1, x1) == pytest.approx(scm.probability(y, x1), abs=1e-12)
        assert scm.nested(y, x1, ("m",), x1) == pytest.approx(scm.probability(y, do=x1), abs=1e-12)


def test_contradictions_and_impossible_conditions() -> None:
    scm = SCM(
        DAG(("a", "b"), (("a", "b"),)),
        {
            "a": Mechanism.coupled(np.array([1.0])),
            "b": Mechanism.coupled(np.array([0.5, 0.5])),
        },
    )
    assert scm.probability((("a", 0),), (("a", 1),)) == 0
    with pytest.raises(ValueError, match="probability 0"):
        scm.probability((("b", 1),), (("a", 0),))
    with pytest.raises(ValueError, match="probability 0"):
        scm.counterfactual((("b", 1),), (("a", 1),), (("a", 0),))
    with pytest.raises(ValueError, match="unknown node 'q'"):
        scm.probability((("q", 1),))
    with pytest.raises(ValueError, match="binary"):
        scm.probability((("a", 2),))


def test_bad_mechanisms_are_refused() -> None:
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        Mechanism.coupled(np.array([1.2]))
    with pytest.raises(ValueError, match="no distribution"):
        Mechanism(np.array([[0], [1]], dtype=np.int8), np.array([0.5, 0.6]))
    with pytest.raises(ValueError, match="no mechanism for node 'b'"):
        SCM(DAG(("a", "b")), {"a": Mechanism.coupled(np.array([0.5]))})
    with pytest.raises(ValueError, match="2 parent configurations"):
        SCM(DAG(("a", "b"), (("a", "b"),)), {v: Mechanism.coupled(np.array([0.5])) for v in "ab"})


def test_random_models_keep_their_distance_from_certainty() -> None:
    rng = np.random.default_rng(5)
    tables = np.concatenate(
        [m.table for _ in range(50) for m in random_scm(GRAPH, rng, margin=0.05).mechanisms.values()]
    )
    assert tables.min() >= 0.05 and tables.max() <= 0.95
