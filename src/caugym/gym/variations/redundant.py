"""Redundant: one to six statements that are true of the same model but that the answer does not need."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from caugym.causal.estimand import P
from caugym.causal.scm import SCM
from caugym.gym.presets import Preset, draw
from caugym.gym.problem import Assignment, Given
from caugym.gym.variations import Draft, Made, base, printed

PRESET = "redundant"
RARE = 0.02
"""Conditions less likely than this are not spoken of."""

Nodes = tuple[frozenset[str], frozenset[str]]

mentioned, pair, adapt = base.mentioned, base.pair, base.adapt


def make(draft: Draft, rng: np.random.Generator) -> Made | None:
    scm = draft.model(rng)
    extra = irrelevant(draw(draft.preset.redundant, rng), draft.givens, scm, draft.preset, rng)
    givens = list(draft.givens)
    for given in extra:
        givens.insert(int(rng.integers(len(givens) + 1)) if draft.preset.anywhere else len(givens), given)
    shown = [str(g.value) for g in extra]
    return Made(base.prompt(draft, givens), tuple(givens), provenance={"redundant": shown})


def irrelevant(
    count: int, known: Collection[Given], scm: SCM, preset: Preset, rng: np.random.Generator
) -> tuple[Given, ...]:
    """``count`` random statements about other variables, or other conditions, than ``known`` speaks of."""
    taken = {_nodes(given.event, given.condition) for given in known}
    extra: list[Given] = []
    while len(extra) < count:
        events, conditions = draw(preset.shapes, rng)
        size = min(events + conditions, len(scm.graph.observed))
        chosen = [scm.graph.observed[i] for i in rng.choice(len(scm.graph.observed), size, replace=False)]
        values = [(node, int(v)) for node, v in zip(chosen, rng.integers(2, size=size), strict=True)]
        event, condition = tuple(values[:events]), tuple(values[events:])
        if _nodes(event, condition) in taken or (condition and scm.probability(condition) < RARE):
            continue
        given = printed(scm, P(event, condition))
        if 0 < given.value < 1:
            taken.add(_nodes(event, condition))
            extra.append(given)
    return tuple(extra)


def _nodes(event: Assignment, condition: Assignment) -> Nodes:
    return frozenset(node for node, _ in event), frozenset(node for node, _ in condition)
