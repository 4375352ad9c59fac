"""Verified problems per second on one core, beside pgmpy and reasoning-gym: python benchmarks/generate_speed.py

All in one run, in seconds of processor time of this process:

- problems per second of each variation over the seven tasks, every one proved before it leaves;
- the same inference in pgmpy (if installed): the average treatment effect in the models of problems, by this package's
  enumeration and by pgmpy's variable elimination, the model's building included in both;
- items per second of reasoning-gym's arithmetic generators (if installed), which compute an answer but prove nothing.

Prints JSON with the ratios.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count, cycle

import numpy as np

from caugym.causal.graph import DAG
from caugym.causal.scm import SCM, Mechanism, random_scm
from caugym.gym import variations
from caugym.gym.generate import generate, random_graph
from caugym.gym.presets import PRESETS
from caugym.gym.problem import TASKS

ARITHMETIC = ("basic_arithmetic", "chain_sum", "decimal_arithmetic", "fraction_simplification", "gcd", "lcm")


def rate(work: Iterable[object], seconds: float) -> float:
    """Steps of ``work`` per second of processor time, the first one not counted."""
    steps = iter(work)
    next(steps)
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        next(steps)
        done += 1
    return done / (time.process_time() - start)


def problems(variation: str) -> Iterator[object]:
    for index in count():
        for task in TASKS:
            yield generate(task, variation, seed=9, index=index)


def models(many: int) -> list[tuple[DAG, dict[str, np.ndarray]]]:
    """Graphs of four to eight nodes with their tables, treatment first and outcome last."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(many):
        graph = random_graph(tuple("ABCDEFGH"[: int(rng.integers(4, 9))]), PRESETS["wide"], rng)
        scm = random_scm(graph, rng)
        found.append((graph, {node: scm.mechanisms[node].table for node in graph.nodes}))
    return found


def by_enumeration(graph: DAG, tables: dict[str, np.ndarray]) -> float:
    scm = SCM(graph, {node: Mechanism.coupled(table) for node, table in tables.items()})
    x, outcome = graph.nodes[0], ((graph.nodes[-1], 1),)
    return scm.probability(outcome, do=((x, 1),)) - scm.probability(outcome, do=((x, 0),))


def by_pgmpy(graph: DAG, tables: dict[str, np.ndarray]) -> float:
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork

    network = DiscreteBayesianNetwork(list(graph.edges))
    for node, table in tables.items():
        parents = list(graph.parents(node))
        values = np.stack([1 - table, table])
        network.add_cpds(TabularCPD(node, 2, values, parents or None, [2] * len(parents) or None))
    x, y = graph.nodes[0], graph.nodes[-1]
    after = VariableElimination(network.do([x]))
    high, low = (after.query([y], evidence={x: value}, show_progress=False).get_value(**{y: 1}) for value in (1, 0))
    return float(high - low)


def effects(compute: Callable[[DAG, dict[str, np.ndarray]], float], many: int = 50) -> Iterator[float]:
    return (compute(*one) for one in cycle(models(many)))


def arithmetic(name: str) -> Iterator[object]:
    import reasoning_gym

    return iter(reasoning_gym.create_dataset(name, size=1_000_000, seed=9))


def measure(seconds: float) -> dict[str, object]:
    ours = {variation: rate(problems(variation), seconds) for variation in variations.names()}
    enumeration = rate(effects(by_enumeration), seconds)
    found: dict[str, object] = {
        "verified problems per second": {name: round(speed, 1) for name, speed in ours.items()},
        "effects per second, caugym": round(enumeration, 1),
    }
    try:
        logging.getLogger("pgmpy").setLevel(logging.ERROR)
        same = zip(effects(by_enumeration), effects(by_pgmpy), range(20), strict=False)
        assert all(abs(a - b) < 1e-9 for a, b, _ in same), "pgmpy and caugym disagree"
        theirs = rate(effects(by_pgmpy), seconds)
        found |= {"effects per second, pgmpy": round(theirs, 1), "caugym / pgmpy": round(enumeration / theirs, 1)}
    except ModuleNotFoundError as error:
        found["effects per second, pgmpy"] = f"not measured: {error}"
    try:
        speeds = {name: rate(arithmetic(name), seconds) for name in ARITHMETIC}
        found["items per second, reasoning-gym"] = {name: round(speed, 1) for name, speed in speeds.items()}
        middle = float(np.median(list(speeds.values())))
        found["caugym base / reasoning-gym median"] = round(ours["base"] / middle, 4)
    except ModuleNotFoundError as error:
        found["items per second, reasoning-gym"] = f"not measured: {error} (pip install reasoning-gym)"
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="processor time of each measurement")
    print(json.dumps(measure(parser.parse_args().seconds), indent=2))
