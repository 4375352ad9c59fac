"""What the methods that learn from their own completions do alike around their trainers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import rewards, rows, run
from caugym.training.fit import announce, callbacks, lora, run_defaults
from caugym.training.order import epoch_rows

OPTIONS: dict[str, Any] = {"shared_prompt": False, "rewards": list(rewards.DEFAULT), "soft_punish_cache": 100}


def online(
    trainer_class: Any,
    shared_prompt_class: Any,
    config_class: Any,
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

    from caugym.training.alarms import Alarms

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(config_class, run_defaults(out, settings["seed"]) | fields, "recipe")
    check_save_steps(config)
    functions = rewards.functions(options["rewards"], config.max_completion_length, options["soft_punish_cache"])
    if config.reward_weights is not None and len(config.reward_weights) != len(functions):
        raise InputError(
            f"recipe: reward_weights {config.reward_weights}: expected one for each of the rewards "
            f"{', '.join(options['rewards'])}"
        )
    checkpoint = run.latest_checkpoint(out)
    sharing = options["shared_prompt"] and not options["lora"] and can_share_prompts(config, model)
    watching = callbacks(out, checkpoint, options, settings, tokenizer)
    before = run.keep_log(out, run.step_of(checkpoint))
    set_seed(config.seed)  # an adapter's first weights are drawn while the trainer is made
    trainer = (shared_prompt_class if sharing else trainer_class)(
        model=model,
        reward_funcs=functions,
        args=config,
        train_dataset=Dataset.from_list([rows.rl_row(example) for example in examples]),
        processing_class=tokenizer,
        peft_config=lora(options["lora"]),
        callbacks=[Alarms(before, watching[-1]), *watching],
    )
    lay_out(trainer)
    announce(trainer, checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if hasattr(trainer, "without_critic"):
        trainer.without_critic()
    run.finish(out, trainer, tokenizer, settings)


def can_share_prompts(config: Any, model: str) -> bool:
    """Whether a prompt's cache can serve all its completions: each process holds all weights (alone, or sharing
    gradients only), nothing is computed again in the backward pass, and every layer attends to all earlier tokens."""
    from transformers import AutoConfig

    whole = config.distributed_state.distributed_type.value in ("NO", "MULTI_CPU", "MULTI_GPU")
    layers = getattr(AutoConfig.from_pretrained(model).get_text_config(), "layer_types", None)
    return whole and not config.gradient_checkpointing and (layers is None or set(layers) == {"full_attention"})


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
