"""How problems are drawn: sizes, styles and shares. The "published" presets match the measured development files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from caugym.causal.query import EFFECT_TASKS, TASKS
from caugym.errors import InputError
from caugym.gym.wording.vocabulary import STYLES

Weights = Mapping[int, float]


@dataclass(frozen=True)
class Preset:
    """Relative weights of a problem's features; a task that a mapping does not name is left to chance.

    ``edges[n]`` weighs the number of edges of a graph with n nodes; without it, each edge beyond a spanning
    tree is present with probability ``density``. Sparse graphs seldom have the wanted sets, so the published
    weights of nodes and edges lean towards them: what is accepted then matches (tests/test_published_base.py).
    ``no_effect`` is the share of problems that the graph alone answers with zero. ``adjustment`` and
    ``mediators`` weigh the sizes of these sets among the other problems. ``letters`` annotates the conditions
    ("low (A=0)"). ``strength`` is the
    range of the causal coefficients on the logit scale, ``positive`` the share of positive ones.

    ``tight`` leaves out the space between edge sentences, ``final_stop`` False the last full stop of the
    statements, as published files do. ``hint`` adds the sentence that names LACK_CONDITION. ``naive`` prints
    the unadjusted numbers too (deconfounding). ``redundant`` weighs the number of irrelevant statements,
    ``shapes`` the numbers of variables in their event and condition, ``anywhere`` False puts them last.
    ``removed_last`` takes away so many statements from the end, 0 a random one (insufficient); ``controls``
    pairs each such problem with the same problem whole. ``insufficient`` is the share of problems without
    an answer (shortcut-proof). ``flipped`` is the share of effects that are asked for as "less likely", for the
    variations that say so (rephrased, omitted); ``loose`` the share of their texts in which names and words vary
    from mention to mention, more freely than the package's own reader can always follow.
    """

    nodes: Weights = field(default_factory=lambda: {3: 0.24, 4: 0.56, 5: 0.2})
    edges: Mapping[int, Weights] = field(
        default_factory=lambda: {
            3: {2: 84, 3: 16},
            4: {3: 38, 4: 30, 5: 27, 6: 5},
            5: {4: 23, 6: 9, 7: 57, 8: 11},
        }
    )
    density: float = 0.5
    styles: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STYLES, 1.0))
    no_effect: Mapping[str, float] = field(
        default_factory=lambda: {"ATE": 0.38, "CDE": 0.34, "ETT": 0.38, "NDE": 0.36, "NIE": 0.32, "ID": 0.2}
    )
    adjustment: Mapping[str, Weights] = field(
        default_factory=lambda: {
            "ATE": {0: 0.36, 1: 0.64},
            "CDE": {0: 0.55, 1: 0.45},
            "ETT": {0: 0.42, 1: 0.58},
            "NDE": {0: 0.41, 1: 0.59},
            "NIE": {0: 0.44, 1: 0.56},
            "PN": {0: 0.89, 1: 0.11},
            "PS": {0: 0.91, 1: 0.09},
        }
    )
    mediators: Mapping[str, Weights] = field(
        default_factory=lambda: {"CDE": {1: 0.82, 2: 0.15, 3: 0.03}, "NDE": {0: 0.87, 1: 0.13}, "NIE": {1: 1.0}}
    )
    letters: bool = False
    strength: tuple[float, float] = (0.1, 1.9)
    positive: float = 0.65
    tight: bool = False
    final_stop: bool = True
    hint: bool = False
    naive: bool = False
    redundant: Weights = field(default_factory=lambda: dict.fromkeys(range(1, 7), 1.0))
    shapes: Mapping[tuple[int, int], float] = field(
        default_factory=lambda: {(1, 0): 0.06, (1, 1): 0.22, (1, 2): 0.5, (1, 3): 0.11, (2, 0): 0.11}
    )
    anywhere: bool = True
    removed_last: int = 0
    controls: bool = True
    insufficient: float = 0.25
    flipped: float = 0.0
    loose: float = 0.0


def _every(weights: Weights) -> dict[str, Weights]:
    return dict.fromkeys(TASKS, weights)


PRESETS = {
    "published-base": Preset(),
    "published-hard": Preset(nodes={6: 0.22, 7: 0.25, 8: 0.3, 9: 0.23}, edges={}, density=0.1),
    "published-deconfounding": Preset(
        nodes={8: 1.0},
        edges={},
        density=0.25,
        no_effect={},
        adjustment=_every({1: 1.0}),
        mediators={"CDE": {1: 0.56, 2: 0.31, 3: 0.06, 4: 0.05, 5: 0.02}, "NDE": {1: 1.0}, "NIE": {1: 1.0}},
        letters=True,
        tight=True,
    ),
    "published-redundant": Preset(
        nodes={8: 1.0},
        edges={},
        density=0.25,
        no_effect=dict.fromkeys(EFFECT_TASKS, 0.1),
        adjustment={
            "ATE": {0: 0.7, 1: 0.3},
            "CDE": {0: 0.49, 1: 0.51},
            "ETT": {0: 0.77, 1: 0.23},
            "NDE": {0: 0.68, 1: 0.32},
            "NIE": {0: 0.47, 1: 0.53},
            "PN": {0: 0.7, 1: 0.3},
            "PS": {0: 0.56, 1: 0.44},
        },
        mediators={"CDE": {1: 0.49, 2: 0.33, 3: 0.1, 4: 0.08}, "NDE": {0: 0.8, 1: 0.2}, "NIE": {1: 1.0}},
        letters=True,
        tight=True,
        redundant={2: 1.0},
        anywhere=False,
    ),
    "published-insufficient": Preset(
        nodes={8: 1.0},
        edges={},
        density=0.25,
        no_effect={},
        adjustment={
            "ATE": {0: 0.68, 1: 0.32},
            "CDE": {0: 0.45, 1: 0.55},
            "ETT": {0: 0.67, 1: 0.33},
            "NDE": {0: 0.58, 1: 0.42},
            "NIE": {0: 0.71, 1: 0.29},
            "PN": {0: 0.54, 1: 0.46},
            "PS": {0: 0.7, 1: 0.3},
        },
        mediators={"CDE": {1: 0.62, 2: 0.13, 3: 0.15, 4: 0.1}, "NDE": {0: 0.75, 1: 0.25}, "NIE": {1: 1.0}},
        letters=True,
        tight=True,
        final_stop=False,
        removed_last=2,
        controls=False,
    ),
    "deconfounding": Preset(
        nodes={4: 1, 5: 2, 6: 2, 7: 2, 8: 2},
        edges={},
        density=0.35,
        no_effect={},
        adjustment=_every({1: 0.6, 2: 0.3, 3: 0.1}),
        mediators={"NDE": {0: 0.5, 1: 0.4, 2: 0.1}, "NIE": {1: 0.8, 2: 0.2}},
        letters=True,
        tight=True,
        naive=True,
    ),
    "redundant": Preset(
        nodes={4: 1, 5: 2, 6: 2, 7: 2, 8: 2},
        edges={},
        density=0.3,
        no_effect=dict.fromkeys(EFFECT_TASKS, 0.2),
        adjustment=_every({0: 0.4, 1: 0.4, 2: 0.2}),
        mediators={"NDE": {0: 0.5, 1: 0.4, 2: 0.1}, "NIE": {1: 0.8, 2: 0.2}},
        letters=True,
        tight=True,
    ),
    "insufficient": Preset(
        nodes={4: 1, 5: 2, 6: 2, 7: 2, 8: 2},
        edges={},
        density=0.3,
        no_effect={},
        adjustment=_every({0: 0.4, 1: 0.4, 2: 0.2}),
        mediators={"NDE": {0: 0.5, 1: 0.4, 2: 0.1}, "NIE": {1: 0.8, 2: 0.2}},
        letters=True,
        tight=True,
        hint=True,
    ),
    "shortcut-proof": Preset(
        nodes={6: 1, 7: 1, 8: 1},
        edges={},
        density=0.4,
        no_effect=dict.fromkeys(EFFECT_TASKS, 0.25),
        adjustment=_every({0: 0.3, 1: 0.4, 2: 0.22, 3: 0.08}),
        mediators={
            "CDE": {1: 0.5, 2: 0.3, 3: 0.2},
            "NDE": {0: 0.3, 1: 0.4, 2: 0.2, 3: 0.1},
            "NIE": {1: 0.6, 2: 0.3, 3: 0.1},
        },
        letters=True,
        tight=True,
        hint=True,
        strength=(0.6, 2.4),
    ),
    "large": Preset(nodes={10: 1, 11: 1, 12: 1}, edges={}, density=0.1),
    "rephrased": Preset(),
    "omitted": Preset(),
    "loose": Preset(loose=0.6),
    "wide": Preset(
        nodes=dict.fromkeys(range(3, 11), 1.0),
        edges={},
        density=0.3,
        adjustment={task: {0: 1, 1: 1, 2: 1, 3: 0.5} for task in ("ATE", "CDE", "ETT", "NDE", "NIE", "PN", "PS")},
        mediators={"NDE": {0: 1, 1: 1, 2: 1, 3: 0.3}, "NIE": {1: 1, 2: 1, 3: 0.3}},
    ),
}
DEFAULT = "published-base"
LARGEST = 12
"""Nodes of a graph: enumerating a model of more takes long, and few stories have more variables."""


def draw(weights: Mapping[Any, float], rng: np.random.Generator) -> Any:
    """A key of ``weights`` with the probability that its relative weight says."""
    keys = list(weights)
    ends = np.cumsum([weights[key] for key in keys], dtype=float)
    return keys[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]


def preset_of(name: str | None, dials: Mapping[str, Any]) -> Preset:
    """The named preset with some of its fields set anew. Raises InputError for an unknown name, dial or value."""
    if (name or DEFAULT) not in PRESETS:
        raise InputError(f"unknown preset {name!r}: use one of {', '.join(PRESETS)}")
    known = {f.name for f in fields(Preset)}
    for dial in dials:
        if dial not in known:
            raise InputError(f"unknown dial {dial!r}: use one of {', '.join(sorted(known))}")
    preset = replace(PRESETS[name or DEFAULT], **dials)
    for nodes in preset.nodes:
        if not 3 <= nodes <= LARGEST:
            raise InputError(f"graphs have 3 to {LARGEST} nodes, not {nodes}")
    for style in preset.styles:
        if style not in STYLES:
            raise InputError(f"unknown name style {style!r}: use one of {', '.join(STYLES)}")
    return preset
