"""Engines run the cells of a study: here, one after the other or some at a time, or on a Ray cluster.

All leave the same files. An engine tells the board what happens and skips a cell whose forerunner failed.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import IO, Any

from caugym.errors import InputError
from caugym.study.board import Board
from caugym.study.cells import Cell
from caugym.study.description import Resources
from caugym.study.execute import attempt

WORKERS = ".workers"
_held: IO[str] | None = None

Engine = Callable[[list[Cell], Path, Path | None, Resources, Board], None]


def here(cells: list[Cell], root: Path, data: Path | None, resources: Resources, board: Board) -> None:
    """One cell after the other in this process, or several at a time in processes of their own."""
    if resources.side_by_side > 1:
        return side_by_side(cells, root, data, resources, board)
    for cell in cells:
        if blocked(cell, board):
            continue
        board.start(cell)
        board.end(cell, attempt(cell, root, data, resources.cpus, board.progress(cell)))


def side_by_side(cells: list[Cell], root: Path, data: Path | None, resources: Resources, board: Board) -> None:
    """``resources.side_by_side`` cells at a time, each in a process that keeps its model for the next cell."""
    with (root / WORKERS).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until the workers of a study that was killed here are gone
    count = resources.side_by_side
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, spawn, _begin_work, (os.getpid(), root / WORKERS)) as pool:

        def submit(cell: Cell) -> Any:
            return pool.submit(attempt, cell, root, data, resources.cpus)

        def ended(running: list[Any]) -> list[tuple[Any, str]]:
            done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            return [(future, _failure(future)) for future in done]

        try:
            _as_they_can(cells, board, submit, ended, at_once=count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _begin_work(parent: int, workers: Path) -> None:
    """A worker ends with the study, however that ends, and a second study waits for it by its lock.

    What it says itself would run into the board's lines; why a cell failed stands in its folder.
    """
    global _held
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _held = workers.open("r")
    fcntl.flock(_held, fcntl.LOCK_SH)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _failure(future: Any) -> str:
    problem = future.exception()
    return f"its process ended: {problem}" if problem is not None else str(future.result())


def _as_they_can(
    cells: list[Cell],
    board: Board,
    submit: Callable[[Cell], Any],
    ended: Callable[[list[Any]], list[tuple[Any, str]]],
    at_once: int | None = None,
) -> None:
    """Submit every cell whose forerunner has ended; ``ended`` waits a little and says which failed, and why.

    Trainings go first, the longest before the others, since evaluations wait for them.
    """
    waiting = sorted(cells, key=lambda cell: 0.0 if cell.kind == "evaluation" else -1.0 - cell.cost.seconds)
    running = dict[Any, Cell]()
    while waiting or running:
        for cell in [cell for cell in waiting if board.settled(cell.after)]:
            if at_once is not None and len(running) >= at_once:
                break
            waiting.remove(cell)
            if not blocked(cell, board):
                board.start(cell)
                running[submit(cell)] = cell
        for task, failure in ended(list(running)) if running else []:
            board.end(running.pop(task), failure)


def on_ray(cells: list[Cell], root: Path, data: Path | None, resources: Resources, board: Board) -> None:
    """Every cell that can run is a task on the Ray cluster of RAY_ADDRESS, or on one started here.

    All machines must see the study's folder under the same path. A task whose worker dies is run again and goes on
    from the cell's last checkpoint. Raises InputError where Ray is not installed or no node can hold a cell.
    """
    try:
        import ray
    except ModuleNotFoundError:
        raise InputError("--engine ray needs Ray; in the project's folder: pip install -e '.[ray]'") from None
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.WARNING)
    cpus, gpus = resources.cpus or 1, resources.gpus
    largest = max((node["Resources"].get("CPU", 0), node["Resources"].get("GPU", 0)) for node in ray.nodes())
    if largest[0] < cpus or largest[1] < gpus:
        raise InputError(
            f"study: a cell needs {cpus} cpus and {gpus} gpus, the largest node of the Ray cluster has "
            f"{largest[0]:g} and {largest[1]:g}"
        )
    remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=-1)(attempt)

    def submit(cell: Cell) -> Any:
        return remote.remote(cell, root, data, resources.cpus)

    def ended(running: list[Any]) -> list[tuple[Any, str]]:
        done, _ = ray.wait(running, num_returns=1, timeout=1.0)
        return [(reference, ray.get(reference)) for reference in done]

    try:
        _as_they_can(cells, board, submit, ended)
    finally:
        ray.shutdown()


def blocked(cell: Cell, board: Board) -> bool:
    """Whether the cell's forerunner failed; the board then knows."""
    if cell.after in board.failures:
        board.end(cell, f"not run, as {cell.after} failed")
        return True
    return False


ENGINES: dict[str, Engine] = {"local": here, "ray": on_ray}
