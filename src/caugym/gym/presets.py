"""How problems are drawn: sizes, styles and shares. The "published" presets match the measured development files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from caugym.errors import InputError
from caugym.gym.wording.vocabulary import STYLES

Weights = Mapping[int, float]


@dataclass(frozen=True)
class Preset:
    """Relative weights of a problem's features; a task that a mapping does not name is left to chance.

    ``edges[n]`` weighs the number of edges of a graph with n nodes; without it, each edge beyond a
    spanning tree is present with probability ``density``. ``no_effect`` is the share of problems that
    the graph alone answers with zero. ``adjustment`` and ``mediators`` weigh the sizes of these sets
    among the other problems. ``letters`` annotates the conditions ("low (A=0)"). ``strength`` is the
    range of the causal coefficients on the logit scale, ``positive`` the share of positive ones.
    """

    nodes: Weights = field(default_factory=lambda: {3: 0.21, 4: 0.58, 5: 0.21})
    edges: Mapping[int, Weights] = field(
        default_factory=lambda: {
            3: {2: 49, 3: 25},
            4: {3: 51, 4: 66, 5: 68, 6: 17},
            5: {4: 9, 5: 2, 6: 8, 7: 48, 8: 10},
        }
    )
    density: float = 0.5
    styles: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STYLES, 1.0))
    no_effect: Mapping[str, float] = field(
        default_factory=lambda: {"ATE": 0.38, "CDE": 0.34, "ETT": 0.38, "NDE": 0.36, "NIE": 0.32}
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


PRESETS = {
    "published-base": Preset(),
    "published-hard": Preset(nodes={6: 0.22, 7: 0.25, 8: 0.3, 9: 0.23}, edges={}, density=0.1),
    "published-deconfounding": Preset(
        nodes={8: 1.0},
        edges={},
        density=0.25,
        no_effect={},
        adjustment={task: {1: 1.0} for task in ("ATE", "CDE", "ETT", "NDE", "NIE", "PN", "PS")},
        letters=True,
    ),
    "wide": Preset(
        nodes=dict.fromkeys(range(3, 11), 1.0),
        edges={},
        density=0.3,
        adjustment={task: {0: 1, 1: 1, 2: 1, 3: 0.5} for task in ("ATE", "CDE", "ETT", "NDE", "NIE", "PN", "PS")},
        mediators={"NDE": {0: 1, 1: 1, 2: 1, 3: 0.3}, "NIE": {1: 1, 2: 1, 3: 0.3}},
    ),
}
DEFAULT = "published-base"


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
        if not 3 <= nodes <= 10:
            raise InputError(f"graphs have 3 to 10 nodes, not {nodes}")
    for style in preset.styles:
        if style not in STYLES:
            raise InputError(f"unknown name style {style!r}: use one of {', '.join(STYLES)}")
    return preset
