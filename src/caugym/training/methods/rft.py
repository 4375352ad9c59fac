"""Rejection-sampling fine-tuning: SFT (trl.SFTTrainer) on the model's own completions that the judge accepts.

Yuan et al. 2023, Scaling relationship on learning mathematical reasoning with large language models, section 3.3:
the distinct right completions of each problem.

\b
Examples:
  caugym train rft --model runs/sft --problems 2000 -o runs/rft
  caugym train rft --model runs/sft --set sampling.runs=16 --set keep=2 -o runs/rft-16
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import fit, rows
from caugym.training import recipe as recipes
from caugym.training.pairs import with_key
from caugym.training.samples import sample
from caugym.training.spent import COMPLETIONS, check

MODEL = "nano"
OPTIONS: dict[str, Any] = {"sampling": None, "keep": 4}
"""``keep``: at most so many right completions of one problem, so that easy problems do not drown the hard ones."""
NEEDS_SOLUTIONS = False


def train(
    model: str,
    tokenizer: Any,
    examples: list[rows.Example],
    recipe: dict[str, Any],
    out: Path,
    settings: dict[str, Any],
) -> None:
    """Train ``model`` (a folder or hub name) on its right completions; resumes what ``out`` holds.

    Raises InputError for fields the trainer refuses and where no completion is right.
    """
    from trl import SFTConfig, SFTTrainer

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(SFTConfig, fit.run_defaults(out, settings["seed"]) | fields, "recipe")
    keyed = [known for known in map(with_key, examples) if known is not None]
    limit = check(options["budget"]).get(COMPLETIONS)
    samples = sample(model, tokenizer, keyed, options["sampling"], settings["seed"], out, limit)
    table = [
        rows.sft_row(example, completion)
        for example, right in zip(keyed, samples.right, strict=True)
        for completion in right[: options["keep"]]
    ]
    if not table:
        raise InputError(f"none of {samples.spent.completions} sampled completions is right: nothing to learn from")
    table = fit.fitting(table, tokenizer, config.max_length)
    fit.offline(SFTTrainer, config, model, tokenizer, table, out, settings, options, samples.spent)
