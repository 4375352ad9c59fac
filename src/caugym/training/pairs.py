"""A right and a wrong completion of each problem: what DPO and KTO learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from caugym.errors import InputError
from caugym.training import fit, run
from caugym.training.negatives import is_wrong, synthesised
from caugym.training.rows import Example, Style, dpo_row, problem_of
from caugym.training.samples import sample
from caugym.training.spent import COMPLETIONS, NOTHING, Spent, check

OPTIONS: dict[str, Any] = {"solution": "published", "negatives": "synthesised", "chosen": "solution", "sampling": None}
"""The recipe fields of both methods: the form of the right completion, where wrong ones come from ("synthesised": a
worked solution with a labelled error; "model": a completion that the model sampled), and whether the right one is
the worked "solution" or, where it has one, the "model"'s own."""
CHOICES = {"negatives": ("synthesised", "model"), "chosen": ("solution", "model")}


@dataclass(frozen=True)
class Pair:
    """``label`` says what is wrong with ``rejected``: one of ``negatives.LABELS``, or "sampled"."""

    example: Example
    chosen: str
    rejected: str
    label: str


def pairs(
    model: str, tokenizer: Any, examples: Sequence[Example], options: dict[str, Any], seed: int, out: Path
) -> tuple[list[Pair], Spent]:
    """One pair a problem, and what their sampling cost. Problems without a right or a wrong completion are left out.

    Raises InputError for an unknown choice and where no problem is left.
    """
    for name, choices in CHOICES.items():
        if options[name] not in choices:
            raise InputError(f"recipe: {name} {options[name]!r}: expected one of {', '.join(choices)}")
    keyed = [known for known in map(with_key, examples) if known is not None and known.solution]
    usable = [example for example in keyed if not is_wrong(example.solution, example.answer)]
    if len(usable) < len(examples):
        run.say(f"  {len(examples) - len(usable)} of {len(examples)} problems have no right solution: left out")
    spent = NOTHING
    if "model" in (options["negatives"], options["chosen"]):
        limit = check(options.get("budget")).get(COMPLETIONS)
        samples = sample(model, tokenizer, usable, options["sampling"], seed, out, limit)
        spent = samples.spent
    found = []
    for row, example in enumerate(usable):
        chosen = example.solution
        if options["chosen"] == "model" and samples.right[row]:
            chosen = samples.right[row][0]
        if options["negatives"] == "synthesised":
            pair = with_error(example, chosen, options["solution"], seed, row)
        else:
            pair = Pair(example, chosen, samples.wrong[row][0], "sampled") if samples.wrong[row] else None
        if pair is not None:
            found.append(pair)
    if not found:
        raise InputError(f"no problem of {len(examples)} has a wrong completion ({options['negatives']}) to learn from")
    run.say(f"  {len(found):,} pairs: {counted([pair.label for pair in found])}")
    return found, spent


def pair_table(
    model: str,
    tokenizer: Any,
    examples: Sequence[Example],
    options: dict[str, Any],
    seed: int,
    out: Path,
    max_length: int | None,
) -> tuple[list[dict[str, Any]], Spent]:
    """The pairs as rows {prompt, chosen, rejected} that fit into ``max_length`` tokens; raises what ``pairs`` does."""
    found, spent = pairs(model, tokenizer, examples, options, seed, out)
    table = [dpo_row(pair.example.prompt, pair.chosen, pair.rejected) for pair in found]
    return fit.fitting(table, tokenizer, max_length, ("chosen", "rejected")), spent


def with_key(example: Example) -> Example | None:
    """The example with its problem's answer; None where it has none and its prompt cannot be read."""
    if example.answer:
        return example
    problem = problem_of(example)
    return None if problem is None else replace(example, answer=problem.answer.text(), problem=problem)


def with_error(example: Example, chosen: str, style: Style, seed: int, row: int) -> Pair | None:
    """The pair with a synthesised error, drawn by seed and row."""
    problem = problem_of(example)
    if problem is None:
        return None
    negative = synthesised(problem, style, np.random.default_rng((seed, row)))
    return None if negative is None else Pair(example, chosen, negative.text, negative.label)


def counted(labels: Sequence[str]) -> str:
    """ "3 sign, 2 wrong_path"."""
    return ", ".join(f"{labels.count(label)} {label}" for label in sorted(set(labels)))
