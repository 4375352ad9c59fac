"""Causal questions about binary variables, in the field's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

EFFECT_TASKS = ("ATE", "CDE", "ETT", "NDE", "NIE")
BOUND_TASKS = ("PN", "PS")
TASKS = EFFECT_TASKS + BOUND_TASKS
"""The seven of the published set."""

FURTHER_BOUNDS = ("PNS", "IV")
"""Bounds that may be asked for besides."""
ASKED = TASKS + FURTHER_BOUNDS

Assignment = tuple[tuple[str, int], ...]
"""Variables with their values, in the order in which a sentence names them."""


@dataclass(frozen=True)
class Query:
    """What is asked, in the field's words.

    Effects: ``treatment_value`` is the value that the question changes the treatment to and
    ``control_value`` the other one. In ETT ``control_value`` is the observed value ("for those with
    X being ...") and ``treatment_value`` the counterfactual one. In PN and PS ``treatment_value``
    and ``outcome_value`` are the observed values, ``control_value`` the counterfactual treatment. PNS
    is the probability that the outcome would have its value under ``treatment_value`` and not under
    ``control_value``. ``mediator_values`` holds the values at which CDE fixes the mediators. ``bound``
    is set for PN, PS, PNS and IV (a bound of the average treatment effect by an instrument) only.

    ``direction``: whether an effect's yes/no question asks if the outcome becomes more or less likely to have
    ``outcome_value``. It turns the yes/no alone, never the value. Raises ValueError for another word, or "less" of a
    bound.
    """

    task: str
    treatment: str
    outcome: str
    treatment_value: int
    control_value: int
    outcome_value: int
    mediator_values: Assignment = ()
    bound: Literal["lower", "upper"] | None = None
    # Out of repr, which seeds the prose of the thinking style.
    direction: Literal["more", "less"] = field(default="more", repr=False)

    def __post_init__(self) -> None:
        if self.direction not in ("more", "less") or (self.direction == "less" and self.bound is not None):
            raise ValueError(f"a question asks for more or, without a bound, for less, not for {self.direction!r}")
