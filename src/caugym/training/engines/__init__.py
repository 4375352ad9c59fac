"""Training on a cluster by another engine: what it reads (rows, a reward function, a launch script) from a recipe.

One file an engine, found by its file name, with ``METHODS`` (those of ours that it knows) and ``arguments(method,
model, recipe, folder)``: the launch script's arguments, and the fields of the recipe that it has no word for.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from caugym.errors import InputError
from caugym.training import methods, rows, run
from caugym.training import recipe as recipes
from caugym.training.train import TrainingRun

TRAIN, REWARD, LAUNCH = "train.parquet", "reward.py", "launch.sh"
GPUS = 8
"""The GPUs of the one machine that the launch script is written for; its comments say what to change for more."""


def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def write(engine: str, description: TrainingRun, out: Path) -> None:
    """Write into ``out`` what ``engine`` needs for this run. Raises InputError as ``caugym train`` does."""
    if engine not in names():
        raise InputError(f"unknown engine {engine!r}: expected one of {', '.join(names())}")
    module = import_module(f"{__name__}.{engine}")
    if description.method not in module.METHODS:
        raise InputError(
            f"--engine {engine}: it has no {description.method}; expected one of {', '.join(module.METHODS)}"
        )
    method = methods.load(description.method)
    model = run.resolve_model(description.model)
    recipe = recipes.override(recipes.load(description.recipe or description.method), list(description.overrides))
    tasks = rows.parse_tasks(description.tasks)
    run.writable_folder(out)
    if description.data is None:
        given = description
        examples = rows.generated(tasks, given.problems, given.seed, "published", given.variation, given.preset)
    else:
        if not Path(description.data).is_file():
            raise InputError(f"{description.data}: no such data file")
        examples = rows.from_file(Path(description.data), "published", solutions=method.NEEDS_SOLUTIONS)
    folder = out.resolve()
    write_rows([row(example, index) for index, example in enumerate(examples)], folder / TRAIN)
    arguments, left_out = module.arguments(description.method, model, recipe, folder)
    (folder / REWARD).write_text(module.REWARD.format(weights=reward_weights(recipe)), encoding="utf-8")
    lines = " \\\n    ".join([module.COMMAND, *map(shlex.quote, arguments)])
    script = folder / LAUNCH
    script.write_text(f'#!/usr/bin/env bash\n# {module.NOTE}\nset -euo pipefail\n{lines} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    run.say(f"{len(examples):,} problems, the reward and {script} are written")
    if left_out:
        run.say(f"the recipe's fields that {engine} gets no word of: {', '.join(sorted(left_out))}")


def row(example: rows.Example, index: int) -> dict[str, Any]:
    """A problem in the layout that verl reads, of which OpenRLHF reads ``prompt`` and ``answer``."""
    return {
        "data_source": "caugym",
        "prompt": [{"role": "user", "content": example.prompt}],
        "ability": "causal inference",
        "reward_model": {"style": "rule", "ground_truth": example.answer},
        "extra_info": {"index": index, "id": example.id, "task": example.task},
        "answer": example.answer,
    }


def write_rows(table: list[dict[str, Any]], path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    aside = path.with_name(path.name + ".part")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), aside)
    aside.replace(path)


def reward_weights(recipe: dict[str, Any]) -> dict[str, float]:
    """The weights of accuracy and format. Raises InputError for a reward that works in our own trainers only."""
    chosen = recipe.get("rewards", ["accuracy", "format"])
    weights = recipe.get("reward_weights") or [1.0] * len(chosen)
    for name in chosen:
        if name not in ("accuracy", "format"):
            raise InputError(f"recipe: the reward {name!r} cannot be used with --engine: expected accuracy, format")
    return dict(zip(chosen, map(float, weights), strict=True))


def prompts_per_rollout(recipe: dict[str, Any]) -> int:
    """Prompts of one rollout over all GPUs. Raises InputError where the completions do not divide by the group."""
    per_step = recipe.get("per_device_train_batch_size", 8) * recipe.get("gradient_accumulation_steps", 1) * GPUS
    completions = per_step * minibatches(recipe)
    group = recipe.get("num_generations", 8)
    if completions % group:
        raise InputError(f"recipe: {completions} completions a rollout do not divide by num_generations {group}")
    return int(completions // group)


def minibatches(recipe: dict[str, Any]) -> int:
    accumulation = recipe.get("gradient_accumulation_steps", 1)
    return max(1, recipe.get("steps_per_generation", accumulation) // accumulation)
