"""benchmark x model x runs -> items.jsonl, completions.jsonl, scores.jsonl, result.json.

``completions.jsonl`` grows as completions come and an interrupted evaluation goes on from it; ``result.json`` is
written last, so a folder that has one is finished. Requests that failed stand in ``failures.jsonl``: they count in no
accuracy, and the same evaluation asks for them, and only for them, again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation import benchmarks, prompts
from caugym.evaluation.backends import Backend, Completion, Failure, Request, Sampling, open_backend
from caugym.evaluation.items import Item, checksum
from caugym.evaluation.summary import Prices, Scores, summarize
from caugym.gym.problem import Answer
from caugym.gym.scoring import JUDGES, Key, Score, score
from caugym.journal import whole_lines
from caugym.training.run import command, hardware, revision, versions, writable_folder, write_json, write_lines

COMPLETIONS, SCORES, SETTINGS, RESULT = "completions.jsonl", "scores.jsonl", "settings.json", "result.json"
FAILURES, ITEMS = "failures.jsonl", "items.jsonl"

Progress = Callable[[int, int], None]
"""Called with the completions done and their total."""


@dataclass(frozen=True)
class Evaluation:
    """What is evaluated. ``model`` is the model string; greedy decoding (temperature 0) makes one run.

    ``prompt_style`` is one of ``prompts.STYLES`` or a text file in which ``{prompt}`` stands for the question.
    ``prices`` add the cost to the result. ``download`` fetches files that no ``data`` holds.
    """

    model: str
    benchmark: str
    data: Path | None = None
    limit: int | None = None
    runs: int = 5
    sampling: Sampling = field(default_factory=Sampling)
    prompt_style: str = prompts.BASIC
    prices: Prices | None = None
    download: bool = False


def evaluate(
    evaluation: Evaluation, out: Path, backend: Backend | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Evaluate into the folder ``out`` and return its result; what is there already is not made again.

    ``backend`` saves loading the model again for a second benchmark. Raises InputError for bad options or data, for
    a model that cannot be loaded, and where ``out`` holds another evaluation.
    """
    _check(evaluation)
    template = prompts.check(evaluation.prompt_style)
    items = benchmarks.load(evaluation.benchmark, evaluation.data, evaluation.limit, evaluation.download)
    items = prompts.apply(items, evaluation.prompt_style, template)
    writable_folder(out)
    backend = backend or open_backend(evaluation.model)
    runs = evaluation.runs if evaluation.sampling.temperature > 0 else 1
    settings = {
        "benchmark": evaluation.benchmark,
        "items": checksum(items),
        "problems": len(items),
        "runs": runs,
        "sampling": asdict(evaluation.sampling),
        "prompt_style": evaluation.prompt_style if template is None else "template",
        **backend.description(),
    }
    _begin(out, settings)
    if (out / RESULT).is_file():
        finished: dict[str, Any] = json.loads((out / RESULT).read_text(encoding="utf-8"))
        if not finished.get("failed_requests"):
            return finished
    write_lines(out / ITEMS, (item.to_row() for item in items))
    start = time.perf_counter()
    requests = [Request(item.id, run, item.prompt) for item in items for run in range(runs)]
    completions, failures = _complete(backend, requests, evaluation.sampling, out / COMPLETIONS, progress)
    _write_failures(out / FAILURES, failures)
    if not completions:
        raise InputError(f"all {len(requests)} requests failed, the last: {failures[-1].error}")
    scores = _score(items, runs, completions)
    _write_scores(out / SCORES, items, scores, completions)
    result = {
        **settings,
        **summarize(items, runs, scores, completions, failures, evaluation.prices),
        "licence": benchmarks.licence(evaluation.benchmark),
        "versions": versions(),
        "revision": revision(),
        "hardware": hardware(),
        "command": command(),
        "wall_seconds": round(time.perf_counter() - start, 1),
    }
    write_json(out / RESULT, result)
    return result


def _check(evaluation: Evaluation) -> None:
    sampling = evaluation.sampling
    if evaluation.runs < 1:
        raise InputError(f"--runs is {evaluation.runs}; it must be 1 or more")
    if not 0 <= sampling.temperature <= 10:
        raise InputError(f"--temperature is {sampling.temperature}; it must lie between 0 (greedy) and 10")
    if not 0 < sampling.top_p <= 1:
        raise InputError(f"--top-p is {sampling.top_p}; it must lie above 0 and up to 1")
    if sampling.max_new_tokens < 1:
        raise InputError(f"--max-new-tokens is {sampling.max_new_tokens}; it must be 1 or more")


def _begin(out: Path, settings: dict[str, Any]) -> None:
    """Write down the settings, or check that the folder was begun with the same."""
    path = out / SETTINGS
    if not path.is_file():
        write_json(path, settings)
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{path}: not JSON; remove the folder or choose another with -o") from None
    changed = sorted(name for name in {*before, *settings} if before.get(name) != settings.get(name))
    if changed:
        raise InputError(
            f"{out} holds an evaluation with other settings ({', '.join(changed)}); choose another folder with -o"
        )


def _complete(
    backend: Backend, requests: Sequence[Request], sampling: Sampling, path: Path, progress: Progress | None
) -> tuple[dict[tuple[str, int], Completion], list[Failure]]:
    """All completions: those on disk, and the missing ones appended batch by batch; and the requests that failed."""
    completions = read_completions(path)
    wanted = {(request.problem_id, request.run) for request in requests}
    completions = {key: completion for key, completion in completions.items() if key in wanted}
    failures: list[Failure] = []
    if progress:
        progress(len(completions), len(requests))
    if len(completions) < len(wanted):
        with path.open("a", encoding="utf-8") as file:
            for batch in backend.generate(requests, sampling, lambda r: (r.problem_id, r.run) in completions):
                made = [completion for completion in batch if isinstance(completion, Completion)]
                failures += [failure for failure in batch if isinstance(failure, Failure)]
                file.write("".join(json.dumps(asdict(completion), ensure_ascii=False) + "\n" for completion in made))
                file.flush()
                completions.update({(completion.problem_id, completion.run): completion for completion in made})
                if progress:
                    progress(len(completions) + len(failures), len(requests))
    missing = wanted - completions.keys() - {(failure.problem_id, failure.run) for failure in failures}
    if missing:
        raise RuntimeError(f"the backend left out {len(missing)} completions, the first: {sorted(missing)[0]}")
    return completions, failures


def _write_failures(path: Path, failures: Sequence[Failure]) -> None:
    path.unlink(missing_ok=True)
    if failures:
        path.write_text("".join(json.dumps(asdict(failure), ensure_ascii=False) + "\n" for failure in failures))


def read_completions(path: Path) -> dict[tuple[str, int], Completion]:
    """The completions in a file; a last line that was cut off is removed from it."""
    completions = {}
    for number, line in enumerate(whole_lines(path), 1):
        if line:
            try:
                completion = Completion(**json.loads(line))
            except (ValueError, TypeError):
                raise InputError(f"{path}:{number}: not a completion; remove the line to have it made again") from None
            completions[completion.problem_id, completion.run] = completion
    return completions


def _score(items: Sequence[Item], runs: int, completions: Mapping[tuple[str, int], Completion]) -> Scores:
    scores: dict[tuple[str, int], Mapping[str, Score]] = {}
    for item in items:
        for run in range(runs):
            if made := completions.get((item.id, run)):
                scores[item.id, run] = {
                    judge: score(made.text, item.key(judge), judge, made.finish_reason) for judge in JUDGES
                }
    return scores


def _write_scores(
    path: Path, items: Sequence[Item], scores: Scores, completions: Mapping[tuple[str, int], Completion]
) -> None:
    tasks = {item.id: item.task for item in items}
    with path.open("w", encoding="utf-8") as file:
        for (problem_id, run), verdicts in scores.items():
            made = completions[problem_id, run]
            row = {"id": problem_id, "run": run, "task": tasks[problem_id], "tokens": made.tokens}
            row |= {judge: score_row(verdict) for judge, verdict in verdicts.items()}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def score_row(verdict: Score) -> dict[str, Any]:
    """A verdict as JSON."""
    parsed = verdict.parsed
    return {
        "correct": verdict.correct,
        "reason": verdict.reason,
        "parsed": None if parsed is None else parsed_text(parsed),
        "explanation": verdict.explanation,
    }


def parsed_text(answer: Key) -> str:
    """What was read, with the value as it was written: not rounded."""
    if not isinstance(answer, Answer) or answer.value is None:
        return answer.text()
    row = {} if answer.decision is None else {"ANSWER": "Yes" if answer.decision else "No"}
    return json.dumps(row | {"PROB": str(answer.value)})
