"""What the user sees: the plan with its estimates, then a table of cells done, running and waiting."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from caugym.study.cells import Cell, Progress
from caugym.study.estimate import Cost, duration
from caugym.training import run

SECONDS_BETWEEN_LINES = 15.0
TRAINING = "train"


class Board:
    """The state of every cell; a context manager that shows it, live on a terminal and as lines elsewhere.

    ``at_once``: how many cells run at a time.
    """

    def __init__(self, cells: list[Cell], root: Path, at_once: int = 1) -> None:
        self.cells, self.root, self.at_once = cells, root, at_once
        self.states = {cell.name: "done" if cell.finished(root) else "waiting" for cell in cells}
        self.failures: dict[str, str] = {}
        self.shares: dict[str, float] = {}
        self.started: dict[str, float] = {}
        self.shown, self.began = 0.0, time.monotonic()
        self.console = Console(file=sys.stderr)
        self.live = Live(console=self.console, get_renderable=self.table, refresh_per_second=2, transient=True)

    def __enter__(self) -> Board:
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *problem: object) -> None:
        if self.console.is_terminal:
            self.live.stop()
            self.console.print(self.table())

    def settled(self, name: str | None) -> bool:
        return name is None or self.states[name] in ("done", "failed")

    def start(self, cell: Cell) -> None:
        self.states[cell.name], self.started[cell.name] = "running", time.monotonic()
        run.say(f"[{self._place(cell)}] {cell.name}: about {duration(cell.cost.seconds)}")

    def end(self, cell: Cell, failure: str) -> None:
        self.states[cell.name] = "failed" if failure else "done"
        if failure:
            self.failures[cell.name] = failure
        took = time.monotonic() - self.started.get(cell.name, time.monotonic())
        run.say(f"[{self._place(cell)}] {cell.name}: {failure or f'done in {duration(took)}'}")

    def progress(self, cell: Cell) -> Progress:
        def show(done: int, total: int) -> None:
            self.shares[cell.name] = done / max(total, 1)
            if not self.console.is_terminal and time.monotonic() - self.shown > SECONDS_BETWEEN_LINES:
                self.shown = time.monotonic()
                run.say(f"  {done}/{total} completions")

        return show

    def _place(self, cell: Cell) -> str:
        return f"{self.cells.index(cell) + 1}/{len(self.cells)}"

    def table(self) -> RenderableType:
        """A row a model, a column its training and each benchmark."""
        benchmarks = list(dict.fromkeys(cell.benchmark for cell in self.cells if cell.benchmark))
        states = list(self.states.values())
        counts = ", ".join(f"{states.count(word)} {word}" for word in ("done", "running", "waiting", "failed"))
        left = sum(cell.cost.seconds for cell in self.cells if not self.settled(cell.name)) / self.at_once
        title = f"{counts}; {duration(time.monotonic() - self.began)} so far, about {duration(left)} left"
        table = Table(box=box.SIMPLE)
        table.add_column("model", overflow="fold")
        for heading in (TRAINING, *benchmarks):
            table.add_column(heading, justify="center")
        for model in dict.fromkeys(cell.model for cell in self.cells):
            own = {cell.benchmark or TRAINING: cell for cell in self.cells if cell.model == model}
            table.add_row(model, *(self._state(own.get(column)) for column in (TRAINING, *benchmarks)))
        return Group(Text(title), table)

    def _state(self, cell: Cell | None) -> Text:
        if cell is None:
            return Text("")
        state = self.states[cell.name]
        if state == "running":
            took = duration(time.monotonic() - self.started[cell.name])
            share = self.shares.get(cell.name)
            return Text(f"{share:.0%}" if share is not None else took, style="bold yellow")
        return Text(state, style={"done": "green", "failed": "bold red"}.get(state, "dim"))


def show_plan(cells: list[Cell], left_out: dict[str, str], root: Path, at_once: int = 1) -> None:
    """Every model with what its training and its evaluations will take, before anything starts; in all, with
    ``at_once`` cells at a time."""
    console = Console(file=sys.stderr, width=None if sys.stderr.isatty() else 120)
    table = Table(title="The plan (estimates are rough)", box=box.SIMPLE, title_justify="left")
    for heading in ("model", "training", "evaluations", "tokens", "time", "cost"):
        table.add_column(heading, justify="left" if heading == "model" else "right", overflow="fold")
    total = Cost()
    for model in dict.fromkeys(cell.model for cell in cells):
        own = [cell for cell in cells if cell.model == model]
        training = next(cell for cell in own if cell.kind != "evaluation")
        evaluations = [cell for cell in own if cell.kind == "evaluation"]
        open_cells = [cell for cell in own if not cell.finished(root)]
        cost = sum((cell.cost for cell in open_cells), Cost())
        total += cost
        problems = training.spec.get("problems")
        what = "none" if problems is None else f"{training.spec['method']}, {problems:,} problems"
        done = sum(cell.finished(root) for cell in evaluations)
        table.add_row(
            model,
            "finished" if training.finished(root) and problems is not None else what,
            f"{len(evaluations)} benchmarks" + (f", {done} finished" if done else ""),
            f"{cost.tokens / 1e6:.2f} M",
            duration(cost.seconds) if open_cells else "finished",
            "" if cost.price is None else f"{cost.price:,.2f}",
        )
    table.add_section()
    price = "" if total.price is None else f"{total.price:,.2f}"
    table.add_row("in all", "", "", f"{total.tokens / 1e6:.2f} M", duration(total.seconds / at_once), price)
    console.print(table)
    for name, reason in left_out.items():
        console.print(f"left out: {name}: {reason}", markup=False, highlight=False, soft_wrap=True)
