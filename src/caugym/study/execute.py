"""Run one cell, here in this process: what both engines call."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from caugym.study.cells import Cell, Progress
from caugym.training import run

CONFIGS = Path(run.__file__).parent / "accelerate"
"""Where the shipped configurations of accelerate lie: ``{configs}`` in a study's ``resources.launch``."""


def attempt(cell: Cell, root: Path, data: Path | None, cpus: int | None, progress: Progress | None = None) -> str:
    """Run ``cell`` and return "", or in one line why it failed; the traceback then lies in its folder."""
    try:
        execute(cell, root, data, cpus, progress)
    except Exception as error:  # one cell's failure, whatever it is, leaves the others running
        with contextlib.suppress(OSError):
            (root / cell.folder).mkdir(parents=True, exist_ok=True)
            (root / cell.folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    (root / cell.folder / "error.txt").unlink(missing_ok=True)
    return ""


def execute(cell: Cell, root: Path, data: Path | None, cpus: int | None, progress: Progress | None) -> None:
    run.quiet()
    if cpus is not None:
        import torch

        torch.set_num_threads(cpus)
    folder = root / cell.folder
    match cell.kind:
        case "base":
            run.writable_folder(folder)
            run.write_json(folder / run.MANIFEST, run.manifest(cell.spec))
        case "training":
            _train(cell, root, folder)
        case _:
            _evaluate(cell, root, folder, data, progress)


def _train(cell: Cell, root: Path, folder: Path) -> None:
    from caugym.training.train import TrainingRun, train

    spec: dict[str, Any] = dict(cell.spec)
    overrides, launch = tuple(spec.pop("overrides")), spec.pop("launch")
    spec["model"] = cell.source if spec["model"] is None else str(root / spec["model"])
    if launch:
        prefix = [part.replace("{configs}", str(CONFIGS)) for part in launch]
        _launch([*prefix, "-m", "caugym", "train", *train_arguments(spec, overrides), "-o", str(folder)])
    else:
        train(TrainingRun(overrides=overrides, **spec), folder)


def train_arguments(spec: dict[str, Any], overrides: tuple[str, ...]) -> list[str]:
    """The same training as arguments of ``caugym train``."""
    options = ("model", "recipe", "problems", "tasks", "seed", "variation", "preset")
    named = [f"--{name}={spec[name]}" for name in options if spec[name] is not None]
    return [spec["method"], *named, *(f"--set={setting}" for setting in overrides)]


def _launch(command: list[str]) -> None:
    """Raises RuntimeError with the last line that the processes wrote, where they fail."""
    run.say(shlex.join(command))
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise RuntimeError(f"exit code {done.returncode}: {said[-1] if said else 'no word'}")


def _evaluate(cell: Cell, root: Path, folder: Path, data: Path | None, progress: Progress | None) -> None:
    from caugym.evaluation import benchmarks, prompts
    from caugym.evaluation.backends import Sampling
    from caugym.evaluation.evaluate import Evaluation, evaluate

    spec = cell.spec
    description = Evaluation(
        model=cell.model,
        benchmark=spec["benchmark"],
        data=data if benchmarks.modules()[spec["benchmark"]].NEEDS_DATA else None,
        limit=spec["limit"],
        runs=spec["runs"],
        sampling=Sampling(spec["temperature"], spec["top_p"], spec["max_new_tokens"], cell.seed),
        prompt_style=prompts.STEP_BY_STEP if spec["step_by_step"] else prompts.BASIC,
    )
    backend = _backend(cell.source if spec["model"] is None else str(root / spec["model"]), spec["backend"])
    # The study's own name for the model: the result does not depend on where the study's folder is.
    backend.name = cell.model
    evaluate(description, folder, backend, progress)


@lru_cache(maxsize=1)
def _backend(model: str, backend: str) -> Any:
    """The last model stays loaded: its evaluations follow each other."""
    from caugym.evaluation.backends import open_backend

    return open_backend(model if backend == "transformers" else f"{backend}:{model}")
