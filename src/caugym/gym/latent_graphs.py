"""Random graphs with latent common causes, for the tasks beyond adjustment."""

from __future__ import annotations

import numpy as np

from caugym.causal.graph import DAG
from caugym.gym.presets import Preset


def with_latent(names: tuple[str, ...], latent: int, preset: Preset, rng: np.random.Generator) -> DAG:
    """A graph whose edges point forwards in ``names``, with ``latent`` unobserved common causes of two each.

    Each edge between observed variables is present with the preset's probability ``density``; a variable that would
    stand alone gets an edge. Raises ValueError when fewer than three observed variables are left.
    """
    count = len(names)
    if count - latent < 3:
        raise ValueError(f"{latent} latent variables among {count} leave fewer than three observed ones")
    hidden = {int(i) for i in rng.choice(count - 2, size=latent, replace=False)}
    observed = [i for i in range(count) if i not in hidden]
    edges: set[tuple[int, int]] = set()
    for cause in hidden:
        later = [i for i in observed if i > cause]
        edges |= {(cause, later[int(k)]) for k in rng.choice(len(later), size=2, replace=False)}
    pairs = [(a, b) for a in observed for b in observed if a < b]
    edges |= {pair for pair, p in zip(pairs, rng.random(len(pairs)), strict=True) if p < preset.density}
    for i in observed:
        if not any(i in edge for edge in edges):
            other = observed[int(rng.integers(len(observed) - 1))]
            other = observed[-1] if other == i else other
            edges.add((min(i, other), max(i, other)))
    return DAG(names, tuple((names[a], names[b]) for a, b in sorted(edges)), tuple(names[i] for i in sorted(hidden)))
