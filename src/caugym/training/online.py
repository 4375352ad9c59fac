"""What the methods that learn from their own completions do alike around their trainers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import rewards, rows, run
from caugym.training.cpu_head import fit_to_cpu
from caugym.training.fit import adapter, announce, callbacks, run_defaults
from caugym.training.order import epoch_rows

OPTIONS: dict[str, Any] = {
    "shared_prompt": False,
    "rewards": list(rewards.DEFAULT),
    "soft_punish_cache": 100,
    "curriculum": None,
    "log_kl": False,
}


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
    from caugym.training.curriculum import Curriculum, SaveLevel
    from caugym.training.drift import FromStart

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
    adapted = adapter(options)
    if "quantization_config" in adapted and hasattr(trainer_class, "without_critic"):
        raise InputError("recipe: quantization: not with PPO, whose critic is a copy of the policy; use lora alone")
    if getattr(config, "critic", None) == "separate" and config.distributed_state.distributed_type.value == "DEEPSPEED":
        raise InputError("recipe: critic: a separate one copies weights that DeepSpeed has split up; set critic=shared")
    trainer_class = shared_prompt_class if sharing else trainer_class
    if options["log_kl"]:
        trainer_class = type(trainer_class.__name__, (FromStart, trainer_class), {})
    watching = callbacks(out, checkpoint, options, settings, tokenizer)
    before = run.keep_log(out, run.step_of(checkpoint))
    watching = [Alarms(before, watching[-1]), *watching]
    table = [rows.rl_row(example) for example in examples]
    if options["curriculum"] is not None:
        curriculum = Curriculum(examples, options["curriculum"], config.data_seed)
        trainer_class = by_level(trainer_class, curriculum, table, options["rewards"])
        watching = [SaveLevel(curriculum, out), *watching]
        if checkpoint is not None:
            curriculum.load(checkpoint)
    fit_to_cpu()
    set_seed(config.seed)  # an adapter's first weights are drawn while the trainer is made
    trainer = trainer_class(
        model=model,
        reward_funcs=functions,
        args=config,
        train_dataset=Dataset.from_list(table),
        processing_class=tokenizer,
        **adapted,
        callbacks=watching,
    )
    lay_out(trainer)
    announce(trainer, checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if hasattr(trainer, "without_critic"):
        trainer.without_critic()
    run.finish(out, trainer, tokenizer, settings)


def by_level(trainer_class: Any, curriculum: Any, table: list[dict[str, Any]], names: list[str]) -> Any:
    """The trainer with its rollouts chosen by a curriculum. Raises InputError where no reward says what is right."""
    from caugym.training.curriculum import ByLevel

    if "accuracy" not in names:
        raise InputError(f"recipe: curriculum goes by the accuracy reward, which is not among rewards {names}")
    parts = {"curriculum": curriculum, "table": table, "accuracy": names.index("accuracy")}
    return type(trainer_class.__name__, (ByLevel, trainer_class), parts)


def can_share_prompts(config: Any, model: str) -> bool:
    """Whether a prompt's cache can serve all its completions: each process holds all weights (alone, or sharing
    gradients only), nothing is computed again in the backward pass, the rollouts are not vLLM's (whose probabilities
    come along), and every layer attends to all earlier tokens."""
    from transformers import AutoConfig

    whole = config.distributed_state.distributed_type.value in ("NO", "MULTI_CPU", "MULTI_GPU")
    layers = getattr(AutoConfig.from_pretrained(model).get_text_config(), "layer_types", None)
    plain = not config.gradient_checkpointing and not config.use_vllm
    return whole and plain and (layers is None or set(layers) == {"full_attention"})


def lay_out(trainer: Any) -> None:
    """Put the prompts of all epochs in their order, which the trainer then follows."""
    args, table = trainer.args, trainer.train_dataset
    epochs = args.num_train_epochs
    if args.max_steps > 0:
        rollouts = math.ceil(args.max_steps * args.gradient_accumulation_steps / updates_of_a_rollout(args))
        epochs = math.ceil(rollouts * args.generation_batch_size / args.num_generations / len(table))
    trainer.train_dataset = table.select(epoch_rows(len(table), epochs, args.data_seed))
    trainer.shuffle_dataset, args.num_train_epochs = False, 1


def updates_of_a_rollout(args: Any) -> int:
    """How many forward and backward passes a generation batch is used for."""
    return int(args.steps_per_generation * args.num_iterations)


def check_save_steps(config: Any) -> None:
    """A checkpoint in the middle of a generation batch could not resume to the same parameters."""
    period = -(-updates_of_a_rollout(config) // config.gradient_accumulation_steps)
    if config.save_steps % period:
        raise InputError(
            f"recipe: save_steps {config.save_steps} must be a multiple of {period} (steps_per_generation x "
            "num_iterations / gradient_accumulation_steps), or a resumed run would differ"
        )
