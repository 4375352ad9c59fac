"""Prompt styles: how a benchmark's question is put to the model.

``basic`` asks as the benchmark does. ``step-by-step`` adds the line of the published harness. ``calm-zero-shot`` and
``calm-few-shot`` follow the structure of CaLM (Chen et al. 2024, arXiv 2405.00622, its in-context learning prompts):
what the task is about comes before the question, and for few-shot three solved problems come in between. The words
are ours, and so are the solved problems: of the training split. Any other style is a text file with ``{prompt}``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.items import YES_NO_REQUEST, Item
from caugym.gym.problem import TASKS, Problem
from caugym.gym.short_answers import Word
from caugym.gym.wording.published import ESTIMAND_NAMES

BASIC, STEP_BY_STEP, ZERO_SHOT, FEW_SHOT = "basic", "step-by-step", "calm-zero-shot", "calm-few-shot"
STYLES = (BASIC, STEP_BY_STEP, ZERO_SHOT, FEW_SHOT)
SHOTS, SHOTS_SEED = 3, 0
PLACE = "{prompt}"

# One sentence each: what is compared, with X the treatment and Y the outcome.
_ASKED = {
    "ATE": "how much more likely the outcome is in the whole population when everyone gets the asked value of the "
    "treatment than when everyone gets the other value",
    "CDE": "the same difference while the mediators are held at the stated values in both cases",
    "ETT": "how much more likely the outcome is, among those who had one value of the treatment, with that value than "
    "it would have been with the other value",
    "NDE": "how much more likely the outcome becomes when the treatment changes to the asked value and the mediator "
    "keeps the value that it had before the change",
    "NIE": "how much more likely the outcome becomes when the treatment stays and the mediator changes to the value "
    "that it would have had after a change of the treatment",
    "PN": "how probable it is, among those with treatment and outcome, that the outcome would not have come without "
    "the treatment; the question asks for a bound of it",
    "PS": "how probable it is, among those with neither treatment nor outcome, that the treatment would have brought "
    "the outcome; the question asks for a bound of it",
}


def check(style: str) -> str | None:
    """The template of a style that is a text file, else None. Raises InputError for what is neither."""
    if style in STYLES:
        return None
    path = Path(style)
    if not path.is_file():
        raise InputError(f"--prompt-style {style}: neither a text file nor one of {', '.join(STYLES)}")
    try:
        template = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error})") from None
    if PLACE not in template:
        raise InputError(f"{path}: a template holds {PLACE} where the question goes")
    return template


def apply(items: Sequence[Item], style: str, template: str | None) -> list[Item]:
    """The items in a style. Raises InputError for an in-context style where a task is none of the seven."""
    if template is not None:
        return [item.within(template) for item in items]
    if style == STEP_BY_STEP:
        return [item.with_step_by_step() for item in items]
    if style in (ZERO_SHOT, FEW_SHOT):
        other = sorted({item.task for item in items} - set(TASKS))
        if other:
            raise InputError(f"--prompt-style {style} describes the tasks {', '.join(TASKS)}, not {', '.join(other)}")
        return [replace(item, prompt=_in_context(item, SHOTS if style == FEW_SHOT else 0)) for item in items]
    return list(items)


def _in_context(item: Item, shots: int) -> str:
    parts = [
        f"You will be asked about the {ESTIMAND_NAMES[item.task]} ({item.task}): {_ASKED[item.task]}. Work out from "
        "the causal relationships what has to be adjusted for, and calculate with the stated probabilities alone."
    ]
    parts += [_solved(problem, item) for problem in _examples(item.task)[:shots]]
    return "\n\n".join([*parts, item.prompt])


def _solved(problem: Problem, item: Item) -> str:
    """A solved problem that ends in the form that the item asks for."""
    if isinstance(item.answer, Word):
        lines = problem.prompt.rsplit("\n", 1)[0]
        return f"{lines}\n{YES_NO_REQUEST}\n" + json.dumps({"ANSWER": "Yes" if problem.answer.decision else "No"})
    return f"{problem.prompt}\n{problem.answer.text()}"


@lru_cache(maxsize=len(TASKS))
def _examples(task: str) -> tuple[Problem, ...]:
    from caugym.gym.generate import generate

    return tuple(generate(task, "base", split="train", seed=SHOTS_SEED, index=index) for index in range(SHOTS))
