"""benchmark x model x runs -> items.jsonl, completions.jsonl, scores.jsonl, result.json.

``completions.jsonl`` grows as completions come and an interrupted evaluation goes on from it; ``result.json`` is
written last, so a folder that has one is finished. What it holds is judged and priced again by the same evaluation,
without a model. Requests that failed stand in ``failures.jsonl``: they count in no accuracy, and the same evaluation
asks for them, and only for them, again.
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
from caugym.evaluation.published_files import read_object
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
    """Evaluate into the folder ``out`` and return its result; completions that are there are not made again.

    They are judged again: the files change where a verdict, the prices or the summary have. ``backend`` saves loading
    the model again for a second benchmark. Raises InputError for bad options or data, for a model that cannot be
    loaded, and where ``out`` holds another evaluation.
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
    finished = _finished(out)
    if finished is not None and _is_kept_without_completions(out, finished):
        return finished
    _update(out / ITEMS, [item.to_row() for item in items])
    start = time.perf_counter()
    requests = _requests(items, runs)
    asked = unanswered(items, runs, out)
    completions, failures = _complete(backend, requests, evaluation.sampling, out / COMPLETIONS, progress)
    _write_failures(out / FAILURES, failures)
    if not completions:
        raise InputError(f"all {len(requests)} requests failed, the last: {failures[-1].error}")
    scores = _score(items, runs, completions)
    _update(out / SCORES, _score_rows(items, scores, completions))
    judged = {
        **settings,
        **summarize(items, runs, scores, completions, failures, evaluation.prices),
        "licence": benchmarks.licence(evaluation.benchmark),
    }
    if finished is not None and not asked:
        return _judged_again(out, finished, judged)
    result = {
        **judged,
        "versions": versions(),
        "revision": revision(),
        "hardware": hardware(),
        "command": command(),
        "wall_seconds": round(time.perf_counter() - start, 1),
    }
    write_json(out / RESULT, result)
    return result


def unanswered(items: Sequence[Item], runs: int, out: Path) -> list[Request]:
    """The requests that an evaluation into ``out`` still makes: those without a completion on disk."""
    finished = _finished(out)
    if finished is not None and _is_kept_without_completions(out, finished):
        return []
    completions = read_completions(out / COMPLETIONS)
    return [request for request in _requests(items, runs) if (request.problem_id, request.run) not in completions]


def _requests(items: Sequence[Item], runs: int) -> list[Request]:
    return [Request(item.id, run, item.prompt) for item in items for run in range(runs)]


def _finished(out: Path) -> dict[str, Any] | None:
    path = out / RESULT
    if not path.is_file():
        return None
    return read_object(path)


def _is_kept_without_completions(out: Path, finished: dict[str, Any]) -> bool:
    """Whether somebody removed the completions of a finished evaluation: nothing is left to judge or to ask."""
    return not (out / COMPLETIONS).is_file() and not finished.get("failed_requests")


def _judged_again(out: Path, finished: dict[str, Any], judged: dict[str, Any]) -> dict[str, Any]:
    """The finished result with today's verdicts and prices; what made the completions stays as it was recorded."""
    result = finished | json.loads(json.dumps(judged))
    if result == finished:
        return finished
    result["judged_again"] = {"versions": versions(), "revision": revision()}
    write_json(out / RESULT, result)
    return result


def _update(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write JSON lines, unless the file holds them already."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if not path.is_file() or path.read_bytes() != text.encode():
        write_lines(path, rows)


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
        write_lines(path, (asdict(failure) for failure in failures))


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


def _score_rows(
    items: Sequence[Item], scores: Scores, completions: Mapping[tuple[str, int], Completion]
) -> list[dict[str, Any]]:
    tasks = {item.id: item.task for item in items}
    rows = []
    for (problem_id, run), verdicts in scores.items():
        tokens = completions[problem_id, run].tokens
        row = {"id": problem_id, "run": run, "task": tasks[problem_id], "tokens": tokens}
        rows.append(row | {judge: score_row(verdict) for judge, verdict in verdicts.items()})
    return rows


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
