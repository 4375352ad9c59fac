"""Reading and writing text: what stands at the output's place stays what it is, and a failure is one clear line."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from caugym.errors import InputError
from caugym.files import check_writable, content_of, print_out, write_lines
from caugym.gym.generate import generate_many, to_line, write_jsonl


@contextmanager
def read_from(pipe: Path) -> Iterator[list[str]]:
    """What a reader of the pipe gets."""
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    yield found
    reader.join(timeout=60)


def test_a_pipe_gets_the_problems_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, problems = tmp_path / "pipe", list(generate_many("ATE", 2))
    os.mkfifo(pipe)
    with read_from(pipe) as found:
        assert write_jsonl(problems, pipe) == 2
    assert found == ["".join(to_line(problem) + "\n" for problem in problems)]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_stays_a_device() -> None:
    assert write_lines(Path(os.devnull), ["a"]) == 1
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_file_is_written(tmp_path: Path, there: bool) -> None:
    folder, link = tmp_path / "elsewhere", tmp_path / "link"
    folder.mkdir()
    if there:
        (folder / "file").write_text("before")
    link.symlink_to(folder / "file")
    check_writable(link)
    write_lines(link, ["a", "b"])
    assert link.is_symlink() and (folder / "file").read_text() == "a\nb\n"
    assert [path.name for path in folder.iterdir()] == ["file"]


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o002, 0o664)])
def test_the_umask_decides_who_may_read(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_jsonl(generate_many("ATE", 1), tmp_path / "out.jsonl")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == mode


def test_half_a_surrogate_pair_is_written_as_json_escapes_it(tmp_path: Path) -> None:
    write_lines(tmp_path / "out", ['"\ud800"'])
    assert (tmp_path / "out").read_text(encoding="utf-8") == '"\\ud800"\n'


def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    def never() -> Iterator[object]:
        raise AssertionError("work was done")
        yield

    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "out")
    for output, message in (
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "out", "there is no folder"),
        (tmp_path / "file" / "out", "file is a file, not a folder"),
        (tmp_path / "link", "there is no folder"),
    ):
        with pytest.raises(InputError, match=message):
            write_jsonl(never(), output)  # type: ignore[arg-type]


def test_a_folder_and_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"latin: not UTF-8 text \(byte 3\)"):
        content_of(tmp_path / "latin", str(tmp_path / "latin"))
    with pytest.raises(InputError, match="Is a directory"):
        content_of(tmp_path, str(tmp_path))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", open("/dev/full", "w"))  # noqa: SIM115
    with pytest.raises(InputError, match="standard output: cannot be written"):
        print_out("a")
