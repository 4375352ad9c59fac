"""caugym ask: one question on the screen, many in a file, resumable, and clean about mistakes."""

from __future__ import annotations

import json

import pytest

from caugym.cli import main
from caugym.gym.generate import generate_many
from caugym.gym.problem import Answer
from caugym.gym.scoring import score
from loopback import LoopbackServer, QuietHandler, running

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def problems():
    return [problem for task in ("ATE", "CDE", "ETT") for problem in generate_many(task, 2, seed=8, split="test")]


def write(path, problems):
    path.write_text("".join(json.dumps({"id": p.id, "prompt": p.prompt}) + "\n" for p in problems), encoding="utf-8")
    return path


def test_one_question_shows_the_models_steps_and_the_exact_answer(problems, capsys):
    main_exits(["ask", problems[0].prompt], 0)
    shown = capsys.readouterr().out
    model, exact = shown.split("Exact solver:")
    assert model.startswith("nano:\n") and "Answer: " in model
    assert exact.strip().splitlines()[-1] == f"Answer: {problems[0].answer.text()}"


def test_a_question_that_cannot_be_read_is_answered_and_the_reason_named(capsys):
    main_exits(["ask", "Does rain make the street wet?", "--once"], 0)
    shown = capsys.readouterr().out
    assert shown.startswith("nano:\n") and "cannot be read" in shown and "\nDoubtful: " in shown


@pytest.mark.parametrize("mode", [(), ("--calculator",), ("--once",)])
def test_a_file_becomes_one_line_a_question_in_its_order(problems, tmp_path, mode):
    out = tmp_path / "answers.jsonl"
    main_exits(["ask", "--file", str(write(tmp_path / "q.jsonl", problems)), "-o", str(out), *mode], 0)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == [problem.id for problem in problems]
    for line in lines:
        assert set(line) == {"id", "answer", "text"}
        parsed = score(line["text"], Answer()).parsed
        assert line["answer"] == (None if parsed is None else parsed.text())
    right = sum(score(line["text"], p.answer).correct for line, p in zip(lines, problems, strict=True))
    assert right >= len(problems) / 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_answers_that_an_interrupted_run_kept_are_not_made_again(problems, tmp_path, monkeypatch):
    from caugym.evaluation.backends import transformers

    out, questions = tmp_path / "answers.jsonl", write(tmp_path / "q.jsonl", problems)
    whole = tmp_path / "whole.jsonl"
    main_exits(["ask", "--file", str(questions), "--batch-size", "2", "-o", str(whole)], 0)
    complete, made = transformers.TransformersBackend._complete, []

    def dies(self, batch, prompts, sampling, stop):
        made.append(len(batch))
        if len(made) == 2:
            raise KeyboardInterrupt
        return complete(self, batch, prompts, sampling, stop)

    monkeypatch.setattr(transformers, "threads_for", lambda model, device: 1)
    monkeypatch.setattr(transformers.TransformersBackend, "_complete", dies)
    main_exits(["ask", "--file", str(questions), "--batch-size", "2", "-o", str(out)], 130)
    assert not out.exists()
    main_exits(["ask", "--file", str(questions), "--batch-size", "2", "-o", str(out)], 0)
    assert made == [2, 2, 2, 2]  # one, one that died, and the two that were left
    assert out.read_bytes() == whole.read_bytes()


class Server(LoopbackServer):
    """Answers with a character at which lines could be cut; the questions in ``refused`` with an error."""

    def __init__(self, refused):
        super().__init__(Handler)
        self.refused, self.asked = refused, []
        self.keys, self.fields = set(), set()


class Handler(QuietHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = body["messages"][0]["content"]
        self.server.asked.append(content)
        self.server.keys.add(self.headers["Authorization"])
        self.server.fields |= set(body)
        if content in self.server.refused:
            self.send(400, json.dumps({"error": {"message": "no"}}).encode())
            return
        message = {"role": "assistant", "content": 'first\u2028second {"ANSWER": "Yes", "PROB": "0.5000"}'}
        reply = {"choices": [{"index": 0, "finish_reason": "stop", "message": message}], "usage": {}}
        self.send(200, json.dumps(reply).encode())


def test_a_request_that_failed_is_asked_again_and_no_other(problems, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    out, questions = tmp_path / "answers.jsonl", write(tmp_path / "q.jsonl", problems)
    server = Server({problems[1].prompt})
    with running(server):
        words = ["ask", "--file", str(questions), "-o", str(out), "--model", "openai:x", "--base-url", server.url]
        main_exits(words, 2)
        error = capsys.readouterr().err
        assert "1 requests failed (most often: " in error and "Error code: 400" in error
        server.refused, server.asked = set(), []
        main_exits(words, 0)
    assert server.asked == [problems[1].prompt]
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n")[:-1]]
    assert [line["id"] for line in lines] == [problem.id for problem in problems]
    assert all(line["text"].startswith("first\u2028second") for line in lines)


def test_one_question_that_the_server_refuses_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    server = Server({"why"})
    with running(server):
        main_exits(["ask", "why", "--model", "openai:x", "--base-url", server.url], 2)
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: openai:x gave no answer: ") and "Error code: 400" in error and "\n" not in error


def test_the_key_and_what_is_left_out_are_the_users(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-mine")
    for left_out, sent in (("", {"temperature", "max_tokens"}), ("temperature, max_tokens", set())):
        server = Server(set())
        with running(server):
            words = ["ask", "why", "--model", "openai:x", "--base-url", server.url, "--api-key-env", "MY_KEY"]
            main_exits([*words, "--leave-out", left_out], 0)
        assert server.keys == {"Bearer sk-mine"}
        assert server.fields == {"model", "messages"} | sent


def test_two_servers_with_one_model_name_do_not_share_answers(problems, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    out, questions = tmp_path / "answers.jsonl", write(tmp_path / "q.jsonl", problems)
    broken, sound = Server({problems[1].prompt}), Server(set())
    with running(broken), running(sound):
        words = ["ask", "--file", str(questions), "-o", str(out), "--model", "openai:x", "--base-url"]
        main_exits([*words, broken.url], 2)
        main_exits([*words, sound.url], 0)
    assert len(sound.asked) == len(problems)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask"], "one question in quotes"),
        (["ask", "  "], "empty"),
        (["ask", "--file", "nowhere.jsonl", "-o", "x.jsonl"], "nowhere.jsonl"),
        (["ask", "--file", "nowhere.jsonl"], "-o"),
        (["ask", "q", "--base-url", "http://localhost:1"], "openai:NAME"),
        (["ask", "q", "--batch-size", "-1"], "--batch-size is -1"),
        (["ask", "--file", "nowhere.jsonl", "-o", "x.jsonl", "--batch-size", "0"], "--batch-size is 0"),
        (["ask", "q", "--calculator", "--model", "openai:x"], "--calculator goes with nano"),
        (["ask", "q", "--checked", "--model", "vllm:x"], "--checked goes with nano"),
        (["ask", "q", "--checked", "--calculator"], "--calculator and --checked do not go together"),
        (["ask", "q", "--model", "openai:x", "--api-key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY is not set"),
        (["ask", "q", "--model", "openai:x", "--leave-out", "seat"], "--leave-out seat"),
        (["ask", "q", "--model", "no/such-model"], "no/such-model"),
    ],
)
def test_mistakes_are_one_line(words, said, capsys):
    main_exits(words, 2)
    error = capsys.readouterr().err.strip()
    assert said in error and "Traceback" not in error and error.startswith("error: ")


def main_exits(words, code):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert (stop.value.code or 0) == code


def test_percentages_in_a_persons_own_words_are_solved_exactly(capsys):
    text = (
        "Consider a small closed world. Coffee consumption directly affects both sleep quality and stress, and sleep "
        "quality directly affects stress. When coffee consumption is high and sleep quality is poor, stress is high "
        "with probability 80%; with good sleep it is 50%. When coffee consumption is low and sleep is poor, stress is "
        "high with probability 60%, and with good sleep 20%. Sleep quality is poor with probability 70% when coffee "
        "consumption is high and 30% when it is low. If coffee consumption were changed to high, would high stress "
        "become more likely?"
    )
    main_exits(["ask", text, "--once"], 0)
    # 0.7 * 0.8 + 0.3 * 0.5 less 0.3 * 0.6 + 0.7 * 0.2
    assert capsys.readouterr().out.rstrip().endswith('Answer: {"ANSWER": "Yes", "PROB": "0.39"}')
