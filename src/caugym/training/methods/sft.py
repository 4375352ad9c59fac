"""Supervised fine-tuning on worked solutions (trl.SFTTrainer): the cold start.

\b
Examples:
  caugym train sft --model nano-base --recipe cold-start-tiny --problems 2000 -o runs/sft
  caugym train sft --model Qwen/Qwen3-1.7B --data problems.jsonl --set lora.r=16 -o runs/qwen-sft
  caugym train sft --model nano-base --tasks ATE,PN --set learning_rate=5e-4 -o runs/two-tasks
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.training import fit, rows
from caugym.training import recipe as recipes

MODEL = "nano-base"
OPTIONS: dict[str, Any] = {"solution": "published", "documents": False}
"""``documents``: of all of nano's kinds of problems with their worked solutions, not of ``--variation`` alone."""
NEEDS_SOLUTIONS = True


def train(
    model: str,
    tokenizer: Any,
    examples: list[rows.Example],
    recipe: dict[str, Any],
    out: Path,
    settings: dict[str, Any],
) -> None:
    """Train ``model`` (a folder or hub name) on the examples' solutions; resumes what ``out`` holds.

    Raises InputError for fields the trainer refuses and where no row fits into ``max_length`` tokens.
    """
    from trl import SFTConfig, SFTTrainer

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(SFTConfig, fit.run_defaults(out, settings["seed"]) | fields, "recipe")
    table = fit.fitting([rows.sft_row(example) for example in examples], tokenizer, config.max_length)
    fit.offline(SFTTrainer, config, model, tokenizer, table, out, settings, options)
