"""Completions that a model samples for its own training: negatives of DPO and KTO, positives of rejection sampling.

RUN/samples.jsonl   grows batch by batch; an interrupted run goes on from it
RUN/samples.json    whose completions they are, and the seconds they took

Of several processes each samples for its share of the problems, into a file of its own (``samples-1.jsonl``), and reads
the others' when all are done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.backends import Completion, Request, Sampling
from caugym.gym.scoring import score
from caugym.training import recipe as recipes
from caugym.training import run
from caugym.training.rows import Example, user
from caugym.training.spent import Spent

DEFAULTS: dict[str, Any] = {"runs": 4, "temperature": 1.0, "top_p": 1.0, "max_new_tokens": 1024, "batch_size": None}
"""The recipe's ``sampling``: ``runs`` completions a problem, without any guidance."""
SECONDS_BETWEEN_LINES = 15.0


@dataclass(frozen=True)
class Samples:
    """What the strict judge said: for each example its right and its wrong completions, each text once.

    Completions that were cut off are neither: what they would have become is unknown. ``spent`` is what they cost.
    """

    right: list[list[str]]
    wrong: list[list[str]]
    spent: Spent


def sample(
    model: str,
    tokenizer: Any,
    examples: Sequence[Example],
    options: dict[str, Any],
    seed: int,
    out: Path,
    limit: int | None = None,
) -> Samples:
    """The model's completions of the examples' prompts; those that ``out`` holds already are not made again.

    ``limit``: at most so many, of every problem as many as of the others or one more.
    Raises InputError for an unknown option, a model that cannot be loaded and a prompt that is too long for it.
    """
    options = checked(options)
    made, seconds = completions(model, examples, options, seed, out, limit)
    right: list[list[str]] = [[] for _ in examples]
    wrong: list[list[str]] = [[] for _ in examples]
    for (row, _), completion in sorted(made.items()):
        verdict = score(completion.text, examples[row].answer, finish_reason=completion.finish_reason)
        kind = right if verdict.correct else wrong
        if completion.finish_reason == "stop" and completion.text not in kind[row]:
            kind[row].append(completion.text)
    prompts = [
        tokenizer.apply_chat_template(user(example.prompt), add_generation_prompt=True, return_dict=False)
        for example in examples
    ]
    tokens = sum(len(prompts[row]) + completion.tokens for (row, _), completion in made.items())
    samples = Samples(right, wrong, Spent(tokens, len(made), seconds))
    run.say(
        f"  {len(made):,} completions of {len(examples):,} problems in {seconds:.0f} s: "
        f"{sum(map(bool, right)):,} problems with a right one, {sum(map(bool, wrong)):,} with a wrong one"
    )
    return samples


def checked(options: dict[str, Any] | None) -> dict[str, Any]:
    options = recipes.parts(options, DEFAULTS, "sampling")
    if not isinstance(options["runs"], int) or options["runs"] < 1:
        raise InputError(f"recipe: sampling.runs {options['runs']!r}: expected a whole number from 1 on")
    if not isinstance(options["temperature"], int | float) or options["temperature"] <= 0:
        raise InputError(f"recipe: sampling.temperature {options['temperature']!r}: expected a number above 0")
    return options


def completions(
    model: str, examples: Sequence[Example], options: dict[str, Any], seed: int, out: Path, limit: int | None
) -> tuple[dict[tuple[int, int], Completion], float]:
    """Completions by example and run, and the seconds they took."""
    from accelerate import PartialState

    from caugym.evaluation.backends.transformers import TransformersBackend

    processes = PartialState()
    index, count = processes.process_index, processes.num_processes
    about = out / "samples.json"
    of = {"model": model, "sampling": options, "seed": seed, "problems": [example.id for example in examples]}
    if processes.is_main_process and not (about.is_file() and read_about(about)["of"] == of):
        for file in out.glob("samples*.jsonl"):
            file.unlink()
        run.write_json(about, {"of": of, "seconds": 0.0})
    processes.wait_for_everyone()
    before, made = read_about(about), read_all(out)
    processes.wait_for_everyone()  # reading takes a cut-off line away, so nobody may write yet
    requests = [
        Request(str(row), number, example.prompt)
        for row, example in enumerate(examples)
        for number in range(options["runs"])
        if limit is None or number * len(examples) + row < limit
    ]
    own = [request for request in requests if int(request.problem_id) % count == index]
    missing = sum((request.problem_id, request.run) not in made for request in own)
    started = shown = time.monotonic()
    if missing:
        run.say(f"  sampling {len(requests):,} completions" + (f", {len(made):,} are there" if made else ""))
        backend = TransformersBackend(model, options["batch_size"])
        sampling = Sampling(options["temperature"], options["top_p"], options["max_new_tokens"], seed)
        with (out / (f"samples-{index}.jsonl" if index else "samples.jsonl")).open("a", encoding="utf-8") as lines:
            for batch in backend.generate(own, sampling, lambda r: (r.problem_id, r.run) in made):
                lines.write("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in batch))
                lines.flush()
                made.update({(one.problem_id, one.run): one for one in batch})
                missing -= len(batch)
                now = time.monotonic()
                if processes.is_main_process:
                    run.write_json(about, before | {"seconds": round(before["seconds"] + now - started, 2)})
                if now - shown > SECONDS_BETWEEN_LINES:
                    shown = now
                    share = f", a share of {count}" if count > 1 else ""
                    run.say(f"  {len(own) - missing:,}/{len(own):,} completions{share}")
    if count > 1:
        processes.wait_for_everyone()
        made = read_all(out)
        processes.wait_for_everyone()
    return {(int(row), number): one for (row, number), one in made.items()}, float(read_about(about)["seconds"])


def read_about(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def read_all(out: Path) -> dict[tuple[str, int], Completion]:
    """What all processes have sampled by now."""
    from caugym.evaluation.evaluate import read_completions

    made: dict[tuple[str, int], Completion] = {}
    for file in sorted(out.glob("samples*.jsonl")):
        made |= read_completions(file)
    return made
