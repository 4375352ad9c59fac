"""A taskset for verifiers (0.4 and later): ``vf-eval caugym-verifiers --env.taskset.tasks ATE,PN``.

verifiers finds tasksets by the name of a top-level module, which ``caugym_verifiers`` is.
"""

from __future__ import annotations

from collections.abc import Iterator

import verifiers.v1 as vf

from caugym.gym.scoring import format_reward, score
from caugym.integrations import chosen_tasks, problem_at


class CauGymData(vf.TaskData):
    """One problem; ``answer`` is its key, ``task`` the causal task."""

    answer: str
    task: str


class CauGymTask(vf.Task[CauGymData]):
    """The strict judge is the reward; the published judge and the answer's form are metrics."""

    @vf.reward(weight=1.0)
    async def correct(self, trace: vf.Trace) -> float:
        finish = "length" if trace.is_truncated else None
        return float(score(trace.last_reply, self.data.answer, finish_reason=finish).correct)

    @vf.metric
    async def published(self, trace: vf.Trace) -> float:
        return float(score(trace.last_reply, self.data.answer, "published").correct)

    @vf.metric
    async def requested_form(self, trace: vf.Trace) -> float:
        return format_reward(trace.last_reply)


class CauGymConfig(vf.TasksetConfig):
    """``tasks`` as in the command line; ``split`` train keeps the test problems unseen."""

    tasks: str = "all"
    count: int = 500
    variation: str = "base"
    preset: str | None = None
    split: str = "train"
    seed: int = 0


class CauGymTaskset(vf.Taskset[CauGymTask, CauGymConfig]):
    def load(self) -> Iterator[CauGymTask]:
        """``count`` problems with the tasks in turn. Raises InputError for an unknown name."""
        config, named = self.config, chosen_tasks(self.config.tasks)
        for index in range(config.count):
            problem = problem_at(index, named, config.variation, config.split, config.seed, config.preset)
            key = problem.answer.text()
            data = CauGymData(id=problem.id, prompt=problem.prompt, answer=key, task=problem.task)
            yield CauGymTask(data, config.task)
