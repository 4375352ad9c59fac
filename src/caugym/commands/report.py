"""Write the report of a study: tables, a plot and a page."""

from __future__ import annotations

from pathlib import Path

import typer

from caugym.errors import InputError


def report(
    folder: Path = typer.Argument(help="A study's folder: evaluations/MODEL/BENCHMARK/result.json in it."),
) -> None:
    """Write the report of a study: tables, a plot and a page.

    \b
    Reads the finished evaluations and training logs in FOLDER and writes report.md, report.html and report.png
    there: our models beside the published rows and the best constant answer, and paired differences.

    \b
    Example:
      caugym report runs/quick
    """
    from caugym.report.write import write_report

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    print(write_report(folder))
