"""Recipes: YAML files whose keys are the trainer's own field names, plus the few options that are ours."""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path
from typing import Any

import yaml

from caugym.errors import InputError
from caugym.files import content_of

FOLDER = Path(__file__).parent / "recipes"
COMMON: dict[str, Any] = {"lora": None, "quantization": None, "budget": None, "held_out": None}
"""Our options in every recipe: peft's LoraConfig, transformers' BitsAndBytesConfig for the weights under an adapter,
what ends a run (`spent`), accuracy meanwhile (`held_out`)."""
HELD_OUT: dict[str, Any] = {"problems": 70, "every": 10, "patience": None, "max_new_tokens": 720}
"""The parts of ``held_out`` with their defaults."""
TINY_BYTES = 400_000_000
"""Weights below this (100M parameters in fp32) take the recipe for tiny models."""


def load(name_or_path: str) -> dict[str, Any]:
    """A shipped recipe by name or a YAML file by path. Raises InputError."""
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = FOLDER / f"{name_or_path}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
            raise InputError(f"unknown recipe {name_or_path!r}: expected one of {known}, or a .yaml file")
    try:
        values = yaml.safe_load(content_of(path, str(path)))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: expected lines 'field: value'")
    return values


def default_name(method: str, model_folder: str) -> str:
    """The recipe for tiny or for large models, by the size of the weights."""
    size = sum(file.stat().st_size for file in Path(model_folder).glob("*.safetensors"))
    return f"{method}-tiny" if 0 < size < TINY_BYTES else method


def override(recipe: dict[str, Any], settings: list[str]) -> dict[str, Any]:
    """``recipe`` with each "key=value" (or "lora.r=16") set. Raises InputError."""
    result = {key: dict(value) if isinstance(value, dict) else value for key, value in recipe.items()}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise InputError(f"--set {setting}: expected KEY=VALUE, such as learning_rate=1e-4")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise InputError(f"--set {setting}: the value cannot be read") from None
        target = result
        *groups, last = key.split(".")
        for group in groups:
            target = target.setdefault(group, {})
            if not isinstance(target, dict):
                raise InputError(f"--set {setting}: {group!r} has no parts")
        target[last] = value
    return result


def split(recipe: dict[str, Any], ours: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The trainer's fields, and our options with their defaults: a method's own ``ours`` and the common ones.

    Raises InputError where an option that is on or off is neither.
    """
    ours = COMMON | ours
    options = ours | {key: value for key, value in recipe.items() if key in ours}
    for key, value in options.items():
        if isinstance(ours[key], bool) and not isinstance(value, bool):
            raise InputError(f"recipe: {key} {value!r}: expected true or false")
    return {key: value for key, value in recipe.items() if key not in ours}, options


def parts(value: Any, defaults: dict[str, Any], name: str) -> dict[str, Any]:
    """An option's parts, with defaults for those that it does not set. Raises InputError for an unknown one."""
    known = ", ".join(defaults)
    if value is not None and not isinstance(value, dict):
        raise InputError(f"recipe: {name} {value!r}: expected some of {known}, as {name}.{next(iter(defaults))}=8")
    for part in value or {}:
        if part not in defaults:
            raise InputError(f"recipe: {name} has no part {part!r}: expected some of {known}")
    return defaults | (value or {})


def build(config_class: Any, fields: dict[str, Any], what: str) -> Any:
    """An instance of a trainer's config. Raises InputError for an unknown field or a value it refuses."""
    values = checked_fields(config_class, fields, what)
    try:
        return config_class(**values)
    except (ValueError, TypeError) as error:
        raise InputError(f"{what}: {' '.join(str(error).split())}") from None


def checked_fields(config_class: Any, fields: dict[str, Any], what: str) -> dict[str, Any]:
    """The fields with their numbers read. Raises InputError for one that a trainer's config does not have."""
    known = {field.name: field for field in dataclasses.fields(config_class)}
    values = {}
    for key, value in fields.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise InputError(f"{what}: {config_class.__name__} has no field {key!r}{hint}")
        values[key] = _number(value, str(known[key].type), f"{what}: {key}")
    return values


def _number(value: Any, annotation: str, place: str) -> Any:
    """YAML reads 5e-5 (without a point) as text."""
    if isinstance(value, str) and "float" in annotation and "str" not in annotation:
        try:
            return float(value)
        except ValueError:
            raise InputError(f"{place}: expected a number, not {value!r}") from None
    return value
