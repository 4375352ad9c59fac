"""The report's tables as plain rows of text, ready for Markdown, HTML, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

from caugym.evaluation.statistics import Difference, Estimate

NONE = "–"
HINDSIGHT = "The best constant answer is chosen with the keys known: 100 where a task has one problem, high where few."


@dataclass(frozen=True)
class Table:
    """``name`` is its file's; rows whose number stands in ``marked`` are not ours (published, constant answers)."""

    name: str
    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    marked: frozenset[int] = frozenset()


def interval(found: dict[str, Any] | Estimate | None) -> str:
    """Percent with the 95% interval."""
    if found is None:
        return NONE
    mean, low, high = bounds(found)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def bounds(found: dict[str, Any] | Estimate) -> tuple[float, float, float]:
    """Mean, low and high in percent."""
    if isinstance(found, Estimate):
        return 100 * found.mean, 100 * found.low, 100 * found.high
    return 100 * found["mean"], 100 * found["low"], 100 * found["high"]


def percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}"


def points(found: Difference | None) -> str:
    """A difference in percentage points with its 95% interval."""
    if found is None:
        return NONE
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def to_markdown(table: Table) -> str:
    lines = [_markdown_row(table.heading), "|---" * len(table.heading) + "|", *map(_markdown_row, table.rows)]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def _markdown_row(cells: tuple[str, ...]) -> str:
    escaped = (re.sub(r"([\\`*_<>|\[\]])", r"\\\1", " ".join(cell.split())) for cell in cells)
    return "| " + " | ".join(cell.replace("\\[", "[").replace("\\]", "]") for cell in escaped) + " |"


def to_csv(table: Table) -> str:
    """Cells that a spreadsheet would run as a formula are led by a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (table.heading, *table.rows):
        writer.writerow([_inert(cell) for cell in row])
    return out.getvalue()


def _inert(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "@", "\t", "\r") or re.match(r"[+-](?![\d.])", cell) else cell


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "–": "--",
    "·": r"\textperiodcentered{}",
    "→": r"$\to$",
} | {letter: "\\" + letter for letter in "&%$#_{}"}


def to_latex(table: Table) -> str:
    """A booktabs tabular."""

    def row(cells: tuple[str, ...]) -> str:
        return " & ".join("".join(_LATEX.get(letter, letter) for letter in cell) for cell in cells) + r" \\"

    return "\n".join(
        [
            rf"% {' '.join(table.title.split())}",
            rf"\begin{{tabular}}{{l{'r' * (len(table.heading) - 1)}}}",
            r"\toprule",
            row(table.heading),
            r"\midrule",
            *map(row, table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )
