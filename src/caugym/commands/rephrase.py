"""Let a model put generated problems in other words; only what our checks find unchanged in meaning is kept."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from caugym.errors import InputError
from caugym.evaluation.many_requests import ask_before_many
from caugym.files import check_writable, content_of, write_lines

if TYPE_CHECKING:
    from caugym.evaluation.rephrase import Attempt
    from caugym.gym.problem import Problem


def rephrase(
    file: Path = typer.Argument(help="Problems as caugym generate writes them; '-' reads standard input."),
    output: Path = typer.Option(..., "-o", "--output", "--out", help="JSON lines file to write."),
    model: str = typer.Option(..., help="openai:NAME, vllm:NAME, a model folder or a Hugging Face name."),
    base_url: str | None = typer.Option(None, help="Address of an OpenAI-compatible server, for openai:NAME."),
    api_key_env: str | None = typer.Option(None, help="Environment variable of the key (default: OPENAI_API_KEY)."),
    omit: bool = typer.Option(False, "--omit", help="Ask that nothing names the estimand, and check it."),
    tries: int = typer.Option(3, help="Replies asked for a problem, each with the reason why the last was refused."),
    temperature: float = typer.Option(0.8, help="Sampling temperature; 0 is greedy."),
    top_p: float = typer.Option(0.95, help="Sample from the smallest set of tokens of this probability."),
    max_new_tokens: int = typer.Option(2048, help="Longest reply."),
    seed: int = typer.Option(0, help="Seed of the sampling."),
    concurrency: int = typer.Option(8, help="Requests to a server at a time."),
    request_timeout: float = typer.Option(600.0, help="Seconds to wait for a server's reply."),
    retries: int = typer.Option(8, help="Tries after a request that failed, with growing waits."),
    leave_out: str = typer.Option("", help="What the server refuses, of temperature, top_p, seed, max_tokens."),
    yes: bool = typer.Option(False, "--yes", help="Make more than 1,000 requests to a server without asking."),
) -> None:
    """Let a model put generated problems in other words; only what our checks find unchanged in meaning is kept.

    A rewording is kept if the free reader reads back the same edges, probabilities and question, in the same
    direction, and every number stands in it as often as before, in the same digits, and no other. With --omit nothing
    in it may name the estimand, else the name must still be there. What is refused --tries times is left out: its id,
    the last text and the reason stand in OUT.refused.jsonl.

    \b
    Examples:
      caugym rephrase problems.jsonl -o reworded.jsonl --model openai:gpt-4.1-mini
      caugym rephrase problems.jsonl -o reworded.jsonl --model openai:Qwen/Qwen3-8B --base-url http://localhost:8000/v1
      caugym generate --count 20 | caugym rephrase - -o omitted.jsonl --omit --model openai:gpt-4.1-mini

    An interrupted run goes on where it was. The key is read from the environment and written nowhere.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from caugym.commands._failures import CountingFailures
    from caugym.evaluation import rephrase as rewriting
    from caugym.evaluation.backends import API_PREFIX, Sampling, Server, open_backend

    if tries < 1:
        raise InputError(f"--tries is {tries}; it must be 1 or more")
    if base_url is not None and not model.startswith(API_PREFIX):
        raise InputError(f"--base-url goes with --model openai:NAME, not {model!r}")
    name = "standard input" if str(file) == "-" else str(file)
    content = content_of(file, name)
    problems = _problems(content, name)
    check_writable(output)
    left_out = tuple(leave_out.replace(",", " ").split())
    server = Server(base_url, api_key_env, concurrency, request_timeout, retries, leave_out=left_out)
    backend = CountingFailures(open_backend(model, server=server))
    if model.startswith(API_PREFIX):
        characters = tries * sum(len(rewriting.request(problem, omit)) for problem in problems)
        smaller = "a shorter file or fewer --tries make fewer"
        ask_before_many(tries * len(problems), characters, max_new_tokens, concurrency, yes, smaller)
    sampling = Sampling(temperature, top_p, max_new_tokens, seed)
    # The same key, the same questions: another number of tries goes on with the same journal.
    key = hashlib.sha256(f"{backend.description()}\0{sampling}\0{omit}\0{content}".encode()).hexdigest()[:16]
    journal = output.with_name(f".{output.name}.{key}.part")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("rephrasing", total=len(problems))

        def show(kept: int, refused: int) -> None:
            bar.update(task, completed=kept + refused, description=f"rephrasing, {refused} refused")

        attempts = rewriting.rephrase(problems, backend, sampling, omit, tries, journal, show)
    failed = _write(output, problems, attempts, omit, model, tries)
    if failed:
        raise InputError(backend.message(failed))
    journal.unlink()


def _problems(content: str, name: str) -> list[Problem]:
    """Raises InputError that names file and line of a row that is no problem of ours, or whose key is not its own."""
    from caugym.evaluation.rephrase import check
    from caugym.gym.problem import Problem
    from caugym.gym.rows import items

    if not content.strip():
        raise InputError(f"{name}: the file is empty, expected problems as caugym generate writes them")
    found = []
    for where, _, item in items(content, name):
        if not isinstance(item, dict):
            raise InputError(f"{where}: expected a problem as caugym generate writes it, an object")
        try:
            found.append(Problem.from_row(item))
        except ValueError as error:
            raise InputError(f"{where}: {error}; expected a problem as caugym generate writes it") from None
        check(found[-1], where)
    if not found:
        raise InputError(f"{name}: the list is empty, expected at least one problem")
    return found


def _write(
    output: Path, problems: list[Problem], attempts: dict[int, list[Attempt]], omit: bool, model: str, tries: int
) -> int:
    """Both files and the summary; the number of problems whose requests failed."""
    from caugym.evaluation.rephrase import rephrased

    refused_file = output.with_name(f"{output.name.removesuffix('.jsonl')}.refused.jsonl")
    kept, refused, first, failed = [], [], 0, 0
    for place, problem in enumerate(problems):
        last = attempts[place][-1] if attempts[place] else None
        if last is not None and last.reason is None:
            row = rephrased(problem, last, omit, model).to_row()
            kept.append(json.dumps(row, ensure_ascii=False))
            first += last.number == 0
        elif last is not None and len(attempts[place]) >= tries:
            told = {"id": problem.id, "reason": last.reason, "tries": len(attempts[place]), "text": last.text}
            refused.append(json.dumps(told, ensure_ascii=False))
        else:
            failed += 1
    write_lines(output, kept)
    if refused:
        write_lines(refused_file, refused)
    else:
        refused_file.unlink(missing_ok=True)
    why = f" (reasons in {refused_file})" if refused else ""
    print(
        f"{len(problems)} problems: {len(kept)} rephrased ({first} at the first try), {len(refused)} left out{why}"
        f" -> {output}",
        file=sys.stderr,
    )
    return failed
