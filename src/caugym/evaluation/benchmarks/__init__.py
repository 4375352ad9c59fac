"""Benchmarks: one file each, found by its file name.

A module defines ``NAMES``, the benchmarks that it loads, ``LICENCE``, ``NEEDS_DATA`` and
``load(name, data, limit) -> list[Item]``. ``data`` is the folder that the user names; a benchmark searches it and
the folders right below it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from caugym.errors import InputError
from caugym.evaluation.items import Item


def modules() -> dict[str, ModuleType]:
    """Benchmark name -> its module."""
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found.update(dict.fromkeys(getattr(module, "NAMES", ()), module))
    return found


def parse_names(text: str) -> list[str]:
    """Names with commas between, or "all". Raises InputError for an unknown one."""
    known = list(modules())
    names = known if text.strip() == "all" else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise InputError(f"unknown benchmark {name!r}; known: all, {', '.join(known)}")
    if not names:
        raise InputError(f"no benchmark named; known: all, {', '.join(known)}")
    return list(dict.fromkeys(names))


def load(name: str, data: Path | None, limit: int | None = None) -> list[Item]:
    """The items of a benchmark. Raises InputError for an unknown name, missing or broken data, or a bad limit."""
    if limit is not None and limit < 1:
        raise InputError(f"--limit is {limit}; it must be 1 or more")
    module = modules()[parse_names(name)[0]]
    if module.NEEDS_DATA:
        if data is None:
            raise InputError(f"{name} reads published files: name their folder with --data")
        if not data.is_dir():
            raise InputError(f"--data {data}: no such folder")
    items: list[Item] = module.load(name, data, limit)
    return items
