"""Charts as data, and as inline SVG: the page draws these, ``plot.py`` the same ones with matplotlib."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

Interval = tuple[float, float, float]
"""Mean, low and high, in percent."""

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 760, 300, 46, 14, 44, 16
FEW = 6


@dataclass(frozen=True)
class Series:
    """``values`` belong to the groups of bars, ``points`` (x, y) to lines and scatter; ``published`` are not ours.

    ``rank`` is the model's among all models of the report, so that it has one colour in every chart.
    """

    name: str
    values: tuple[Interval | None, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    published: bool = False
    rank: int | None = None

    def colour(self, place: int) -> int:
        """The number of its colour: its model's, or its place in the chart where it is no model's."""
        return place if self.rank is None else self.rank


@dataclass(frozen=True)
class Chart:
    """``kind`` is bars, lines, scatter or heat; ``groups`` name the bars' groups or the heat map's columns."""

    name: str
    title: str
    kind: str
    series: tuple[Series, ...]
    groups: tuple[str, ...] = ()
    x_label: str = ""
    y_label: str = "accuracy, %"
    logarithmic: bool = False
    note: str = ""

    def coloured(self, models: Sequence[str]) -> Chart:
        """The same chart with the colours that the models have in every chart."""
        ranks = {name: rank for rank, name in enumerate(models)}
        return replace(self, series=tuple(replace(one, rank=ranks.get(one.name)) for one in self.series))

    def few(self) -> list[float]:
        """The x values where they are few: ticks stand at them and nowhere else."""
        found = sorted({x for series in self.series for x, _ in series.points})
        return found if self.kind == "lines" and len(found) <= FEW else []


def svg(chart: Chart) -> str:
    """The chart as inline SVG, coloured by the page's classes; its numbers also stand in a table of the page."""
    draw = {"bars": _bars, "lines": _lines, "scatter": _scatter, "heat": _heat}[chart.kind]
    body, height = draw(chart)
    label = html.escape(f"{chart.title}. {chart.note}".strip(), quote=True)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )


def legend(chart: Chart) -> str:
    """The names of the series beside their colours, as HTML that wraps; a chart that names its marks needs none."""
    if chart.kind in ("heat", "scatter"):
        return ""
    marks = "".join(
        f'<li><span class="key s{_colour(rank, one)}"></span>{html.escape(one.name)}</li>'
        for rank, one in enumerate(chart.series)
    )
    return f'<ul class="legend">{marks}</ul>'


def _colour(rank: int, series: Series) -> str:
    return "p" if series.published else str(series.colour(rank) % 9)


def _text(x: float, y: float, text: str, anchor: str = "middle", kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{html.escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _y(percent: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / 100)


def _frame(chart: Chart) -> list[str]:
    """Grid lines at every quarter and the axes' labels."""
    parts = []
    for percent in (0, 25, 50, 75, 100):
        parts.append(_line(LEFT, _y(percent), WIDTH - RIGHT, _y(percent), "grid"))
        parts.append(_text(LEFT - 7, _y(percent) + 4, str(percent), "end", "tick"))
    if chart.x_label:
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, chart.x_label, "middle", "axis"))
    return parts


def _bars(chart: Chart) -> tuple[str, int]:
    parts = _frame(chart)
    room = (WIDTH - LEFT - RIGHT) / max(len(chart.groups), 1)
    width = min(room * 0.84 / max(len(chart.series), 1), 34)
    for group, name in enumerate(chart.groups):
        middle = LEFT + room * (group + 0.5)
        for line, piece in enumerate(_wrapped(name, max(int(room / 6.6), 4))):
            parts.append(_text(middle, HEIGHT - BOTTOM + 15 + 13 * line, piece, "middle", "tick"))
        for rank, series in enumerate(chart.series):
            value = series.values[group]
            if value is None:
                continue
            mean, low, high = value
            x = middle + (rank - len(chart.series) / 2) * width
            tip = f"{series.name}, {name}: {mean:.1f}" + (f" [{low:.1f}, {high:.1f}]" if low != high else "")
            parts.append(
                f'<rect x="{x + 0.5:.1f}" y="{_y(mean):.1f}" width="{width - 1:.1f}" '
                f'height="{max(_y(0) - _y(mean), 0.8):.1f}" class="s{_colour(rank, series)}">'
                f"<title>{html.escape(tip)}</title></rect>"
            )
            if low != high:
                parts.append(_line(x + width / 2, _y(low), x + width / 2, _y(high), "whisker"))
    return "".join(parts), HEIGHT


def _scale(values: list[float], logarithmic: bool) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if logarithmic:
        return math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9)
    return 0.0, high or 1.0


def _x(value: float, scale: tuple[float, float], logarithmic: bool) -> float:
    place = math.log10(value) if logarithmic else value
    return LEFT + (WIDTH - LEFT - RIGHT) * (place - scale[0]) / max(scale[1] - scale[0], 1e-9)


def _ticks(scale: tuple[float, float], logarithmic: bool) -> list[float]:
    """Powers of ten, or round numbers of which about five fit."""
    if logarithmic:
        return [10.0**power for power in range(int(scale[0]), int(scale[1]) + 1)]
    size = 10.0 ** math.floor(math.log10(scale[1] / 4))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * 5.2 >= scale[1])
    return [step * number for number in range(int(scale[1] / step + 1e-9) + 1)]


def _x_axis(chart: Chart) -> tuple[list[str], tuple[float, float]]:
    scale = _scale([x for series in chart.series for x, _ in series.points], chart.logarithmic)
    parts = _frame(chart)
    for tick in chart.few() or _ticks(scale, chart.logarithmic):
        x = _x(tick, scale, chart.logarithmic)
        anchor = "end" if x > WIDTH - RIGHT - 20 else "middle"
        parts.append(_text(x, HEIGHT - BOTTOM + 18, short(tick), anchor, "tick"))
    return parts, scale


def short(number: float) -> str:
    """1,480,704 as 1.5M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"


def _lines(chart: Chart) -> tuple[str, int]:
    parts, scale = _x_axis(chart)
    for rank, series in enumerate(chart.series):
        colour = _colour(rank, series)
        places = [(_x(x, scale, chart.logarithmic), _y(y)) for x, y in series.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" class="line l{colour}"/>')
        for (x, y), (x_value, y_value) in zip(places, series.points, strict=True):
            tip = html.escape(f"{series.name}: {y_value:.1f} at {short(x_value)} {chart.x_label}")
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" class="s{colour}"><title>{tip}</title></circle>')
    return "".join(parts), HEIGHT


def _scatter(chart: Chart) -> tuple[str, int]:
    """Each point with its name, moved down or up until no two names touch."""
    parts, scale = _x_axis(chart)
    taken: list[tuple[float, float, float]] = []
    marks = [(series, x, y, rank) for rank, series in enumerate(chart.series) for x, y in series.points]
    for series, x_value, y_value, rank in sorted(marks, key=lambda mark: -mark[2]):
        x, y = _x(x_value, scale, chart.logarithmic), _y(y_value)
        width = 6.4 * len(series.name)
        left = x > WIDTH - RIGHT - width - 12
        start = x - 9 - width if left else x + 9
        place = y + 4
        while any(abs(place - other) < 14 and start < b + 4 and a < start + width + 4 for a, b, other in taken):
            place += 2
        taken.append((start, start + width, place))
        tip = html.escape(f"{series.name}: {y_value:.1f} at {short(x_value)} {chart.x_label}")
        colour = _colour(rank, series)
        if abs(place - y - 4) > 3:
            parts.append(_line(x, y, start + (width if left else 0), place - 4, "grid"))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="s{colour}"><title>{tip}</title></circle>')
        parts.append(_text(start + (width if left else 0), place, series.name, "end" if left else "start", "tick"))
    return "".join(parts), HEIGHT


def _heat(chart: Chart) -> tuple[str, int]:
    longest = max((len(series.name) for series in chart.series), default=0)
    left, row, top = min(20 + 7.2 * longest, 300), 34, 30
    room = (WIDTH - left - 4) / max(len(chart.groups), 1)
    fits = max(int(room / 6.6), 4)
    lines = max((-(-len(group) // fits) for group in chart.groups), default=1)
    top += 14 * (lines - 1)
    parts = []
    for column, name in enumerate(chart.groups):
        for rank, piece in enumerate(_wrapped(name, fits)):
            parts.append(_text(left + room * (column + 0.5), 14 + 14 * rank, piece, "middle", "tick"))
    for place, series in enumerate(chart.series):
        y = top + place * row
        parts.append(_text(left - 8, y + row / 2 + 4, series.name, "end", "tick"))
        for column, value in enumerate(series.values):
            x = left + room * column
            shade = 0.0 if value is None else 0.08 + 0.82 * value[0] / 100
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{room - 2:.1f}" height="{row - 2}" rx="3" '
                f'class="heat" fill-opacity="{shade:.2f}"/>'
            )
            kind = "cell strong" if shade > 0.55 else "cell"
            shown = "–" if value is None else f"{value[0]:.0f}"
            parts.append(_text(x + room / 2, y + row / 2 + 5, shown, "middle", kind))
    return "".join(parts), int(top + row * len(chart.series) + 6)


def _wrapped(name: str, width: int) -> list[str]:
    """At hyphens and blanks where one is near enough, else in the middle of a word."""
    pieces = [""]
    for word in name.replace("-", "-\0").replace(" ", " \0").split("\0"):
        while len(word) > width:
            pieces += [word[:width], ""]
            word = word[width:]
        if len(pieces[-1]) + len(word.rstrip()) > width:
            pieces.append("")
        pieces[-1] += word
    return [piece.strip() for piece in pieces if piece.strip()]
