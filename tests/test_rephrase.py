"""caugym rephrase against a real server on loopback: faithful, damaging and failing replies, kills, mistakes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("openai")

from caugym.cli import main
from caugym.evaluation.rephrase import EARLIER
from caugym.gym.faithful import source
from caugym.gym.generate import generate_many
from caugym.gym.problem import Problem
from caugym.gym.solve import solve_text
from caugym.gym.wording import published
from caugym.gym.wording.estimands import named, telling
from caugym.gym.wording.phrasing import Dials, rephrase
from loopback import LoopbackServer, QuietHandler, running

KEY = "sk-secret-of-the-test"
PLAIN = Dials(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
PROBLEMS = [
    *[problem for problem in generate_many("ATE", 12, seed=2, styles={"FAKE": 1.0}) if problem.givens][:3],
    *generate_many("PN", 2, seed=2, styles={"FAKE": 1.0}),
    *generate_many("NDE", 1, seed=2, styles={"FAKE": 1.0}, variation="insufficient"),
    *generate_many("PS", 2, seed=3, variation="deconfounding"),
]
Reply = Callable[[int, int, str], str | int]
"""From the problem's place, the number of the request for it and the request's text: a text, or an error's code."""


class Server(LoopbackServer):
    """Speaks the chat completions of OpenAI."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(Handler)
        self.reply = reply
        self.asked: Counter[int] = Counter()
        self.keys: set[str] = set()


class Handler(QuietHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = body["messages"][0]["content"]
        omitted = "Name no estimand" in content
        place = next(i for i, p in enumerate(PROBLEMS) if content.endswith(source(p, omitted)))
        with self.server.lock:
            number = self.server.asked[place]
            self.server.asked[place] += 1
            self.server.keys.add(self.headers["Authorization"])
        said = self.server.reply(place, number, content)
        if isinstance(said, int):
            code, told = said, {"error": {"message": f"no, {KEY}"}}
        else:
            message = {"role": "assistant", "content": said}
            code, told = 200, {"choices": [{"index": 0, "finish_reason": "stop", "message": message}], "usage": {}}
        self.send(code, json.dumps(told).encode())


@contextmanager
def serving(reply: Reply) -> Iterator[Server]:
    server = Server(reply)
    with running(server):
        yield server


def faithful(place: int, content: str) -> str:
    """The problem in the grammar's words."""
    problem, omitted = PROBLEMS[place], "Name no estimand" in content
    parts = (problem.graph, problem.variables, problem.givens, problem.query)
    text = rephrase(*parts, np.random.default_rng(place), omitted, dials=PLAIN)
    return text.replace(published.request(problem.task), "").strip()


def good(place: int, number: int, content: str) -> str:
    return f"<think>\nIn other words ...\n</think>\n{faithful(place, content)}"


@pytest.fixture(autouse=True)
def key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def write(path: Path, problems: list[Problem]) -> Path:
    path.write_text("".join(json.dumps(problem.to_row()) + "\n" for problem in problems), encoding="utf-8")
    return path


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["rephrase", *map(str, words)])
    return int(stop.value.code or 0)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_faithful_replies_are_kept_damaged_ones_asked_again_then_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents: dict[tuple[int, int], str] = {}
    healthy = False

    def reply(place: int, number: int, content: str) -> str | int:
        contents[place, number] = content
        text = faithful(place, content)
        if place == 1 and number == 0:
            return text.replace(f"{PROBLEMS[1].givens[0].value:.4f}", "0.9999")
        if place == 2:
            return "I would rather not."
        if place == 3 and not healthy:
            return 500
        return f"```\n{text}\n```" if place == 4 else text

    out = tmp_path / "out.jsonl"
    words = [write(tmp_path / "in.jsonl", PROBLEMS), "-o", out, "--model", "openai:scripted", "--retries", "0"]
    with serving(reply) as server:
        assert run(*words, "--base-url", server.url) == 2
        said = capsys.readouterr().err.strip().split("\n")
        failed, _, rest = said[-1].partition(" (most often: ")
        assert failed == "error: 1 requests failed" and "no, ***" in rest
        assert rest.endswith("); the same command asks them again, and no others")
        assert f"8 problems: 6 rephrased (5 at the first try), 1 left out (reasons in {tmp_path}" in said[0]
        assert server.asked == {0: 1, 1: 2, 2: 3, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1}
        healthy = True
        assert run(*words, "--base-url", server.url) == 0
        assert server.asked == {0: 1, 1: 2, 2: 3, 3: 2, 4: 1, 5: 1, 6: 1, 7: 1}
    rows = [Problem.from_row(row) for row in read_lines(out)]
    assert [row.id for row in rows] == [p.id for i, p in enumerate(PROBLEMS) if i != 2]
    (refused,) = read_lines(tmp_path / "out.refused.jsonl")
    assert refused["id"] == PROBLEMS[2].id and refused["tries"] == 3 and "stands 0 times" in refused["reason"]
    assert EARLIER.split("{")[0] in contents[1, 1] and "0.9999" in contents[1, 1]
    assert EARLIER.split("{")[0] not in contents[1, 0] + contents[3, 0]
    for row, problem in zip(rows, [p for i, p in enumerate(PROBLEMS) if i != 2], strict=True):
        assert solve_text(row.prompt).answer == row.answer
        assert row.answer.text() in row.solution
        assert named(row.prompt) == (row.task,)
        assert (published.LACK_HINT in row.prompt) == (row.variation == "insufficient")
        assert row.provenance["rephrased"]["tries"] == (2 if problem is PROBLEMS[1] else 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "out.refused.jsonl"]
    assert all(KEY not in path.read_text() for path in tmp_path.iterdir()) and server.keys == {f"Bearer {KEY}"}


def test_omit_refuses_a_named_estimand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def reply(place: int, number: int, content: str) -> str:
        names = f"\nThis is about the {published.ESTIMAND_NAMES[PROBLEMS[place].task]}." if place == 0 else ""
        return faithful(place, content) + names

    with serving(reply) as server:
        out = tmp_path / "out.jsonl"
        words = [write(tmp_path / "in.jsonl", PROBLEMS), "-o", out, "--omit", "--tries", "1"]
        assert run(*words, "--model", "openai:scripted", "--base-url", server.url) == 0
    rows = [Problem.from_row(row) for row in read_lines(out)]
    assert [row.id for row in rows] == [problem.id for problem in PROBLEMS[1:]]
    assert not any(telling(row.prompt) for row in rows) and all(row.provenance["rephrased"]["omitted"] for row in rows)
    assert "give the estimand away" in read_lines(tmp_path / "out.refused.jsonl")[0]["reason"]


def test_a_killed_run_asks_for_nothing_twice_that_it_had(tmp_path: Path) -> None:
    def slow(place: int, number: int, content: str) -> str:
        time.sleep(0.3)
        return good(place, number, content)

    file, out, clean = write(tmp_path / "in.jsonl", PROBLEMS), tmp_path / "out.jsonl", tmp_path / "clean.jsonl"
    with serving(slow) as server:
        rest = ["--model", "openai:scripted", "--base-url", server.url, "--concurrency", "1"]
        command = [sys.executable, "-m", "caugym", "rephrase", str(file), "-o", str(out), *rest]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline and process.poll() is None:
            journal = next(iter(tmp_path.glob(".out.jsonl.*.part")), None)
            if journal is not None and journal.read_bytes().count(b"\n") >= 3:
                break
            time.sleep(0.01)
        assert process.poll() is None, "the run ended before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert journal is not None and not out.exists()
        had = [json.loads(line)["place"] for line in journal.read_bytes().split(b"\n")[:-1]]
        with journal.open("ab") as torn:
            torn.write(b'{"place": 7, "numb')
        time.sleep(0.5)
        before = server.asked.copy()
        assert run(file, "-o", out, *rest) == 0
        assert all(server.asked[place] == before[place] == 1 for place in had) and len(had) >= 3
        assert set(server.asked) == set(range(len(PROBLEMS)))
        assert run(file, "-o", clean, *rest) == 0
    assert out.read_bytes() == clean.read_bytes() and len(read_lines(out)) == len(PROBLEMS)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("", [], "in.jsonl: the file is empty"),
        ('{"prompt": "x"}', [], "in.jsonl:1: problem row without 'id'"),
        ("[1]", [], "in.jsonl: item 1: expected a problem"),
        (None, ["--tries", "0"], "--tries is 0; it must be 1 or more"),
        (None, ["--tries", "1001"], "1,001 requests, about"),
        (None, ["--model", "nano"], "--base-url goes with --model openai:NAME, not 'nano'"),
        (None, ["-o", "/no/such/folder/out.jsonl"], "there is no folder"),
        (None, ["--api-key-env", "NO_SUCH_KEY"], "the environment variable NO_SUCH_KEY is not set"),
        ("wrong key", [], "in.jsonl:1: the key is"),
        ("latent", [], "in.jsonl:1: the task ID cannot be read in other words"),
    ],
)
def test_mistakes_are_one_line(
    content: str | None,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = write(tmp_path / "in.jsonl", PROBLEMS[:1])
    if content == "wrong key":
        file.write_text(json.dumps(PROBLEMS[0].to_row() | {"answer": '{"ANSWER": "Yes", "PROB": "0.9"}'}) + "\n")
    elif content == "latent":
        write(file, list(generate_many("ID", 1)))
    elif content is not None:
        file.write_text(content)
    with serving(good) as server:
        words = [file, "-o", tmp_path / "out.jsonl", "--model", "openai:scripted", "--base-url", server.url]
        assert run(*words, *arguments) == 2
        assert not server.asked
    error = capsys.readouterr().err.strip()
    assert message in error and "\n" not in error and error.startswith("error: ")
