"""Group-relative policy optimisation (trl.GRPOTrainer) with the strict judge as reward.

Group-relative advantages: Shao et al. 2024, DeepSeekMath, equation 3; token-level loss and clip-higher:
Yu et al. 2025, DAPO, equations 8 and 12.

\b
Examples:
  caugym train grpo --model runs/sft --problems 2000 --set max_steps=20 -o runs/grpo
  caugym train grpo --model runs/sft --set num_generations=8 --set temperature=0.9 -o runs/grpo-8
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import rows, run
from caugym.training.fit import announce, callbacks, lora, run_defaults
from caugym.training.order import epoch_rows
from caugym.training.rewards import REWARDS

MODEL = "nano"
OPTIONS: dict[str, Any] = {"shared_prompt": False}
NEEDS_SOLUTIONS = False


def train(
    model: str,
    tokenizer: Any,
    examples: list[rows.Example],
    recipe: dict[str, Any],
    out: Path,
    settings: dict[str, Any],
) -> None:
    """Train ``model`` (a folder or hub name) by its own completions of the examples; resumes what ``out`` holds.

    Raises InputError for fields the trainer refuses and for a ``save_steps`` that would not resume exactly.
    """
    from datasets import Dataset
    from transformers import set_seed
    from trl import GRPOConfig, GRPOTrainer

    from caugym.training.shared_prompt import SharedPromptGRPOTrainer

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(GRPOConfig, run_defaults(out, settings["seed"]) | fields, "recipe")
    check_save_steps(config)
    checkpoint = run.latest_checkpoint(out)
    sharing = options["shared_prompt"] and not options["lora"] and config.world_size == 1 and attends_fully(model)
    trainer_class = SharedPromptGRPOTrainer if sharing else GRPOTrainer
    set_seed(config.seed)  # an adapter's first weights are drawn while the trainer is made
    trainer = trainer_class(
        model=model,
        reward_funcs=list(REWARDS),
        args=config,
        train_dataset=Dataset.from_list([rows.rl_row(example) for example in examples]),
        processing_class=tokenizer,
        peft_config=lora(options["lora"]),
        callbacks=callbacks(out, checkpoint, options, settings, tokenizer),
    )
    lay_out(trainer)
    announce(trainer, checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    run.finish(out, trainer, tokenizer, settings)


def attends_fully(model: str) -> bool:
    """Whether every layer attends to all earlier tokens, so that a prompt's cache serves all its completions."""
    from transformers import AutoConfig

    layers = getattr(AutoConfig.from_pretrained(model).get_text_config(), "layer_types", None)
    return layers is None or set(layers) == {"full_attention"}


def lay_out(trainer: Any) -> None:
    """Put the prompts of all epochs in their order, which the trainer then follows."""
    args, table = trainer.args, trainer.train_dataset
    epochs = args.num_train_epochs
    if args.max_steps > 0:
        epochs = math.ceil(args.max_steps * args.generation_batch_size / args.num_generations / len(table))
    trainer.train_dataset = table.select(epoch_rows(len(table), epochs, args.data_seed))
    trainer.shuffle_dataset, args.num_train_epochs = False, 1


def check_save_steps(config: Any) -> None:
    """A checkpoint in the middle of a generation batch could not resume to the same parameters."""
    period = -(-config.steps_per_generation * config.num_iterations // config.gradient_accumulation_steps)
    if config.save_steps % period:
        raise InputError(
            f"recipe: save_steps {config.save_steps} must be a multiple of {period} (steps_per_generation x "
            "num_iterations / gradient_accumulation_steps), or a resumed run would differ"
        )
