"""Graphs: errors that name the fault, d-separation against networkx, adjustment sets against the definition."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest

from caugym.causal.graph import DAG

CONFOUNDED = DAG(("a", "x", "m", "y"), (("a", "x"), ("a", "y"), ("x", "m"), ("m", "y"), ("x", "y")))


def random_dag(rng: np.random.Generator, count: int, density: float = 0.4) -> DAG:
    names = tuple(str(i) for i in rng.permutation(count))
    edges = [(a, b) for a, b in combinations(names, 2) if rng.random() < density]
    return DAG(tuple(str(i) for i in rng.permutation(count)), tuple(edges))


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        (("a", "b", "c"), (("a", "b"), ("b", "c"), ("c", "a")), "cycle a -> b -> c -> a"),
        (("a",), (("a", "a"),), "cycle a -> a"),
        (("d", "a", "b"), (("b", "a"), ("a", "b"), ("b", "d")), "cycle a -> b -> a"),
        (("a", "b"), (("a", "z"),), "unknown node 'z' in edge a -> z"),
        (("a", "b", "a"), (), "duplicate node 'a'"),
        (("a", "b"), (("a", "b"), ("a", "b")), "duplicate edge a -> b"),
    ],
)
def test_a_bad_graph_is_refused_by_name(nodes: tuple, edges: tuple, message: str) -> None:
    with pytest.raises(ValueError, match="^" + message + "$"):
        DAG(nodes, edges)


def test_relations() -> None:
    assert CONFOUNDED.parents("y") == ("a", "x", "m")
    assert CONFOUNDED.children("a") == ("x", "y")
    assert CONFOUNDED.ancestors("y") == {"a", "x", "m"}
    assert CONFOUNDED.descendants("x") == {"m", "y"}
    assert CONFOUNDED.mediators("x", "y") == ("m",)
    assert CONFOUNDED.has_directed_path("a", "m") and not CONFOUNDED.has_directed_path("m", "a")
    assert list(CONFOUNDED.directed_paths("a", "y")) == [("a", "x", "m", "y"), ("a", "x", "y"), ("a", "y")]
    with pytest.raises(ValueError, match="unknown node 'q'"):
        CONFOUNDED.parents("q")


def test_topological_order_takes_the_earliest_node_first() -> None:
    graph = DAG(("d", "b", "c", "a"), (("c", "d"), ("a", "b")))
    assert graph.topological_order() == ("c", "d", "a", "b")


def test_equal_graphs_are_equal_whatever_was_asked_of_them() -> None:
    other = DAG(CONFOUNDED.nodes, CONFOUNDED.edges)
    CONFOUNDED.topological_order()
    assert other == CONFOUNDED and hash(other) == hash(CONFOUNDED)


def test_d_separation_agrees_with_networkx() -> None:
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(0)
    verdicts = []
    for _ in range(300):
        graph = random_dag(rng, int(rng.integers(3, 8)))
        a, b, *rest = (str(i) for i in rng.permutation(len(graph.nodes)))
        given = {node for node in rest if rng.random() < 0.4}
        theirs = networkx.DiGraph(list(graph.edges))
        theirs.add_nodes_from(graph.nodes)
        verdicts.append(graph.d_separated(a, b, given))
        assert verdicts[-1] == networkx.is_d_separator(theirs, {a}, {b}, given)
    assert 50 < sum(verdicts) < 250


def test_overlapping_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="'a' stands in two"):
        CONFOUNDED.d_separated("a", "y", ["a"])


def test_adjustment_sets_are_the_minimal_backdoor_sets() -> None:
    rng = np.random.default_rng(1)
    for _ in range(150):
        graph = random_dag(rng, int(rng.integers(3, 7)), 0.5)
        x, y = (str(i) for i in rng.permutation(len(graph.nodes))[:2])
        rest = [node for node in graph.topological_order() if node not in (x, y)]
        subsets = chain.from_iterable(combinations(rest, size) for size in range(len(rest) + 1))
        valid = [set(z) for z in subsets if graph.is_backdoor_set(x, y, z)]
        minimal = [z for z in valid if not any(other < z for other in valid)]
        found = graph.minimal_adjustment_sets(x, y)
        assert [set(z) for z in found] == minimal
        assert list(found) == sorted(found, key=len)
        assert bool(found) == (y not in graph.parents(x))


def test_the_first_adjustment_set_of_a_large_graph_comes_fast() -> None:
    nodes = tuple(f"n{i}" for i in range(60))
    graph = DAG(nodes, tuple((nodes[i], nodes[j]) for i in range(60) for j in range(i + 1, min(i + 3, 60))))
    assert next(graph.adjustment_sets("n30", "n31")) == ("n29",) or len(next(graph.adjustment_sets("n30", "n31"))) <= 2
