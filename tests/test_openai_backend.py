"""The openai backend against a real server on loopback: faults of every kind, kills, failures, keys, limits."""

import hashlib
import json
import random
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation import benchmarks
from caugym.evaluation.backends import Failure, Request, Sampling, Server
from caugym.evaluation.backends.openai import OpenAIBackend
from caugym.evaluation.evaluate import COMPLETIONS, FAILURES, RESULT, SCORES, Evaluation, evaluate
from caugym.evaluation.summary import Prices
from caugym.training.run import command
from loopback import LoopbackServer, QuietHandler, running

KEY = "sk-secret-of-the-test"
FAULTS = ("500", "503", "429", "timeout", "cut", "no json", "no choices", "hang up")


class Scripted(LoopbackServer):
    """Answers by rule from prompt and seed; ``faults(request number of this prompt and seed)`` names a fault."""

    def __init__(self, answer: Callable[[str], str], faults: Callable[[str, int], str | None]) -> None:
        super().__init__(Handler)
        self.answer, self.faults = answer, faults
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.faults_met: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.open, self.most_open = 0, 0


class Handler(QuietHandler):
    server: Scripted

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = hashlib.sha256(f"{body['messages'][0]['content']}{body.get('seed')}".encode()).hexdigest()
        with self.server.lock:
            self.server.asked[name] += 1
            self.server.bodies.append(body | {"authorization": self.headers["Authorization"]})
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
        try:
            fault = self.server.faults(name, self.server.asked[name])
            self.server.faults_met.update([fault] if fault else [])
            self._answer(body, name, fault)
        finally:
            with self.server.lock:
                self.server.open -= 1

    def _answer(self, body: dict[str, Any], name: str, fault: str | None) -> None:
        whole = {
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": self.server.answer(f"{name}{body.get('seed')}")},
                }
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }
        text = json.dumps(whole).encode()
        if fault == "timeout":
            time.sleep(1.5)
        elif fault == "hang up":
            self.close_connection = True
        elif fault == "429":
            self.send(429, b'{"error": {"message": "slow down"}}', {"Retry-After": "0.05"})
        elif fault == "seed":
            self.send(400, b'{"error": {"message": "Unknown name \\"seed\\": Cannot find field."}}')
        elif fault is not None and fault.isdigit():
            self.send(int(fault), json.dumps({"error": {"message": f"no, {KEY}"}}).encode())
        elif fault == "cut":
            self.send(200, text[:40], length=len(text))
            self.close_connection = True
        elif fault == "no json":
            self.send(200, text[:60])
        elif fault == "no choices":
            self.send(200, b'{"choices": []}')
        else:
            with self.server.lock:
                self.server.answered[name] += 1
            self.send(200, text)


def right_or_wrong(name: str) -> str:
    """A made-up answer that depends on prompt and seed alone; the keys of 7 problems make some of them right."""
    return random.Random(name).choice(ANSWERS)


ANSWERS = [item.answer.text() for item in benchmarks.load("caugym-base", None, 7)] + ["I do not know."]


@contextmanager
def serving(faults: Callable[[str, int], str | None]) -> Iterator[Scripted]:
    server = Scripted(right_or_wrong, faults)
    with running(server):
        yield server


def at_random(name: str, attempt: int) -> str | None:
    """A fault in half of the first three tries of each request."""
    chance = random.Random(f"{name} {attempt}")
    return chance.choice(FAULTS) if attempt <= 3 and chance.random() < 0.5 else None


def backend(server: Scripted, **options: Any) -> OpenAIBackend:
    return OpenAIBackend("scripted", Server(**{"base_url": server.url, "backoff": 0.01, "retries": 6} | options))


def evaluation(limit: int = 7, runs: int = 2) -> Evaluation:
    return Evaluation("openai:scripted", "caugym-base", limit=limit, runs=runs, prices=Prices(1.0, 10.0))


@pytest.fixture(autouse=True)
def key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


def test_scores_survive_faults_and_three_kills(tmp_path: Path) -> None:
    with serving(lambda name, attempt: None) as clean_server:
        clean = evaluate(evaluation(7, 4), tmp_path / "clean", backend(clean_server))
    out = tmp_path / "faulty"
    command = [sys.executable, "-m", "caugym", "evaluate", "--model", "openai:scripted", "--benchmark", "caugym-base"]
    command += ["--limit", "7", "--runs", "4", "--request-timeout", "1", "--concurrency", "4", "-o", str(out)]
    command += ["--price-prompt", "1", "--price-completion", "10"]
    completions = out / "caugym-base" / COMPLETIONS
    asked_at_kill: list[tuple[set[str], Counter[str]]] = []
    with serving(at_random) as server:
        command += ["--base-url", server.url]
        for target in (4, 10, 18):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while len(lines(completions)) < target and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            assert process.poll() is None, "the evaluation ended before it could be killed"
            process.send_signal(signal.SIGKILL)
            process.wait()
            time.sleep(0.1)
            assert not (out / "caugym-base" / RESULT).exists()
            asked_at_kill.append((on_disk(completions, out), server.asked.copy()))
        last = subprocess.run(command, capture_output=True, text=True)
        assert last.returncode == 0, last.stderr
        for finished, asked in asked_at_kill:
            assert all(server.asked[name] == asked[name] for name in finished), "a finished completion was asked again"
        assert set(server.faults_met) == set(FAULTS), "the run has to meet every kind of fault"
        assert server.most_open <= 4 + 4  # timed-out requests are still open at the server
    assert (out / "caugym-base" / SCORES).read_bytes() == (tmp_path / "clean" / SCORES).read_bytes()
    result = json.loads((out / "caugym-base" / RESULT).read_text())
    for part in ("judges", "constant_answer", "usage", "tokens", "failed_requests"):
        assert result[part] == clean[part], part
    assert 0 < clean["judges"]["strict"]["mean"]["mean"] < 1 and clean["failed_requests"] == 0
    assert clean["usage"]["cost"] == pytest.approx(28 * (100 * 1 + 20 * 10) / 1e6)


def on_disk(completions: Path, out: Path) -> set[str]:
    """The server's names of the completions whose line is whole."""
    prompts = {item.id: item.prompt for item in benchmarks.load("caugym-base", None, 7)}
    names = set()
    for line in completions.read_bytes().split(b"\n")[:-1]:
        row = json.loads(line)
        prompt = prompts[row["problem_id"]]
        seed = Request(row["problem_id"], row["run"], prompt).own_seed(0)
        names.add(hashlib.sha256(f"{prompt}{seed}".encode()).hexdigest())
    return names


def test_failures_are_no_answers_and_are_asked_again(tmp_path: Path) -> None:
    broken = {"now": True}

    def some_fail(name: str, attempt: int) -> str | None:
        return "500" if broken["now"] and int(name, 16) % 4 == 0 else None

    with serving(some_fail) as server:
        first = evaluate(evaluation(), tmp_path, backend(server, retries=1))
        failed = first["failed_requests"]
        assert 0 < failed < 14 and len(lines(tmp_path / FAILURES)) == failed
        assert sum(first["judges"]["strict"]["reasons"].values()) == 14 - failed == len(lines(tmp_path / SCORES))
        assert list(first["failures"]) == ["Error code: 500 - no, ***"]
        asked = server.asked.total()
        broken["now"] = False
        second = evaluate(evaluation(), tmp_path, backend(server))
        assert server.asked.total() == asked + failed
        assert second["failed_requests"] == 0 and not (tmp_path / FAILURES).exists()
        assert evaluate(evaluation(), tmp_path, backend(server)) == second
        assert server.asked.total() == asked + failed
    with serving(lambda name, attempt: None) as server:
        clean = evaluate(evaluation(), tmp_path / "clean", backend(server))
    assert second["judges"] == clean["judges"]


def test_a_server_that_refuses_ends_the_run_in_one_line(tmp_path: Path) -> None:
    for code, message in (("401", "refused the key"), ("404", "does not know the model"), ("402", "no quota left")):
        with serving(lambda *_, code=code: code) as server, pytest.raises(InputError, match=message) as error:
            evaluate(evaluation(), tmp_path / code, backend(server))
        assert KEY not in str(error.value) and "\n" not in str(error.value)
    with serving(lambda name, attempt: "500") as server:
        with pytest.raises(InputError, match=r"the first 8 requests to .* all failed; the last: Error code: 500"):
            evaluate(evaluation(), tmp_path / "500", backend(server, retries=1))
        with pytest.raises(InputError, match="all 2 requests failed"):
            evaluate(evaluation(1), tmp_path / "few", backend(server, retries=1))
    with pytest.raises(InputError, match=r"no server answers at http://127\.0\.0\.1:"):
        backend(server)


def test_a_bad_request_is_not_repeated() -> None:
    with serving(lambda name, attempt: "400") as server:
        ((made,),) = backend(server).generate([Request("a", 0, "x")], Sampling(), lambda r: False)
    assert isinstance(made, Failure) and "Error code: 400" in made.error and server.asked.total() == 1


def test_what_is_sent() -> None:
    with serving(lambda name, attempt: None) as server:
        requests = [Request("a", 0, "x"), Request("a", 1, "x")]
        list(backend(server, reasoning_effort="low").generate(requests, Sampling(0.6, 0.9, 50, 3), lambda r: False))
    first, second = sorted(server.bodies, key=lambda body: body["seed"] != requests[0].own_seed(3))
    assert first["seed"] != second["seed"] and first["authorization"] == f"Bearer {KEY}"
    expected = {"model": "scripted", "temperature": 0.6, "top_p": 0.9, "max_tokens": 50, "reasoning_effort": "low"}
    assert expected.items() <= first.items()


def test_a_parameter_that_a_server_refuses_is_named_and_left_out() -> None:
    """As Gemini's compatible endpoint answers to a seed."""
    request = Request("a", 0, "x")
    with serving(lambda name, attempt: "seed") as server:
        ((made,),) = backend(server).generate([request], Sampling(), lambda r: False)
        assert isinstance(made, Failure) and made.error.endswith("with --leave-out seed)")
    with serving(lambda name, attempt: None) as server:
        list(backend(server, leave_out=("seed", "max_tokens")).generate([request], Sampling(), lambda r: False))
        assert server.bodies[0].keys() - {"authorization"} == {"model", "messages", "temperature", "top_p"}
        with_left_out = backend(server, leave_out=("seed",)).description()
        assert with_left_out == backend(server).description() | {"left_out": ["seed"]}
        own = OpenAIBackend("o3", Server(server.url, leave_out=("max_tokens", "temperature")))
        assert own._body(request, Sampling(0)).keys() == {"model", "messages"}


def test_the_key_is_written_nowhere(tmp_path: Path) -> None:
    with serving(lambda name, attempt: "500" if int(name, 16) % 3 == 0 else None) as server:
        evaluate(evaluation(), tmp_path, backend(server, retries=0))
    assert (tmp_path / FAILURES).is_file()
    assert all(KEY not in path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("address", "recorded"),
    [
        ("http://me:secret@host:8000/v1", "http://***@host:8000/v1"),
        ("http://me:sec@ret@host/v1", "http://***@host/v1"),
        ("http://host/v1?key=secret&version=2", "http://host/v1?key=***&version=***"),
        ("http://me:secret@host/v1?secret", "http://***@host/v1?***"),
        ("--base-url=https://host?key=secret", "--base-url=https://host?key=***"),
        ("Is it so?yes=no http://host/a?b=c", "Is it so?yes=no http://host/a?b=***"),
    ],
)
def test_secrets_in_an_address_are_not_recorded(address: str, recorded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["caugym", "evaluate", address])
    assert shlex.split(command()) == ["caugym", "evaluate", recorded]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "openai:"], "--model openai: names no model"),
        (["--model", "openai:x"], "the environment variable OPENAI_API_KEY is not set"),
        (["--model", "openai:x", "--api-key-env", "NO_SUCH_KEY"], "the environment variable NO_SUCH_KEY is not set"),
        (["--model", "openai:x", "--base-url", "localhost:1"], "--base-url localhost:1: expected an address like"),
        (["--model", "openai:x", "--base-url", "http://127.0.0.1:9/v1"], "no server answers at http://127.0.0.1:9"),
        (["--model", "openai:x", "--base-url", "http://h/v1", "--concurrency", "0"], "--concurrency is 0"),
        (["--model", "openai:x", "--base-url", "URL", "--limit", "14", "--runs", "100"], "1,400 requests, about"),
        (["--model", "openai:x", "--base-url", "http://h/v1", "--leave-out", "n"], "--leave-out n: expected names of"),
        (["--model", "openai:x", "--price-prompt", "1"], "--price-prompt and --price-completion go together"),
        (["--base-url", "http://h/v1"], "--base-url goes with --model openai:NAME"),
        (["--prompt-style", "poetic"], "--prompt-style poetic: neither a text file nor one of basic, step-by-step"),
    ],
)
def test_command_explains_bad_input(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with serving(lambda name, attempt: None) as server, pytest.raises(SystemExit) as stop:
        main(["evaluate", "-o", str(tmp_path), "--limit", "1", *[a.replace("URL", server.url) for a in arguments]])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_command_with_a_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "template.txt"
    template.write_text("Q: {prompt}\nA {sic}:")
    with serving(lambda name, attempt: None) as server:
        arguments = ["--model", "openai:scripted", "--base-url", server.url, "--limit", "2", "--runs", "1"]
        with pytest.raises(SystemExit) as stop:
            main(["evaluate", *arguments, "--prompt-style", str(template), "-o", str(tmp_path / "out")])
    assert not stop.value.code, capsys.readouterr().err
    assert all(body["messages"][0]["content"].endswith("\nA {sic}:") for body in server.bodies)
