"""What a section of the report is, and the parts that several sections share."""

from __future__ import annotations

from dataclasses import dataclass

from caugym.evaluation.statistics import corrected
from caugym.report import analysis, sentences
from caugym.report.charts import Chart
from caugym.report.results import STRICT, Results
from caugym.report.tables import Table, points

Block = Table | Chart


@dataclass(frozen=True)
class Section:
    """``findings`` are sentences from the numbers, ``text`` says what the section does; ``folded`` hides the blocks
    until they are asked for."""

    name: str
    title: str
    text: str
    findings: tuple[str, ...]
    blocks: tuple[Block, ...]
    folded: bool = False


def tasks_of(results: Results, benchmark: str, judge: str = STRICT) -> list[str]:
    found = results.evaluations[benchmark].values()
    return sorted({task for one in found for task in one.result["judges"][judge]["tasks"]})


def difference_table(results: Results, benchmark: str, pairs: list[tuple[str, str]], name: str) -> Table:
    """Second minus first, paired by problem, the mean over the tasks and task by task."""
    tasks = tasks_of(results, benchmark)
    found = {pair: analysis.difference(results, benchmark, *pair) for pair in pairs}
    rows = []
    for (first, second), over_all in corrected({pair: one for pair, one in found.items() if one}).items():
        cells = [points(analysis.difference(results, benchmark, first, second, task)) for task in tasks]
        better = f"{over_all.better} : {over_all.worse}"
        chances = f"{over_all.p_value:.2g}", f"{over_all.p_holm:.2g}"
        rows.append((f"{first} → {second}", points(over_all), better, *chances, *cells))
    heading = ("stages", "all problems", "better : worse", "sign test p", "p (Holm)", *tasks)
    note = (
        "Percentage points by the strict judge, paired by problem, 95% t intervals, each on its own; p (Holm) is the "
        "sign test's over all problems, corrected for the rows of this table."
    )
    return Table(f"{name}-{benchmark}", f"Paired differences on {benchmark}", heading, tuple(rows), note)


def steps(results: Results) -> list[tuple[str, str]]:
    """Every trained model after the one that it was trained from; where that is not known, after the one before."""
    pairs = []
    names = list(results.models)
    for place, name in enumerate(names):
        start = results.start_of(name)
        if start is None and place and not any(model.after for model in results.models.values()):
            start = names[place - 1]
        if start is not None:
            pairs.append((start, name))
    return pairs


def compared(results: Results, benchmark: str, pairs: list[tuple[str, str]]) -> list[str]:
    found = [(first, second, analysis.difference(results, benchmark, first, second)) for first, second in pairs]
    return sentences.compared_all(benchmark, [(first, second, one) for first, second, one in found if one])
