"""Whole worked solutions as training documents: what a long cold start teaches.

Three sources: worlds with random numbers (``caugym.nano.worlds``), the gym's own training problems over all
variations and presets, some with their statements shuffled, and retellings (``caugym.nano.told``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from caugym.gym.generate import generate
from caugym.gym.problem import LACK_CONDITION, TASKS, Problem
from caugym.gym.reading import Reading
from caugym.gym.solution import letters
from caugym.gym.solve import solve
from caugym.gym.wording import published
from caugym.nano import drills, told, worked
from caugym.nano.numbered import Places
from caugym.nano.worlds import hint, reworded, world

SOURCES = {
    ("base", "published-base"): 4.0,
    ("base", "published-hard"): 3.0,
    ("base", "published-deconfounding"): 3.0,
    ("redundant", "published-redundant"): 4.0,
    ("insufficient", "published-insufficient"): 2.5,
    ("deconfounding", "deconfounding"): 3.0,
    ("redundant", "redundant"): 3.0,
    ("insufficient", "insufficient"): 3.0,
    ("shortcut-proof", "shortcut-proof"): 3.0,
}
"""Variation and preset of the gym's problems, with relative weights: a cold start's."""
PRE_TRAINING = SOURCES | {("shortcut-proof", "shortcut-proof"): 12.0}
"""Those of pre-training: the longest texts are what it fails at, and a third of these is long."""

GYM = 0.5
"""Share of the gym's problems among those that are no retellings."""
REWORDED, REWORDED_OWN = 0.6, 0.25
"""Shares of the gym's problems in other words: those of the published sizes, and those of our own, larger ones."""
SHUFFLED = 0.2
SLIPS = 0.05
SEED = 11


def document(rng: random.Random) -> tuple[str, str]:
    """Prompt and worked solution. A problem that the worked form cannot hold is passed over."""
    while True:
        try:
            if rng.random() < told.SHARE:
                return written(*told.draw(rng), rng)
            if rng.random() >= GYM:
                made = world(rng)
                return written(made.problem, made.places, rng)
            source = draw_source(rng, PRE_TRAINING)
            problem = gym_problem(rng, source)
            if rng.random() < (REWORDED if source[1].startswith("published") else REWORDED_OWN):
                problem, places = reworded(rng, problem)
                return problem.prompt, worked.solution(problem, rng, SLIPS, places)
            return problem.prompt + hint(rng), worked.solution(problem, rng, SLIPS)
        except worked.NotWritableError:
            continue


def written(problem: Problem, places: Places | None, rng: random.Random) -> tuple[str, str]:
    """Prompt and worked solution of a problem whose answer is left open.

    Raises NotWritableError where the worked form, which looks for fewer ways to a number than the solver, finds a
    condition missing and the solver does not.
    """
    text = worked.solution(problem, rng, SLIPS, places, check=False)
    if text.endswith(LACK_CONDITION) and solve(Reading.of(problem)).status == "solved":
        raise worked.NotWritableError("a number that others determine is not printed as such")
    return problem.prompt, text


def symbolic(rng: random.Random) -> tuple[str, str]:
    """A whole solution in letters alone: all but the reading, in a fifth of the tokens."""
    question, answer = drills.in_letters(document(rng)[1])
    return f"calc{question}", answer


def documents(
    count: int, seed: int, tasks: Sequence[str] = TASKS, fits: Callable[[str, str], bool] | None = None
) -> Iterator[dict[str, str]]:
    """``count`` of the gym's problems {id, task, prompt, completion}, the tasks in turn: a cold start's data.

    Where ``fits`` says no to prompt and completion, another problem of the task is drawn.
    """
    for index in range(count):
        rng = random.Random(f"solutions/{seed}/{index}")
        task = tasks[index % len(tasks)]
        while True:
            problem = gym_problem(rng, draw_source(rng), task)
            try:
                completion = worked.solution(problem, rng, SLIPS)
            except worked.NotWritableError:
                continue
            prompt = problem.prompt + hint(rng)
            if fits is None or fits(prompt, completion):
                yield {"id": problem.id, "task": task, "prompt": prompt, "completion": completion}
                break


def draw_source(rng: random.Random, sources: dict[tuple[str, str], float] = SOURCES) -> tuple[str, str]:
    return rng.choices(list(sources), list(sources.values()))[0]


def gym_problem(rng: random.Random, source: tuple[str, str], task: str | None = None) -> Problem:
    """A problem of the training split, of any task where none is named."""
    variation, preset = source
    problem = generate(task or rng.choice(TASKS), variation, "train", SEED, rng.randrange(10**9), preset)
    if rng.random() >= SHUFFLED or not problem.givens:
        return problem
    givens = tuple(rng.sample(problem.givens, len(problem.givens)))
    head, _, tail = problem.prompt.split("\n", 2)
    annotated = "=0)" in problem.prompt or "=1)" in problem.prompt
    marks = letters(problem.graph) if annotated else None
    variables = {variable.name: variable for variable in problem.variables}
    statements = "".join(published.statement(given, variables, marks) + " " for given in givens)
    return replace(problem, givens=givens, prompt=f"{head}\n{statements}\n{tail}")
