"""Write a training set as JSON lines and Parquet with a dataset card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Kind = Literal["cold-start", "sft", "dpo", "kto", "rl"]


def dataset(
    kind: Annotated[Kind, typer.Argument(help="What the set is for.")],
    output: Annotated[Path, typer.Option("-o", "--output", "--out", help="The folder to write.")],
    problems: Annotated[
        int | None, typer.Option(help="How many; by default 75 for a cold start, 3500 for RL, else 2000.")
    ] = None,
    tasks: Annotated[str, typer.Option(help="all, or tasks with commas between; they come in turn.")] = "all",
    variation: Annotated[
        str, typer.Option(help="One, or a mixture: base=3,redundant=1 or base@published-hard=2,omitted.")
    ] = "base",
    preset: Annotated[str | None, typer.Option(help="The generator's preset of variations that name none.")] = None,
    solution: Annotated[
        str | None, typer.Option(help="Form of the worked solutions; by default thinking for a cold start.")
    ] = None,
    negatives: Annotated[
        Literal["synthesised", "model"],
        typer.Option(help="Wrong completions of DPO and KTO: labelled errors, or sampled from --model."),
    ] = "synthesised",
    model: Annotated[str | None, typer.Option(help="The model that samples negatives.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other problems.")] = 1,
) -> None:
    """Write a training set as JSON lines and Parquet with a dataset card.

    The same options always give the same bytes; datasets.load_dataset reads the folder. KTO has as many right as wrong
    completions, and a completion that the strict judge accepts is never a wrong one.

    \b
    Examples:
      caugym dataset cold-start -o sets/cold-start
      caugym dataset sft --problems 5000 --variation base=3,redundant=1,insufficient=1 -o sets/sft
      caugym dataset dpo --tasks ATE,PN --problems 1000 -o sets/dpo
      caugym dataset kto --negatives model --model runs/cold-start -o sets/kto
      caugym dataset rl --preset published-hard -o sets/rl
    """
    from caugym.commands.generate import with_progress
    from caugym.training import run
    from caugym.training.dataset import KINDS, TrainingSet, write

    run.quiet()
    _, count, style = KINDS[kind]
    described = TrainingSet(
        kind=kind,
        problems=count if problems is None else problems,
        solution=solution or style,
        tasks=tasks,
        variation=variation,
        preset=preset,
        seed=seed,
        negatives=negatives,
        model=model,
    )
    number = write(described, output, with_progress)
    run.say(f"{number:,} rows in {output}")
