"""The base form: graph, exactly the numbers that the formula needs, and the question."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from caugym.causal.graph import DAG
from caugym.gym.presets import Preset
from caugym.gym.problem import Given
from caugym.gym.variations import Draft, Made, as_mentioned
from caugym.gym.wording import published

PRESET = "published-base"


def adapt(preset: Preset) -> Preset:
    """Every identified query has a base form."""
    return preset


def mentioned(graph: DAG, rng: np.random.Generator) -> DAG:
    return as_mentioned(graph)


def pair(preset: Preset) -> bool:
    return False


def make(draft: Draft, rng: np.random.Generator) -> Made:
    return Made(prompt(draft, draft.givens), draft.givens)


def prompt(draft: Draft, givens: Iterable[Given], grouped: bool = True) -> str:
    """The published form of ``givens`` and the draft's question, with the preset's letters, spaces and hint."""
    preset = draft.preset
    text = published.prompt(
        draft.graph,
        draft.by_name,
        givens,
        draft.found.query,
        draft.letters,
        preset.tight,
        preset.final_stop,
        grouped,
    )
    return f"{text}\n{published.LACK_HINT}" if preset.hint else text
