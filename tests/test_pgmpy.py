"""Conditional probabilities and interventional effects against pgmpy, to 1e-9."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from caugym.causal.scm import SCM, random_scm
from caugym.gym.generate import random_graph
from caugym.gym.presets import Preset

MODELS = 200


def in_pgmpy(scm: SCM) -> object:
    """The model's tables as a pgmpy Bayesian network, states 0 and 1."""
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    network = DiscreteBayesianNetwork(list(scm.graph.edges))
    for node in scm.graph.nodes:
        parents = scm.graph.parents(node)
        table = scm.mechanisms[node].table
        cards = [2] * len(parents)
        network.add_cpds(TabularCPD(node, 2, np.stack([1 - table, table]), list(parents) or None, cards or None))
    return network


def test_200_random_models_agree_with_pgmpy() -> None:
    pytest.importorskip("pgmpy")
    logging.getLogger("pgmpy").setLevel(logging.ERROR)
    from pgmpy.inference import VariableElimination

    rng = np.random.default_rng(11)
    preset = Preset(edges={}, density=0.5)
    for _ in range(MODELS):
        names = tuple("ABCDEF"[: int(rng.integers(3, 7))])
        scm = random_scm(random_graph(names, preset, rng), rng)
        network = in_pgmpy(scm)
        x, y, z = (str(v) for v in rng.permutation(names)[:3])
        value = int(rng.integers(2))
        theirs = VariableElimination(network).query([y], evidence={x: value, z: 1}, show_progress=False)
        assert abs(theirs.get_value(**{y: 1}) - scm.probability(((y, 1),), ((x, value), (z, 1)))) < 1e-9
        mutilated = network.do([x])
        effect = VariableElimination(mutilated).query([y], evidence={x: value}, show_progress=False)
        assert abs(effect.get_value(**{y: 1}) - scm.probability(((y, 1),), do=((x, value),))) < 1e-9
