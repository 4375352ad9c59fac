"""Solve the published data and write every disagreement with its keys, explained by class, as a Markdown table.

    python scripts/disagreements.py FOLDER -o docs/disagreements.md

FOLDER holds ``caugym/*_dev.json``, ``caugym/online_rl_train.parquet`` and ``calm_lite/*_EN_dev.jsonl``. The parquet
file needs pandas. ``measure`` is what the tests use as well.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from caugym.causal import estimand
from caugym.gym.conventions import TOLERANCE
from caugym.gym.derivation import Knowledge, Term
from caugym.gym.problem import BOUND_TASKS, Answer
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.rows import rows
from caugym.gym.solve import Solved, choose, solve

HALF_DIGIT = Decimal("0.00005")
EXPLANATIONS = {
    "unrounded key": "The key was computed from unrounded probabilities and divides by a small one. It lies inside\n"
    "the interval of answers that the printed numbers allow (each within 5e-5), so neither number is wrong.",
    "inverted ETT key": "The file answers Yes where ETT > 0. ETT is factual minus counterfactual, so a positive\n"
    "one means that the change makes the outcome less likely: the item's own worked solution says the opposite.",
    "dead zone": "The effect is smaller than 0.001. The item's worked solution calls it no effect and says No; its\n"
    "key says Yes.",
    "answerable": "The key is LACK_CONDITION, but the printed numbers and an independence that the stated graph\n"
    "implies give the answer; it agrees with the item's worked solution, which had all numbers.",
    "unexplained": "Not explained.",
}


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
        ours, key = self.solved.answer, self.item.key
        if ours is None or ours.value is None or key.value is None:
            return ours is not None and ours.value is None and key.value is None
        return abs(ours.value - key.value) <= TOLERANCE

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


def said_by(reason: dict[str, str]) -> bool | None:
    """The yes/no in the worked solution; a solution that stops at a missing edge or path means No."""
    words = re.findall(r"so the answer is (yes|no)", " ".join(reason.values()), re.IGNORECASE)
    if words:
        return bool(words[-1].lower() == "yes")
    return False if len(reason) == 1 else None


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


def classify(outcome: Outcome) -> tuple[str, str] | None:
    """The class of a disagreement and the interval of reachable answers; None where solver and key agree."""
    ours, key, said = outcome.solved.answer, outcome.item.key, outcome.item.said
    if ours is None or outcome.reading is None:
        return "unexplained", ""
    if key.lacks_condition or ours.lacks_condition:
        if outcome.value_agrees:
            return None
        independent = any("independence" in step for step in outcome.solved.steps)
        return ("answerable" if independent and ours.decision == said else "unexplained"), ""
    if not outcome.value_agrees:
        low, high = interval(outcome.reading)
        shown = f"{low:.4f} to {high:.4f}"
        inside = key.value is not None and low - HALF_DIGIT <= key.value <= high + HALF_DIGIT
        return ("unrounded key" if inside else "unexplained"), shown
    if outcome.decision_agrees:
        return None
    assert ours.value is not None
    if ours.decision == said:
        return ("inverted ETT key" if outcome.task == "ETT" else "dead zone"), ""
    return "unexplained", ""


def interval(reading: Reading) -> tuple[Decimal, Decimal]:
    """The answers reachable from numbers that round to the printed ones.

    A bound is monotone in every number it uses, so its extremes are at corners.
    """
    chosen = choose(reading)
    assert chosen is not None
    identified, lookup = chosen
    used = {Term.from_p(p) for p in lookup}.union(*(derived.sources for derived in lookup.values() if derived))
    moving = [given for given in reading.givens if Term.of(given.event, given.condition) in used]
    corners = []
    for moves in product((-HALF_DIGIT, HALF_DIGIT), repeat=len(moving)):
        moved = [
            replace(given, value=min(max(given.value + move, Decimal(0)), Decimal(1)))
            for given, move in zip(moving, moves, strict=True)
        ]
        knowledge = Knowledge(moved, reading.graph)
        values = {p: known.value for p in lookup if (known := knowledge.find(Term.from_p(p)))}
        corners.append(estimand.value(identified.estimand, values.__getitem__))
    return min(corners), max(corners)


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
    counts = Counter(name for _, (name, _) in classes)
    for name, explanation in EXPLANATIONS.items():
        if not counts[name]:
            continue
        lines += ["", f"## {name[0].upper()}{name[1:]} ({counts[name]})", "", explanation, ""]
        lines += ["| file | index | task | key | ours | reachable |", "| --- | --: | --- | --- | --- | --- |"]
        for outcome, (label, reachable) in classes:
            if label == name:
                item, answer = outcome.item, outcome.solved.answer
                shown = outcome.solved.message if answer is None else answer.text()
                cells = (item.file, item.index, outcome.task, item.key.text(), shown, reachable)
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
    classes = Counter(found[0] for o in outcomes if (found := classify(o)) is not None)
    print(f"{len(outcomes)} problems, disagreements: {dict(classes)}")


if __name__ == "__main__":
    main()
