"""Compare models on the same problems: paired differences with intervals, corrected for their number."""

from __future__ import annotations

from pathlib import Path

import typer

from caugym.errors import InputError
from caugym.gym.scoring import JUDGES


def compare(
    folders: list[Path] = typer.Argument(help="Folders that caugym evaluate -o wrote, two or more."),
    judge: str = typer.Option("strict", help="strict or published."),
) -> None:
    """Compare models on the same problems: paired differences with intervals, corrected for their number.

    \b
    For every pair of evaluations and every benchmark that both hold, by problem: the difference, as the mean over
    the tasks, with a 95% t interval and a bootstrap interval, how many problems went better and worse, and the sign
    test's p-value, as it is and corrected for the number of comparisons (Holm).

    \b
    Examples:
      caugym compare runs/nano runs/grpo
      caugym compare runs/a runs/b runs/c --judge published
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from caugym.evaluation.compare import compare_folders

    if judge not in JUDGES:
        raise InputError(f"unknown judge {judge!r}: use one of {', '.join(JUDGES)}")
    if len(set(folders)) < 2:
        raise InputError("a comparison needs two different folders or more")
    table = Table(title=f"Paired differences in points, mean over the tasks, {judge} judge", box=box.SIMPLE)
    for heading in ("benchmark", "first -> second", "difference", "bootstrap", "better/worse/same", "p", "p (Holm)"):
        table.add_column(heading, no_wrap=True)
    for (benchmark, first, second), one in compare_folders(folders, judge).items():
        table.add_row(
            benchmark,
            f"{first} -> {second}",
            f"{100 * one.mean:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]",
            f"[{100 * one.bootstrap_low:+.1f}, {100 * one.bootstrap_high:+.1f}]",
            f"{one.better}/{one.worse}/{one.problems - one.better - one.worse}",
            f"{one.p_value:.2g}",
            f"{one.p_holm:.2g}",
        )
    plain = Console(width=1000)
    Console(width=max(Console().width, plain.measure(table).maximum)).print(table)
