"""Run the whole study: cold start, GRPO, evaluation, report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def study(
    out: Annotated[Path, typer.Option("-o", "--out", help="The study's folder.")],
    config: Annotated[Path | None, typer.Argument(help="A YAML file that describes the study.")] = None,
    preset: Annotated[str, typer.Option(help="A shipped description, where no file is given.")] = "quick",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the published files; by default the one CAUGYM_PUBLISHED_DATA names."),
    ] = None,
) -> None:
    """Train a base model by a cold start and GRPO, evaluate all three, write a report.

    \b
    Examples:
      caugym study --preset quick -o runs/quick
      caugym study --preset quick --data ../published -o runs/quick
      caugym study my-study.yaml -o runs/mine

    Finished steps are skipped and unfinished ones go on: after an interruption give the same command again.
    """
    from caugym.training import run

    run.quiet()

    from caugym import study as studies

    named = os.environ.get("CAUGYM_PUBLISHED_DATA")
    report = studies.conduct(studies.load(config, preset), out, data or (Path(named) if named else None))
    print(f"The report is {report}")
