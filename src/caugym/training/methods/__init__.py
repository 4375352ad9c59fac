"""One training method a file over a trainer, found by its file name; ``caugym train NAME`` is made from it.

A method module offers

- its docstring: the help of its command, the first line in the list of methods;
- ``MODEL``: the model that the command starts from unless told otherwise;
- ``OPTIONS``: the recipe's fields that are ours, with their defaults; all others are the trainer's own;
- ``NEEDS_SOLUTIONS``: whether each row needs a worked solution;
- ``train(model, tokenizer, examples, recipe, out, settings)``: train into ``out``, or go on with what it holds.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from caugym.errors import InputError


def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load(name: str) -> ModuleType:
    """The module of method ``name``. Raises InputError naming an unknown one."""
    if name not in names():
        raise InputError(f"unknown method {name!r}: use one of {', '.join(names())}")
    return import_module(f"{__name__}.{name}")
