"""Insufficient: a needed statement is taken away, so that the answer is LACK_CONDITION.

The proof stays with the problem: two models on the graph that agree on everything printed and differ in the
answer. With ``controls`` each such problem is paired with the same problem whole: indices 2k and 2k + 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from caugym.causal.estimand import Expression, P, terms, value
from caugym.causal.scm import SCM
from caugym.causal.twin import tables, twin
from caugym.gym import tasks
from caugym.gym.conventions import TOLERANCE
from caugym.gym.derivation import Knowledge
from caugym.gym.presets import Preset
from caugym.gym.problem import Given, Query
from caugym.gym.variations import Draft, Made, base, printed

PRESET = "insufficient"
GAP = 10 * float(TOLERANCE)
"""The two models' answers are at least this far apart."""

mentioned = base.mentioned


def adapt(preset: Preset) -> Preset:
    """Without zero effects: those need no numbers."""
    return replace(preset, no_effect={})


def pair(preset: Preset) -> bool:
    return preset.controls


def make(draft: Draft, rng: np.random.Generator) -> Made | None:
    """Either member of a pair makes the same draws; the preset's ``hint`` stands below both."""
    scm = draft.model(rng)
    control = draft.preset.controls and draft.member == int(rng.integers(2))
    for kept in _shortened(draft, rng):
        proof = undetermined(scm, kept, draft.found.estimand, draft.found.query)
        if proof is None or (draft.preset.controls and not kept):
            continue
        if control:
            return Made(base.prompt(draft, draft.givens), draft.givens, provenance={"control": True})
        missing = Knowledge(kept, draft.graph).missing(terms(draft.found.estimand))
        return Made(base.prompt(draft, kept), kept, missing, {"control": False, "proof": proof})
    return None


def _shortened(draft: Draft, rng: np.random.Generator) -> list[tuple[Given, ...]]:
    """What may be left of the statements, in the order to try."""
    givens = draft.givens
    if draft.preset.removed_last:
        return [givens[: -draft.preset.removed_last]]
    return [givens[:i] + givens[i + 1 :] for i in rng.permutation(len(givens))]


def undetermined(scm: SCM, givens: tuple[Given, ...], estimand: Expression, query: Query) -> dict[str, Any] | None:
    """The tables and answers of two models that print ``givens`` alike; None where no twin is found."""
    stated = [P(given.event, given.condition) for given in givens]
    other = twin(scm, stated, estimand, GAP)
    if other is None or tuple(printed(other, p) for p in stated) != givens:
        return None
    return {"models": [tables(scm), tables(other)], "answers": [_answer(m, estimand, query) for m in (scm, other)]}


def _answer(scm: SCM, estimand: Expression, query: Query) -> float:
    """By enumeration where the answer is one number of the model, by the formula where it is a bound."""
    if query.bound:
        exact = value(estimand, lambda p: scm.probability(p.event, p.condition))  # type: ignore[arg-type]
    else:
        exact = tasks.load(query.task).truth(scm, query)
    return round(float(exact), 9)
