"""Train a model on causal problems: a cold start by SFT, then one of the other methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from caugym.training import methods

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

Model = Annotated[str, typer.Option(help="nano, nano-base, a model folder, or a Hugging Face model name.")]
Recipe = Annotated[
    str | None, typer.Option(help="A shipped recipe's name or a YAML file; by default the one for the model's size.")
]
Data = Annotated[
    Path | None, typer.Option(help="JSON lines from 'caugym generate'; without it problems are generated.")
]
Problems = Annotated[int, typer.Option(help="How many problems to generate.")]
Tasks = Annotated[str, typer.Option(help="all, or tasks with commas between: ATE,PN.")]
Variation = Annotated[str, typer.Option(help="The variation of the generated problems.")]
Preset = Annotated[str | None, typer.Option(help="The generator's preset; by default the variation's own.")]
Seed = Annotated[int, typer.Option(help="Seed of the problems and of the trainer.")]
Out = Annotated[Path, typer.Option("-o", "--out", "--output", help="The folder of the run and of the trained model.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a field of the recipe.")]
Engine = Annotated[
    str | None,
    typer.Option(help="verl or openrlhf: only write what this engine needs to run it (grpo, ppo)."),
]

RESUMES = "An interrupted run goes on from its last checkpoint when the same command is given again."


def command(name: str, method: ModuleType) -> Callable[..., None]:
    """The command that trains by ``method``."""

    def train_by_method(
        out: Out,
        model: Model = method.MODEL,
        recipe: Recipe = None,
        data: Data = None,
        problems: Problems = 2000,
        tasks: Tasks = "all",
        variation: Variation = "base",
        preset: Preset = None,
        seed: Seed = 1,
        settings: Set = None,
        engine: Engine = None,
    ) -> None:
        from caugym.training import run

        run.quiet()

        from caugym.training.train import TrainingRun, train

        description = TrainingRun(
            method=name,
            model=model,
            recipe=recipe,
            overrides=tuple(settings or ()),
            data=str(data) if data else None,
            problems=problems,
            tasks=tasks,
            seed=seed,
            variation=variation,
            preset=preset,
        )
        if engine is not None:
            from caugym.training import engines

            engines.write(engine, description, out)
            return
        train(description, out)
        run.say(f"The model is {out}")

    return train_by_method


for _name in methods.names():
    _method = methods.load(_name)
    app.command(_name, help=f"{inspect.getdoc(_method)}\n\n{RESUMES}")(command(_name, _method))
