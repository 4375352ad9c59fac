"""Kill trainings again and again at random moments, then compare their models with those of undisturbed ones.

    python scripts/kill_training.py --kills 10 --methods all -o runs/killed
    python scripts/kill_training.py --kills 3 --methods sft,ppo --seed 2 -o runs/killed-2
    python scripts/kill_training.py --methods grpo --model runs/sft --set max_steps=30 -o runs/killed-3

For each method: one undisturbed run, then the same run with SIGKILL after a random part of the time that the
undisturbed one took, given again and again until ``--kills`` kills have struck; one that finishes before its end is
due is compared and begun anew. Compares every file byte by byte, in JSON files without the fields that say when and by
which command they were made. ``curriculum`` is GRPO with one. Exit code 1 where a file differs.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kill_study import files

STEPS = ("max_steps=24", "save_steps=1", "logging_steps=1")
SAMPLES = ("sampling.runs=2", "sampling.max_new_tokens=200")
ROLLOUT = (
    "num_generations=4", "per_device_train_batch_size=8", "gradient_accumulation_steps=2", "max_completion_length=200",
    "warmup_steps=0",
)  # fmt: skip
CURRICULUM = ("curriculum.levels=3", "curriculum.window=16", "curriculum.threshold=0.2")
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sft": ("sft", ("per_device_train_batch_size=4",)),
    "dpo": ("dpo", ("per_device_train_batch_size=2", "negatives=model", *SAMPLES)),
    "kto": ("kto", ("per_device_train_batch_size=4", "negatives=model", *SAMPLES)),
    "rft": ("rft", ("per_device_train_batch_size=4", *SAMPLES)),
    "grpo": ("grpo", ROLLOUT),
    "ppo": ("ppo", ROLLOUT),
    "rloo": ("rloo", ROLLOUT),
    "curriculum": ("grpo", (*ROLLOUT, *CURRICULUM)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="all", help=f"all, or some of {','.join(METHODS)}")
    parser.add_argument("--kills", type=int, default=10, help="how many for each method")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--model", default="nano", help="what training starts from")
    parser.add_argument("--problems", type=int, default=24)
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
    return 1 if sum([killed_differs(name, options) for name in names]) else 0


def killed_differs(name: str, options: argparse.Namespace) -> bool:
    """Whether a file of a killed run is another than the undisturbed run's."""
    folder = options.out / name
    folder.mkdir(parents=True)
    begun = time.monotonic()
    if start(name, options, folder / "undisturbed").wait():
        sys.exit(f"{name}: the undisturbed run failed, see {folder / 'undisturbed.log'}")
    whole = time.monotonic() - begun
    moments = random.Random(f"{options.seed} {name}")
    kills, runs = 0, 1
    while True:
        current = folder / f"killed-{runs}"
        process = start(name, options, current)
        try:
            code = process.wait(timeout=moments.uniform(0.0, whole) if kills < options.kills else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            print(f"{name}: kill {kills}, {progress(current)}", flush=True)
            continue
        if code:
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
    print(f"{name}: {kills} kills over {runs} runs, an undisturbed one takes {whole:.0f} s", flush=True)
    return different


def start(name: str, options: argparse.Namespace, out: Path) -> subprocess.Popen[bytes]:
    """The run as a process of its own; what it says is added to OUT.log."""
    method, settings = METHODS[name]
    command = [sys.executable, "-m", "caugym", "train", method, "--model", options.model, "--recipe", f"{method}-tiny"]
    command += ["--problems", str(options.problems), "-o", str(out)]
    command += [word for setting in (*STEPS, *settings, *options.set) for word in ("--set", setting)]
    with open(f"{out}.log", "ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def progress(folder: Path) -> str:
    """How far a run had come."""
    if (folder / "manifest.json").is_file():
        return "after its end"
    steps = [int(path.parent.name.rpartition("-")[2]) for path in folder.glob("checkpoint-*/complete")]
    return f"after step {max(steps)}" if steps else "before its first checkpoint"


if __name__ == "__main__":
    sys.exit(main())
