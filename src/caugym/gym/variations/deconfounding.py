"""Deconfounding: only a nonempty adjustment set answers, and the unadjusted numbers can stand beside it to tempt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from caugym.causal.estimand import P, value
from caugym.causal.identify import formula
from caugym.errors import InputError
from caugym.gym import tasks
from caugym.gym.conventions import TOLERANCE
from caugym.gym.presets import Preset
from caugym.gym.problem import TASKS
from caugym.gym.variations import Draft, Made, base, printed

PRESET = "deconfounding"
TEMPTATION = 2 * float(TOLERANCE)
"""The unadjusted value is at least this far from the answer, so that it never passes for it."""

mentioned, pair = base.mentioned, base.pair


def adapt(preset: Preset) -> Preset:
    """Without zero effects and empty adjustment sets. Raises InputError when a task has no other set left."""
    adjustment = {}
    for task in TASKS:
        weights = preset.adjustment.get(task, {1: 1.0})
        adjustment[task] = {size: weight for size, weight in weights.items() if size > 0 and weight > 0}
        if not adjustment[task]:
            raise InputError(f"deconfounding needs adjustment sets of one variable or more, {task} allows none")
    return replace(preset, no_effect={}, adjustment=adjustment)


def make(draft: Draft, rng: np.random.Generator) -> Made | None:
    """The unadjusted numbers, where they are printed, stand before or after the others."""
    found, scm = draft.found, draft.model(rng)

    def exact(p: P) -> float:
        return scm.probability(p.event, p.condition)  # type: ignore[arg-type]  # written-out terms have values

    naive = formula(found.query, found.mediators, ())
    if abs(value(naive, exact) - value(found.estimand, exact)) < TEMPTATION:
        return None
    givens = draft.givens
    if draft.preset.naive:
        shown = {(frozenset(given.event), frozenset(given.condition)) for given in givens}
        unadjusted = tasks.load(found.query.task).statements(replace(found, estimand=naive, adjustment_set=()))
        extra = tuple(printed(scm, p) for p in unadjusted if p.facts not in shown)
        givens = extra + givens if rng.integers(2) else givens + extra
    return Made(base.prompt(draft, givens), givens, provenance={"unadjusted": round(float(value(naive, exact)), 6)})
