"""A study's finished results as they stand on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from caugym.errors import InputError

FIRST_MODELS = ("base", "cold-start", "grpo")
"""The order of the stages; other models follow by name."""


@dataclass(frozen=True)
class Study:
    """``results[benchmark][model]`` is a result.json; ``logs[model]`` a training log, ``config`` the study.json."""

    folder: Path
    config: dict[str, Any]
    models: tuple[str, ...]
    results: dict[str, dict[str, dict[str, Any]]]
    logs: dict[str, list[dict[str, Any]]]

    def scores(self, benchmark: str, model: str) -> Path:
        return self.folder / "evaluations" / model / benchmark / "scores.jsonl"


def read_study(folder: Path) -> Study:
    """Raises InputError where the folder holds no finished evaluation, or a broken file."""
    found = sorted((folder / "evaluations").glob("*/*/result.json"))
    if not found:
        raise InputError(f"{folder}: no finished evaluation; expected {folder}/evaluations/MODEL/BENCHMARK/result.json")
    results: dict[str, dict[str, dict[str, Any]]] = {}
    for path in found:
        results.setdefault(path.parent.name, {})[path.parent.parent.name] = _read_json(path)
    names = {model for models in results.values() for model in models}
    models = [model for model in FIRST_MODELS if model in names] + sorted(names - set(FIRST_MODELS))
    config = _read_json(folder / "study.json") if (folder / "study.json").is_file() else {}
    logs = {path.parent.name: _read_lines(path) for path in sorted((folder / "models").glob("*/log.jsonl"))}
    return Study(folder, config, tuple(models), results, logs)


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


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected a JSON object")
    return value


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a log; the last one may be cut off while training runs."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return [row for row in rows if isinstance(row, dict) and "step" in row]
