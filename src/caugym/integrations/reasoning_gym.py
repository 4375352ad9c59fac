"""A dataset for reasoning-gym, registered as "caugym" when this module is imported.

    import reasoning_gym
    import caugym.integrations.reasoning_gym

    data = reasoning_gym.create_dataset("caugym", size=100, seed=1, tasks="ATE,PN")
    data.score_answer(answer=completion, entry=data[0])

The answer is judged by the strict judge: 1.0 or 0.0, and 0.0 for no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reasoning_gym.factory import ProceduralDataset, register_dataset

from caugym.gym import variations
from caugym.gym.generate import SPLITS
from caugym.gym.presets import preset_of
from caugym.gym.scoring import score
from caugym.integrations import chosen_tasks, problem_at

NAME = "caugym"


@dataclass
class CauGymConfig:
    """``tasks`` as in the command line; ``split`` train keeps the test problems unseen."""

    tasks: str = "all"
    variation: str = "base"
    preset: str | None = None
    split: str = "train"
    seed: int | None = None
    size: int = 500

    def validate(self) -> None:
        """Raises ValueError (InputError) that names the bad field's value."""
        chosen_tasks(self.tasks)
        variations.load(self.variation)
        if self.preset is not None:
            preset_of(self.preset, {})
        if self.split not in SPLITS:
            raise ValueError(f"unknown split {self.split!r}: use one of {', '.join(SPLITS)}")


class CauGymDataset(ProceduralDataset):
    """Problems by index: the same seed gives the same ones."""

    def __init__(self, config: CauGymConfig) -> None:
        super().__init__(config=config, seed=config.seed, size=config.size)

    def __getitem__(self, idx: int) -> dict[str, Any]:
        config, named = self.config, chosen_tasks(self.config.tasks)
        problem = problem_at(idx, named, config.variation, config.split, self.seed, config.preset)
        return {
            "question": problem.prompt,
            "answer": problem.answer.text(),
            "metadata": {
                "source_dataset": NAME,
                "source_index": idx,
                "id": problem.id,
                "task": problem.task,
                "difficulty": {"nodes": len(problem.graph.nodes), "edges": len(problem.graph.edges)},
            },
        }

    def score_answer(self, answer: str | None, entry: dict[str, Any]) -> float:
        return 1.0 if answer is not None and score(answer, entry["answer"]).correct else 0.0


register_dataset(NAME, CauGymDataset, CauGymConfig)
