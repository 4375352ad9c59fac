"""What ``caugym.yaml`` calls."""

from __future__ import annotations

from typing import Any

from caugym.gym.scoring import JUDGES, score
from caugym.integrations import chosen_tasks, problem_at


def problems(
    tasks: str = "all",
    count: int = 210,
    variation: str = "base",
    split: str = "test",
    seed: int = 0,
    preset: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    """``count`` problems with the tasks in turn, as the harness' test split; it passes its own metadata as well."""
    from datasets import Dataset

    named = chosen_tasks(tasks)
    drawn = [problem_at(i, named, variation, split, seed, preset) for i in range(count)]
    rows = [{"id": p.id, "task": p.task, "prompt": p.prompt, "answer": p.answer.text()} for p in drawn]
    return {"test": Dataset.from_list(rows)}


def judge(doc: dict[str, Any], results: list[str]) -> dict[str, float]:
    """1.0 or 0.0 by each of our judges."""
    return {name: float(score(results[0], doc["answer"], name).correct) for name in JUDGES}
