"""The report's charts as PNG and PDF, with matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.report.charts import Chart, Series, short

COLOURS = ("#4e79a7", "#e08a3c", "#59a14f", "#b07aa1", "#c7514f", "#76a5a0", "#9c755f", "#d3a625", "#6b7280")
PUBLISHED_COLOUR = "#a1a1aa"


def write_plot(chart: Chart, folder: Path) -> None:
    """Writes NAME.png and NAME.pdf; the same chart gives the same bytes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    height = 0.5 * len(chart.series) + 1.6 if chart.kind == "heat" else 3.6
    figure, axis = pyplot.subplots(figsize=(9.5, height), layout="constrained")
    {"bars": _bars, "lines": _lines, "scatter": _scatter, "heat": _heat}[chart.kind](axis, chart)
    axis.set_title(chart.title, loc="left", fontsize=11, parse_math=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(folder / f"{chart.name}.png", dpi=110, metadata={"Software": None})
    figure.savefig(folder / f"{chart.name}.pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
    pyplot.close(figure)


def _colour(rank: int, series: Series) -> str:
    return PUBLISHED_COLOUR if series.published else COLOURS[series.colour(rank) % len(COLOURS)]


def _legend(axis: Any, chart: Chart) -> None:
    if chart.series:
        entries = axis.legend(fontsize="small", frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        for text in entries.get_texts():
            text.set_parse_math(False)


def _bars(axis: Any, chart: Chart) -> None:
    width = 0.84 / max(len(chart.series), 1)
    for rank, series in enumerate(chart.series):
        shown = [(group, value) for group, value in enumerate(series.values) if value is not None]
        places = [group + (rank - (len(chart.series) - 1) / 2) * width for group, _ in shown]
        means = [mean for _, (mean, _, _) in shown]
        errors = [[mean - low for _, (mean, low, _) in shown], [high - mean for _, (mean, _, high) in shown]]
        axis.bar(places, means, width, color=_colour(rank, series), yerr=errors, capsize=2, label=series.name)
    axis.set_xticks(range(len(chart.groups)), chart.groups, fontsize="small")
    axis.set_xlabel(chart.x_label)
    axis.set_ylabel(chart.y_label)
    axis.set_ylim(0, 100)
    _legend(axis, chart)


def _lines(axis: Any, chart: Chart) -> None:
    for rank, series in enumerate(chart.series):
        xs, ys = [x for x, _ in series.points], [y for _, y in series.points]
        axis.plot(xs, ys, marker="o", markersize=4, color=_colour(rank, series), label=series.name)
    if ticks := chart.few():
        axis.set_xticks(ticks, [short(tick) for tick in ticks])
    axis.set_xlabel(chart.x_label)
    axis.set_ylabel(chart.y_label)
    axis.set_ylim(0, 100)
    _legend(axis, chart)


def _scatter(axis: Any, chart: Chart) -> None:
    for rank, series in enumerate(chart.series):
        for x, y in series.points:
            axis.plot([x], [y], "o", color=_colour(rank, series))
            note = axis.annotate(series.name, (x, y), xytext=(5, 3), textcoords="offset points", fontsize=7)
            note.set_parse_math(False)
    axis.set_xscale("log" if chart.logarithmic else "linear")
    axis.margins(x=0.12)
    axis.set_xlabel(chart.x_label)
    axis.set_ylabel(chart.y_label)
    axis.set_ylim(0, 103)


def _heat(axis: Any, chart: Chart) -> None:
    cells = [[value[0] if value else float("nan") for value in series.values] for series in chart.series]
    axis.imshow(cells, vmin=0, vmax=100, cmap="Blues", aspect="auto")
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            text = "–" if value != value else f"{value:.0f}"
            axis.text(column, row, text, ha="center", va="center", color="white" if value > 60 else "black", fontsize=8)
    axis.set_xticks(range(len(chart.groups)), chart.groups, fontsize=7, rotation=20, ha="right")
    axis.set_yticks(range(len(chart.series)), [series.name for series in chart.series], fontsize=8)
