"""Rephrased: a base problem in other words, by the phrasing grammar; the estimand stays named."""

from __future__ import annotations

import numpy as np

from caugym.gym.variations import Draft, Made, base
from caugym.gym.wording.phrasing import Dials, rephrase

PRESET = "rephrased"
DIALS = ("flipped", "loose")

mentioned, pair, adapt = base.mentioned, base.pair, base.adapt


def make(draft: Draft, rng: np.random.Generator) -> Made:
    return reworded(draft, rng, omitted=False)


def reworded(draft: Draft, rng: np.random.Generator, omitted: bool) -> Made:
    """The split "test" also uses the productions that training never meets."""
    dials, hint = Dials(loose=draft.preset.loose), draft.preset.hint
    prompt = rephrase(
        draft.graph, draft.variables, draft.givens, draft.found.query, rng, omitted, draft.split, hint, dials
    )
    return Made(prompt, draft.givens)
