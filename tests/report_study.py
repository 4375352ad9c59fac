"""A small study for the report's tests: three models that answer by rule, in every way a page can be given."""

from __future__ import annotations

import json
from pathlib import Path

from caugym.evaluation.backends import Completion
from caugym.evaluation.evaluate import Evaluation, evaluate
from caugym.evaluation.items import Item

STAGES = {"base": 0.0, "cold-start": 0.5, "grpo": 0.9}
HOSTILE = '</script><script>document.title = "owned"</script><img src=x onerror="document.title=\'owned\'">&lt;b&gt;'
LONG = "<b>long</b> 0.5 " * 65_536
"""1 MB."""


class Answering:
    """Writes the worked solution of the first share of a task's problems, and mistakes or mischief for the others."""

    def __init__(self, name: str, share: float, items: list[Item]) -> None:
        self.name, self.share, self.items = name, share, items

    def description(self):
        return {"model": self.name, "weights": f"weights of {self.name}"}

    def generate(self, requests, sampling, done):
        places = {item.id: place for place, item in enumerate(self.items)}
        by_id = {item.id: item for item in self.items}
        for request in requests:
            place = places[request.problem_id]
            text = self.text(by_id[request.problem_id], place, request.run)
            yield [Completion(request.problem_id, request.run, text, "stop", 3 + place)]

    def text(self, item: Item, place: int, run: int) -> str:
        right = item.problem.solution if item.problem else f"So {item.answer.text()}"
        if place % 10 < 10 * self.share or (self.share and run == 1 and place % 3 == 0):
            return right
        if self.name == "base":
            return (HOSTILE, LONG, "")[place % 3]
        return right.replace("0.", "0.9") if "Step" in right else "no idea"


def cells(model: str, after: str | None) -> list[dict]:
    row = {"model": f"m--{model}", "source": "tiny-7B", "stage": model, "seed": 1, "after": after and f"m--{after}"}
    kind = "base" if model == "base" else "training"
    sets = ("caugym-base", "published-base", "published-insufficient")
    evaluations = [
        row | {"kind": "evaluation", "benchmark": name, "folder": f"evaluations/{model}/{name}", "after": None}
        for name in sets
    ]
    return [row | {"kind": kind, "folder": f"models/{model}"}, *evaluations]


def make(root: Path) -> Path:
    """A study's folder as the study writes it, and the published data that it was evaluated on."""
    from caugym.evaluation import benchmarks

    data, folder = root / "data", root / "quick <b>study"
    data.mkdir(parents=True)
    rows = [
        {"problem": f"Q{i}", "answer": json.dumps({"PROB": str(i / 100)}), "Type": ("PN", "PS")[i % 2], "index": i}
        for i in range(40)
    ]
    (data / "base.json").write_text(json.dumps(rows))
    lacking = [{"problem": f"Q{i}", "answer": "LACK_CONDITION", "Type": "ATE", "index": i} for i in range(8)]
    (data / "insufficient.json").write_text(json.dumps(lacking))
    described = []
    for name, after in zip(STAGES, (None, "base", "cold-start"), strict=True):
        for benchmark, limit in (("caugym-base", 42), ("published-base", None), ("published-insufficient", None)):
            items = benchmarks.load(benchmark, data, limit)
            out = folder / "evaluations" / name / benchmark
            backend = Answering(name, STAGES[name], items)
            evaluate(Evaluation(name, benchmark, data=data, limit=limit, runs=2), out, backend)
        training(folder / "models" / name, name)
        described += cells(name, after)
    config = {"note": "<script>alert(1)</script> | x"}
    left_out = {"calm-basic": "not <b>there</b>"}
    (folder / "study.json").write_text(json.dumps({"study": config, "cells": described, "left_out": left_out}))
    return folder


def training(folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    if name == "base":
        manifest = {"settings": {"model": "tiny", "parameters": 1_500_000}, "revision": "abc"}
    else:
        recipe = {"num_generations": 8} if name == "grpo" else {"num_train_epochs": 1}
        settings = {"recipe": recipe, "method": name, "problems": 40}
        manifest = {"settings": settings, "steps": 5, "revision": "abc", "command": "caugym study"}
        lines = [
            {"step": step, "held_out": step / 10, "tokens": 1000 * step, "seconds": 2.0 * step}
            | {"completions": 64 * step if name == "grpo" else 0}
            for step in range(1, 6)
        ]
        (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"st')
    (folder / "manifest.json").write_text(json.dumps(manifest))
