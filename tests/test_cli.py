"""The command line's shell: help, version, errors as one line, interruption, speed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from caugym import cli
from caugym.errors import InputError


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "caugym", *words], capture_output=True, text=True, timeout=120)


def test_help_lists_every_command_file_without_importing_it() -> None:
    code = "import sys; from caugym import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([name for name in ('torch', 'transformers', 'numpy') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Examples:" in result.stdout
    for name in cli.command_files():
        assert f"  {name} " in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(cli.command_files()))
def test_each_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.returncode == 0, result.stderr
    assert f"caugym {name}" in result.stdout.replace("\n", " ")


def test_version() -> None:
    assert run("--version").stdout.startswith("caugym 0")


def test_unknown_command_is_a_user_mistake() -> None:
    result = run("nope")
    assert result.returncode == 2
    assert "No such command 'nope'" in result.stderr


def install_command(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """A command ``probe`` with this body."""
    (folder / "probe.py").write_text(f'"""Probe."""\n\ndef probe() -> None:\n    """Probe."""\n    {body}\n')
    monkeypatch.setattr(cli.commands, "__path__", [*cli.commands.__path__, str(folder)])
    sys.modules.pop("caugym.commands.probe", None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('from caugym.errors import InputError; raise InputError("x:3: not JSON")', "error: x:3: not JSON\n"),
        ('open("/no/such/file")', "error: /no/such/file: No such file or directory\n"),
        ('from caugym.causal.graph import DAG; DAG(("a", "b"), (("a", "b"), ("b", "a")))', "cycle"),
        ("import no_such_package", "in the project's folder: pip install -e '.[train,evaluate,api,plots]'"),
    ],
)
def test_user_mistakes_are_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], body: str, message: str
) -> None:
    install_command(monkeypatch, tmp_path, body)
    with pytest.raises(SystemExit) as stop:
        cli.main(["probe"])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install_command(monkeypatch, tmp_path, 'raise ValueError("a bug of ours")')
    with pytest.raises(ValueError, match="a bug of ours"):
        cli.main(["probe"])


def test_debug_shows_the_traceback_of_a_user_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAUGYM_DEBUG", "1")
    install_command(monkeypatch, tmp_path, 'from caugym.errors import InputError; raise InputError("no")')
    with pytest.raises(InputError):
        cli.main(["probe"])


@pytest.mark.parametrize(
    ("words", "goes_on"),
    [
        ("train sft", True),
        ("study --preset quick", True),
        ("evaluate --model nano", True),
        ("rephrase in.jsonl", True),
        ("ask --file in.jsonl", True),
        ("ask --file=in.jsonl", True),
        ("ask question", False),
        ("generate --count 3", False),
        ("solve in.jsonl", False),
        ("score in.jsonl", False),
        ("audit in.jsonl", False),
    ],
)
def test_interruption_says_how_to_go_on_where_one_can(
    words: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(called: str | None) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "build", interrupted)
    with pytest.raises(SystemExit) as stop:
        cli.main(words.split())
    assert stop.value.code == 130
    error = capsys.readouterr().err
    assert error.startswith("interrupted") and ("goes on" in error) == goes_on


@pytest.mark.parametrize("name", ["ask", "audit", "dataset", "generate", "rephrase", "report", "solve", "study"])
def test_the_output_has_one_name_everywhere(name: str) -> None:
    command = typer.main.get_command(cli.build(name)).commands[name]
    (output,) = (parameter for parameter in command.params if "-o" in parameter.opts)
    assert {"--out", "--output"} <= set(output.opts)


def test_a_broken_command_leaves_the_others_working(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install_command(monkeypatch, tmp_path, "import no_such_package")
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
