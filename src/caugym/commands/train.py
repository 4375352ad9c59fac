"""Train a model on causal problems: a cold start by SFT, then GRPO."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
Seed = Annotated[int, typer.Option(help="Seed of the problems and of the trainer.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="The folder of the run and of the trained model.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a field of the recipe.")]


@app.command()
def sft(
    out: Out,
    model: Model = "nano-base",
    recipe: Recipe = None,
    data: Data = None,
    problems: Problems = 2000,
    tasks: Tasks = "all",
    seed: Seed = 1,
    settings: Set = None,
) -> None:
    """Supervised fine-tuning on worked solutions.

    \b
    Examples:
      caugym train sft --model nano-base --problems 2000 -o runs/sft
      caugym train sft --model Qwen/Qwen3-1.7B --data problems.jsonl --set lora.r=16 -o runs/qwen-sft
      caugym train sft --model nano-base --tasks ATE,PN --set learning_rate=5e-4 -o runs/two-tasks

    An interrupted run goes on from its last checkpoint when the same command is given again.
    """
    _train("sft", model, recipe, data, problems, tasks, seed, out, settings)


@app.command()
def grpo(
    out: Out,
    model: Model = "nano",
    recipe: Recipe = None,
    data: Data = None,
    problems: Problems = 2000,
    tasks: Tasks = "all",
    seed: Seed = 1,
    settings: Set = None,
) -> None:
    """Reinforcement learning by group-relative policy optimisation, the strict judge being the reward.

    \b
    Examples:
      caugym train grpo --model runs/sft --problems 2000 --set max_steps=20 -o runs/grpo
      caugym train grpo --model runs/sft --set num_generations=8 --set temperature=0.9 -o runs/grpo-8

    An interrupted run goes on from its last checkpoint when the same command is given again.
    """
    _train("grpo", model, recipe, data, problems, tasks, seed, out, settings)


def _train(
    method: str,
    model: str,
    recipe: str | None,
    data: Path | None,
    problems: int,
    tasks: str,
    seed: int,
    out: Path,
    overrides: list[str] | None,
) -> None:
    from caugym.training import run

    run.quiet()

    from caugym.training.train import TrainingRun, train

    train(
        TrainingRun(method, model, recipe, tuple(overrides or ()), str(data) if data else None, problems, tasks, seed),
        out,
    )
    run.say(f"The model is {out}")
