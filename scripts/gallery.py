"""Write one example of every task and variation, with its graph drawn, to GALLERY.md.

    python scripts/gallery.py

Tasks and variations are found by their files. tests/test_gallery.py checks that the file is up to date.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from caugym.gym import tasks, variations
from caugym.gym.generate import FURTHER_VARIATIONS, VERSION, generate_many
from caugym.gym.problem import TASKS, Problem

FILE = Path(__file__).parents[1] / "GALLERY.md"
SEED = 7
TRIES = 60
SMALL = 7
"""Nodes of a graph that is still easy to look at."""

HEAD = """\
# Gallery

One problem of every task and variation, as a model sees it, with the graph that it describes, the estimand and the
answer. In the graphs the treatment is round, the outcome a hexagon, an unobserved variable dashed. Written by
`python scripts/gallery.py` with generator version {version} (training split, seed {seed}).
"""


def gallery() -> str:
    lines = [HEAD.format(version=VERSION, seed=SEED)]
    lines += [f"- [{task}](#{task.lower()}): {about(task, tasks.load(task))}" for task in (*TASKS, *tasks.FURTHER)]
    lines += ["", *(f"- {name}: {about(name, variations.load(name))}" for name in variations.names())]
    for task in (*TASKS, *tasks.FURTHER):
        lines += ["", f"## {task}"]
        for variation in variations.names() if task in TASKS else FURTHER_VARIATIONS:
            lines += ["", f"### {task}, {variation}", "", *entry(example(task, variation))]
    return "\n".join(lines) + "\n"


def about(name: str, module: object) -> str:
    """What a task or variation says about itself in its first line."""
    line = (module.__doc__ or "").partition("\n")[0]
    return line.removeprefix(f"{name}, ").removeprefix(f"{name.capitalize()}: ")


def example(task: str, variation: str) -> Problem:
    """The first small problem that prints numbers; of insufficient the first that lacks one."""
    for problem in generate_many(task, TRIES, SEED, "train", variation):
        small = len(problem.graph.nodes) <= SMALL and problem.givens
        if small and (variation != "insufficient" or problem.answer.lacks_condition):
            return problem
    raise LookupError(f"no small example of {task}, {variation} among {TRIES}")


def entry(problem: Problem) -> list[str]:
    return [
        "```mermaid",
        *drawing(problem),
        "```",
        "",
        "```text",
        problem.prompt,
        "```",
        "",
        f"Estimand: `{problem.estimand}`",
        "",
        f"Answer: `{problem.answer.text()}` ({problem.id})",
    ]


def drawing(problem: Problem) -> list[str]:
    """The graph in Mermaid's language."""
    graph, query = problem.graph, problem.query
    number = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
    lines = ["graph LR"]
    for node in graph.nodes:
        left, right = {query.treatment: ("([", "])"), query.outcome: ("{{", "}}")}.get(node, ("[", "]"))
        label = node.replace('"', "#quot;")
        lines.append(f'  {number[node]}{left}"{label}"{right}')
    lines += [f"  {number[a]} --> {number[b]}" for a, b in graph.edges]
    lines += [f"  style {number[node]} stroke-dasharray: 4" for node in graph.latent]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=FILE)
    parser.parse_args().output.write_text(gallery(), encoding="utf-8")


if __name__ == "__main__":
    main()
