"""Text files and standard output as commands use them: what cannot be read or written is one clear InputError."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from caugym.errors import InputError

ESCAPED = "backslashreplace"
"""Half a surrogate pair, which UTF-8 cannot hold, is written as JSON escapes it: \\ud800."""


def content_of(file: Path, name: str) -> str:
    """A file's text; '-' is standard input. ``name`` stands for it in errors. Raises InputError."""
    try:
        if str(file) == "-" and sys.stdin is None:
            raise InputError(f"{name}: is closed, name a file or send a problem")
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror or error})") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text (byte {error.start})") from None


def print_out(text: str) -> None:
    """Standard output, or one clear line about why it is not there. A reader that has enough may leave."""
    if sys.stdout is None:
        raise InputError("standard output: is closed, name a file with -o")
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except (OSError, UnicodeEncodeError) as error:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # what is left in the buffer would fail again at exit
        raise InputError(f"standard output: cannot be written ({error})") from None


def check_writable(output: Path) -> None:
    """Said before the work, not after it. Raises InputError."""
    if output.is_dir():
        raise InputError(f"{output}: is a folder, name a file to write")
    target = output if _is_stream(output) else Path(os.path.realpath(output))
    folder = target.parent
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{output}: {folder} is a file, not a folder")
    if not folder.is_dir():
        raise InputError(f"{output}: there is no folder {folder}, make it first")
    needed = [target] if _is_stream(output) else [folder, target] if target.exists() else [folder]
    if not all(os.access(one, os.W_OK) for one in needed):
        raise InputError(f"{output}: cannot be written (permission denied)")


def write_lines(output: Path, lines: Iterable[str]) -> int:
    """Write each line and return their number. Raises InputError where ``output`` cannot be written.

    A file appears whole or not at all: one beside it takes its place at the end. A device or a pipe stays what it is
    and gets the lines as they come; so does a link, whose file is the one that is written.
    """
    try:
        if not _is_stream(output):
            return _replace(Path(os.path.realpath(output)), lines)
        with output.open("w", encoding="utf-8", errors=ESCAPED) as stream:
            return _write(stream, lines)
    except OSError as error:
        raise InputError(f"{output}: cannot be written ({error.strerror or error})") from None


def _is_stream(output: Path) -> bool:
    """Whether something that is no regular file is there: a device or a pipe."""
    return output.exists() and not output.is_file()


def _replace(file: Path, lines: Iterable[str]) -> int:
    handle, part = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors=ESCAPED) as stream:
            count = _write(stream, lines)
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, file)
    finally:
        Path(part).unlink(missing_ok=True)
    return count


def _write(stream: IO[str], lines: Iterable[str]) -> int:
    count = 0
    for line in lines:
        stream.write(line + "\n")
        count += 1
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
