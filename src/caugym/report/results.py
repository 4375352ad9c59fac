"""The finished results of one or several studies as they stand on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from caugym.errors import InputError

STRICT, PUBLISHED = "strict", "published"
FIRST_STAGES = ("base", "cold-start", "sft", "rft", "dpo", "kto", "ppo", "rloo", "grpo")
"""The order of the stages; others follow by name."""
FIRST_BENCHMARKS = ("base", "rephrased", "omitted", "deconfounding", "redundant", "insufficient", "shortcut-proof",
                    "large", "noisy")  # fmt: skip
OURS = "caugym-"


@dataclass(frozen=True)
class Model:
    """One trained model (or the base): ``log`` are its training's lines, ``manifest`` what it was made by."""

    name: str
    stage: str = "base"
    source: str = ""
    seed: int = 0
    study: str = ""
    after: str | None = None
    log: tuple[dict[str, Any], ...] = ()
    manifest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """One result.json and, read when they are asked for, the files beside it."""

    model: str
    benchmark: str
    folder: Path
    result: dict[str, Any]

    @property
    def scores_file(self) -> Path:
        return self.folder / "scores.jsonl"

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        """Problem id -> its line of items.jsonl; empty where an older result has none."""
        return {row["id"]: row for row in _lines(self.folder / "items.jsonl")}

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        return list(_lines(self.scores_file))

    @cached_property
    def completions(self) -> dict[tuple[str, int], dict[str, Any]]:
        return {(row["problem_id"], row["run"]): row for row in _lines(self.folder / "completions.jsonl")}


@dataclass(frozen=True)
class Results:
    """``evaluations[benchmark][model]``; models and benchmarks in the order of the page."""

    title: str
    models: dict[str, Model]
    evaluations: dict[str, dict[str, Evaluation]]
    configs: dict[str, dict[str, Any]]
    left_out: dict[str, str]
    failures: dict[str, str]

    @property
    def benchmarks(self) -> list[str]:
        return list(self.evaluations)

    def start_of(self, model: str) -> str | None:
        """The model that this one was trained from, where it was evaluated too."""
        after = self.models[model].after
        return after if after in self.models else None

    def main_benchmark(self) -> str:
        """Our own base set where it is there, else the first one."""
        return next((name for name in self.evaluations if name == "caugym-base"), self.benchmarks[0])


def read_results(folders: list[Path]) -> Results:
    """Raises InputError where a folder holds no finished evaluation, or a broken or incomplete file."""
    models: dict[str, Model] = {}
    evaluations: dict[str, dict[str, Evaluation]] = {}
    configs, left_out, failures = {}, dict[str, str](), dict[str, str]()
    labels = _labels(folders)
    for folder, label in zip(folders, labels, strict=True):
        study = _json(folder / "study.json") if (folder / "study.json").is_file() else {}
        cells = study.get("cells") or _found_cells(folder)
        name_of = _names(cells, label if len(folders) > 1 else "")
        found = [cell for cell in cells if cell["kind"] == "evaluation" and _result(folder, cell).is_file()]
        if not found:
            expected = folder / "evaluations/MODEL/BENCHMARK/result.json"
            raise InputError(f"{folder}: no finished evaluation; expected {expected}")
        for cell in found:
            result = _checked(_result(folder, cell))
            name = name_of[cell["model"]]
            evaluations.setdefault(cell["benchmark"], {})[name] = Evaluation(
                name, cell["benchmark"], folder / cell["folder"], result
            )
            models.setdefault(name, Model(name, cell["stage"], cell["source"], cell["seed"], label))
        for cell in cells:
            name = name_of[cell["model"]]
            if cell["kind"] != "evaluation" and name in models:
                models[name] = _model(folder, cell, name, label, name_of)
        configs[label] = study.get("study", {})
        left_out |= study.get("left_out", {})
        if (folder / "failures.json").is_file():
            failures |= _json(folder / "failures.json")
    ordered = sorted(models, key=lambda name: _model_rank(models[name]))
    by_benchmark = {
        benchmark: {name: evaluations[benchmark][name] for name in ordered if name in evaluations[benchmark]}
        for benchmark in sorted(evaluations, key=_benchmark_rank)
    }
    title = ", ".join(labels)
    return Results(title, {name: models[name] for name in ordered}, by_benchmark, configs, left_out, failures)


def _labels(folders: list[Path]) -> list[str]:
    """The folders' names, with a number where two are alike."""
    labels: list[str] = []
    for folder in folders:
        name = folder.resolve().name or "study"
        labels.append(name if name not in labels else f"{name} ({len(labels) + 1})")
    return labels


def _found_cells(folder: Path) -> list[dict[str, Any]]:
    """The cells of a folder without study.json: STUDY/evaluations/MODEL/BENCHMARK, or what caugym evaluate wrote."""
    cells = []
    nested = sorted((folder / "evaluations").glob("*/*/result.json"))
    for path in nested or sorted(folder.glob("*/result.json")) or sorted(folder.glob("result.json")):
        result = _json(path)
        model = path.parent.parent.name if nested else str(result.get("model", folder.name)).rstrip("/").split("/")[-1]
        cells.append(
            {
                "kind": "evaluation",
                "model": model,
                "stage": model,
                "source": model,
                "seed": 0,
                "benchmark": str(result.get("benchmark", path.parent.name)),
                "folder": str(path.parent.relative_to(folder)),
            }
        )
    for path in sorted((folder / "models").glob("*")):
        row = {"model": path.name, "stage": path.name, "source": path.name, "seed": 0, "after": None}
        cells.append(row | {"kind": "training", "folder": str(path.relative_to(folder))})
    return cells


def _names(cells: list[dict[str, Any]], prefix: str) -> dict[str, str]:
    """A cell's model -> the shortest name that tells it from the others."""
    rows = [cell for cell in cells if cell["stage"] != "base"]
    several_sources = len({cell["source"] for cell in rows}) > 1 and any("spec" in cell for cell in cells)
    several_seeds = len({cell["seed"] for cell in rows}) > 1
    names = {}
    for cell in cells:
        parts = [prefix] if prefix else []
        parts += [str(cell["source"]).rstrip("/").split("/")[-1]] if several_sources else []
        parts.append(cell["stage"])
        parts += [f"seed {cell['seed']}"] if several_seeds and cell["stage"] != "base" else []
        names[cell["model"]] = " · ".join(parts)
    return names


def _model(folder: Path, cell: dict[str, Any], name: str, label: str, name_of: dict[str, str]) -> Model:
    place = folder / cell["folder"]
    log = tuple(row for row in _lines(place / "log.jsonl") if "step" in row) if (place / "log.jsonl").is_file() else ()
    manifest = _json(place / "manifest.json") if (place / "manifest.json").is_file() else {}
    after = name_of.get(cell.get("after") or "")
    return Model(name, cell["stage"], cell["source"], cell["seed"], label, after, log, manifest)


def _result(folder: Path, cell: dict[str, Any]) -> Path:
    return folder / str(cell["folder"]) / "result.json"


def _model_rank(model: Model) -> tuple[Any, ...]:
    stage = model.stage.partition("+")[0]
    rank = FIRST_STAGES.index(stage) if stage in FIRST_STAGES else len(FIRST_STAGES)
    return model.study, model.source, rank, model.stage, model.seed


def _benchmark_rank(name: str) -> tuple[int, int, str]:
    part = name.partition("-")[2]
    rank = FIRST_BENCHMARKS.index(part) if part in FIRST_BENCHMARKS else len(FIRST_BENCHMARKS)
    return not name.startswith(OURS), rank, name


@cache
def published_results() -> dict[str, Any]:
    """The published tables with their sources."""
    text = resources.files("caugym.report").joinpath("published_results.json").read_text(encoding="utf-8")
    published: dict[str, Any] = json.loads(text)
    return published


def published_rows(benchmark: str) -> tuple[dict[str, dict[str, float]], str]:
    """Published model -> task (and "mean") -> accuracy for a benchmark, and their source; empty where none is."""
    published = published_results()
    if benchmark in ("calm-basic", "published-base"):
        table = published["calm_basic"]
        rows = {name: dict(zip(table["tasks"], row, strict=True)) for name, row in table["rows"].items()}
        return rows, table["source"]
    table = published["caugym_grpo_14b"]
    part = benchmark.removeprefix("published-")
    if benchmark.startswith("published-") and part in table["rows"]:
        return {"14B GRPO": dict(zip(table["tasks"], table["rows"][part], strict=True))}, table["source"]
    return {}, ""


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected a JSON object")
    return value


def _checked(path: Path) -> dict[str, Any]:
    """A result.json. Raises InputError for one that lacks what the report shows, as of another program or version."""
    result = _json(path)
    missing = next((field for field in _needed() if not _holds(result, field)), None)
    if missing is not None:
        raise InputError(f"{path}: no result of 'caugym evaluate', it has no {'.'.join(missing)}; evaluate again")
    return result


def _needed() -> Iterator[tuple[str, ...]]:
    """The fields of a result.json that the report reads without asking whether they are there."""
    yield from ((name,) for name in ("items", "problems", "runs", "sampling", "licence", "tokens"))
    for judge in (STRICT, PUBLISHED):
        yield from (("judges", judge, part) for part in ("tasks", "reasons"))
        yield ("constant_answer", judge, "tasks")
        for where in ("judges", "constant_answer"):
            yield from ((where, judge, "mean", bound) for bound in ("mean", "low", "high"))


def _holds(value: Any, field: tuple[str, ...]) -> bool:
    for name in field:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file; the last one may be cut off while a run goes on, and the file may not be there."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row
