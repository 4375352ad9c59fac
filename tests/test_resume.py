"""A folder that holds completions: judged and priced again without a model, and asked only for what is missing."""

import inspect
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from caugym.cli import main
from caugym.commands.evaluate import evaluate as command
from caugym.evaluation import backends, benchmarks
from caugym.evaluation import evaluate as module
from caugym.evaluation.backends import Completion, Failure, Request
from caugym.evaluation.backends.transformers import CPU_BATCH, GPU_BATCH
from caugym.evaluation.evaluate import COMPLETIONS, FAILURES, RESULT, SCORES, Evaluation, evaluate, unanswered
from caugym.evaluation.summary import Prices
from caugym.gym.scoring import Key, Score
from test_benchmarks import Silent
from test_evaluate import BOUND, EFFECT, Scripted, write_published

FILES = ("items.jsonl", SCORES, RESULT)


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    return Evaluation("scripted", "published-base", data=write_published(tmp_path / "data"), runs=2)


def times(out: Path) -> list[int]:
    return [(out / name).stat().st_mtime_ns for name in FILES]


def idle(request: Request) -> str:
    raise AssertionError("the model was asked")


def generous(completion: str, answer: Key, *_: Any) -> Score:
    return Score(True, "correct", None, "as a newer judge would say")


def test_a_newer_judge_judges_the_completions_on_disk(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = evaluate(evaluation, out, Scripted(lambda request: BOUND))
    before = times(out)
    assert evaluate(evaluation, out, Scripted(idle)) == json.loads((out / RESULT).read_text())
    assert times(out) == before  # nothing new, nothing written
    assert first["judges"]["strict"]["mean"]["mean"] == 0.5
    monkeypatch.setattr(module, "score", generous)
    monkeypatch.setattr(module, "hardware", lambda: {"cores": 0})
    second = evaluate(evaluation, out, Scripted(idle))
    assert second["judges"]["strict"]["mean"]["mean"] == 1.0 and json.loads((out / RESULT).read_text()) == second
    assert all(json.loads(line)["strict"]["correct"] for line in (out / SCORES).read_text().splitlines())
    # What made the completions stays; what judged them is named beside it.
    assert second["hardware"] == first["hardware"] and second["judged_again"]["versions"] == first["versions"]
    assert times(out)[0] == before[0]


def test_new_prices_are_taken(evaluation: Evaluation, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = evaluate(evaluation, out, Scripted(lambda request: BOUND))
    priced = Evaluation(**vars(evaluation) | {"prices": Prices(1.0, 1000.0)})
    scores = (out / SCORES).stat().st_mtime_ns
    second = evaluate(priced, out, Scripted(idle))
    assert first["usage"]["cost"] is None and (out / SCORES).stat().st_mtime_ns == scores
    assert second["judges"] == first["judges"] and json.loads((out / RESULT).read_text())["usage"] == second["usage"]
    assert second["usage"]["cost"] is not None


def test_a_result_kept_without_its_completions_stays(evaluation: Evaluation, tmp_path: Path) -> None:
    result = evaluate(evaluation, tmp_path / "out", Scripted(lambda request: BOUND))
    (tmp_path / "out" / COMPLETIONS).unlink()
    assert evaluate(evaluation, tmp_path / "out", Scripted(idle))["judges"] == result["judges"]
    assert unanswered(benchmarks.load("published-base", evaluation.data), 2, tmp_path / "out") == []


def test_what_is_on_disk_is_not_asked_and_not_counted(evaluation: Evaluation, tmp_path: Path) -> None:
    items = benchmarks.load("published-base", evaluation.data)
    assert len(unanswered(items, 2, tmp_path / "out")) == 4
    evaluate(evaluation, tmp_path / "out", Scripted(lambda request: EFFECT))
    lines = (tmp_path / "out" / COMPLETIONS).read_text().splitlines(keepends=True)
    (tmp_path / "out" / COMPLETIONS).write_text("".join(lines[:3]))
    (missing,) = unanswered(items, 2, tmp_path / "out")
    assert (missing.problem_id, missing.run) == (json.loads(lines[3])["problem_id"], 1)


def test_many_requests_are_asked_about_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[Any] = []

    def open_backend(*_: Any, server: Any) -> Silent:
        opened.append(server)
        return Silent()

    monkeypatch.setattr(backends, "open_backend", open_backend)
    data = write_published(tmp_path / "data")
    options = ["--model", "openai:x", "--benchmark", "published-base", "--data", str(data), "--runs", "600"]
    for added, code in (([], 2), (["--yes", "--thinking-opened"], 0), ([], 0)):
        with pytest.raises(SystemExit) as stop:
            main(["evaluate", *options, *added, "-o", str(tmp_path / "out")])
        assert (stop.value.code or 0) == code, capsys.readouterr().err
    assert "1,200 requests" in capsys.readouterr().err
    assert [server.thinking_opened for server in opened] == [False, True, False]


def test_the_help_names_the_batch_sizes_that_are_used() -> None:
    text = inspect.signature(command).parameters["batch_size"].default.help
    assert f"{CPU_BATCH} on CPU" in text and f"{GPU_BATCH} on GPU" in text


class HalfFailing(Silent):
    def generate(self, requests: list[Request], *_: Any) -> Iterator[list[Completion | Failure]]:  # type: ignore[override]
        for request in requests:
            failed = request.run == 1
            made = Completion(request.problem_id, request.run, BOUND, "stop", 1)
            yield [Failure(request.problem_id, request.run, "kein Anschluß") if failed else made]


def test_failures_are_utf8_whatever_the_locale(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def text_encoding(encoding: str | None, stacklevel: int = 2) -> str:
        return encoding or "ascii"

    monkeypatch.setattr(io, "text_encoding", text_encoding)
    evaluate(evaluation, tmp_path / "out", HalfFailing())
    assert "kein Anschluß" in (tmp_path / "out" / FAILURES).read_bytes().decode("utf-8")
