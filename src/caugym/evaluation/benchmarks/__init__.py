"""Benchmarks: one file each, found by its file name.

A module defines ``NAMES``, the benchmarks that it loads, ``LICENCE`` (``LICENCES`` where they differ), ``NEEDS_DATA``
and ``load(name, data, limit) -> list[Item]``. ``data`` is the folder that the user names; a benchmark searches it and
the folders right below it. ``DOWNLOADS``, where a module has it, says for a name into which of these folders which
files can be fetched.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from caugym.errors import InputError
from caugym.evaluation.download import cache_folder, fetch
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


def licence(name: str) -> str:
    module = modules()[name]
    return str(getattr(module, "LICENCES", {}).get(name, module.LICENCE))


def load(name: str, data: Path | None, limit: int | None = None, download: bool = False) -> list[Item]:
    """The items of a benchmark. With ``download``, files that no ``data`` is named for are fetched into the cache.

    Raises InputError for an unknown name, missing or broken data, an id that two items share, or a bad limit.
    """
    if limit is not None and limit < 1:
        raise InputError(f"--limit is {limit}; it must be 1 or more")
    module = modules()[parse_names(name)[0]]
    if module.NEEDS_DATA:
        source = getattr(module, "DOWNLOADS", {}).get(name)
        if data is None and download and source:
            data = cache_folder() / "benchmarks"
            fetch(name, source[1], data / source[0])
        if data is None:
            fetched = "; or fetch them with --download" if source else ""
            raise InputError(f"{name} reads published files: name their folder with --data{fetched}")
        if not data.is_dir():
            raise InputError(f"--data {data}: no such folder")
    items: list[Item] = module.load(name, data, limit)
    _check_ids(name, items)
    return items


def _check_ids(name: str, items: list[Item]) -> None:
    """Raises InputError for an id that two items share: they would share their completions as well."""
    numbers: dict[str, int] = {}
    for number, item in enumerate(items, 1):
        first = numbers.setdefault(item.id, number)
        if first != number:
            raise InputError(
                f"{name}: problems {first} and {number} have the same id {item.id!r}; "
                "give each row of the file an id or index of its own, or name a folder that holds the set once"
            )
