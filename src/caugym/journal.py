"""A file to which a long job adds a line for each piece that is done, so that a killed run does none of them again."""

from __future__ import annotations

import os
from pathlib import Path


def whole_lines(path: Path) -> list[str]:
    """Its whole lines (none where there is no file); a last one that was cut off is removed from the file.

    What is written next then begins on a line of its own. Only a line feed ends a line: text in JSON may hold the
    other characters at which ``str.splitlines`` would cut.
    """
    if not path.is_file():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return whole.decode("utf-8").split("\n")[:-1]
