"""Engines run the cells of a study: one after the other here, or side by side on a Ray cluster.

Both leave the same files. An engine tells the board what happens and skips a cell whose forerunner failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.study.board import Board
from caugym.study.cells import Cell
from caugym.study.description import Resources
from caugym.study.execute import attempt

Engine = Callable[[list[Cell], Path, Path | None, Resources, Board], None]


def here(cells: list[Cell], root: Path, data: Path | None, resources: Resources, board: Board) -> None:
    """One cell after the other in this process."""
    for cell in cells:
        if blocked(cell, board):
            continue
        board.start(cell)
        board.end(cell, attempt(cell, root, data, resources.cpus, board.progress(cell)))


def on_ray(cells: list[Cell], root: Path, data: Path | None, resources: Resources, board: Board) -> None:
    """Every cell that can run is a task on the Ray cluster of RAY_ADDRESS, or on one started here.

    All machines must see the study's folder under the same path. A task whose worker dies is run again and goes on
    from the cell's last checkpoint. Raises InputError where Ray is not installed or no node can hold a cell.
    """
    try:
        import ray
    except ModuleNotFoundError:
        raise InputError("--engine ray needs Ray: pip install 'caugym[ray]'") from None
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.WARNING)
    cpus, gpus = resources.cpus or 1, resources.gpus
    largest = max((node["Resources"].get("CPU", 0), node["Resources"].get("GPU", 0)) for node in ray.nodes())
    if largest[0] < cpus or largest[1] < gpus:
        raise InputError(
            f"study: a cell needs {cpus} cpus and {gpus} gpus, the largest node of the Ray cluster has "
            f"{largest[0]:g} and {largest[1]:g}"
        )
    remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=-1)(attempt)
    waiting, running = list(cells), dict[Any, Cell]()
    try:
        while waiting or running:
            for cell in [cell for cell in waiting if board.settled(cell.after)]:
                waiting.remove(cell)
                if not blocked(cell, board):
                    board.start(cell)
                    running[remote.remote(cell, root, data, resources.cpus)] = cell
            done, _ = ray.wait(list(running), num_returns=1, timeout=1.0)
            for reference in done:
                board.end(running.pop(reference), ray.get(reference))
    finally:
        ray.shutdown()


def blocked(cell: Cell, board: Board) -> bool:
    """Whether the cell's forerunner failed; the board then knows."""
    if cell.after in board.failures:
        board.end(cell, f"not run, as {cell.after} failed")
        return True
    return False


ENGINES: dict[str, Engine] = {"local": here, "ray": on_ray}
