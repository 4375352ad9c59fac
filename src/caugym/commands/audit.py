"""Audit a data set: unreadable items, wrong keys, duplicates, leakage, heuristic scores and class balance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from caugym.commands.solve import tracked
from caugym.errors import InputError
from caugym.files import check_writable, content_of, print_out, write_lines
from caugym.gym.audit import Audit
from caugym.gym.audit import audit as audit_rows
from caugym.gym.keyed_rows import KeyedRow, keyed_rows
from caugym.gym.rows import items

SHOWN = 5
"""Findings of one kind that are printed one by one; --json has all."""


def audit(
    file: Path = typer.Argument(help="JSON, JSON lines or Parquet, in our own or the published form."),
    against: Path | None = typer.Option(None, help="A second file, for example the training set: looks for leakage."),
    output: Path | None = typer.Option(None, "-o", "--output", "--out", help="Write all findings here, as JSON."),
    as_json: bool = typer.Option(False, "--json", help="Print everything as one JSON object."),
) -> None:
    """Audit a data set: unreadable items, wrong keys, duplicates, leakage, heuristic scores and class balance.

    \b
    Every key is compared with the answer that follows from the item's text. Findings by kind:
      unreadable, no key           the text or the key cannot be read
      wrong key                    the text gives another answer
      unrounded key                off by more than 5e-4, but reachable from numbers that round to the printed ones
      inverted ETT key, dead zone, yes/no against value    the value is right and its yes/no is not
      answerable                   keyed LACK_CONDITION, but the text gives the answer
      duplicate, renamed duplicate                 an item twice, letter by letter or under other names
      leaked text, leaked problem                  an item that the file of --against holds as well
    Exit code 0: no findings; 1: findings; 2: a file cannot be audited.

    \b
    Examples:
      caugym audit test.jsonl
      caugym audit test.jsonl --against train.parquet --json
      caugym audit base_dev.json -o findings.json
    """
    if output is not None:
        check_writable(output)
    rows = _load(file)
    other = None if against is None else _load(against)
    found = audit_rows(rows, other, tracked)
    if output is not None:
        write_lines(output, [json.dumps(found.to_json(), indent=2, ensure_ascii=False)])
    print_out(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if as_json else _text(found))
    if found.findings:
        raise typer.Exit(1)


def _load(file: Path) -> list[KeyedRow]:
    if file.suffix == ".parquet":
        return keyed_rows(_parquet(file))
    content = content_of(file, str(file))
    if not content.strip():
        raise InputError(f"{file}: the file is empty, expected problems as JSON or JSON lines")
    found = items(content, str(file))
    if not found:
        raise InputError(f"{file}: the list is empty, expected at least one problem")
    return keyed_rows(found)


def _parquet(file: Path) -> list[tuple[str, int, Any]]:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(file)
    except FileNotFoundError:
        raise InputError(f"{file}: cannot be read (No such file or directory)") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"{file}: no Parquet file ({str(error).splitlines()[0]})") from None
    if not table.num_rows:
        raise InputError(f"{file}: the table is empty, expected at least one problem")
    return [(f"{file}: row {i}", i, item) for i, item in enumerate(table.to_pylist())]


def _text(found: Audit) -> str:
    lines = [f"{found.items} items, {found.unreadable} unreadable", ""]
    lines.append("Findings: " + (", ".join(f"{n} {kind}" for kind, n in found.counts.items()) or "none"))
    for kind, count in found.counts.items():
        some = [finding for finding in found.findings if finding.kind == kind]
        lines += [f"  {kind}, item {finding.id}: {finding.detail}" for finding in some[:SHOWN]]
        if count > SHOWN:
            lines.append(f"  {kind}: {count - SHOWN} more, --json shows all")
    if found.leakage:
        shared = ", ".join(f"{what} {count}" for what, count in found.leakage.items())
        lines += ["", f"Shared with the other file: {shared}"]
    lines += ["", "Keys:"]
    for task, classes in found.classes.items():
        lines.append(f"  {task:4} {sum(classes.values()):5}  " + ", ".join(f"{n} {c}" for c, n in classes.items()))
    lines += ["", "Nodes: " + ", ".join(f"{n} with {size}" for size, n in found.nodes.items())]
    lines += ["", "Programs that ignore the graph, strict accuracy:"]
    ranked = sorted(found.heuristics.items(), key=lambda pair: -pair[1])
    lines += [f"  {name:24} {100 * accuracy:5.1f}%" for name, accuracy in ranked]
    return "\n".join(lines)
