"""Measure a model on benchmarks: accuracy per task with 95% intervals, under both judges."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from caugym.errors import InputError
from caugym.evaluation.backends.transformers import CPU_BATCH, GPU_BATCH
from caugym.evaluation.many_requests import ask_before_many

if TYPE_CHECKING:
    from caugym.evaluation.items import Item

PUBLISHED_BASE = "DeepSeek-R1-Distill-Qwen-14B"
"""The base of the published trained models."""


def evaluate(
    model: str = typer.Option(
        "nano",
        help="nano, nano-base, a folder, a Hugging Face name, vllm:NAME or openai:NAME; nano:checked reads a text "
        "again where its steps contradict it, nano:calculator leaves arithmetic to the runtime.",
    ),
    benchmark: str = typer.Option("caugym-base", help="Benchmarks with commas between, or 'all'."),
    data: Path | None = typer.Option(None, help="Folder of published files, or of their folders (calm_lite, ...)."),
    runs: int = typer.Option(5, help="Completions of each problem."),
    limit: int | None = typer.Option(None, help="At most this many problems a benchmark, spread over the tasks."),
    temperature: float = typer.Option(0.6, help="Sampling temperature; 0 is greedy and makes one run."),
    top_p: float = typer.Option(0.95, help="Sample from the smallest set of tokens of this probability."),
    max_new_tokens: int = typer.Option(4096, help="Longest completion."),
    seed: int = typer.Option(0, help="Seed of the sampling."),
    batch_size: int | None = typer.Option(
        None, help=f"Completions of a batch (default: {CPU_BATCH} on CPU, {GPU_BATCH} on GPU)."
    ),
    device: str | None = typer.Option(None, help="cpu, cuda or cuda:1 (default: a GPU where there is one)."),
    prompt_style: str = typer.Option(
        "basic",
        help="basic, step-by-step, calm-zero-shot, calm-few-shot, or a text file with {prompt} for the question.",
    ),
    download: bool = typer.Option(False, "--download", help="Fetch published files, where no --data is named."),
    base_url: str | None = typer.Option(None, help="Address of an OpenAI-compatible server, for openai:NAME."),
    api_key_env: str | None = typer.Option(None, help="Environment variable of the key (default: OPENAI_API_KEY)."),
    concurrency: int = typer.Option(8, help="Requests to a server at a time."),
    request_timeout: float = typer.Option(600.0, help="Seconds to wait for a server's reply."),
    retries: int = typer.Option(8, help="Tries after the first, with growing waits."),
    reasoning_effort: str | None = typer.Option(None, help="Passed on to the server: low, medium, high, ..."),
    leave_out: str = typer.Option("", help="What the server refuses, of temperature, top_p, seed, max_tokens."),
    thinking_opened: bool = typer.Option(
        False, "--thinking-opened", help="The server's chat template opens the thinking itself."
    ),
    price_prompt: float | None = typer.Option(None, help="Price of a million prompt tokens, for the cost."),
    price_completion: float | None = typer.Option(None, help="Price of a million completion tokens."),
    yes: bool = typer.Option(False, "--yes", help="Make more than 1,000 requests to a server without asking."),
    output: Path = typer.Option(..., "-o", "--out", "--output", help="Folder of the results, one a benchmark in it."),
) -> None:
    """Measure a model on benchmarks: accuracy per task with 95% intervals, under both judges.

    \b
    Ours, held out, one a variation: caugym-base, caugym-rephrased, caugym-omitted, caugym-deconfounding,
    caugym-redundant, caugym-insufficient, caugym-shortcut-proof; base on larger graphs and with slips of typing:
    caugym-large, caugym-noisy; and 140 problems retold by a large language model: caugym-retold.
    \b
    From --data: published-base, -rephrased, -omitted, -deconfounding, -redundant, -insufficient,
    published-insufficient-controls (half of it answerable problems of ours); calm-basic, -hard, -natural, each also
    as calm-...-cn (Chinese) and calm-full-... (full CaLM); cladder, rlcausal, causalprobe-e, -h, -m, bbeh-causal,
    math-500, minerva-math, amc-2023. --download fetches all of these from GitHub or the Hub but full CaLM.

    \b
    Examples:
      caugym evaluate --model nano -o runs/nano
      caugym evaluate --model nano --benchmark caugym-base,calm-basic --data DIR --runs 5 -o runs/nano
      caugym evaluate --model nano --benchmark all --data DIR --limit 20 -o runs/nano
      caugym evaluate --model nano:checked --benchmark published-rephrased --data DIR -o runs/checked
      caugym evaluate --model runs/lora --prompt-style step-by-step -o runs/lora-scores
      caugym evaluate --model openai:Qwen/Qwen3-8B --base-url http://localhost:8000/v1 -o runs/qwen
      caugym evaluate --model openai:o3 --reasoning-effort low --leave-out temperature,top_p -o runs/o3

    Writes completions.jsonl, scores.jsonl and result.json. The same command goes on where it was interrupted, asks
    again for requests that failed, and judges what is there again without the model.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from caugym.evaluation import prompts
    from caugym.evaluation.backends import API_PREFIX, Sampling, Server, open_backend
    from caugym.evaluation.evaluate import Evaluation, unanswered
    from caugym.evaluation.evaluate import evaluate as run
    from caugym.evaluation.table import print_table

    if batch_size is not None and batch_size < 1:
        raise InputError(f"--batch-size is {batch_size}; it must be 1 or more")
    prices = _prices(price_prompt, price_completion)
    prompts.check(prompt_style)
    sampling = Sampling(temperature, top_p, max_new_tokens, seed)
    server = Server(
        base_url,
        api_key_env,
        concurrency,
        request_timeout,
        retries,
        reasoning_effort=reasoning_effort,
        leave_out=tuple(leave_out.replace(",", " ").split()),
        thinking_opened=thinking_opened,
    )
    if model.startswith(API_PREFIX):
        backend = open_backend(model, server=server)
        asked, not_run = _asked(benchmark, data, limit, prompt_style, download)
        made = runs if temperature > 0 else 1
        missing = [one for name, items in asked.items() for one in unanswered(items, made, output / name)]
        characters = sum(len(one.prompt) for one in missing)
        smaller = "--limit and --runs make an evaluation smaller"
        ask_before_many(len(missing), characters, max_new_tokens, concurrency, yes, smaller, prices)
    elif base_url is not None:
        raise InputError(f"--base-url goes with --model openai:NAME, not {model!r}")
    elif thinking_opened:
        raise InputError(f"--thinking-opened goes with --model openai:NAME, not {model!r}")
    else:
        asked, not_run = _asked(benchmark, data, limit, prompt_style, download)
        backend = open_backend(model, batch_size, device)
    results = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty()) as bar:
        for name in asked:
            shown = functools.partial(_show, bar, bar.add_task(name, total=None))
            evaluation = Evaluation(model, name, data, limit, runs, sampling, prompt_style, prices, download)
            try:
                results.append(run(evaluation, output / name, backend, shown))
            except InputError as error:
                if benchmark.strip() != "all":
                    raise
                not_run[name] = str(error)
    if not results:
        raise InputError(f"no benchmark could be run; {'; '.join(f'{name}: {why}' for name, why in not_run.items())}")
    print_table(model, results, not_run, {result["benchmark"]: _published(result["benchmark"]) for result in results})


def _published(benchmark: str) -> Mapping[str, Mapping[str, float]]:
    """The best published row of a benchmark and its base model's; empty where none is published."""
    from caugym.report.results import published_rows

    rows, _ = published_rows(benchmark)
    best = max(rows, key=lambda name: rows[name]["mean"], default=None)
    return {name: rows[name] for name in (best, PUBLISHED_BASE) if name in rows}


def _asked(
    benchmark: str, data: Path | None, limit: int | None, prompt_style: str, download: bool
) -> tuple[dict[str, list[Item]], dict[str, str]]:
    """What each benchmark asks; with "all", those whose data is not there and why.

    Says of each published set what was read: its size, checksum and licence. Raises InputError for a benchmark that
    was named and cannot be loaded.
    """
    from caugym.evaluation import benchmarks, prompts
    from caugym.evaluation.items import checksum

    asked, not_run = {}, {}
    for name in benchmarks.parse_names(benchmark):
        try:
            items = benchmarks.load(name, data, limit, download)
            asked[name] = prompts.apply(items, prompt_style, prompts.check(prompt_style))
        except InputError as error:
            if benchmark.strip() != "all" or (limit is not None and limit < 1):
                raise
            not_run[name] = str(error)
        else:
            if benchmarks.modules()[name].NEEDS_DATA:
                told = f"{name}: {len(items)} problems, sha256 {checksum(items)[:16]}, {benchmarks.licence(name)}"
                print(told, file=sys.stderr)
    return asked, not_run


def _prices(prompt: float | None, completion: float | None) -> Any:
    from caugym.evaluation.summary import Prices

    if (prompt is None) != (completion is None):
        raise InputError("--price-prompt and --price-completion go together")
    if prompt is None or completion is None:
        return None
    if prompt < 0 or completion < 0:
        raise InputError(f"--price-prompt {prompt} and --price-completion {completion}: a price is 0 or more")
    return Prices(prompt, completion)


def _show(bar: Any, task: Any, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)
