"""Fetch a benchmark's files from the Hub or from GitHub into a cache folder, where a network exists."""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from caugym.errors import InputError

HUB = "hub:"
PATTERNS = ["*.json", "*.jsonl", "*.parquet"]
CACHE_VARIABLE = "CAUGYM_CACHE"
_SECONDS = 60


def cache_folder() -> Path:
    """``$CAUGYM_CACHE``, else ``caugym`` in the user's cache folder."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "caugym"


def fetch(name: str, source: str | Sequence[str] | Mapping[str, str], folder: Path) -> Path:
    """Put the files of ``source`` into ``folder``, unless an earlier call has all of them; return it.

    ``source`` is "hub:OWNER/NAME", the addresses of single files, or file name -> address where the names in the
    addresses would collide. Raises InputError, one line, where it fails.
    """
    done = folder / f".complete-{name}"
    named = _named(source)
    if done.is_file() and all((folder / file).is_file() for file in named):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if isinstance(source, str):
            _from_hub(source.removeprefix(HUB), folder)
        else:
            for file, address in named.items():
                _from_web(address, folder / file)
    except InputError:
        raise
    except Exception as error:  # the Hub's client raises errors of many packages
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{name} cannot be downloaded ({reason}); name its folder with --data") from None
    sums = "".join(f"{path.name} {sha256(path)}\n" for path in sorted(folder.rglob("*")) if _is_data(path))
    done.write_text(sums, encoding="utf-8")
    return folder


def _named(source: str | Sequence[str] | Mapping[str, str]) -> Mapping[str, str]:
    """File name -> address; none for the Hub, whose file names are not known beforehand."""
    if isinstance(source, str):
        return {}
    return source if isinstance(source, Mapping) else {Path(urlsplit(one).path).name: one for one in source}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_data(path: Path) -> bool:
    return path.is_file() and any(path.match(pattern) for pattern in PATTERNS)


def _from_hub(repository: str, folder: Path) -> None:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        hint = "in the project's folder: pip install -e '.[evaluate]'"
        raise InputError(f"downloads from the Hub need huggingface_hub; {hint}") from None
    snapshot_download(repository, repo_type="dataset", allow_patterns=PATTERNS, local_dir=folder)


def _from_web(address: str, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as reply, part.open("wb") as file:
            shutil.copyfileobj(reply, file)
    except (urllib.error.URLError, OSError) as error:
        part.unlink(missing_ok=True)
        raise OSError(f"{address}: {getattr(error, 'reason', None) or error}") from None
    part.replace(path)
