"""Kahneman-Tversky optimisation (trl.KTOTrainer) on right and wrong solutions, one for one.

Ethayarajh et al. 2024, equation 7. The wrong ones are synthesised errors or the model's own samples that the strict
judge refused (--set negatives=model).

\b
Examples:
  caugym train kto --model runs/sft --problems 2000 -o runs/kto
  caugym train kto --model runs/sft --set negatives=model --set sampling.runs=8 -o runs/kto-sampled
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

    As many desirable as undesirable rows: each problem gives one of either. Raises InputError for fields the trainer
    refuses and where no pair is left or fits into ``max_length`` tokens.
    """
    from trl import KTOConfig, KTOTrainer

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(KTOConfig, fit.run_defaults(out, settings["seed"]) | fields, "recipe")
    paired, spent = pair_table(model, tokenizer, examples, options, settings["seed"], out, config.max_length)
    table = [
        {"prompt": pair["prompt"], "completion": pair[part], "label": part == "chosen"}
        for pair in paired
        for part in ("chosen", "rejected")
    ]
    fit.offline(KTOTrainer, config, model, tokenizer, table, out, settings, options, spent)
