"""A study's description: the YAML file as checked objects. All budgets are counts, so that they mean the same on
every machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from caugym.errors import InputError
from caugym.files import content_of

PRESETS = Path(__file__).parents[1] / "presets"
COLD_START = "cold-start"


class Arm(BaseModel):
    """One way to train: a method, its recipe and what is changed in it, and on how many problems.

    ``after`` is the stage it starts from: ``base``, ``cold-start`` or another arm. Each of ``adaptations`` is a
    variant with more fields of the recipe changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str | None = None
    recipe: str | None = None
    after: str | None = None
    problems: int | None = Field(default=None, ge=1)
    tasks: str = "all"
    variation: str = "base"
    preset: str | None = None
    set: tuple[str, ...] = ()
    adaptations: dict[str, tuple[str, ...]] = {}


class Sampling(BaseModel):
    """How models are evaluated, by ``backend`` (transformers or vllm).

    ``benchmarks`` gives each its number of problems (null: all); ``*`` in a name stands for any text, and a whole name
    has precedence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    runs: int = Field(default=5, ge=1)
    temperature: float = Field(default=0.6, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_new_tokens: int = Field(default=2048, ge=1)
    step_by_step: bool = False
    backend: Literal["transformers", "vllm"] = "transformers"
    benchmarks: dict[str, int | None] = {"caugym-base": 210}


class Resources(BaseModel):
    """What a cell needs. ``cpus`` is also its number of threads, which decides the last bits of a training.

    ``side_by_side`` cells run at a time on this machine, in processes of their own: two of one thread each do more
    for small models than one of two threads. It changes no result.

    ``launch`` is a command that starts trainings as processes of their own, as [accelerate, launch, --config_file,
    "{configs}/ddp.yaml"], {configs} being the folder of the shipped ones; without it they run in the study's process.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpus: int | None = Field(default=None, ge=1)
    gpus: int = Field(default=0, ge=0)
    side_by_side: int = Field(default=1, ge=1)
    launch: tuple[str, ...] = ()
    price_per_hour: float | None = Field(default=None, ge=0)


class Study(BaseModel):
    """``budget`` ({problems, max_steps, tokens, completions, seconds}) holds for every method, ``held_out`` for
    the cold start too. The report says ``note`` above its comparison of methods: how their recipes were chosen, say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = ""
    models: tuple[str, ...] = Field(default=("nano-base",), min_length=1)
    seeds: tuple[int, ...] = Field(default=(1,), min_length=1)
    cold_start: Arm | None = None
    methods: dict[str, Arm] = {}
    budget: dict[str, float] = {}
    held_out: dict[str, int] = {}
    evaluation: Sampling = Sampling()
    resources: Resources = Resources()

    def arms(self) -> dict[str, Arm]:
        """Stage -> how it is trained, in the order in which one can follow the other.

        Raises InputError for an arm that starts from an unknown stage, or from itself.
        """
        named = {} if self.cold_start is None else {COLD_START: self._with_defaults("sft", "base", self.cold_start)}
        start = "base" if self.cold_start is None else COLD_START
        for name, arm in self.methods.items():
            whole = self._with_defaults(name, start, arm)
            for adaptation, changes in arm.adaptations.items():
                named[f"{name}+{adaptation}"] = whole.model_copy(update={"set": (*whole.set, *changes)})
            if not arm.adaptations:
                named[name] = whole
        ordered: dict[str, Arm] = {}
        while len(ordered) < len(named):
            ready = [name for name, arm in named.items() if name not in ordered and arm.after in {"base", *ordered}]
            if not ready:
                stuck = next(name for name in named if name not in ordered)
                known = ", ".join(["base", *named])
                raise InputError(f"study: {stuck}.after: {named[stuck].after!r} is no earlier stage ({known})")
            ordered |= {name: named[name] for name in ready}
        return ordered

    def _with_defaults(self, method: str, after: str, arm: Arm) -> Arm:
        budget = {} if arm is self.cold_start else self.budget
        changes = (
            *(f"budget.{name}={value:g}" for name, value in budget.items()),
            *(f"held_out.{name}={value}" for name, value in self.held_out.items()),
            *arm.set,
        )
        problems = arm.problems or int(budget.get("problems", 0)) or None
        filled = {"method": arm.method or method, "after": arm.after or after, "set": changes, "problems": problems}
        return arm.model_copy(update=filled)


def load(config: Path | None, preset: str) -> Study:
    """The study of a YAML file, or a shipped preset's. Raises InputError that names file and field."""
    from caugym.study.check import check_study, named

    path = config or PRESETS / f"{preset}.yaml"
    if config is None and not path.is_file():
        known = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise InputError(f"unknown preset {preset!r}: expected one of {known}")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, name the YAML file that describes the study")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        values: Any = yaml.safe_load(content_of(path, str(path)))
        study = Study.model_validate(values)
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {place}: {first['msg']}") from None
    with named(str(path)):
        check_study(study)
    return study
