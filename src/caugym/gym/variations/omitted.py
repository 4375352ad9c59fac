"""Omitted: a base problem in other words in which nothing names the estimand; only the question tells what is asked."""

from __future__ import annotations

import numpy as np

from caugym.gym.variations import Draft, Made, base
from caugym.gym.variations.rephrased import reworded

PRESET = "omitted"
DIALS = ("flipped", "loose")

mentioned, pair, adapt = base.mentioned, base.pair, base.adapt


def make(draft: Draft, rng: np.random.Generator) -> Made:
    return reworded(draft, rng, omitted=True)
