"""Kill trainings again and again at random moments, then compare their models with those of undisturbed ones.

    python scripts/kill_training.py --kills 10 --methods all -o runs/killed
    python scripts/kill_training.py --kills 3 --methods sft,ppo --seed 2 -o runs/killed-2
    python scripts/kill_training.py --methods grpo --model nano --problems 24 --set max_steps=30 -o runs/killed-3

For each method: one undisturbed run, then the same run with SIGKILL at a random moment, given again and again until
``--kills`` kills have struck; one that finishes before its end is due is compared and begun anew. The moments are
uniform over the processor time that the undisturbed run took, which other work on the machine does not stretch,
without the imports: each run is a process of its own, forked from one that has imported everything. Compares every
file byte by byte, in JSON files without the fields that say when and by which command they were made. Exit code 1
where a file differs.

Without ``--model`` all begin with a tiny model that was taught two answers, of which one is right, so that every method
has something to learn.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import random
import sys
from pathlib import Path

import psutil
from kill_study import files

from caugym.training import run
from caugym.training.train import TrainingRun, train

IMPORTS = [
    "caugym.evaluation.backends.transformers", "caugym.training.held_out", "caugym.training.samples",
    "caugym.training.actor_critic", "trl.trainer.sft_trainer", "trl.trainer.dpo_trainer", "trl.trainer.kto_trainer",
    "trl.trainer.rloo_trainer", "datasets", "peft",
]  # fmt: skip
FORKS = multiprocessing.get_context("forkserver")
STEPS = ("max_steps=40", "save_steps=1", "logging_steps=1", "warmup_steps=0")
SAMPLES = ("sampling.runs=6", "sampling.max_new_tokens=40", "sampling.batch_size=4")
PUBLISHED = "solution=published"
ROLLOUT = (
    "num_generations=4", "per_device_train_batch_size=8", "gradient_accumulation_steps=2", "max_completion_length=12",
    "learning_rate=1e-3",
)  # fmt: skip
CURRICULUM = ("curriculum.levels=3", "curriculum.window=8", "curriculum.threshold=0.1")
ADAPTER = ("lora.r=2", "lora.lora_alpha=4")
HELD_OUT = ("held_out.problems=7", "held_out.every=2", "held_out.max_new_tokens=8")
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sft": ("sft", (PUBLISHED, "per_device_train_batch_size=4")),
    "rft": ("rft", ("per_device_train_batch_size=4", *SAMPLES)),
    "dpo": ("dpo", (PUBLISHED, "per_device_train_batch_size=2", "negatives=model", *SAMPLES)),
    "kto": ("kto", (PUBLISHED, "per_device_train_batch_size=4", "negatives=model", *SAMPLES)),
    "grpo": ("grpo", ROLLOUT),
    "rloo": ("rloo", ROLLOUT),
    "ppo": ("ppo", ROLLOUT),
    "curriculum": ("grpo", (*ROLLOUT, *CURRICULUM)),
    "ppo-lora": ("ppo", (*ROLLOUT, *ADAPTER, "num_iterations=2", "save_steps=2")),
    "sft-held-out": ("sft", (PUBLISHED, "per_device_train_batch_size=4", *ADAPTER, *HELD_OUT)),
}
"""The name in ``--methods`` -> the method and the recipe's fields that are set."""
KEYS = ('{"ANSWER": "Yes", "PROB": "0.1234"}', '{"ANSWER": "Yes", "PROB": "0.9"}')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="all", help=f"all, or some of {','.join(METHODS)}")
    parser.add_argument("--kills", type=int, default=10, help="how many for each method")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--model", help="what training starts from; without it a tiny one that is made here")
    parser.add_argument("--problems", type=int, default=24, help="how many, where --model is given")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a field of the recipe")
    parser.add_argument("-o", "--out", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    names = list(METHODS) if options.methods == "all" else options.methods.split(",")
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        parser.error(f"unknown method {unknown[0]!r}: expected all or some of {', '.join(METHODS)}")
    if options.kills < 1:
        parser.error(f"--kills {options.kills}: expected a number from 1 on")
    if options.out.exists() and any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty")
    run.quiet()
    FORKS.set_forkserver_preload(IMPORTS)
    options.data = None
    if options.model is None:
        made = FORKS.Process(target=tiny_start, args=(options.out / "start",))
        made.start()
        made.join()
        options.model, options.data = (str(options.out / "start" / part) for part in ("taught", "problems.jsonl"))
    return 1 if sum([killed_differs(name, options) for name in names]) else 0


def tiny_start(folder: Path) -> None:
    """``taught``, a model of random weights that was taught to answer rightly now and then, and ``problems.jsonl``."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from caugym.gym.generate import generate
    from caugym.nano import tokenizer as nano_tokenizer

    tokenizer = nano_tokenizer.build()
    torch.manual_seed(0)
    shape = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        head_dim=16, intermediate_size=64, max_position_embeddings=1024, tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    Qwen3ForCausalLM(shape).save_pretrained(folder / "random")
    tokenizer.save_pretrained(folder / "random")
    prompt = "Input Info: Talent has a direct effect on income.\nThe probability of income being high is 0.{:04d}. \n"
    # Real problems, whose difficulty is known, under prompts that are short.
    table = [
        generate("ATE", seed=5, index=i).to_row()
        | {"prompt": prompt.format(i), "answer": KEYS[0], "solution": f"so {KEYS[i % 2]}"}
        for i in range(8)
    ]
    data = folder / "problems.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in table), encoding="utf-8")
    taught = (PUBLISHED, "max_steps=60", "learning_rate=2e-2", "save_steps=100", "per_device_train_batch_size=4")
    train(TrainingRun("sft", str(folder / "random"), "sft-tiny", taught, str(data)), folder / "taught")


def killed_differs(name: str, options: argparse.Namespace) -> bool:
    """Whether a file of a killed run is another than the undisturbed run's."""
    folder = options.out / name
    folder.mkdir(parents=True)
    process = start(name, options, folder / "undisturbed")
    work = watch(process)
    if process.exitcode:
        sys.exit(f"{name}: the undisturbed run failed, see {folder / 'undisturbed.log'}")
    moments = random.Random(f"{options.seed} {name}")
    kills, runs = 0, 1
    while True:
        current = folder / f"killed-{runs}"
        process = start(name, options, current)
        watch(process, moments.uniform(0.0, work) if kills < options.kills else math.inf)
        if process.exitcode is None:
            process.kill()
            process.join()
            kills += 1
            print(f"{name}: kill {kills}, {progress(current)}", flush=True)
            continue
        if process.exitcode:
            sys.exit(f"{name}: a run that had been killed cannot go on, see {current}.log")
        if kills == options.kills:
            break
        runs += 1  # finished before its end was due: begin anew
    different = False
    first = files(folder / "undisturbed", ("**/*",))
    for current in sorted(folder.glob("killed-*/")):
        second = files(current, ("**/*",))
        found = [file for file in sorted(first.keys() | second.keys()) if first.get(file) != second.get(file)]
        print(f"{current}: {len(first)} files, {len(found)} differ", *found, sep="\n  ", flush=True)
        different = different or bool(found)
    print(f"{name}: {kills} kills over {runs} runs, an undisturbed one takes {work:.1f} s of a processor", flush=True)
    return different


def start(name: str, options: argparse.Namespace, out: Path) -> multiprocessing.process.BaseProcess:
    """The run as a process of its own; what it says is added to OUT.log."""
    method, settings = METHODS[name]
    fields = (*STEPS, *settings, *options.set)
    described = TrainingRun(method, options.model, f"{method}-tiny", fields, options.data, options.problems)
    process = FORKS.Process(target=train_and_log, args=(described, out))
    process.start()
    return process


def train_and_log(described: TrainingRun, out: Path) -> None:
    log = os.open(f"{out}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    train(described, out)


def watch(process: multiprocessing.process.BaseProcess, limit: float = math.inf) -> float:
    """Wait for a run's end or until it has used ``limit`` seconds of processor time; how many it has used."""
    used = 0.0
    while process.exitcode is None and used < limit:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = psutil.Process(process.pid).cpu_times()
            used = times.user + times.system
        process.join(0.005)
    return used


def progress(folder: Path) -> str:
    """How far a run had come."""
    if (folder / "manifest.json").is_file():
        return "after its end"
    steps = [int(path.parent.name.rpartition("-")[2]) for path in folder.glob("checkpoint-*/complete")]
    return f"after step {max(steps)}" if steps else "before its first checkpoint"


if __name__ == "__main__":
    sys.exit(main())
