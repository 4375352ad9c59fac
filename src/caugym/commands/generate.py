"""Generate problems with their answers and worked solutions as JSON lines."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from caugym.files import print_out
from caugym.gym import dials, styles, variations
from caugym.gym import generate as gym
from caugym.gym.presets import PRESETS
from caugym.gym.problem import TASKS
from caugym.gym.tasks import FURTHER

SILENT_SECONDS = 2.0
Made = TypeVar("Made")


def generate(
    task: Annotated[
        str,
        typer.Option(help=f"{', '.join(TASKS)}, or all for these in turn; beyond them also {', '.join(FURTHER)}."),
    ] = "all",
    variation: Annotated[str, typer.Option(help=f"One of {', '.join(variations.names())}.")] = "base",
    count: Annotated[int, typer.Option(help="Problems of each task.")] = 100,
    seed: Annotated[int, typer.Option(help="Another seed gives other problems.")] = 0,
    split: Annotated[
        str, typer.Option(help=f"One of {', '.join(gym.SPLITS)}; splits never share a problem.")
    ] = "train",
    preset: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(PRESETS)}; by default the variation's own.")
    ] = None,
    style: Annotated[
        str, typer.Option(help=f"Form of the worked solutions, one of {', '.join(styles.names())}.")
    ] = styles.PUBLISHED,
    dial: Annotated[
        list[str] | None, typer.Option(help=f"NAME=VALUE, several times; NAME is one of {', '.join(dials.PARSERS)}.")
    ] = None,
    output: Annotated[str, typer.Option("-o", "--output", "--out", help="File to write; - is standard output.")] = "-",
) -> None:
    """Generate problems with their answers and worked solutions as JSON lines.

    The same options always give the same bytes.

    \b
    Examples:
      caugym generate --task ATE --variation base --count 200 --seed 1 -o out.jsonl
      caugym generate --task all --count 50 --split test --preset published-hard | head -n 1
      caugym generate --task NDE --style thinking-scratchpad --count 500 -o cold-start.jsonl
      caugym generate --task ID --count 20 -o latent.jsonl
      caugym generate --variation insufficient --split test -o lacking.jsonl
      caugym generate --dial nodes=9-12 --dial density=0.2 --dial adjustment=1,2 --dial styles=FAKE -o large.jsonl
    """
    wanted = dials.parse(dial or ())
    chosen = TASKS if task == "all" else (task,)
    streams = [gym.generate_many(name, count, seed, split, variation, preset, style=style, **wanted) for name in chosen]
    problems = with_progress((problem for stream in streams for problem in stream), count * len(chosen))
    if output == "-":
        for problem in problems:
            print_out(gym.to_line(problem))
        return
    gym.write_jsonl(problems, Path(output))


def with_progress(problems: Iterable[Made], total: int) -> Iterator[Made]:
    """Pass the problems on; show a bar on standard error once the work has taken two seconds."""
    from rich.console import Console
    from rich.progress import Progress

    started = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        bar = progress.add_task("generating", total=total, visible=False)
        for done, problem in enumerate(problems, start=1):
            yield problem
            if time.monotonic() - started > SILENT_SECONDS:
                progress.update(bar, completed=done, visible=True)
                if done % 10 == 0:
                    progress.refresh()
