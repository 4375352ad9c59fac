"""Write a report from result files alone.

OUT/report.html            the page
OUT/report.md              the same tables and findings
OUT/report/NAME.{csv,tex}  every table;  NAME.{png,pdf}  every chart
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from caugym.errors import InputError
from caugym.report import generalisation, questions
from caugym.report import leaderboard as boards
from caugym.report.analysis import Problems
from caugym.report.browser import browser_data
from caugym.report.charts import Chart
from caugym.report.page import page
from caugym.report.plot import write_plot
from caugym.report.provenance import provenance
from caugym.report.results import Results, read_results
from caugym.report.sections import Block, Section
from caugym.report.tables import Table, to_csv, to_latex, to_markdown

PAGE, MARKDOWN, PARTS = "report.html", "report.md", "report"


def write_report(folders: list[Path], out: Path, plots: bool = True) -> Path:
    """Returns the page's path. Raises InputError where a folder has no finished evaluation or ``out`` is not writable.

    ``plots`` False leaves out the PNG and PDF files.
    """
    results = read_results(folders)
    problems = Problems()
    board, sections, origin = boards.leaderboard(results), sections_of(results, problems), provenance(results)
    written = page(results, board, sections, origin, browser_data(results, problems))
    parts = out / (PARTS + ".part")
    try:
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir(parents=True)
        for table in [board, *tables_of(sections), *origin]:
            (parts / f"{_file_name(table.name)}.csv").write_text(to_csv(table), encoding="utf-8")
            (parts / f"{_file_name(table.name)}.tex").write_text(to_latex(table), encoding="utf-8")
        for chart in charts_of(sections) if plots else []:
            write_plot(chart, parts)
        shutil.rmtree(out / PARTS, ignore_errors=True)
        os.replace(parts, out / PARTS)
        _write(out / MARKDOWN, _markdown(results, board, sections, origin))
        _write(out / PAGE, written)
    except OSError as error:
        raise InputError(f"cannot write the report into {out}: {error.strerror or error}") from None
    return out / PAGE


def sections_of(results: Results, problems: Problems) -> list[Section]:
    anatomy = questions.where_it_goes_wrong(results, problems)
    sections = [
        questions.can_it_be_taught(results),
        questions.which_method(results),
        generalisation.does_it_carry_over(results, problems),
        boards.small_against_large(results),
        *([anatomy] if anatomy else []),
        questions.every_set(results),
    ]
    return [replace(section, blocks=tuple(_coloured(block, results) for block in section.blocks))
            for section in sections]  # fmt: skip


def _coloured(block: Block, results: Results) -> Block:
    return block.coloured(list(results.models)) if isinstance(block, Chart) else block


def tables_of(sections: list[Section]) -> list[Table]:
    return [block for section in sections for block in section.blocks if isinstance(block, Table)]


def charts_of(sections: list[Section]) -> list[Chart]:
    return [block for section in sections for block in section.blocks if isinstance(block, Chart)]


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)


def _write(path: Path, text: str) -> None:
    aside = path.with_name(path.name + ".part")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


def _markdown(results: Results, board: Table, sections: list[Section], origin: list[Table]) -> str:
    lines = [f"# CauGym study: {results.title}", ""]
    lines += ["## Leaderboard", "", to_markdown(board), ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.text, ""]
        lines += [*(f"- {finding}" for finding in section.findings), ""]
        for block in section.blocks:
            if isinstance(block, Chart):
                lines += [f"![{block.title}]({PARTS}/{_file_name(block.name)}.png)", ""]
            else:
                lines += [f"### {block.title}", "", to_markdown(block), ""]
    for table in origin:
        lines += [f"## {table.title}", "", to_markdown(table), ""]
    return "\n".join(lines)
