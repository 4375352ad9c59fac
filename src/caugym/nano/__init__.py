"""caugym-nano: the small language model that ships inside the package."""

from __future__ import annotations

from pathlib import Path

from caugym.errors import InputError

MODELS = ("nano-base", "nano")


def folder(name: str) -> Path:
    """The Hugging Face folder of a shipped model: ``nano-base`` (pre-trained) or ``nano`` (post-trained).

    Raises InputError when the name is unknown or the weights are not part of this installation.
    """
    if name not in MODELS:
        raise InputError(f"unknown nano model {name!r} (expected one of {', '.join(MODELS)})")
    path = Path(__file__).parent / "weights" / name
    if not (path / "model.safetensors").is_file():
        raise InputError(f"the weights of {name} are not installed at {path}; reinstall caugym")
    return path
