"""Prove problems over all tasks and variations, and say what was found.

    python scripts/prove.py --problems 10000 -o proof.jsonl

Each problem is checked from outside the generator: the value that enumerating its model gives agrees with the answer
(within the tolerance; a bound bounds it), the solver finds the same answer in the text alone, two models prove each
LACK_CONDITION, and a second process with another hash seed makes the same bytes. Over all of them, no two splits or
seeds share a text or a world (a graph with its numbers, whatever the names). Finished cells stand in the output file:
the same command goes on after an interruption.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

from caugym.causal.estimand import P
from caugym.causal.scm import SCM
from caugym.causal.twin import model
from caugym.gym import generate as gym
from caugym.gym import tasks, variations
from caugym.gym.audit import form
from caugym.gym.conventions import TOLERANCE
from caugym.gym.problem import TASKS, Problem
from caugym.gym.read import Reading
from caugym.gym.solve import solve_text
from caugym.gym.variations import printed

SEEDS = (0, 1)
GROUPS = tuple((split, seed) for split in gym.SPLITS for seed in SEEDS)
READABLE = {"rephrased": 0.995, "omitted": 0.995}
"""The least share that the reader must read, 1 elsewhere; what it reads must always be right."""

Cell = tuple[str, str]


def cells() -> list[Cell]:
    further = [(task, variation) for task in tasks.FURTHER for variation in gym.FURTHER_VARIATIONS]
    return [(task, variation) for task in TASKS for variation in variations.names()] + further


def problems(cell: Cell, each: int) -> Iterator[tuple[tuple[str, int], Problem]]:
    task, variation = cell
    for split, seed in GROUPS:
        for problem in gym.generate_many(task, each, seed, split, variation):
            yield (split, seed), problem


class Witness:
    """Keeps what the generator's own proof was given: the enumerated truth of the last draft."""

    def __init__(self) -> None:
        self.truth: float | None = None
        self.proved = gym._proved

    def __call__(self, scm: SCM, found: Any, truth: float, lookup: Any) -> bool:
        self.truth = truth
        return self.proved(scm, found, truth, lookup)


def check(problem: Problem, truth: float | None) -> str:
    """What is wrong with the problem: "" nothing, "unreadable" only that the reader does not know its words."""
    if problem.answer.value is None:
        if wrong := _unproved(problem):
            return wrong
    elif truth is not None:
        off = float(problem.answer.value) - truth
        if problem.query.bound:
            off = max(off, 0.0) if problem.query.bound == "lower" else max(-off, 0.0)
        if abs(off) > TOLERANCE:
            return f"the answer is {off:+.6f} off the enumerated value"
    elif problem.answer.value != 0:
        return "no effect, but not 0"
    if problem.solution.splitlines()[-1] != problem.answer.text():
        return "the worked solution ends with another answer"
    solved = solve_text(problem.prompt)
    if solved.status == "unreadable":
        return "unreadable"
    return "" if solved.answer == problem.answer else f"the solver says {solved.answer}"


def _unproved(problem: Problem) -> str:
    proof = problem.provenance["proof"]
    first, second = (model(problem.graph, tables) for tables in proof["models"])
    for given in problem.givens:
        p = P(given.event, given.condition)
        if not printed(first, p) == printed(second, p) == given:
            return f"the two models do not both print {p.text()}"
    if abs(proof["answers"][0] - proof["answers"][1]) <= 2 * float(TOLERANCE):
        return "the two models have the same answer"
    return ""


def prove(cell: Cell, each: int) -> dict[str, Any]:
    """One line of the output: what was found in the cell, and the hashes that other cells are compared with."""
    witness = Witness()
    gym._proved = witness
    digest, faults, unread = hashlib.sha256(), [], 0
    texts: dict[str, list[str]] = defaultdict(list)
    worlds: dict[str, list[str]] = defaultdict(list)
    try:
        witness.truth = None
        for (split, seed), problem in problems(cell, each):
            digest.update(_bytes(problem))
            wrong = check(problem, witness.truth)
            witness.truth = None
            if wrong == "unreadable":
                unread += 1
            elif wrong:
                faults.append(f"{problem.id}: {wrong}")
            texts[f"{split}/{seed}"].append(_hash(" ".join(problem.prompt.split())))
            if problem.givens:
                worlds[f"{split}/{seed}"].append(_hash(repr(_world(problem))))
    finally:
        gym._proved = witness.proved
    count = each * len(GROUPS)
    needed = READABLE.get(cell[1], 1.0)
    if unread > count * (1 - needed):
        faults.append(f"{unread} of {count} unreadable")
    again = _elsewhere(cell, each)
    if again != digest.hexdigest():
        faults.append("another process makes other bytes")
    return {
        "cell": "/".join(cell),
        "problems": count,
        "unread": unread,
        "faults": faults,
        "digest": digest.hexdigest(),
        "texts": texts,
        "worlds": worlds,
    }


def _world(problem: Problem) -> Any:
    return form(Reading.of(problem)), tuple(
        given.value for given in problem.givens
    )


def _bytes(problem: Problem) -> bytes:
    return json.dumps(problem.to_row(), ensure_ascii=False).encode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _elsewhere(cell: Cell, each: int) -> str:
    """The digest of the cell's problems as a new Python process with another hash seed makes them."""
    command = [sys.executable, __file__, "--digest", *cell, "--each", str(each)]
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def shared(lines: list[dict[str, Any]], what: str) -> int:
    """Texts or worlds that two splits or seeds have in common, over all cells."""
    groups: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        for group, hashes in line[what].items():
            for one in hashes:
                groups[one].add(group)
    return sum(len(found) > 1 for found in groups.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("-o", "--output", type=Path, default=Path("proof.jsonl"))
    parser.add_argument("--digest", nargs=2, metavar=("TASK", "VARIATION"), help=argparse.SUPPRESS)
    parser.add_argument("--each", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.digest:
        digest = hashlib.sha256()
        for _, problem in problems(tuple(arguments.digest), arguments.each):
            digest.update(_bytes(problem))
        print(digest.hexdigest())
        return
    each = 2 * -(-arguments.problems // (2 * len(cells()) * len(GROUPS)))  # even: pairs stay whole
    header = {"each": each, "generator": gym.VERSION, "numpy": numpy.__version__, "python": sys.version.split()[0]}
    lines = _finished(arguments.output, header)
    for cell in cells():
        if "/".join(cell) not in {line["cell"] for line in lines}:
            lines.append(prove(cell, each))
            with arguments.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(header | lines[-1]) + "\n")
            print(f"{lines[-1]['cell']}: {len(lines[-1]['faults'])} faults", file=sys.stderr)
    faults = [fault for line in lines for fault in line["faults"]]
    unread: Counter[str] = Counter()
    for line in lines:
        unread[line["cell"].split("/")[1]] += line["unread"]
    summary = {
        **header,
        "problems": sum(line["problems"] for line in lines),
        "faults": len(faults),
        "first faults": faults[:10],
        "unread by variation": dict(unread),
        "texts shared by splits or seeds": shared(lines, "texts"),
        "worlds shared by splits or seeds": shared(lines, "worlds"),
        "digest": hashlib.sha256("".join(line["digest"] for line in lines).encode()).hexdigest(),
    }
    print(json.dumps(summary, indent=2))
    sys.exit(1 if faults or summary["worlds shared by splits or seeds"] else 0)


def _finished(output: Path, header: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an earlier run with the same header; a half-written last line does not count."""
    found = []
    for line in output.read_text(encoding="utf-8").splitlines() if output.exists() else ():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if all(row.get(name) == value for name, value in header.items()):
            found.append(row)
    return found


if __name__ == "__main__":
    main()
