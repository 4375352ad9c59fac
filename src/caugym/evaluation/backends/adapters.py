"""Where a model's weights are: a name, a folder, or a LoRA adapter's folder and the model below it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from caugym.errors import InputError
from caugym.training.run import resolve_model

ADAPTER_CONFIG = "adapter_config.json"


@dataclass(frozen=True)
class Source:
    """``model`` is a folder or a name on the Hub; ``adapter`` the folder of a LoRA adapter of rank ``rank`` on it."""

    model: str
    adapter: Path | None = None
    rank: int = 0

    @property
    def tokenizer(self) -> str:
        """The adapter's folder where a tokenizer was saved with it."""
        own = self.adapter is not None and (self.adapter / "tokenizer_config.json").is_file()
        return str(self.adapter) if own else self.model


def source_of(name: str) -> Source:
    """Raises InputError for a folder that holds neither a model nor an adapter, or an adapter of nothing."""
    folder = Path(name)
    config = folder / ADAPTER_CONFIG
    if not config.is_file() or (folder / "config.json").is_file():
        return Source(resolve_model(name))
    try:
        settings = json.loads(config.read_text(encoding="utf-8"))
        below, rank = settings["base_model_name_or_path"], int(settings.get("r") or 0)
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{config}: no adapter configuration with 'base_model_name_or_path'") from None
    if not isinstance(below, str) or not below:
        raise InputError(f"{config}: 'base_model_name_or_path' is {below!r}; write the model's folder or name there")
    try:
        return Source(resolve_model(below), folder, rank)
    except InputError as error:
        raise InputError(f"{config}: the model below the adapter: {error}") from None


def source_fingerprint(source: Source) -> str | None:
    """The fingerprint of the model, and of its adapter; None for a model that is no folder here."""
    folders = [folder for folder in (Path(source.model), source.adapter) if folder is not None]
    return "+".join(map(fingerprint, folders)) if all(folder.is_dir() for folder in folders) else None


def fingerprint(folder: Path) -> str:
    """A hash over the weights' names, sizes and first and last megabyte, the configuration and the tokenizer."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".bin") or path.name in ("config.json", "tokenizer.json", ADAPTER_CONFIG):
            size = path.stat().st_size
            digest.update(f"{path.name} {size}\n".encode())
            with path.open("rb") as file:
                digest.update(file.read(1 << 20))
                file.seek(max(0, size - (1 << 20)))
                digest.update(file.read())
    return digest.hexdigest()
