"""Supervised fine-tuning on worked solutions (trl.SFTTrainer): the cold start.

\b
Examples:
  caugym train sft --model nano-base --problems 2000 -o runs/sft
  caugym train sft --model Qwen/Qwen3-1.7B --data problems.jsonl --set lora.r=16 -o runs/qwen-sft
  caugym train sft --model nano-base --tasks ATE,PN --set learning_rate=5e-4 -o runs/two-tasks
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import rows, run
from caugym.training.order import epoch_rows

MODEL = "nano-base"
OPTIONS: dict[str, Any] = {"solution": "published", "lora": None}
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
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from caugym.training.progress import RunLog

    fields, options = recipes.split(recipe, OPTIONS)
    config = recipes.build(SFTConfig, run_defaults(out, settings["seed"]) | fields, "recipe")
    dataset = Dataset.from_list(fitting([rows.sft_row(example) for example in examples], tokenizer, config.max_length))
    checkpoint = run.latest_checkpoint(out)
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=dataset,
        processing_class=tokenizer,
        peft_config=lora(options["lora"]),
        callbacks=[RunLog(out, run.keep_log(out, run.step_of(checkpoint)), counts_anew=True)],
    )
    lay_out(trainer)
    announce(trainer, checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    run.finish(out, trainer, tokenizer, settings)


def lay_out(trainer: Any) -> None:
    """Put the rows of all epochs in their order, which the trainer then follows."""
    args, table = trainer.args, trainer.train_dataset
    batch = args.train_batch_size * args.world_size
    epochs = args.num_train_epochs
    if args.max_steps > 0:
        epochs = math.ceil(args.max_steps * args.gradient_accumulation_steps * batch / len(table))
    grouped = args.train_sampling_strategy == "group_by_length"
    lengths = [len(ids) for ids in table["input_ids"]] if grouped else None
    trainer.train_dataset = table.select(epoch_rows(len(table), epochs, args.data_seed, lengths, batch))
    args.train_sampling_strategy, args.num_train_epochs = "sequential", 1


def run_defaults(out: Path, seed: int) -> dict[str, Any]:
    """Trainer fields that every method sets alike, unless its recipe says otherwise."""
    import torch

    # bf16, the trainers' default, is many times slower than fp32 on a CPU without instructions for it.
    cpu = {} if torch.accelerator.is_available() else {"use_cpu": True, "bf16": False}
    return cpu | {
        "output_dir": str(out),
        "seed": seed,
        "data_seed": seed,
        "report_to": "none",
        "disable_tqdm": True,
        "save_strategy": "steps",
        "save_total_limit": 2,
        "dataloader_pin_memory": False,
        "model_init_kwargs": {"dtype": "float32"},
    }


def lora(fields: dict[str, Any] | None) -> Any:
    """The recipe's ``lora`` part as peft's own LoraConfig; None trains every weight."""
    if not fields:
        return None
    from peft import LoraConfig

    return recipes.build(LoraConfig, {"task_type": "CAUSAL_LM"} | fields, "recipe: lora")


def announce(trainer: Any, checkpoint: Path | None) -> None:
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    parameters = sum(weight.numel() for weight in trainer.model.parameters() if weight.requires_grad)
    run.say(f"  {parameters:,} parameters to train, {len(trainer.train_dataset):,} rows, "
            f"device {trainer.args.device}" + (f", resuming at step {run.step_of(checkpoint)}" if checkpoint else ""))


def fitting(table: list[dict[str, Any]], tokenizer: Any, max_length: int | None) -> list[dict[str, Any]]:
    """The rows that fit: a solution that is cut off before its answer teaches the wrong thing."""
    if max_length is None:
        return table
    kept = [
        row
        for row in table
        if len(tokenizer.apply_chat_template(row["prompt"] + row["completion"], return_dict=False)) <= max_length
    ]
    if not kept:
        raise InputError(f"no row fits into max_length {max_length}")
    if len(kept) < len(table):
        run.say(f"  {len(table) - len(kept)} of {len(table)} rows are longer than {max_length} tokens: left out")
    return kept
