"""The cells of a study: every training and every evaluation, addressed by a hash of all that its result depends on."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.study.check import check_recipe, named
from caugym.study.description import Arm, Study
from caugym.study.estimate import Cost, evaluation_cost, parameters, training_cost
from caugym.training import recipe as recipes
from caugym.training import run

KEY_LENGTH = 10
RESULT = "result.json"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cell:
    """One step of a study. ``model`` is the trained model's name, ``stage`` base, cold-start or the arm; ``after`` the
    cell that must be finished before; ``folder`` lies in the study's; ``spec`` is what is run."""

    name: str
    kind: str
    model: str
    source: str
    stage: str
    seed: int
    folder: str
    key: str
    after: str | None
    cost: Cost
    spec: dict[str, Any] = field(default_factory=dict)
    benchmark: str | None = None

    def finished(self, root: Path) -> bool:
        return (root / self.folder / (RESULT if self.kind == "evaluation" else run.MANIFEST)).is_file()

    def to_row(self) -> dict[str, Any]:
        """The cell in study.json, where the report finds it."""
        row = asdict(self)
        del row["cost"]
        return row


def address(config: dict[str, Any]) -> str:
    text = json.dumps(config, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text.rstrip("/").rpartition("/")[2]) or "model"


def plan(study: Study, data: Path | None) -> tuple[list[Cell], dict[str, str]]:
    """All cells, each after the one that it needs, and the benchmarks that are left out with the reason.

    Raises InputError for an unknown model, method, recipe or benchmark, and for what no recipe can hold.
    """
    sizes = {source: parameters(run.resolve_model(source)) for source in study.models}
    models = [cell for source, size in sizes.items() for cell in _model_cells(study, source, size)]
    items, left_out = _benchmarks(study, data)
    cells: list[Cell] = []
    for cell in models:
        evaluated = [_evaluation_cell(study, cell, name, one, sizes[cell.source]) for name, one in items.items()]
        cells += [cell, *evaluated]
    return cells, left_out


def _model_cells(study: Study, source: str, size: float) -> list[Cell]:
    """The base and every model that is trained from it."""
    base = _base_cell(study, source, size)
    cells = [base]
    for seed in study.seeds:
        stages = {"base": base}
        for stage, arm in study.arms().items():
            stages[stage] = _training_cell(study, source, stage, arm, seed, stages[str(arm.after)], size)
            cells.append(stages[stage])
    return cells


@dataclass(frozen=True)
class Found:
    """A benchmark as it is there: the checksum of its items, their number and the characters of their prompts."""

    limit: int | None
    items: str
    problems: int
    characters: int


def _benchmarks(study: Study, data: Path | None) -> tuple[dict[str, Found], dict[str, str]]:
    """The benchmarks that can be loaded, and why the others cannot. Raises InputError for a name that fits none."""
    from caugym.evaluation import benchmarks
    from caugym.evaluation.items import checksum

    limits: dict[str, int | None] = {}
    for name, limit in study.evaluation.benchmarks.items():
        names = fnmatch.filter(benchmarks.modules(), name) if "*" in name else benchmarks.parse_names(name)
        if not names:
            raise InputError(f"study: evaluation.benchmarks: {name!r} fits no benchmark")
        limits |= {one: limit for one in names if one == name or one not in study.evaluation.benchmarks}
    found, left_out = {}, {}
    for name, limit in limits.items():
        if limit is not None and limit < 1:
            raise InputError(f"study: evaluation.benchmarks: {name}: {limit}: expected 1 or more, or null for all")
        if data is None and benchmarks.modules()[name].NEEDS_DATA:
            left_out[name] = f"{name} reads published files: name their folder with --data"
            continue
        try:
            items = benchmarks.load(name, data, limit)
        except InputError as error:
            left_out[name] = str(error)
            continue
        found[name] = Found(limit, checksum(items), len(items), sum(len(item.prompt) for item in items))
    if not found:
        raise InputError("no benchmark of the study can be loaded: " + "; ".join(left_out.values()))
    return found, left_out


def _base_cell(study: Study, source: str, size: float) -> Cell:
    from caugym.evaluation.backends.adapters import fingerprint

    folder = Path(run.resolve_model(source))
    key = address({"model": fingerprint(folder) if folder.is_dir() else source})
    name = f"{slug(source)}--base"
    seed = study.seeds[0]
    spec = {"model": source, "parameters": int(size)}
    return Cell(name, "base", name, source, "base", seed, f"models/{name}-{key}", key, None, Cost(), spec)


def _training_cell(study: Study, source: str, stage: str, arm: Arm, seed: int, parent: Cell, size: float) -> Cell:
    from caugym.gym.generate import VERSION
    from caugym.nano.worked import FORM
    from caugym.training import methods

    method = str(arm.method)
    with named(f"study: {stage}"):
        options = methods.load(method).OPTIONS
        recipe_name = arm.recipe or recipes.default_name(method, run.resolve_model(source))
        recipe = recipes.override(recipes.load(recipe_name), list(arm.set))
        check_recipe(method, recipe, int(arm.problems or 0))
    description = {
        "method": method,
        "problems": arm.problems,
        "tasks": arm.tasks,
        "seed": seed,
        "variation": arm.variation,
        "preset": arm.preset,
    }
    launch = list(study.resources.launch)
    depends_on = {**description, "after": parent.key, "recipe": recipe, "generator": VERSION, "worked_form": FORM}
    key = address(depends_on | ({"launch": launch} if launch else {}))
    name = f"{slug(source)}--{slug(stage)}--{seed}"
    spec = {**description, "recipe": recipe_name, "overrides": list(arm.set), "model": parent.folder, "launch": launch}
    if parent.kind == "base":
        spec["model"] = None  # where it is, not in the study
    cost = training_cost(options | recipe, int(arm.problems or 0), size, study.resources)
    folder = f"models/{name}-{key}"
    return Cell(name, "training", name, source, stage, seed, folder, key, parent.name, cost, spec)


def _evaluation_cell(study: Study, model: Cell, benchmark: str, found: Found, size: float) -> Cell:
    sampling = study.evaluation
    runs = sampling.runs if sampling.temperature > 0 else 1
    config = {
        "model": model.key,
        "benchmark": benchmark,
        "items": found.items,
        "runs": runs,
        "sampling": [sampling.temperature, sampling.top_p, sampling.max_new_tokens, model.seed],
        "step_by_step": sampling.step_by_step,
        "backend": sampling.backend,
    }
    key = address(config)
    spec = {
        "benchmark": benchmark,
        "limit": found.limit,
        "runs": sampling.runs,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_new_tokens": sampling.max_new_tokens,
        "step_by_step": sampling.step_by_step,
        "backend": sampling.backend,
        "model": None if model.kind == "base" else model.folder,
    }
    return Cell(
        name=f"{model.name} on {benchmark}",
        kind="evaluation",
        model=model.model,
        source=model.source,
        stage=model.stage,
        seed=model.seed,
        folder=f"evaluations/{model.model}/{benchmark}-{key}",
        key=key,
        after=model.name,
        cost=evaluation_cost(found.problems * runs, found.characters, sampling.max_new_tokens, size, study.resources),
        spec=spec,
        benchmark=benchmark,
    )
