"""The page: one HTML file without network. Every text is escaped; the scripts and styles are the package's own."""

from __future__ import annotations

import html
import re
from importlib import resources
from itertools import groupby

from caugym.report.charts import Chart, legend, svg
from caugym.report.results import Results
from caugym.report.sections import Section
from caugym.report.tables import Table

FINDINGS_SHOWN = 8
OTHER = ' class="other"'
_INTERVAL = re.compile(r" (\[[^\]]*\])$")


def page(results: Results, leaderboard: Table, sections: list[Section], provenance: list[Table], problems: str) -> str:
    """``problems`` is the browser's JSON, in which no ``<`` stands."""
    title = f"CauGym study: {results.title}"
    names = [("leaderboard", "Leaderboard")]
    names += [(section.name, section.title.partition(" · ")[0]) for section in sections]
    names += [("problems", "Problems"), ("provenance", "Provenance")]
    links = "".join(f'<li><a href="#{name}">{_text(label)}</a></li>' for name, label in names)
    tables = "".join(_table(table, plain=table.name == "provenance") for table in provenance)
    counts = f"{len(results.models)} models, {len(results.benchmarks)} sets"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{_text(title)}</title>
<style>{_file("page.css")}</style>
</head>
<body>
<a class="skip" href="#leaderboard">Skip to the results</a>
<header class="top"><h1>{_text(title)}</h1>
<p class="lead">{_text(counts)}. Accuracy in percent with 95% intervals clustered by problem; differences are paired by
problem.{_notes(results)}</p></header>
<nav aria-label="Sections"><ul>{links}</ul></nav>
<main>
<section id="leaderboard" aria-labelledby="leaderboard-title"><h2 id="leaderboard-title">Leaderboard</h2>
{_table(leaderboard, caption="All models; a click on a heading sorts")}</section>
{"".join(map(_section, sections))}
{BROWSER}
<section id="provenance" aria-labelledby="provenance-title"><h2 id="provenance-title">Provenance</h2>{tables}</section>
</main>
<script type="application/json" id="problem-data">{problems}</script>
<script>{_file("page.js")}</script>
</body>
</html>
"""


BROWSER = """<section id="problems" aria-labelledby="problems-title"><h2 id="problems-title">Problems</h2>
<p class="lead">Each problem with its causal graph, the exact solution and each model's first completion. The first line
that differs from the reference solution is marked in completions that were judged wrong.</p>
<div class="filters" role="search" aria-label="Filter the problems">
<label>Set<select id="filter-set"><option value="">all</option></select></label>
<label>Task<select id="filter-task"><option value="">all</option></select></label>
<label>Model<select id="filter-model"><option value="">any</option></select></label>
<label>Verdict<select id="filter-verdict"><option value="">any</option></select></label>
<label>Words<input type="search" id="filter-words" autocomplete="off"></label>
</div>
<p class="note" id="problem-count" role="status"></p>
<div class="browser"><ul class="list" id="problem-list" aria-label="Problems"></ul>
<div class="problem" id="problem" aria-live="off"></div></div>
<noscript><p>The problem browser needs JavaScript; all else on this page does not.</p></noscript>
</section>"""


def _file(name: str) -> str:
    return resources.files("caugym.report").joinpath(name).read_text(encoding="utf-8")


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _notes(results: Results) -> str:
    parts = []
    if results.left_out:
        parts.append(f" Left out: {', '.join(results.left_out)} (see Provenance).")
    if results.failures:
        parts.append(f" {len(results.failures)} cells failed (see Provenance).")
    return _text("".join(parts))


def _section(section: Section) -> str:
    first, rest = section.findings[:FINDINGS_SHOWN], section.findings[FINDINGS_SHOWN:]
    findings = _findings(first)
    if rest:
        findings += f"<details><summary>{len(rest)} more findings</summary>{_findings(rest)}</details>"
    blocks = ""
    for is_chart, group in groupby(section.blocks, lambda block: isinstance(block, Chart)):
        if is_chart:
            drawn = [_chart(block) for block in group if isinstance(block, Chart)]
            blocks += f'<div class="charts{" one" if len(drawn) == 1 else ""}">{"".join(drawn)}</div>'
        else:
            blocks += "".join(_table(block) for block in group if isinstance(block, Table))
    if section.folded:
        blocks = f"<details><summary>Show {len(section.blocks)} tables and charts</summary>{blocks}</details>"
    return (
        f'<section id="{_text(section.name)}" aria-labelledby="{_text(section.name)}-title">'
        f'<h2 id="{_text(section.name)}-title">{_text(section.title)}</h2>'
        f'<p class="lead">{_text(section.text)}</p>{findings}{blocks}</section>\n'
    )


def _findings(sentences: tuple[str, ...]) -> str:
    items = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
    return f'<ul class="findings">{items}</ul>' if items else ""


def _chart(chart: Chart) -> str:
    note = f'<p class="note">{_text(chart.note)}</p>' if chart.note else ""
    return (
        f'<figure id="chart-{_text(chart.name)}"><figcaption>{_text(chart.title)}</figcaption>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{_text(chart.title)}">{svg(chart)}</div>'
        f"{legend(chart)}{note}</figure>\n"
    )


def _table(table: Table, plain: bool = False, caption: str = "") -> str:
    heading = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in table.heading)
    rows = "".join(
        f"<tr{OTHER if place in table.marked else ''}>"
        f'<th scope="row">{_text(row[0])}</th>' + "".join(f"<td>{_cell(cell)}</td>" for cell in row[1:]) + "</tr>"
        for place, row in enumerate(table.rows)
    )
    note = f'<p class="note">{_text(table.note)}</p>' if table.note else ""
    title = _text(caption or table.title)
    return (
        f'<figure id="table-{_text(table.name)}"><figcaption>{title}</figcaption>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="{"plain" if plain else "sortable"}"><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody>'
        f"</table></div>{note}</figure>\n"
    )


def _cell(cell: str) -> str:
    """An interval stands back behind its mean."""
    found = _INTERVAL.search(cell)
    return f'{_text(cell[: found.start()])} <span class="ci">{_text(found[1])}</span>' if found else _text(cell)
