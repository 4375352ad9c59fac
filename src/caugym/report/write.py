"""Write a study's report: report.md, report.html and report.png, from its result files alone."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

from caugym.errors import InputError
from caugym.report.plot import write_plot
from caugym.report.results import Study, published_results, read_study
from caugym.report.tables import Table, accuracy_table, difference_table, outcome_table

PLOT = "report.png"
JUDGES_NOTE = (
    "Accuracy in percent with 95% intervals clustered by problem. The strict judge reads the last answer and asks for "
    "the value within 0.0005 and, for effects, the right yes/no; the published judge does what the released scripts "
    "do, and is the one to compare with published rows."
)


def write_report(folder: Path) -> Path:
    """Returns the path of report.md. Raises InputError where the study has no finished evaluation."""
    study = read_study(folder)
    sections = [(benchmark, _tables(study, benchmark)) for benchmark in sorted(study.results)]
    try:
        write_plot(study, folder / PLOT)
        (folder / "report.md").write_text(_markdown(study, sections), encoding="utf-8")
        (folder / "report.html").write_text(_page(study, sections), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the report into {folder}: {error.strerror or error}") from None
    return folder / "report.md"


def _tables(study: Study, benchmark: str) -> list[Table]:
    tables = [accuracy_table(study, benchmark, "strict"), accuracy_table(study, benchmark, "published")]
    differences = difference_table(study, benchmark)
    return [*tables, *([differences] if differences else []), outcome_table(study, benchmark)]


def _provenance(study: Study) -> list[tuple[str, str]]:
    results = [result for models in study.results.values() for result in models.values()]
    rows = [
        ("git revision", ", ".join(sorted({str(result.get("revision") or "unknown") for result in results}))),
        ("versions", ", ".join(f"{name} {version}" for name, version in results[0].get("versions", {}).items())),
        ("sampling", json.dumps(results[0]["sampling"])),
    ]
    rows += [
        (f"{benchmark}", f"items {next(iter(models.values()))['items'][:16]}, {next(iter(models.values()))['licence']}")
        for benchmark, models in sorted(study.results.items())
    ]
    return rows + [(name, json.dumps(value)) for name, value in study.config.items()]


def _markdown(study: Study, sections: list[tuple[str, list[Table]]]) -> str:
    lines = [f"# Study {study.folder.name}", "", JUDGES_NOTE, "", f"![Accuracy per task, learning curves]({PLOT})", ""]
    for benchmark, tables in sections:
        lines += [f"## {benchmark}", ""]
        for table in tables:
            lines += [f"### {table.title}", "", _markdown_row(table.heading), "|---" * len(table.heading) + "|"]
            lines += [_markdown_row(row) for row in table.rows]
            lines += ["", *([table.note, ""] if table.note else [])]
    lines += ["## Provenance", "", "| what | value |", "|---|---|"]
    lines += [_markdown_row(row) for row in _provenance(study)]
    lines += ["", f"Published rows: {published_results()['note']}", ""]
    return "\n".join(lines)


def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 92rem; margin: 0 auto; padding: 1rem; }
img { max-width: 100%; height: auto; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .45rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.other { background: var(--soft); }
.note { font-size: .85rem; opacity: .8; }
"""


def _page(study: Study, sections: list[tuple[str, list[Table]]]) -> str:
    """One file without network: the picture inside, every text escaped."""
    picture = base64.b64encode((study.folder / PLOT).read_bytes()).decode()
    title = html.escape(f"Study {study.folder.name}")
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style><h1>{title}</h1><p>{html.escape(JUDGES_NOTE)}</p>",
        f'<img alt="Accuracy per task and learning curves; the tables hold the same numbers" '
        f'src="data:image/png;base64,{picture}">',
    ]
    for benchmark, tables in sections:
        parts.append(f"<h2>{html.escape(benchmark)}</h2>")
        parts += [_page_table(table) for table in tables]
    parts.append(_page_table(Table("Provenance", ("what", "value"), tuple(_provenance(study)))))
    parts.append(f'<p class="note">{html.escape(published_results()["note"])}</p></html>')
    return "\n".join(parts)


def _page_table(table: Table) -> str:
    heading = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.heading)
    rows = "".join(
        f"<tr{' class=other' if row[0].endswith('(published)') else ''}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>"
        for row in table.rows
    )
    note = f'<p class="note">{html.escape(table.note)}</p>' if table.note else ""
    return (
        f'<h3>{html.escape(table.title)}</h3><div class="wide" tabindex="0"><table><thead><tr>{heading}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )
