"""Ask a model (nano by default) causal questions, its worked steps beside the exact solver's answer."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from caugym.errors import InputError
from caugym.files import check_writable, content_of, print_out, write_lines
from caugym.gym.rows import Row, rows
from caugym.journal import whole_lines

if TYPE_CHECKING:
    from caugym.commands._failures import CountingFailures
    from caugym.evaluation.backends import Backend, Completion, Failure
    from caugym.gym.solve import Solved

MAX_NEW_TOKENS = 4096


def ask(
    question: str | None = typer.Argument(None, help="One question in words, as CauGym's problems are written."),
    file: Path | None = typer.Option(None, "--file", help="Questions as JSON, JSON lines or plain text."),
    output: Path | None = typer.Option(None, "-o", "--output", "--out", help="JSON lines file to write."),
    model: str = typer.Option("nano", help="nano, a model folder, a Hugging Face name, or openai:NAME."),
    calculator: bool = typer.Option(False, "--calculator", help="nano writes what to compute, the runtime computes."),
    checked: bool | None = typer.Option(
        None, "--checked/--once", help="Read a text again where the steps contradict it (nano's default), or only once."
    ),
    batch_size: int | None = typer.Option(None, help="Questions answered side by side."),
    base_url: str | None = typer.Option(None, help="Address of an OpenAI-compatible server, for openai:NAME."),
    api_key_env: str | None = typer.Option(None, help="Environment variable of the key (default: OPENAI_API_KEY)."),
    leave_out: str = typer.Option("", help="What the server refuses, of temperature, max_tokens."),
) -> None:
    """Ask a model (nano by default) causal questions, its worked steps beside the exact solver's answer.

    \b
    nano is asked with numbers of four decimals (30% as 0.3000) and the published request for JSON where there is none.
    One question is answered on the screen: what the model wrote, and what follows exactly from the text (or what
    cannot be read, or is missing). With --file each question becomes a line {id, answer, text}: answer is the one
    read from the text, null where there is none.
    \b
    nano reads a text again, up to 32 times, where its steps contradict themselves or the text (nano:checked; --once
    does not, nor one question that the exact solver answers). What still does is said on the screen; such an answer
    is more often wrong than right.

    \b
    Examples:
      caugym ask "$(cat problem.txt)"
      caugym ask --file problems.jsonl -o answers.jsonl
      caugym ask --file problems.jsonl --once -o answers.jsonl
      caugym ask --file problems.jsonl --calculator -o answers.jsonl

    An interrupted --file run goes on where it was.
    """
    from caugym.commands._failures import CountingFailures
    from caugym.evaluation.backends import Server, open_backend

    if (question is None) == (file is None):
        raise InputError("ask one question in quotes, or many with --file FILE -o OUT")
    if batch_size is not None and batch_size < 1:
        raise InputError(f"--batch-size is {batch_size}; it must be 1 or more")
    if question is not None and output is not None:
        raise InputError("-o goes with --file: one question is answered on the screen")
    if file is not None and output is None:
        raise InputError("--file needs -o OUT, the JSON lines file to write")
    solved = None if question is None else _solved(question)
    if checked is None and solved is not None and solved.answer is not None:
        checked = False
    name = _named(model, calculator, checked, base_url)
    server = Server(base_url, api_key_env, leave_out=tuple(leave_out.replace(",", " ").split()))
    if question is not None and solved is not None:
        if not question.strip():
            raise InputError("the question is empty")
        _one(question, solved, name, open_backend(name, 1, server=server))
    elif file is not None and output is not None:
        shown = "standard input" if str(file) == "-" else str(file)
        content = content_of(file, shown)
        questions = rows(content, shown)
        check_writable(output)
        questions = [Row(row.id, _known_form(row.text, name)) for row in questions]
        _many(questions, content, CountingFailures(open_backend(name, batch_size, server=server)), output)


def _named(model: str, calculator: bool, checked: bool | None, base_url: str | None) -> str:
    """The model string; nano reads again by default. Raises InputError for options that do not go with the model."""
    from caugym.evaluation.backends import API_PREFIX, CALCULATOR_SUFFIX, CHECKED_SUFFIX, VLLM_PREFIX

    if base_url is not None and not model.startswith(API_PREFIX):
        raise InputError(f"--base-url goes with --model openai:NAME, not {model!r}")
    if calculator and checked:
        raise InputError("--calculator and --checked do not go together; give one of them")
    if checked is None:
        checked = model == "nano" and not calculator
    for option, suffix, given in (("calculator", CALCULATOR_SUFFIX, calculator), ("checked", CHECKED_SUFFIX, checked)):
        if given and model.startswith((API_PREFIX, VLLM_PREFIX)):
            raise InputError(f"--{option} goes with nano or a folder of its kind, not --model {model!r}")
        if given:
            return model + suffix
    return model


def _known_form(question: str, model: str) -> str:
    """What the model is asked: nano knows numbers of four decimals and questions that end with a request."""
    from caugym.nano.asked import asked

    return asked(question) if model.startswith("nano") else question


def _solved(question: str) -> Solved:
    """What follows exactly from the text, with its percentages as decimals where it cannot be read as it stands."""
    from caugym.gym.solve import solve_text
    from caugym.nano.asked import asked

    solved = solve_text(question)
    return solved if solved.answer is not None else solve_text(asked(question))


def _one(question: str, solved: Solved, model: str, backend: Backend) -> None:
    from rich.console import Console

    from caugym.evaluation.backends import Failure
    from caugym.nano.consistency import doubts

    text = _known_form(question, model)
    with Console(stderr=True).status(f"{model} reads"):
        made = next(_outcomes([Row(1, text)], backend, set()))
    if isinstance(made, Failure):
        raise InputError(f"{model} gave no answer: {made.error}")
    doubt = doubts(text, made.text) if model.startswith("nano") else None
    exact = [*solved.steps, "Answer: " + ("none" if solved.answer is None else solved.answer.text())]
    if solved.message:
        exact.insert(0, f"cannot be read: {solved.message}")
    answer = f"Answer: {_answer(made.text) or 'none'}"
    given = [f"{model}:", made.text, answer, *([f"Doubtful: {doubt}"] if doubt else [])]
    print_out("\n".join([*given, "", "Exact solver:", *exact]))


def _many(questions: list[Row], content: str, backend: CountingFailures, output: Path) -> None:
    """Answers are kept in a file beside ``output`` as they come, under the checksum of question file and model."""
    from rich.console import Console
    from rich.progress import Progress

    from caugym.evaluation.backends import Completion

    key = hashlib.sha256(f"{backend.description()}\0{content}".encode()).hexdigest()[:16]
    kept = output.with_name(f".{output.name}.{key}.part")
    done = dict(_kept(kept, len(questions)))
    with (
        kept.open("a", encoding="utf-8") as journal,
        Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar,
    ):
        task = bar.add_task("asking", total=len(questions), completed=len(done))
        for made in _outcomes(questions, backend, set(done)):
            if not isinstance(made, Completion):
                continue
            place = int(made.problem_id)
            done[place] = {"id": questions[place].id, "answer": _answer(made.text), "text": made.text}
            journal.write(json.dumps({"place": place, **done[place]}, ensure_ascii=False) + "\n")
            journal.flush()
            bar.advance(task)
    lines = [json.dumps(done[place], ensure_ascii=False) for place in range(len(questions)) if place in done]
    write_lines(output, lines)
    answered = sum(row["answer"] is not None for row in done.values())
    print(f"{len(questions)} questions: {answered} answered -> {output}", file=sys.stderr)
    if len(lines) < len(questions):
        raise InputError(backend.message(len(questions) - len(lines)))
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


def _outcomes(questions: list[Row], backend: Backend, done: set[int]) -> Iterator[Completion | Failure]:
    """What became of each question that is not done; its place is the ``problem_id``."""
    from caugym.evaluation.backends import Request, Sampling

    requests = [Request(str(place), 0, row.text) for place, row in enumerate(questions)]
    sampling = Sampling(temperature=0.0, max_new_tokens=MAX_NEW_TOKENS)
    for batch in backend.generate(requests, sampling, lambda request: int(request.problem_id) in done):
        yield from batch


def _answer(completion: str) -> str | None:
    """The answer in a completion, None where it has none."""
    from caugym.gym.problem import Answer
    from caugym.gym.scoring import score

    parsed = score(completion, Answer()).parsed
    return None if parsed is None else parsed.text()
