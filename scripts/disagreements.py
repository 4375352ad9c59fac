"""Solve the published data and write every disagreement with its keys, explained by class, as a Markdown table.

    python scripts/disagreements.py FOLDER -o docs/disagreements.md

FOLDER holds ``caugym/*_dev.json``, ``caugym/online_rl_train.parquet`` and ``calm_lite/*_EN_dev.jsonl``. The parquet
file needs pandas. ``measure`` is what the tests use as well.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from caugym.gym import disagreement
from caugym.gym.disagreement import EXPLANATIONS, UNEXPLAINED, Disagreement, said_by, value_agrees
from caugym.gym.problem import BOUND_TASKS, Answer
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.rows import rows
from caugym.gym.solve import Solved, solve


@dataclass(frozen=True)
class Item:
    """A published problem: ``said`` is the yes/no of its own worked solution, None where it has none."""

    file: str
    index: Any
    text: str
    key: Answer
    said: bool | None


@dataclass(frozen=True)
class Outcome:
    item: Item
    task: str
    solved: Solved
    reading: Reading | None

    @property
    def value_agrees(self) -> bool:
        return self.solved.answer is not None and value_agrees(self.solved.answer, self.item.key)

    @property
    def decision_agrees(self) -> bool:
        ours = self.solved.answer
        return ours is not None and ours.decision == self.item.key.decision


def published_items(folder: Path) -> Iterator[Item]:
    for name in ("base", "deconfounding", "redundant", "insufficient"):
        content = (folder / "caugym" / f"{name}_dev.json").read_text(encoding="utf-8")
        for item, row in zip(json.loads(content), rows(content, name + ".json"), strict=True):
            yield Item(name, item["index"], row.text, Answer.from_text(item["answer"]), said_by(item["Reason"]))
    for kind in ("basic", "hard"):
        for path in sorted((folder / "calm_lite").glob(f"*-{kind}_EN_dev.jsonl")):
            content = path.read_text(encoding="utf-8")
            for line, row in zip(content.splitlines(), rows(content, path.name), strict=True):
                item = json.loads(line)
                said = said_by(item["Reason"])
                value = Decimal(str(item["gt_answer"]))
                key = Answer(value, None if item["Type"] in BOUND_TASKS else said)  # the file keys the value only
                yield Item(f"CaLM {kind}", f"{item['Type']} {item['index']}", row.text, key, said)


def train_items(folder: Path) -> Iterator[Item]:
    import pandas

    table = pandas.read_parquet(folder / "caugym" / "online_rl_train.parquet")
    for index, (prompt, reward) in enumerate(zip(table["prompt"], table["reward_model"], strict=True)):
        key = Answer.from_text(reward["ground_truth"])
        yield Item("train", index, prompt[0]["content"], key, key.decision)


def measure(items: Iterator[Item]) -> list[Outcome]:
    outcomes = []
    for item in items:
        try:
            reading = read(item.text)
        except ReadError as error:
            outcomes.append(Outcome(item, "", Solved("unreadable", None, message=str(error)), None))
            continue
        outcomes.append(Outcome(item, reading.query.task, solve(reading), reading))
    return outcomes


def classify(outcome: Outcome) -> Disagreement | None:
    """The class of a disagreement; None where solver and key agree."""
    if outcome.reading is None:
        return Disagreement(UNEXPLAINED)
    return disagreement.classify(outcome.reading, outcome.solved, outcome.item.key, outcome.item.said)


def report(outcomes: list[Outcome]) -> str:
    lines = [
        "# Where our answers and the published keys disagree",
        "",
        "Written by `python scripts/disagreements.py FOLDER -o docs/disagreements.md` from the development halves of",
        "the published sets; `index` is the published one. Value: within 5e-4 of the key. Key: yes/no as the key has",
        "it. Worked: yes/no as the item's own worked solution has it (train and CaLM: the only yes/no there is).",
        "",
        "| file | task | items | value | key | worked | LACK as keyed | unreadable |",
        "| --- | --- | --: | --: | --: | --: | --: | --: |",
    ]
    for (file, task), group in _groups(outcomes).items():
        keyed = [o for o in group if not o.item.key.lacks_condition]
        lacking = [o for o in group if o.item.key.lacks_condition]
        effects = [o for o in keyed if o.item.key.decision is not None]
        ours = [o.solved.answer.decision if o.solved.answer else None for o in effects]
        worked = sum(decision == o.item.said for decision, o in zip(ours, effects, strict=True))
        columns = [
            file,
            task,
            str(len(group)),
            _share(sum(o.value_agrees for o in keyed), len(keyed)),
            _share(sum(o.decision_agrees for o in effects), len(effects)),
            _share(worked, len(effects)),
            _share(sum(o.value_agrees for o in lacking), len(lacking)),
            str(sum(o.solved.status == "unreadable" for o in group)),
        ]
        lines.append("| " + " | ".join(columns) + " |")
    classes = [(o, found) for o in outcomes if (found := classify(o)) is not None]
    counts = Counter(found.kind for _, found in classes)
    for name, explanation in EXPLANATIONS.items():
        if not counts[name]:
            continue
        lines += ["", f"## {name[0].upper()}{name[1:]} ({counts[name]})", "", explanation, ""]
        lines += ["| file | index | task | key | ours | reachable |", "| --- | --: | --- | --- | --- | --- |"]
        for outcome, found in classes:
            if found.kind == name:
                item, answer = outcome.item, outcome.solved.answer
                shown = outcome.solved.message if answer is None else answer.text()
                cells = (item.file, item.index, outcome.task, item.key.text(), shown, found.reachable)
                lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _groups(outcomes: list[Outcome]) -> dict[tuple[str, str], list[Outcome]]:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.item.file, outcome.task), []).append(outcome)
    order = list(dict.fromkeys(file for file, _ in groups))
    return dict(sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/disagreements.md"))
    arguments = parser.parse_args()
    outcomes = measure(published_items(arguments.folder)) + measure(train_items(arguments.folder))
    arguments.output.write_text(report(outcomes), encoding="utf-8")
    classes = Counter(found.kind for o in outcomes if (found := classify(o)) is not None)
    print(f"{len(outcomes)} problems, disagreements: {dict(classes)}")


if __name__ == "__main__":
    main()
