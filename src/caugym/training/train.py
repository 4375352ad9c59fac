"""One training run from its description: the entry of ``caugym train`` and of the study."""

from __future__ import annotations

import logging
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import fit, methods, rows, run, spent
from caugym.training import recipe as recipes
from caugym.training.weights import BEST


@dataclass(frozen=True)
class TrainingRun:
    """What to train, with what, on what. ``recipe`` None takes the one for the model's size; ``data`` None
    generates ``problems`` problems of ``tasks`` (``preset``: the generator's)."""

    method: str
    model: str
    recipe: str | None = None
    overrides: tuple[str, ...] = ()
    data: str | None = None
    problems: int = 2000
    tasks: str = "all"
    seed: int = 1
    variation: str = "base"
    preset: str | None = None


def train(description: TrainingRun, out: Path) -> None:
    """Train into ``out``, or go on with what it holds; nothing happens where it is finished.

    Raises InputError for a model, recipe, data file or folder that cannot be used.
    """
    logging.getLogger("transformers").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    method = methods.load(description.method)
    model = run.resolve_model(description.model)
    recipe = recipes.load(description.recipe or recipes.default_name(description.method, model))
    recipe = recipes.override(recipe, list(description.overrides))
    budget = spent.check(recipe.get("budget"))
    recipes.parts(recipe.get("held_out"), recipes.HELD_OUT, "held_out")
    problems = int(budget.get(spent.PROBLEMS, description.problems))
    recipe |= {spent.STEPS: int(budget[spent.STEPS])} if spent.STEPS in budget else {}
    settings: dict[str, Any] = asdict(description) | {
        "recipe": recipe,
        "overrides": None,
        "problems": problems,
        "model": str(Path(model).resolve()) if Path(model).is_dir() else model,
        "data": str(Path(description.data).resolve()) if description.data else None,
    }
    tasks = rows.parse_tasks(description.tasks)
    if description.data is not None and Path(description.data).is_dir():
        raise InputError(f"{description.data}: is a folder, name a data file in it")
    if description.data is not None and not Path(description.data).is_file():
        raise InputError(f"{description.data}: no such data file")
    run.writable_folder(out)
    if run.is_finished(out):
        run.begin(out, settings)
        if run.is_main_process():
            run.tidy(out)
        run.say(f"{out} is finished already")
        return
    style = recipe.get("solution", "published")
    if style not in rows.STYLES:
        raise InputError(f"recipe: solution {style!r}: expected one of {', '.join(rows.STYLES)}")
    fit.check_loggers(recipe.get("report_to"))
    tokenizer = run.load_tokenizer(model)
    if description.data is None and recipe.get("documents"):
        longest = recipe.get("max_length")

        def fits(prompt: str, solution: str) -> bool:
            said = [*rows.user(prompt), *rows.assistant(solution)]
            return not longest or fit.length(said, tokenizer) <= longest

        examples = rows.documents(tasks, problems, description.seed, fits)
    elif description.data is None:
        examples = rows.generated(tasks, problems, description.seed, style, description.variation, description.preset)
    else:
        examples = rows.from_file(Path(description.data), style, solutions=method.NEEDS_SOLUTIONS)
        examples = examples[: budget.get(spent.PROBLEMS)]
    if run.latest_checkpoint(out) is None and run.is_main_process():
        for name in (run.SETTINGS, BEST):
            (out / name).unlink(missing_ok=True)  # what was begun here got nowhere: nothing is lost
    run.begin(out, settings)
    run.say(f"{description.method}: {description.model} on {len(examples):,} problems -> {out}")
    method.train(model, tokenizer, examples, recipe, out, settings)
