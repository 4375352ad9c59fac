"""One picture: accuracy per task beside the published model, and the learning curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.report.results import Study, published_rows
from caugym.report.tables import tasks_of

PUBLISHED_MODEL = "14B GRPO"
COLOURS = ("#9ca3af", "#60a5fa", "#1d4ed8", "#0f766e", "#b45309", "#7c3aed")
PUBLISHED_COLOUR = "#d97706"


def write_plot(study: Study, path: Path) -> None:
    """Bars for each benchmark under the published judge, which the published rows were scored with."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    curves = {model: rows for model, rows in study.logs.items() if any("reward" in row for row in rows)}
    panels = len(study.results) + bool(curves)
    figure, axes = pyplot.subplots(panels, 1, figsize=(11, 3.6 * panels), squeeze=False, layout="constrained")
    for axis, benchmark in zip(axes[:, 0], sorted(study.results), strict=False):
        _bars(axis, study, benchmark)
    if curves:
        _curves(axes[-1, 0], curves)
    figure.savefig(path, dpi=120, metadata={"Software": None})
    pyplot.close(figure)


def _bars(axis: Any, study: Study, benchmark: str) -> None:
    groups = [*tasks_of(study, benchmark), "mean"]
    published, _ = published_rows(benchmark)
    models = [model for model in study.models if model in study.results[benchmark]]
    series = [*models, *([PUBLISHED_MODEL] if PUBLISHED_MODEL in published else [])]
    width = 0.84 / len(series)
    for rank, name in enumerate(series):
        places = [group + (rank - (len(series) - 1) / 2) * width for group in range(len(groups))]
        if name in models:
            judged = study.results[benchmark][name]["judges"]["published"]
            cells = [judged["mean"] if group == "mean" else judged["tasks"].get(group) for group in groups]
            heights = [100 * cell["mean"] if cell else 0.0 for cell in cells]
            errors = [
                [100 * (cell["mean"] - cell["low"]) if cell else 0.0 for cell in cells],
                [100 * (cell["high"] - cell["mean"]) if cell else 0.0 for cell in cells],
            ]
            style: dict[str, Any] = {"color": COLOURS[rank % len(COLOURS)], "yerr": errors, "capsize": 2, "label": name}
        else:
            heights = [100 * published[name].get(group, 0.0) for group in groups]
            style = {"color": PUBLISHED_COLOUR, "hatch": "//", "alpha": 0.6, "label": f"{name} (published)"}
        axis.bar(places, heights, width, **style)
    axis.set_xticks(range(len(groups)), groups)
    axis.set_ylim(0, 105)
    axis.set_ylabel("accuracy, %")
    axis.set_title(f"{benchmark}, judge: published", loc="left")
    axis.legend(ncols=len(series), fontsize="small", frameon=False, loc="lower right", bbox_to_anchor=(1, 1))
    axis.spines[["top", "right"]].set_visible(False)


def _curves(axis: Any, curves: dict[str, list[dict[str, Any]]]) -> None:
    for rank, (model, rows) in enumerate(curves.items()):
        for name, line in (("reward", "-"), ("accuracy", "--")):
            points = [(row["step"], row[name]) for row in rows if isinstance(row.get(name), int | float)]
            if points:
                steps, values = zip(*points, strict=True)
                axis.plot(steps, values, line, color=COLOURS[(rank + 2) % len(COLOURS)], label=f"{model}: {name}")
    axis.set_xlabel("training step")
    axis.set_title("learning curves", loc="left")
    axis.legend(fontsize="small", frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
