"""What every method does alike around its trainer: defaults, the order of rows, callbacks, the run itself."""

from __future__ import annotations

import importlib.util
import inspect
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.training import recipe as recipes
from caugym.training import run
from caugym.training.cpu_head import fit_to_cpu
from caugym.training.order import epoch_rows
from caugym.training.spent import NOTHING, Spent

Table = list[dict[str, Any]]
SELF_AND_MORE = ("self", "kwargs")


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
        "run_name": out.name,
        "disable_tqdm": True,
        "save_strategy": "steps",
        "save_total_limit": 2,
        "dataloader_pin_memory": False,
        "model_init_kwargs": {"dtype": "float32"},
    }


def check_loggers(names: str | Sequence[str] | None) -> None:
    """Raises InputError for a place to report to (``report_to``) that transformers or this machine does not have."""
    from transformers.integrations import get_reporting_integration_callbacks

    try:
        found = get_reporting_integration_callbacks(names)
    except ValueError as error:
        raise InputError(f"recipe: report_to: {error}") from None
    for callback in found:
        try:
            callback()
        except (RuntimeError, ImportError) as error:
            raise InputError(f"recipe: report_to: {error}") from None


def lora(fields: dict[str, Any] | None) -> Any:
    """The recipe's ``lora`` part as peft's own LoraConfig; None trains every weight."""
    if not fields:
        return None
    from peft import LoraConfig

    return recipes.build(LoraConfig, {"task_type": "CAUSAL_LM"} | fields, "recipe: lora")


def quantization(fields: dict[str, Any] | None) -> Any:
    """The recipe's ``quantization`` part as transformers' own BitsAndBytesConfig; None leaves the weights whole.

    Raises InputError for a field or value that it does not know.
    """
    if not fields:
        return None
    from transformers import BitsAndBytesConfig

    known = [name for name in inspect.signature(BitsAndBytesConfig.__init__).parameters if name not in SELF_AND_MORE]
    for name in fields:
        if name not in known:
            raise InputError(f"recipe: quantization has no field {name!r}: expected some of {', '.join(known)}")
    try:
        config = BitsAndBytesConfig(**fields)
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"recipe: quantization: {' '.join(str(error).split())}") from None
    if not config.is_quantizable():
        raise InputError("recipe: quantization: expected load_in_4bit or load_in_8bit to be true")
    return config


def adapter(options: dict[str, Any]) -> dict[str, Any]:
    """What TRL's trainers call the recipe's ``lora`` and ``quantization`` (QLoRA: Dettmers et al. 2023).

    Raises InputError where weights cannot be quantised here, or would have to be trained in that form.
    """
    found = {"peft_config": lora(options["lora"])}
    quantized = quantization(options["quantization"])
    if quantized is None:
        return found
    if found["peft_config"] is None:
        raise InputError("recipe: quantization: quantised weights cannot be trained; set lora as well, as lora.r=16")
    import torch

    if not torch.cuda.is_available():
        raise InputError("recipe: quantization needs a CUDA device, and there is none; leave it out (lora alone works)")
    if importlib.util.find_spec("bitsandbytes") is None:
        raise InputError(
            "recipe: quantization needs the package bitsandbytes; in the project's folder: pip install -e '.[qlora]'"
        )
    return found | {"quantization_config": quantized}


def callbacks(
    out: Path,
    checkpoint: Path | None,
    options: dict[str, Any],
    settings: dict[str, Any],
    tokenizer: Any,
    *,
    counts_anew: bool = False,
    spent: Spent = NOTHING,
    problems: Callable[[Any, int], float] | None = None,
) -> list[Any]:
    """The log, which also ends the run when its budget is used up, and the held-out accuracy where asked for.

    ``counts_anew``: the trainer's token counter is not part of its checkpoints. ``spent``: before the training.
    ``problems``: those that came by until a step, where the log cannot tell from the completions.
    """
    from caugym.training.held_out import HeldOut
    from caugym.training.progress import RunLog

    before = run.keep_log(out, run.step_of(checkpoint))
    log = RunLog(out, before, counts_anew, spent, options["budget"], problems)
    if not options["held_out"]:
        return [log]
    return [HeldOut(out, before, options["held_out"], settings, tokenizer, log), log]


def offline(
    trainer_class: Any,
    config: Any,
    model: str,
    tokenizer: Any,
    table: Table,
    out: Path,
    settings: dict[str, Any],
    options: dict[str, Any],
    spent: Spent = NOTHING,
) -> None:
    """Train ``model`` on the table by one of TRL's trainers that read rows only; resumes what ``out`` holds.

    The trainers whose rows depend on their neighbours (KTO) get them in the order of the run, the others are
    put in order after tokenisation.
    """
    from datasets import Dataset
    from transformers import set_seed

    checkpoint = run.latest_checkpoint(out)
    come_by = problems_by_step(table, epochs(config, len(table)))
    neighbours_matter = config.train_sampling_strategy == "sequential"
    if neighbours_matter:
        table = [table[row] for row in epoch_rows(len(table), epochs(config, len(table)), config.data_seed)]
        config.num_train_epochs = 1
    fit_to_cpu()
    set_seed(config.seed)  # an adapter's first weights are drawn while the trainer is made
    trainer = trainer_class(
        model=model,
        args=config,
        train_dataset=Dataset.from_list(table),
        processing_class=tokenizer,
        **adapter(options),
        callbacks=callbacks(
            out, checkpoint, options, settings, tokenizer, counts_anew=True, spent=spent, problems=come_by
        ),
    )
    if not neighbours_matter:
        lay_out(trainer)
    announce(trainer, checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    run.finish(out, trainer, tokenizer, settings)


def problems_by_step(table: Table, passes: float) -> Callable[[Any, int], float]:
    """How many of the table's problems have come by until a step of a run with so many passes over it, with
    repetition; a problem of several rows counts as much as the share of them that came by."""
    problems = len({json.dumps(row["prompt"]) for row in table})

    def come_by(args: Any, step: int) -> float:
        rows = step * args.train_batch_size * args.gradient_accumulation_steps * args.world_size
        return min(rows / len(table), passes) * problems

    return come_by


def lay_out(trainer: Any) -> None:
    """Put the rows of all epochs in their order, which the trainer then follows."""
    args, table = trainer.args, trainer.train_dataset
    lengths = row_lengths(table) if args.train_sampling_strategy == "group_by_length" else None
    batch = args.train_batch_size * args.world_size
    trainer.train_dataset = table.select(
        epoch_rows(len(table), epochs(args, len(table)), args.data_seed, lengths, batch)
    )
    args.train_sampling_strategy, args.num_train_epochs = "sequential", 1


def epochs(args: Any, rows: int) -> float:
    """How often the run passes over its ``rows``."""
    if args.max_steps <= 0:
        return float(args.num_train_epochs)
    return math.ceil(args.max_steps * args.gradient_accumulation_steps * args.train_batch_size * args.world_size / rows)


def row_lengths(table: Any) -> list[int]:
    """Tokens of each row of a tokenised table: one sequence, or a prompt with the longer of its two completions."""
    if "input_ids" in table.column_names:
        return [len(ids) for ids in table["input_ids"]]
    columns = zip(table["prompt_ids"], table["chosen_ids"], table["rejected_ids"], strict=True)
    return [len(prompt) + max(len(chosen), len(rejected)) for prompt, chosen, rejected in columns]


def announce(trainer: Any, checkpoint: Path | None) -> None:
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    parameters = sum(weight.numel() for weight in trainer.model.parameters() if weight.requires_grad)
    run.say(
        f"  {parameters:,} parameters to train, {len(trainer.train_dataset):,} rows, "
        f"device {trainer.args.device}" + (f", resuming at step {run.step_of(checkpoint)}" if checkpoint else "")
    )


def fitting(table: Table, tokenizer: Any, max_length: int | None, parts: Sequence[str] = ("completion",)) -> Table:
    """The rows whose prompt with each of its ``parts`` fits: a completion that is cut off before its answer teaches
    the wrong thing. Raises InputError where none fits.
    """
    if max_length is None:
        return table
    kept = [row for row in table if all(length(row["prompt"] + row[part], tokenizer) <= max_length for part in parts)]
    if not kept:
        raise InputError(f"no row fits into max_length {max_length}")
    if len(kept) < len(table):
        run.say(f"  {len(table) - len(kept)} of {len(table)} rows are longer than {max_length} tokens: left out")
    return kept


def length(messages: list[dict[str, str]], tokenizer: Any) -> int:
    return len(tokenizer.apply_chat_template(messages, return_dict=False))
