"""The ``caugym`` command: a thin shell that finds each command by its file name in ``caugym.commands``.

A command module defines a function of its own name, or a typer group named ``app``. Only the called
command's module is imported; for the others help reads the first line of the docstring from their
source. So ``caugym --help`` is fast, and a command whose extra is not installed leaves the others working.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
from pathlib import Path
from types import TracebackType

import typer

import caugym
from caugym import commands
from caugym.errors import InputError

HELP = """\
Random causal models to English questions, worked solutions, trained language models and a report.

\b
Examples:
  caugym generate --task ATE --variation base --count 200 --seed 1 -o problems.jsonl
  caugym solve problems.jsonl -o solved.jsonl
  caugym train sft --model nano-base --problems 2000 -o runs/sft
  caugym evaluate --model runs/sft -o runs/sft-scores
  caugym study --preset quick -o runs/quick

Each command has its own --help with more examples.
"""

USER_MISTAKE = 2
INTERRUPTED = 130
RESUMING = ("evaluate", "rephrase", "study", "train")
"""Commands that keep what they have done: after an interruption they go on from there."""
USER_DATA_ROOMS = ("caugym.causal", "caugym.gym")
"""Types here check a user's data and say what is wrong with it in a plain ValueError."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. A user's mistake is one line on standard error and exit code 2, never a traceback.

    Set CAUGYM_DEBUG=1 to see the traceback of such an error after all.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        build(called_by(words))(words, prog_name="caugym")
    except (InputError, OSError, ValueError, ImportError) as error:
        message = user_message(error)
        if message is None or os.environ.get("CAUGYM_DEBUG"):
            raise
        print(f"error: {message}", file=sys.stderr)
        sys.exit(USER_MISTAKE)
    except KeyboardInterrupt:
        say_interrupted(words)
        sys.exit(INTERRUPTED)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            say_interrupted(words)
        raise


def build(called: str | None) -> typer.Typer:
    """The command line with ``called`` imported and every other command as its name and first docstring line."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback(help=HELP, no_args_is_help=True)(root)
    for name, path in command_files().items():
        if name != called:
            app.command(name, help=summary(path))(root_stub)
            continue
        module = importlib.import_module(f"{commands.__name__}.{path.stem}")
        group = getattr(module, "app", None)
        if group is None:
            app.command(name)(getattr(module, path.stem))
        else:
            app.add_typer(group, name=name, help=summary(path))
    return app


def command_files() -> dict[str, Path]:
    """Command name -> file, by name; ``some_name.py`` is the command ``some-name``."""
    files = (path for folder in commands.__path__ for path in Path(folder).glob("*.py"))
    return {path.stem.replace("_", "-"): path for path in sorted(files) if not path.stem.startswith("_")}


def summary(path: Path) -> str:
    """The first line of a module's docstring, read without importing it."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    line = docstring.partition("\n")[0]
    return line.split(": ", 1)[1] if line.startswith("``") and ": " in line else line


def print_version(asked: bool) -> None:
    if asked:
        print(f"caugym {caugym.__version__}")
        raise typer.Exit


def root(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True, callback=print_version
    ),
) -> None:
    """Takes the options that stand before a command."""


def root_stub() -> None:
    """Stands for a command that was not called; never runs."""


def user_message(error: BaseException) -> str | None:
    """What to tell the user, or None where the error is a bug of ours and deserves its traceback."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("caugym"):
        every = "pip install -e '.[train,evaluate,api,plots]'"
        return f"Python package {error.name!r} is missing; in the project's folder: {every}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}"
    if isinstance(error, UnicodeDecodeError):
        return f"the input is not UTF-8 text: {error}"
    if isinstance(error, ValueError) and room_of(error.__traceback__).startswith(USER_DATA_ROOMS):
        return " ".join(str(error).split())
    return None


def room_of(trace: TracebackType | None) -> str:
    """The module in which an error was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))


def say_interrupted(words: list[str]) -> None:
    """Says that the same command goes on where it was, of those that do."""
    goes_on = "; the same command goes on from the last finished step or checkpoint" if resumes(words) else ""
    print(f"interrupted{goes_on}", file=sys.stderr)


def resumes(words: list[str]) -> bool:
    """Whether a command line goes on when it is given again; one question to ``ask`` is asked anew."""
    if called_by(words) == "ask":
        return any(word.partition("=")[0] == "--file" for word in words)
    return called_by(words) in RESUMING


def called_by(words: list[str]) -> str | None:
    """The command's name in a command line."""
    return next((word for word in words if not word.startswith("-")), None)


if __name__ == "__main__":
    main()
