"""From easy problems to hard ones, the next level when the present one is mastered: an option of the online methods.

The rule. Problems are sorted by :func:`difficulty` and cut into ``levels`` of equal size. A rollout takes its prompts
from the present level, in an order of its own in every pass, and each with probability ``review`` from the easier ones
instead. When at least ``window`` completions of the present level have been judged and the share of right ones among
the last ``window`` is ``threshold`` or more, the next level opens. Which problems come next is a function of the seed
and of a few numbers that every checkpoint holds, so a resumed run sees what an undisturbed one sees.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from transformers import TrainerCallback

from caugym.causal import estimand
from caugym.causal.identify import Identified, identify
from caugym.errors import InputError
from caugym.gym.problem import Problem
from caugym.training import recipe as recipes
from caugym.training import rows, run
from caugym.training.order import epoch_rows

PARTS: dict[str, Any] = {"levels": 4, "threshold": 0.7, "window": 256, "review": 0.2}
"""The parts of a recipe's ``curriculum`` with their defaults."""
FILE = "curriculum.json"


def difficulty(problem: Problem) -> tuple[int, int, int]:
    """How many probabilities the answer is computed from (they double with each variable of the adjustment set and
    each mediator; 0 where the graph alone gives the answer or identifies none), then nodes, then edges of the graph."""
    found = identify(problem.graph, problem.query)
    needed = len(estimand.terms(found.estimand)) if isinstance(found, Identified) else 0
    return needed, len(problem.graph.nodes), len(problem.graph.edges)


def cut(difficulties: Sequence[tuple[int, ...]], levels: int) -> list[list[int]]:
    """Row numbers in ``levels`` parts from easy to hard, their sizes one apart at most; equals keep their order."""
    order = sorted(range(len(difficulties)), key=lambda row: difficulties[row])
    return [sorted(int(row) for row in part) for part in np.array_split(order, levels)]


class Curriculum:
    """Which problems a run learns from next. ``options`` are a recipe's ``curriculum``.

    Raises InputError for options that mean nothing and for an example whose problem cannot be read from its prompt.
    """

    def __init__(self, examples: Sequence[rows.Example], options: Any, seed: int) -> None:
        parts = checked(options, len(examples))
        self.threshold, self.window, self.review = parts["threshold"], parts["window"], parts["review"]
        self.seed = seed
        self.levels = cut([_difficulty(example) for example in examples], parts["levels"])
        self.level = 0  # the present one
        self.drawn = 0  # prompts, from all levels
        self.taken = 0  # prompts, from the present level
        self.recent: list[float] = []  # 1 for each right completion among the last of the present level

    def draw(self, prompts: int) -> list[tuple[int, bool]]:
        """The row numbers of the next prompts, with whether each is of the present level."""
        present = self.levels[self.level]
        easier = [row for level in self.levels[: self.level] for row in level]
        order = epoch_rows(len(present), (self.taken + prompts) / len(present), self.seed)
        found = []
        for _ in range(prompts):
            rng = np.random.default_rng((self.seed, self.level, self.drawn))
            self.drawn += 1
            if easier and rng.random() < self.review:
                found.append((easier[rng.integers(len(easier))], False))
            else:
                found.append((present[order[self.taken]], True))
                self.taken += 1
        return found

    def learn(self, right: Sequence[float]) -> None:
        """Take in the accuracies of a rollout's completions of the present level; opens the next one at success."""
        self.recent = [*self.recent, *right][-self.window :]
        mastered = len(self.recent) == self.window and sum(self.recent) >= self.threshold * self.window
        if mastered and self.level + 1 < len(self.levels):
            self.level, self.taken, self.recent = self.level + 1, 0, []

    def save(self, checkpoint: Path) -> None:
        state = {"level": self.level, "drawn": self.drawn, "taken": self.taken, "recent": self.recent}
        run.write_json(checkpoint / FILE, state)

    def load(self, checkpoint: Path) -> None:
        state = json.loads((checkpoint / FILE).read_text(encoding="utf-8"))
        self.level, self.drawn, self.taken, self.recent = (
            state[name] for name in ("level", "drawn", "taken", "recent")
        )


def checked(options: Any, problems: int) -> dict[str, Any]:
    """The parts of a recipe's ``curriculum``, with defaults. Raises InputError for what none of them can be."""
    parts = recipes.parts(options, PARTS, "curriculum")
    kinds = {
        "levels": (int, 1, problems, f"a whole number from 1 to the number of problems ({problems})"),
        "threshold": ((int, float), 0, 1, "a number from 0 to 1"),
        "window": (int, 1, float("inf"), "a whole number of completions from 1 on"),
        "review": ((int, float), 0, 0.9, "a number from 0 to 0.9"),
    }
    for name, (kind, least, most, expected) in kinds.items():
        value = parts[name]
        if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:  # type: ignore[arg-type]
            raise InputError(f"recipe: curriculum.{name} {value!r}: expected {expected}")
    return parts


def _difficulty(example: rows.Example) -> tuple[int, int, int]:
    problem = rows.problem_of(example)
    if problem is None:
        raise InputError(
            f"recipe: curriculum: problem {example.id!r} cannot be read from its prompt, so its difficulty is unknown; "
            "leave the row or the curriculum out"
        )
    return difficulty(problem)


class ByLevel:
    """Put before an online trainer: its rollouts are of the problems that ``curriculum`` names, whatever the data
    loader brings. All processes draw alike and each takes its own part, as TRL's sampler would give it."""

    curriculum: Curriculum
    table: list[dict[str, Any]]
    accuracy: int
    """The accuracy reward's place among the trainer's rewards."""

    def _generate_and_score_completions(self: Any, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        count, processes = len(inputs), self.accelerator.num_processes
        self._metrics["train"]["level"].append(float(self.curriculum.level))
        drawn = self.curriculum.draw(count * processes // self.num_generations)
        drawn = [of for of in drawn for _ in range(self.num_generations)]
        first = self.accelerator.process_index * count
        mine = [dict(self.table[row]) for row, _ in drawn[first : first + count]]
        batch: dict[str, Any] = super()._generate_and_score_completions(mine)  # type: ignore[misc]
        self.curriculum.learn(list(compress(self._right, (present for _, present in drawn))))
        return batch

    def _calculate_rewards(self: Any, *args: Any) -> Tensor:
        rewards: Tensor = super()._calculate_rewards(*args)  # type: ignore[misc]
        self._right = rewards[:, self.accuracy].tolist()  # of all processes
        return rewards


class SaveLevel(TrainerCallback):
    """Puts the curriculum's state into each checkpoint. Before the callback that marks it as complete."""

    def __init__(self, curriculum: Curriculum, folder: Path) -> None:
        self.curriculum, self.folder = curriculum, folder

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            self.curriculum.save(self.folder / f"checkpoint-{state.global_step}")
