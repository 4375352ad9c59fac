"""Training sets as folders that ``datasets.load_dataset`` reads: JSON lines, Parquet and a dataset card.

FOLDER/settings.json   what the set is made of
FOLDER/train.jsonl     one row a line
FOLDER/train.parquet   the same rows
FOLDER/README.md       the card, written last: a folder without it is not finished
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

import caugym
from caugym.errors import InputError
from caugym.gym.generate import VERSION
from caugym.training import rows, run
from caugym.training.pairs import OPTIONS, Pair, pairs, with_key
from caugym.training.rows import Example, assistant, user

KINDS = {
    "cold-start": ("a cold start by SFT", 75, "thinking"),
    "sft": ("supervised fine-tuning", 2000, "published"),
    "dpo": ("DPO", 2000, "published"),
    "kto": ("KTO", 2000, "published"),
    "rl": ("online reinforcement learning", 3500, "published"),
}
"""What a kind of set is for, how many problems it has by default and in which form its solutions are."""
JSONL, PARQUET, CARD = "train.jsonl", "train.parquet", "README.md"
LICENCE = "apache-2.0"


@dataclass(frozen=True)
class TrainingSet:
    """A set's whole description; ``variation`` may be a mixture (``rows.parse_mixture``). ``model`` samples the
    negatives where these are the model's."""

    kind: str
    problems: int
    solution: str
    tasks: str = "all"
    variation: str = "base"
    preset: str | None = None
    seed: int = 1
    negatives: str = "synthesised"
    model: str | None = None


def write(
    described: TrainingSet,
    folder: Path,
    progress: Callable[[Iterable[Example], int], Iterable[Example]] = lambda examples, total: examples,
) -> int:
    """Write the set into ``folder`` and return its number of rows; one that is there already is left alone.

    The same description gives the same bytes. Raises InputError for a description that cannot be used and where
    ``folder`` holds another set.
    """
    if described.solution not in rows.STYLES:
        raise InputError(f"--solution {described.solution}: expected one of {', '.join(rows.STYLES)}")
    if described.negatives == "model" and not described.model:
        raise InputError("--negatives model: name the model that samples them with --model")
    tasks = rows.parse_tasks(described.tasks)
    rows.parse_mixture(described.variation, described.preset)
    run.begin(folder, asdict(described) | {"generator": VERSION, "caugym": caugym.__version__})
    if (folder / CARD).is_file():
        run.say(f"{folder} is finished already")
        return sum(1 for _ in rows.read_jsonl(folder / JSONL))
    made = rows.stream(
        tasks, described.problems, described.seed, described.solution, described.variation, described.preset
    )
    examples = [known for known in map(with_key, progress(made, described.problems)) if known is not None]
    table = list(rows_of(described, examples, folder))
    written(folder / JSONL, lambda path: path.write_text(lines(table), encoding="utf-8"))
    written(folder / PARQUET, lambda path: write_parquet(table, path))
    written(folder / CARD, lambda path: path.write_text(card(described, table), encoding="utf-8"))
    return len(table)


def rows_of(described: TrainingSet, examples: Sequence[Example], folder: Path) -> Iterator[dict[str, Any]]:
    """The rows in TRL's layout, with id, task, variation and answer beside it."""
    if described.kind in ("cold-start", "sft"):
        for example in examples:
            yield about(example) | rows.sft_row(example)
    elif described.kind == "rl":
        for example in examples:
            yield about(example) | {"prompt": user(example.prompt)}
    else:
        for pair in made_pairs(described, examples, folder):
            if described.kind == "dpo":
                yield (
                    about(pair.example)
                    | rows.dpo_row(pair.example.prompt, pair.chosen, pair.rejected)
                    | {"error": pair.label}
                )
                continue
            for text, label, error in ((pair.chosen, True, ""), (pair.rejected, False, pair.label)):
                yield about(pair.example) | {
                    "prompt": user(pair.example.prompt),
                    "completion": assistant(text),
                    "label": label,
                    "error": error,
                }


def made_pairs(described: TrainingSet, examples: Sequence[Example], folder: Path) -> list[Pair]:
    options = OPTIONS | {"solution": described.solution, "negatives": described.negatives}
    model, tokenizer = "", None
    if described.negatives == "model" and described.model:
        model = run.resolve_model(described.model)
        tokenizer = run.load_tokenizer(model)
    return pairs(model, tokenizer, examples, options, described.seed, folder)[0]


def about(example: Example) -> dict[str, Any]:
    variation = example.problem.variation if example.problem is not None else "base"
    return {"id": example.id, "task": example.task, "variation": variation, "answer": example.answer}


def lines(table: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)


def write_parquet(table: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(table), path, compression="zstd")


def written(path: Path, write: Callable[[Path], Any]) -> None:
    """Written aside, then moved: a killed process leaves the whole file or none."""
    aside = path.with_name(path.name + ".part")
    write(aside)
    os.replace(aside, path)


def card(described: TrainingSet, table: Sequence[dict[str, Any]]) -> str:
    """The dataset card: how to load the set, what it holds, how to make it again."""
    purpose = KINDS[described.kind][0]
    front = {
        "license": LICENCE,
        "language": ["en"],
        "pretty_name": f"CauGym {described.kind}",
        "tags": ["causal inference", described.kind],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": PARQUET}]}],
    }
    head = f"""---
{yaml.safe_dump(front, sort_keys=False)}---

# CauGym, training set for {purpose}

{len(table)} rows from {len({row["id"] for row in table})} generated causal problems of the training split, columns
{", ".join(f"`{column}`" for column in table[0])}. `{PARQUET}` and `{JSONL}` hold the same rows.

    datasets.load_dataset("FOLDER", split="train")

| made by | |
| --- | --- |
| caugym | {caugym.__version__} |
| generator | {VERSION} |
| licence | {LICENCE} |
"""
    made_by = "".join(f"| {name} | {value} |\n" for name, value in asdict(described).items() if value is not None)
    counts = [
        counted(name, [str(row[name]) for row in table])
        for name in ("task", "variation", "label", "error")
        if name in table[0]
    ]
    return head + made_by + "".join(counts)


def counted(name: str, values: Sequence[str]) -> str:
    count = Counter(values)
    body = "".join(f"| {key or 'none'} | {count[key]} |\n" for key in sorted(count))
    return f"\n| {name} | rows |\n| --- | --: |\n{body}"
