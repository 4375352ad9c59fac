"""What of a study cannot run, found when its description is read and not hours later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from caugym.errors import InputError
from caugym.training import fit, methods, pairs, rows, samples, spent
from caugym.training import recipe as recipes

if TYPE_CHECKING:
    from caugym.study.description import Arm, Study

CONFIGS = {
    "sft": "trl.SFTConfig",
    "rft": "trl.SFTConfig",
    "dpo": "trl.DPOConfig",
    "kto": "trl.KTOConfig",
    "rloo": "trl.RLOOConfig",
    "grpo": "trl.GRPOConfig",
    "ppo": "caugym.training.actor_critic.PPOConfig",
}
"""The trainer's config of each method. It is not built here: what it refuses also depends on the machine."""


def check_study(study: Study) -> None:
    """Raises InputError for parts that no budget or ``held_out`` has, and for an arm without problems to train on."""
    try:
        spent.check(study.budget)
        recipes.parts(study.held_out, recipes.HELD_OUT, "held_out")
    except InputError as error:
        raise InputError(str(error).removeprefix("recipe: ")) from None
    for stage, arm in study.arms().items():
        if arm.problems is None:
            raise InputError(f"{stage}: no number of problems, neither its own nor budget.problems")
        with named(stage):
            _check_problems(arm)


def _check_problems(arm: Arm) -> None:
    from caugym.gym.generate import generate_many

    tasks = rows.parse_tasks(arm.tasks)
    for variation, preset, _ in rows.parse_mixture(arm.variation, arm.preset):
        for task in tasks:
            generate_many(task, 0, variation=variation, preset=preset)  # raises what the first problem would


def check_recipe(method: str, recipe: dict[str, Any], problems: int) -> None:
    """Raises InputError for a field that neither the method's trainer nor we have, and for a wrong value of ours."""
    fields, options = recipes.split(recipe, methods.load(method).OPTIONS)
    if method in CONFIGS:
        module, _, name = CONFIGS[method].rpartition(".")
        recipes.checked_fields(getattr(import_module(module), name), fields, "recipe")
    spent.check(options["budget"])
    if options["held_out"]:
        recipes.parts(options["held_out"], recipes.HELD_OUT, "held_out")
    fit.lora(options["lora"])
    for option, allowed in {"solution": rows.STYLES, **pairs.CHOICES}.items():
        if option in options and options[option] not in allowed:
            raise InputError(f"recipe: {option} {options[option]!r}: expected one of {', '.join(allowed)}")
    if "sampling" in options:
        samples.checked(options["sampling"])
    if options.get("curriculum") is not None:
        from caugym.training.curriculum import checked

        checked(options["curriculum"], problems)


@contextmanager
def named(place: str) -> Iterator[None]:
    """Puts ``place`` before the message of an InputError."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
