"""Kill a study again and again at random moments, then compare its files with those of an undisturbed run.

    python scripts/kill_study.py my-study.yaml --kills 20 --seed 1 -o runs/killed

Compares every file below models/ and evaluations/ byte by byte, in JSON files without the fields that say when and by
which command they were made. Exit code 1 where a file differs.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TIMING = ("seconds", "wall_seconds", "command", "hardware")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="the study's YAML file")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    undisturbed, killed = options.out / "undisturbed", options.out / "killed"
    started = time.monotonic()
    start(options.study, undisturbed).wait()
    whole = time.monotonic() - started
    rng = random.Random(options.seed)
    kills = finishes = 0
    while kills < options.kills:
        process = start(options.study, killed)
        try:
            process.wait(timeout=rng.uniform(0.1, 0.6) * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        finishes += 1
        killed = options.out / f"killed-{finishes + 1}"  # finished before its end was due: begin anew
        if finishes > options.kills:
            break
    compared = [options.out / "killed", *(options.out / f"killed-{n}" for n in range(2, finishes + 2))]
    different: list[str] = []
    for folder in [folder for folder in compared if folder.is_dir()]:
        start(options.study, folder).wait()
        first, second = files(undisturbed), files(folder)
        names = sorted(first.keys() | second.keys())
        found = [name for name in names if first.get(name) != second.get(name)]
        print(f"{folder}: {len(names)} files, {len(found)} differ", *found, sep="\n  ")
        different += found
    print(f"{kills} kills, an undisturbed run takes {whole:.0f} s")
    return 1 if different else 0


def start(study: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "caugym", "study", str(study), "-o", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def files(folder: Path, patterns: tuple[str, ...] = ("models/**/*", "evaluations/**/*")) -> dict[str, Any]:
    """Relative path -> content of every file below models/ and evaluations/, or of those that ``patterns`` find."""
    found: dict[str, Any] = {}
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        if path.suffix in (".json", ".jsonl"):
            text = path.read_text(encoding="utf-8")
            parts = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
            found[str(path.relative_to(folder))] = timeless(parts, str(folder.resolve()))
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def timeless(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        return {name: timeless(part, folder) for name, part in value.items() if name not in TIMING}
    if isinstance(value, list):
        return [timeless(part, folder) for part in value]
    return value.replace(folder, "STUDY") if isinstance(value, str) else value


if __name__ == "__main__":
    sys.exit(main())
