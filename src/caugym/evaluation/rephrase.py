"""Lets a model put problems in other words and keeps what ``gym.faithful`` finds to be the same problem still.

Every reply and every verdict goes to a journal as it comes: a run that was killed asks for none of them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from caugym.errors import InputError
from caugym.evaluation.backends import Backend, Completion, Request, Sampling
from caugym.gym import faithful
from caugym.gym.problem import Problem
from caugym.gym.reading import Reading
from caugym.gym.scoring import score
from caugym.gym.solve import solve, worked
from caugym.gym.styles import PUBLISHED
from caugym.gym.tasks import FURTHER
from caugym.gym.thinking import final_text
from caugym.journal import whole_lines

NAMED = "Keep the name of the estimand in the instruction."
OMITTED = (
    "Name no estimand and none of its abbreviations (no average treatment effect, natural direct effect, effect of "
    "treatment on the treated, probability of necessity and the like): the question alone tells what is asked."
)
INSTRUCTION = """\
Put the problem below in other words, as another person would pose it. It must stay the same problem:
- Keep the name of every variable and the words of its values; only the sentences around them change.
- State every direct effect, from the same cause to the same outcome, and no other one.
- Print every number exactly once, in the same digits, with the same event and the same condition. Add no number.
- Ask the same question: the same change, the same value of the outcome, in the same direction.
- Begin with your own words for a hypothetical world in which nothing but the stated conditions plays a role.
- {naming}
Write the problem alone: no title, no solution, no comment, nothing about the form of the answer.
{earlier}
{source}"""
EARLIER = "An earlier attempt was refused: {reason}. Avoid that.\n"


@dataclass(frozen=True)
class Attempt:
    """A reply for the problem at ``place`` of the file: ``reason`` says why it was refused, None: it was not."""

    place: int
    number: int
    text: str
    reason: str | None


def rephrase(
    problems: Sequence[Problem],
    backend: Backend,
    sampling: Sampling,
    omitted: bool,
    tries: int,
    journal: Path,
    progress: Callable[[int, int], None] = lambda kept, refused: None,
) -> dict[int, list[Attempt]]:
    """Each place's attempts, at most ``tries``; the last one is good or every try was refused.

    A place with fewer attempts and none good is one whose requests failed. ``journal`` keeps every attempt as it
    comes; what stands there is not asked again. ``progress`` is told how many problems are kept and given up.
    """
    attempts: dict[int, list[Attempt]] = {place: [] for place in range(len(problems))}
    for attempt in (Attempt(**json.loads(line)) for line in whole_lines(journal)):
        if attempt.place < len(problems):
            attempts[attempt.place].append(attempt)
    _tell(attempts, tries, progress)
    with journal.open("a", encoding="utf-8") as file:
        for number in range(tries):
            asked = [place for place, made in attempts.items() if len(made) == number and not _good(made)]
            requests = [
                Request(str(place), number, request(problems[place], omitted, attempts[place])) for place in asked
            ]
            for batch in backend.generate(requests, sampling, lambda _: False):
                for made in batch:
                    if isinstance(made, Completion):
                        attempt = _judged(made, problems[int(made.problem_id)], omitted)
                        attempts[attempt.place].append(attempt)
                        file.write(json.dumps(vars(attempt), ensure_ascii=False) + "\n")
                        file.flush()
                        _tell(attempts, tries, progress)
    return attempts


def request(problem: Problem, omitted: bool, before: Sequence[Attempt] = ()) -> str:
    """What the model is asked, with the reason why the attempt before was refused."""
    earlier = EARLIER.format(reason=before[-1].reason) if before else ""
    naming = OMITTED if omitted else NAMED
    return INSTRUCTION.format(naming=naming, earlier=earlier, source=faithful.source(problem, omitted))


def check(problem: Problem, where: str) -> None:
    """Raises InputError, which begins with ``where``, for a problem that no rewording can be checked against."""
    if problem.task in FURTHER or problem.graph.latent:
        raise InputError(f"{where}: the task {problem.task} cannot be read in other words, leave it out")
    answer = solve(Reading.of(problem)).answer
    if answer is None or not score(answer.text(), problem.answer).correct:
        raise InputError(f"{where}: the key is {problem.answer.text()}, but graph, givens and query give another one")


def rephrased(problem: Problem, attempt: Attempt, omitted: bool, model: str) -> Problem:
    """The problem with the new text.

    The letters of the annotated form are gone from it, so PN and PS round their step as the plain form does
    (``conventions``): where that moves the key by a digit, key and solution are those of the plain form.
    """
    told = {"model": model, "omitted": omitted, "tries": attempt.number + 1}
    new = replace(
        problem,
        prompt=faithful.completed(problem, attempt.text),
        provenance={**problem.provenance, "rephrased": told},
    )
    answer = solve(Reading.of(problem)).answer
    assert answer is not None  # ``check`` has seen it
    if answer == problem.answer:
        return new
    solution = worked(Reading.of(problem), str(problem.provenance.get("solution", PUBLISHED)))
    return replace(new, answer=answer, solution=problem.solution if solution is None else solution)


def _good(attempts: Sequence[Attempt]) -> bool:
    return bool(attempts) and attempts[-1].reason is None


def _tell(attempts: dict[int, list[Attempt]], tries: int, progress: Callable[[int, int], None]) -> None:
    kept = sum(map(_good, attempts.values()))
    progress(kept, sum(len(made) >= tries and not _good(made) for made in attempts.values()))


def _judged(made: Completion, problem: Problem, omitted: bool) -> Attempt:
    text, reason = _said(made.text), None
    if made.finish_reason == "length":
        reason = f"the reply was cut off after {made.tokens} tokens"
    elif not text:
        reason = "the reply is empty"
    else:
        reason = faithful.difference(problem, text, omitted)
    return Attempt(int(made.problem_id), made.run, text, reason)


def _said(reply: str) -> str:
    """The reply after its thinking, without a fence around it and without halves of surrogate pairs."""
    lines = (final_text(reply) or "").encode("utf-8", "replace").decode("utf-8").strip().split("\n")
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        lines = lines[1:-1]
    return "\n".join(lines).strip()
