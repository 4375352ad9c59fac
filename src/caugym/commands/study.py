"""Run the whole study: models x methods x seeds, each evaluated on every benchmark, and a report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def study(
    out: Annotated[Path, typer.Option("-o", "--out", "--output", help="The study's folder.")],
    config: Annotated[Path | None, typer.Argument(help="A YAML file that describes the study.")] = None,
    preset: Annotated[str, typer.Option(help="A shipped description, where no file is given.")] = "quick",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the published files; by default the one CAUGYM_PUBLISHED_DATA names."),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="local: one cell after the other here. ray: side by side on a Ray cluster.")
    ] = "local",
    only_plan: Annotated[bool, typer.Option("--plan", help="Show the plan and its estimates, run nothing.")] = False,
) -> None:
    """Train models by every method of a description, evaluate each on every benchmark, write a report.

    \b
    Examples:
      caugym study --preset quick -o runs/quick
      caugym study --preset quick --data ../published -o runs/quick
      caugym study --preset paper --plan -o runs/paper
      caugym study my-study.yaml -o runs/mine
      caugym study --preset full --engine ray -o /shared/runs/full

    Finished cells are skipped and unfinished ones go on: after an interruption give the same command again. After a
    change of the description only what depends on it runs again. Ray finds its cluster by RAY_ADDRESS; all its
    machines must see the study's folder under the same path.
    """
    from caugym.training import run

    run.quiet()

    from caugym.study import conduct, load

    named = os.environ.get("CAUGYM_PUBLISHED_DATA")
    page = conduct(load(config, preset), out, data or (Path(named) if named else None), engine, only_plan)
    if not only_plan:
        print(f"The report is {page}")
