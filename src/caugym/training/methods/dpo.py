"""Direct preference optimisation (trl.DPOTrainer) on pairs of a right and a wrong solution.

Rafailov et al. 2023, equation 7. The wrong ones are synthesised errors or the model's own samples that the strict
judge refused (--set negatives=model).

\b
Examples:
  caugym train dpo --model runs/sft --problems 2000 -o runs/dpo
  caugym train dpo --model runs/sft --set negatives=model --set sampling.runs=8 -o runs/dpo-sampled
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.training import fit, rows
from caugym.training import recipe as recipes
from caugym.training.pairs import OPTIONS, pair_table

__all__ = ["OPTIONS"]
MODEL = "nano"
NEEDS_SOLUTIONS = True


def train(
    model: str,
    tokenizer: Any,
    examples: list[rows.Example],
    recipe: dict[str, Any],
    out: Path,
    settings: dict[str, Any],
) -> None:
    """Train ``model`` (a folder or hub name), which is the reference as well; resumes what ``out`` holds.

    Raises InputError for fields the trainer refuses and where no pair is left or fits into ``max_length`` tokens.
    """
    from trl import DPOConfig, DPOTrainer

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(DPOConfig, fit.run_defaults(out, settings["seed"]) | fields, "recipe")
    table, spent = pair_table(model, tokenizer, examples, options, settings["seed"], out, config.max_length)
    fit.offline(DPOTrainer, config, model, tokenizer, table, out, settings, options, spent)
