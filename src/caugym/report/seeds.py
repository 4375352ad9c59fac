"""Several training seeds of one method, taken together: how much of a difference is the seed's."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import mean, stdev

from caugym.evaluation.statistics import t_quantile
from caugym.report.results import STRICT, Results
from caugym.report.tables import NONE, Table


def pooled_table(results: Results, benchmark: str) -> Table | None:
    """Mean strict accuracy over the training seeds with its 95% t interval between seeds, one row a method.

    None where no method was trained with more than one seed. A seed is one observation here, whatever its number of
    problems: the interval says where another seed's mean may be expected on average, on these problems.
    """
    found: dict[tuple[str, str, str], list[tuple[int, float]]] = defaultdict(list)
    for name, one in results.evaluations[benchmark].items():
        model = results.models[name]
        accuracy = 100 * float(one.result["judges"][STRICT]["mean"]["mean"])
        found[model.study, model.source, model.stage].append((model.seed, accuracy))
    if all(len(seeds) < 2 for seeds in found.values()):
        return None
    several = len({key[:2] for key in found}) > 1
    rows = []
    for (study, source, stage), seeds in found.items():
        accuracies = [accuracy for _, accuracy in sorted(seeds)]
        name = " · ".join((study, source.rstrip("/").split("/")[-1], stage)) if several else stage
        rows.append((name, str(len(seeds)), *pooled(accuracies), ", ".join(f"{one:.1f}" for one in accuracies)))
    heading = ("method", "seeds", "mean over seeds [95% interval]", "standard deviation", "each seed")
    note = "Strict judge, percent. A t interval over seeds; with two or three seeds it is wide, as it has to be."
    return Table(f"seeds-{benchmark}", f"Training seeds together on {benchmark}", heading, tuple(rows), note)


def pooled(accuracies: list[float]) -> tuple[str, str]:
    """Mean with its interval, and the standard deviation; without one where there is one seed."""
    middle = mean(accuracies)
    if len(accuracies) < 2:
        return f"{middle:.1f}", NONE
    spread = stdev(accuracies)
    half = t_quantile(len(accuracies) - 1) * spread / math.sqrt(len(accuracies))
    return f"{middle:.1f} [{middle - half:.1f}, {middle + half:.1f}]", f"{spread:.1f}"
