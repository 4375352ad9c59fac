"""Run a study's open cells with an engine, then write its report."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caugym.errors import InputError
from caugym.study.board import Board, show_plan
from caugym.study.cells import plan
from caugym.study.description import Study
from caugym.study.engines import ENGINES
from caugym.training import run

STUDY, FAILURES = "study.json", "failures.json"


def conduct(study: Study, out: Path, data: Path | None, engine: str = "local", only_plan: bool = False) -> Path:
    """Run or finish the study in ``out`` and return the page's path.

    ``data`` is the folder of the published files; the benchmarks that are not in it are left out, and the report says
    so. A cell that fails does not stop the others; the report is written from what is there. With ``only_plan``
    nothing runs and nothing is written. Raises InputError for a model, recipe or folder that cannot be used, where
    another process works in ``out``, and at the end where cells failed.
    """
    from caugym.report.write import write_report

    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}: expected one of {', '.join(ENGINES)}")
    out = (out if only_plan else run.writable_folder(out)).resolve()
    cells, left_out = plan(study, data)
    at_once = study.resources.side_by_side if engine == "local" else 1
    show_plan(cells, left_out, out, at_once)
    if only_plan:
        return out
    with locked(out):
        rows = [cell.to_row() for cell in cells]
        run.write_json(out / STUDY, {"study": study.model_dump(mode="json"), "left_out": left_out, "cells": rows})
        open_cells = [cell for cell in cells if not cell.finished(out)]
        with Board(cells, out, at_once) as board:
            ENGINES[engine](open_cells, out, data, study.resources, board)
        if board.failures:
            run.write_json(out / FAILURES, board.failures)
        else:
            (out / FAILURES).unlink(missing_ok=True)
        if not any(cell.finished(out) for cell in cells if cell.kind == "evaluation"):
            raise InputError(f"no evaluation could be finished: {'; '.join(board.failures.values())}")
        page = write_report([out], out)
    if board.failures:
        first = next(iter(board.failures.items()))
        raise InputError(
            f"{len(board.failures)} of {len(cells)} cells failed, the first: {first[0]}: {first[1]}. The report "
            f"({page}) holds the others; the same command tries them again"
        )
    return page


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process works in a study's folder; the lock ends with its process, however it ends."""
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"{folder}: another process runs this study now") from None
        yield
