"""Measure the programs that ignore the graph on our sets and on the published ones, and write the table.

    python scripts/heuristics.py FOLDER -o docs/heuristics.md

FOLDER holds the published data as ``scripts/disagreements.py`` wants it; without it only our sets are measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from disagreements import published_items, train_items

from caugym.gym import variations
from caugym.gym.generate import generate_many
from caugym.gym.heuristics import HEURISTICS, NEAREST, Nearest, scores
from caugym.gym.problem import TASKS, Answer
from caugym.gym.read import ReadError, Reading, read

EACH = 30
"""Problems of each task in one of our sets."""

REMEMBERED = 100
"""Training problems of each task that the nearest item is taken from."""

SEED = 1
Known = list[tuple[Reading, Answer]]

HEAD = """\
# What programs score that ignore the graph

Written by `python scripts/heuristics.py FOLDER -o docs/heuristics.md`. Strict accuracy in percent. None of these
programs (`src/caugym/gym/heuristics.py`) looks at an edge: what a model scores beyond them is what the graph was
needed for.

- *formula by position* counts the printed numbers and puts them in their order into the published formula that has as
  many.
- *no adjustment*, *smallest* and *largest printed set* apply the right formula with a set of variables that the
  statements name, whichever that is.
- *nearest item* copies the key of the most similar problem of a training set: of our sets' own training split
  ({remembered} problems a task), of the published RL training set for the published ones (there, of the others).
"""


def own(variation: str, split: str, each: int) -> Iterator[tuple[str, Answer]]:
    for task in TASKS:
        for problem in generate_many(task, each, SEED, split, variation):
            yield problem.prompt, problem.answer


def readable(items: Iterable[tuple[str, Answer]]) -> tuple[Known, int]:
    """What can be read, and how many there are in all."""
    found, count = [], 0
    for text, key in items:
        count += 1
        try:
            found.append((read(text), key))
        except ReadError:
            continue
    return found, count


def table(sets: dict[str, tuple[Known, int, Nearest]]) -> list[str]:
    measured = {name: scores(items, nearest) for name, (items, _, nearest) in sets.items()}
    lines = ["| program | " + " | ".join(sets) + " |", "| --- |" + " --: |" * len(sets)]
    for program in (*HEURISTICS, NEAREST):
        cells = [f"{100 * measured[name][program]:.1f}" for name in sets]
        lines.append(f"| {program} | " + " | ".join(cells) + " |")
    best = [max(measured[name].values()) for name in sets]
    lines.append("| **best of them** | " + " | ".join(f"**{100 * score:.1f}**" for score in best) + " |")
    sizes = [str(count) if count == len(items) else f"{len(items)} of {count}" for items, count, _ in sets.values()]
    return [*lines, "| problems (that can be read) | " + " | ".join(sizes) + " |"]


def ours() -> dict[str, tuple[Known, int, Nearest]]:
    sets = {}
    for variation in variations.names():
        memory = Nearest(readable(own(variation, "train", REMEMBERED))[0])
        sets[variation] = (*readable(own(variation, "test", EACH)), memory)
        print(f"{variation}: {sets[variation][1]} problems", file=sys.stderr)
    return sets


def published(folder: Path) -> dict[str, tuple[Known, int, Nearest]]:
    train, count = readable((item.text, item.key) for item in train_items(folder))
    memory = Nearest(train)
    by_file: dict[str, list[tuple[str, Answer]]] = {}
    for item in published_items(folder):
        by_file.setdefault(item.file, []).append((item.text, item.key))
    by_file.update(reworded_items(folder))
    return {name: (*readable(items), memory) for name, items in by_file.items()} | {"RL train": (train, count, memory)}


def reworded_items(folder: Path) -> Iterator[tuple[str, list[tuple[str, Answer]]]]:
    """The published halves in other words, with the keys that the files have."""
    for name in ("rephrased", "omitted"):
        rows = json.loads((folder / "caugym" / f"{name}_dev.json").read_text(encoding="utf-8"))
        yield name, [(row["problem"], Answer.from_text(row["answer"])) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/heuristics.md"))
    arguments = parser.parse_args()
    lines = [HEAD.format(remembered=REMEMBERED), "## Our sets (test split)", "", *table(ours())]
    if arguments.folder is not None:
        measured = table(published(arguments.folder))
        lines += ["", "## The published development halves and training set", "", *measured, ""]
        lines.append("The inverted ETT keys of base (docs/disagreements.md) cost these programs 9 points there.")
        lines.append("Rephrased and omitted are a model's free English: what our reader cannot read is not scored.")
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
