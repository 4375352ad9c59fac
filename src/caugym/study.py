"""The study: base model -> cold start -> GRPO, each evaluated on our held-out base and the published one, a report.

Every step is a folder whose last file says that it is finished; a study that was killed goes on with the first
unfinished step, and within it from its last checkpoint or completion.

    STUDY/study.json                                   what is run
    STUDY/models/{base,cold-start,grpo}/               Hugging Face folders; manifest.json written last
    STUDY/evaluations/{model}/{benchmark}/result.json  written last
    STUDY/report.md                                    reads the files above
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import run
from caugym.training.train import TrainingRun, train

PRESETS = Path(__file__).parent / "presets"
MODELS = ("base", "cold-start", "grpo")
OWN, PUBLISHED = "caugym-base", "calm-basic"
STUDY = "study.json"
HOW_TO_GET = (
    "The published CaLM-basic set was not found, so it is not reported. It is part of OpenCausaLab/CaLM "
    "(CaLM-Lite, *-P_*-basic_EN*.jsonl); name its folder with --data or the variable CAUGYM_PUBLISHED_DATA."
)

# Rough rates for the plan, on two cores of a small machine and a model of one to three million parameters.
TOKENS_PER_PROBLEM, SFT_TOKENS_PER_SECOND, ROLLOUT_PER_SECOND = 500, 4500, 14


class Part(BaseModel):
    """One training: a recipe, what it changes in it, and on how many problems."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str | None = None
    problems: int = Field(ge=1)
    tasks: str = "all"
    variation: str = "base"
    preset: str | None = None
    set: tuple[str, ...] = ()


class Sampling(BaseModel):
    """How models are evaluated; ``problems`` gives the number for each benchmark (null: all)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runs: int = Field(default=5, ge=1)
    temperature: float = Field(default=0.6, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_new_tokens: int = Field(default=400, ge=1)
    problems: dict[str, int | None] = {OWN: 210, PUBLISHED: None}


class Study(BaseModel):
    """A study's whole description. All budgets are counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 1
    model: str = "nano-base"
    cold_start: Part
    grpo: Part
    evaluation: Sampling = Sampling()


@dataclass(frozen=True)
class Step:
    """One folder of the study: its name in the plan, a guess of its minutes and what makes it."""

    name: str
    folder: Path
    finished_by: str
    minutes: float
    make: Callable[[], None]

    @property
    def finished(self) -> bool:
        return (self.folder / self.finished_by).is_file()


def load(config: Path | None, preset: str) -> Study:
    """The study of a YAML file, or a shipped preset's. Raises InputError that names file and field."""
    path = config or PRESETS / f"{preset}.yaml"
    if config is None and not path.is_file():
        known = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise InputError(f"unknown preset {preset!r}: expected one of {known}")
    try:
        return Study.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {place}: {first['msg']}") from None


def conduct(study: Study, out: Path, data: Path | None) -> Path:
    """Run or finish the study in ``out`` and return the report's path.

    ``data`` is the folder of the published files; without it, or without the set in it, the report says so.
    Raises InputError for a model, recipe or folder that cannot be used, and where ``out`` holds another study.
    """
    from caugym.report.write import write_report

    run.writable_folder(out)
    run.resolve_model(study.model)
    config = study.model_dump(mode="json")
    run.begin(out, config)
    published = published_folder(data)
    run.write_json(out / STUDY, {"study": config} | ({} if published else {"published set": HOW_TO_GET}))
    steps = plan(study, out, published)
    show(steps)
    started = time.monotonic()
    for number, step in enumerate(steps, start=1):
        if step.finished:
            continue
        run.say(f"[{number}/{len(steps)}] {step.name}")
        began = time.monotonic()
        step.make()
        run.say(f"[{number}/{len(steps)}] {step.name}: done in {(time.monotonic() - began) / 60:.1f} min")
    report = write_report(out)
    run.say(f"{(time.monotonic() - started) / 60:.1f} min in all")
    return Path(report)


def published_folder(data: Path | None) -> Path | None:
    """``data`` where it holds the published base set, else None with a word on how to get it."""
    from caugym.evaluation import benchmarks

    if data is not None:
        try:
            benchmarks.load(PUBLISHED, data, 1)
            return data
        except InputError as error:
            run.say(str(error))
    run.say(HOW_TO_GET)
    return None


def plan(study: Study, out: Path, data: Path | None) -> list[Step]:
    """The steps in order: three models, then each on each benchmark."""
    base, cold_start, grpo = (out / "models" / name for name in MODELS)
    steps = [
        Step("base model", base, run.MANIFEST, 0.0, lambda: note_base(study, base)),
        Step(
            f"cold start by SFT on {study.cold_start.problems} problems",
            cold_start,
            run.MANIFEST,
            study.cold_start.problems * TOKENS_PER_PROBLEM / SFT_TOKENS_PER_SECOND / 60,
            lambda: train(training_run("sft", study.model, study.cold_start, study.seed), cold_start),
        ),
        Step(
            f"GRPO on {study.grpo.problems} problems",
            grpo,
            run.MANIFEST,
            rollouts(study.grpo) / ROLLOUT_PER_SECOND / 60,
            lambda: train(training_run("grpo", str(cold_start), study.grpo, study.seed), grpo),
        ),
    ]
    folders = dict(zip(MODELS, (study.model, str(cold_start), str(grpo)), strict=True))
    for benchmark in (OWN, PUBLISHED):
        if benchmark == PUBLISHED and data is None:
            continue
        problems = study.evaluation.problems.get(benchmark)
        count = (problems or 350) * study.evaluation.runs
        for name, model in folders.items():
            folder = out / "evaluations" / name / benchmark
            steps.append(
                Step(
                    f"{name} on {benchmark}: {problems or 'all'} problems, {study.evaluation.runs} runs",
                    folder,
                    "result.json",
                    count / ROLLOUT_PER_SECOND / 60 / 2,
                    evaluation_of(study, name, model, benchmark, data, folder),
                )
            )
    return steps


def rollouts(part: Part) -> int:
    """About how many completions an RL part will make."""
    fields = recipes.override(recipes.load(part.recipe or "grpo-tiny"), list(part.set))
    batch = fields.get("per_device_train_batch_size", 8) * fields.get("gradient_accumulation_steps", 1)
    steps = fields.get("max_steps", -1)
    return int(steps * batch if steps > 0 else part.problems * fields.get("num_generations", 8))


def training_run(method: str, model: str, part: Part, seed: int) -> TrainingRun:
    return TrainingRun(
        method=method,
        model=model,
        recipe=part.recipe,
        overrides=part.set,
        problems=part.problems,
        tasks=part.tasks,
        seed=seed,
        variation=part.variation,
        preset=part.preset,
    )


def note_base(study: Study, folder: Path) -> None:
    """The base model is used where it is; its folder only says which it is."""
    run.writable_folder(folder)
    run.write_json(folder / run.MANIFEST, run.manifest({"model": study.model}))


def evaluation_of(
    study: Study, name: str, model: str, benchmark: str, data: Path | None, folder: Path
) -> Callable[[], None]:
    def make() -> None:
        from caugym.evaluation import backends, evaluate
        from caugym.evaluation.backends.transformers import TransformersBackend

        sampling = backends.Sampling(
            study.evaluation.temperature, study.evaluation.top_p, study.evaluation.max_new_tokens, study.seed
        )
        description = evaluate.Evaluation(
            model=name,
            benchmark=benchmark,
            data=data if benchmark == PUBLISHED else None,
            limit=study.evaluation.problems.get(benchmark),
            runs=study.evaluation.runs,
            sampling=sampling,
        )
        backend = TransformersBackend(model)
        # The study's own name for the model: the result does not depend on where the study's folder is.
        backend.name = name
        evaluate.evaluate(description, folder, backend, progress=Lines())

    return make


class Lines:
    """Progress of an evaluation as a line now and then."""

    def __init__(self, every: float = 15.0) -> None:
        self.every, self.started, self.shown = every, time.monotonic(), time.monotonic()
        self.first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        self.first = done if self.first is None else self.first
        if now - self.shown < self.every or done == self.first:
            return
        self.shown = now
        left = (now - self.started) / (done - self.first) * (total - done)
        run.say(f"  {done}/{total} completions  {left / 60:.1f} min left")


def show(steps: list[Step]) -> None:
    """The plan, with rough times."""
    run.say("The plan (minutes are rough, for two small CPU cores):")
    for number, step in enumerate(steps, start=1):
        state = "finished" if step.finished else f"about {step.minutes:.0f} min" if step.minutes >= 1 else "short"
        run.say(f"  {number}. {step.name}: {state}")
    left = sum(step.minutes for step in steps if not step.finished)
    run.say(f"  about {left:.0f} min in all")
