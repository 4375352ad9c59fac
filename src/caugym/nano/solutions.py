"""Whole worked solutions as training documents: what a cold start teaches, in numbers.

    python -m caugym.nano.solutions --count 20000 --seed 11 -o runs/solutions.jsonl

Problems come from the training split, over the presets below; some have their statements shuffled, so that numbers
are found by their conditions and not by their place. Lines ``{id, task, prompt, completion}``.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from caugym.gym.generate import generate
from caugym.gym.problem import TASKS, Problem
from caugym.gym.solution import letters
from caugym.gym.wording import published
from caugym.nano import worked

PRESETS = {"published-base": 0.45, "published-hard": 0.3, "published-deconfounding": 0.25}
SHUFFLED = 0.3
STEP_BY_STEP = 0.5
SLIPS = 0.05


def documents(count: int, seed: int) -> Iterator[dict[str, str]]:
    """``count`` documents, the tasks in turn; a problem that the worked form cannot hold is passed over."""
    for index in range(count):
        rng = random.Random(f"solutions/{seed}/{index}")
        task = TASKS[index % len(TASKS)]
        while True:
            preset = rng.choices(list(PRESETS), list(PRESETS.values()))[0]
            problem = generate(task, "base", "train", seed, rng.randrange(10**9), preset)
            try:
                yield document(problem, rng)
                break
            except worked.NotWritableError:
                continue


def document(problem: Problem, rng: random.Random) -> dict[str, str]:
    """Prompt and worked solution. Raises NotWritableError."""
    if rng.random() < SHUFFLED and problem.givens:
        givens = tuple(rng.sample(problem.givens, len(problem.givens)))
        before = {v.name: v for v in problem.variables}
        head, tail = problem.prompt.split("\n", 1)[0], problem.prompt.split("\n", 2)[2]
        annotated = "=0)" in problem.prompt or "=1)" in problem.prompt
        marks = letters(problem.graph) if annotated else None
        statements = "".join(published.statement(given, before, marks) + " " for given in givens)
        problem = replace(problem, givens=givens, prompt=f"{head}\n{statements}\n{tail}")
    completion = worked.solution(problem, rng, SLIPS)
    hint = rng.choice((" ", "\n")) + published.STEP_BY_STEP if rng.random() < STEP_BY_STEP else ""
    return {"id": problem.id, "task": problem.task, "prompt": problem.prompt + hint, "completion": completion}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    with options.output.open("w", encoding="utf-8") as file:
        for row in documents(options.count, options.seed):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
