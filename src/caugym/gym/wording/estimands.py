"""How a text names an estimand: by one of its long names or by its abbreviation."""

from __future__ import annotations

import re

from caugym.causal.query import TASKS
from caugym.gym.wording.published import ESTIMAND_NAMES

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "ATE": ("average causal effect",),
    "PN": ("necessity probability",),
    "PS": ("sufficiency probability",),
}
"""Long names besides the published ones."""

_VARIANTS = {"ETT": r"|\beffect\s+of\s+the\s+treatment\s+on\s+the\s+treated"}


def _pattern(task: str) -> re.Pattern[str]:
    names = (ESTIMAND_NAMES[task], *OTHER_NAMES.get(task, ()), task + r"\b")
    return re.compile(r"\b(?:" + "|".join(names).replace(" ", r"\s+") + ")" + _VARIANTS.get(task, ""), re.IGNORECASE)


NAMED = {task: _pattern(task) for task in TASKS}
"""A pattern a task for its names."""

_HINTED = re.compile(
    r"\b(?:average\s+(?:\w+\s+)?effect|(?:natural|controlled)\s+(?:direct|indirect)|indirect\s+effect|"
    r"effect\s+[\w\s]{0,60}on\s+the\s+treated|necessity|sufficiency|estimand)\b"
)
_SHORT = re.compile(r"\b(?:ATE|ACE|ATT|ETT|CDE|NDE|NIE|PN|PS|PNS)\b")


def named(text: str) -> tuple[str, ...]:
    """The tasks whose estimand ``text`` names."""
    return tuple(task for task, pattern in NAMED.items() if pattern.search(text))


def telling(text: str) -> str | None:
    """Words that give an estimand away, for texts that shall name none: its names, parts of them, abbreviations."""
    found = _HINTED.search(text.lower()) or _SHORT.search(text)
    return None if found is None else " ".join(found[0].split())
