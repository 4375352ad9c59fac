"""Write the report of studies: a page, tables and plots."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caugym.errors import InputError


def report(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders of studies, or of 'caugym evaluate'.")
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", "--output", help="Where to write; by default into the first folder.")
    ] = None,
    plots: Annotated[bool, typer.Option(help="Also write every chart as PNG and PDF.")] = True,
) -> None:
    """Write the report of studies: a page, tables and plots.

    \b
    Reads result files alone and writes report.html (one file, no network), report.md, and every table as CSV and
    LaTeX and every chart as PNG and PDF in report/. Several folders are compared in one report.

    \b
    Examples:
      caugym report runs/quick
      caugym report runs/quick runs/other -o runs/both
      caugym report runs/nano --no-plots
    """
    from caugym.report.write import write_report

    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder")
    place = out or folders[0]
    place.mkdir(parents=True, exist_ok=True)
    print(write_report(folders, place, plots))
