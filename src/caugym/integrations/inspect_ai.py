"""A task for Inspect: ``inspect eval caugym/caugym -T tasks=ATE,PN -T count=20 --model NAME``."""

from __future__ import annotations

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, grouped, scorer, stderr
from inspect_ai.solver import TaskState, generate

from caugym.gym.problem import Problem
from caugym.gym.scoring import Judge
from caugym.gym.scoring import score as judge_completion
from caugym.integrations import chosen_tasks, problem_at


@task
def caugym(
    tasks: str | list[str] = "all",
    count: int = 210,
    variation: str = "base",
    split: str = "test",
    seed: int = 0,
    preset: str | None = None,
    judge: Judge = "strict",
) -> Task:
    """``count`` problems with the tasks in turn. Raises InputError for an unknown task, variation, split or preset."""
    named = chosen_tasks(tasks)
    problems = (problem_at(i, named, variation, split, seed, preset) for i in range(count))
    return Task(
        dataset=MemoryDataset([_sample(problem) for problem in problems], name=f"caugym-{variation}"),
        solver=generate(),
        scorer=verdict(judge),
    )


def _sample(problem: Problem) -> Sample:
    metadata = {"task": problem.task, "variation": problem.variation}
    return Sample(input=problem.prompt, target=problem.answer.text(), id=problem.id, metadata=metadata)


@scorer(metrics=[grouped(accuracy(), "task"), stderr()])
def verdict(judge: Judge = "strict") -> Scorer:
    """The gym's judge; accuracy for each task and over all."""

    async def score(state: TaskState, target: Target) -> Score:
        finish = "length" if state.output.stop_reason == "max_tokens" else None
        found = judge_completion(state.output.completion, target.text, judge, finish)
        return Score(
            value=CORRECT if found.correct else INCORRECT,
            answer=found.parsed.text() if found.parsed is not None else None,
            explanation=f"{found.reason}: {found.explanation}",
        )

    return score
