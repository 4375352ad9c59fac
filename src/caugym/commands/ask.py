"""Ask a model (nano by default) causal questions, its worked steps beside the exact solver's answer."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from caugym.commands.solve import check_writable, content_of, print_out, write_lines
from caugym.errors import InputError
from caugym.gym.rows import Row, rows
from caugym.journal import whole_lines

MAX_NEW_TOKENS = 2400


def ask(
    question: str | None = typer.Argument(None, help="One question in words, as CauGym's problems are written."),
    file: Path | None = typer.Option(None, "--file", help="Questions as JSON, JSON lines or plain text."),
    output: Path | None = typer.Option(None, "-o", "--output", help="JSON lines file to write."),
    model: str = typer.Option("nano", help="nano, a model folder, a Hugging Face name, or openai:NAME."),
    calculator: bool = typer.Option(False, "--calculator", help="nano writes what to compute, the runtime computes."),
    batch_size: int | None = typer.Option(None, help="Questions answered side by side."),
    base_url: str | None = typer.Option(None, help="Address of an OpenAI-compatible server, for openai:NAME."),
) -> None:
    """Ask a model (nano by default) causal questions, its worked steps beside the exact solver's answer.

    \b
    One question is answered on the screen: what the model wrote, and what follows exactly from the text (or what
    cannot be read, or is missing). With --file each question becomes a line {id, answer, text}: answer is the one
    read from the text, null where there is none.
    \b
    On the screen stands also what in nano's steps contradicts itself or the text; where something does, its answer is
    more often wrong than right.

    \b
    Examples:
      caugym ask "$(cat problem.txt)"
      caugym ask --file problems.jsonl -o answers.jsonl
      caugym ask --file problems.jsonl --calculator -o answers.jsonl

    An interrupted --file run goes on where it was.
    """
    if (question is None) == (file is None):
        raise InputError("ask one question in quotes, or many with --file FILE -o OUT")
    name = f"{model}:calculator" if calculator else model
    if question is not None:
        if output is not None:
            raise InputError("-o goes with --file: one question is answered on the screen")
        _one(question, name, base_url)
        return
    assert file is not None
    if output is None:
        raise InputError("--file needs -o OUT, the JSON lines file to write")
    shown = "standard input" if str(file) == "-" else str(file)
    content = content_of(file, shown)
    questions = rows(content, shown)
    check_writable(output)
    _many(questions, content, name, batch_size, base_url, output)


def _one(question: str, model: str, base_url: str | None) -> None:
    from caugym.gym.solve import solve_text
    from caugym.nano.consistency import doubts

    if not question.strip():
        raise InputError("the question is empty")
    (_, text, answer), *_ = _answers([Row(1, question)], model, 1, base_url, set())
    doubt = doubts(question, text) if model.startswith("nano") else None
    solved = solve_text(question)
    exact = [*solved.steps, "Answer: " + ("none" if solved.answer is None else solved.answer.text())]
    if solved.message:
        exact.insert(0, f"cannot be read: {solved.message}")
    given = [f"{model}:", text, f"Answer: {answer or 'none'}", *([f"Doubtful: {doubt}"] if doubt else [])]
    print_out("\n".join([*given, "", "Exact solver:", *exact]))


def _many(
    questions: list[Row], content: str, model: str, batch_size: int | None, base_url: str | None, output: Path
) -> None:
    """Answers are kept in a file beside ``output`` as they come, under the checksum of question file and model."""
    from rich.console import Console
    from rich.progress import Progress

    key = hashlib.sha256(f"{model}\0{content}".encode()).hexdigest()[:16]
    kept = output.with_name(f".{output.name}.{key}.part")
    done = dict(_kept(kept, len(questions)))
    with (
        kept.open("a", encoding="utf-8") as journal,
        Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar,
    ):
        task = bar.add_task("asking", total=len(questions), completed=len(done))
        for place, text, answer in _answers(questions, model, batch_size, base_url, set(done)):
            done[place] = {"id": questions[place].id, "answer": answer, "text": text}
            journal.write(json.dumps({"place": place, **done[place]}, ensure_ascii=False) + "\n")
            journal.flush()
            bar.advance(task)
    lines = [json.dumps(done[place], ensure_ascii=False) for place in range(len(questions)) if place in done]
    write_lines(output, lines)
    answered = sum(row["answer"] is not None for row in done.values())
    print(f"{len(questions)} questions: {answered} answered -> {output}", file=sys.stderr)
    if len(lines) < len(questions):
        raise InputError(f"{len(questions) - len(lines)} requests failed; the same command asks them again, no others")
    kept.unlink()


def _kept(path: Path, count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in whole_lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # asked again
            continue
        place = row.pop("place")
        if place < count:
            yield place, row


def _answers(
    questions: list[Row], model: str, batch_size: int | None, base_url: str | None, done: set[int]
) -> Iterator[tuple[int, str, str | None]]:
    """Place, completion and the answer in it (None: none) of each question that is not done."""
    from caugym.evaluation.backends import Completion, Request, Sampling, Server, open_backend
    from caugym.gym.problem import Answer
    from caugym.gym.scoring import score

    if base_url is not None and not model.startswith("openai:"):
        raise InputError(f"--base-url goes with --model openai:NAME, not {model!r}")
    backend = open_backend(model, batch_size, server=Server(base_url))
    requests = [Request(str(place), 0, row.text) for place, row in enumerate(questions)]
    sampling = Sampling(temperature=0.0, max_new_tokens=MAX_NEW_TOKENS)
    for batch in backend.generate(requests, sampling, lambda request: int(request.problem_id) in done):
        for made in batch:
            if isinstance(made, Completion):
                parsed = score(made.text, Answer()).parsed
                yield int(made.problem_id), made.text, None if parsed is None else parsed.text()
