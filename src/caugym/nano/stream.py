"""The documents that nano is pre-trained on, in batches of like length, made by a worker process as they are needed."""

from __future__ import annotations

import os
import queue
import random
import signal
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from caugym.nano import drills, solutions
from caugym.nano.numbered import numbered

Document = tuple[list[int], int]
"""Token ids and the index of the first completion token."""

LONGEST = 4200
"""Tokens of a document; longer ones are passed over."""

MIXTURES = {
    "base": ({"calculation": 0.45, "edges": 0.2, "read": 0.1, "roles": 0.1, "labels": 0.1, "lookup": 0.05},
             {"calculation": 0.27, "edges": 0.15, "read": 0.25, "roles": 0.15, "labels": 0.13, "lookup": 0.05}),
    "reading": ({"calculation": 0.25, "edges": 0.2, "read": 0.2, "roles": 0.1, "labels": 0.15, "lookup": 0.1},
                {"calculation": 0.15, "edges": 0.12, "read": 0.33, "roles": 0.1, "labels": 0.2, "lookup": 0.1}),
    "solve": ({"calculation": 0.25, "edges": 0.2, "roles": 0.1, "labels": 0.1, "lookup": 0.05, "symbolic": 0.1,
               "solution": 0.2},
              {"calculation": 0.15, "edges": 0.1, "roles": 0.05, "labels": 0.1, "lookup": 0.05, "symbolic": 0.15,
               "solution": 0.4}),
    "polish": ({"calculation": 0.16, "edges": 0.06, "roles": 0.02, "labels": 0.08, "lookup": 0.12, "symbolic": 0.22,
                "solution": 0.34},
               {"calculation": 0.1, "edges": 0.12, "roles": 0.03, "labels": 0.09, "lookup": 0.06, "symbolic": 0.12,
                "solution": 0.48}),
    "drill": ({"calculation": 0.45, "edges": 0.1, "labels": 0.06, "lookup": 0.12, "symbolic": 0.12, "solution": 0.15},
              {"calculation": 0.3, "edges": 0.08, "labels": 0.06, "lookup": 0.08, "symbolic": 0.18, "solution": 0.3}),
    "letters": ({"labels": 0.05, "lookup": 0.2, "symbolic": 0.5, "solution": 0.25},
                {"labels": 0.05, "lookup": 0.1, "symbolic": 0.5, "solution": 0.35}),
}  # fmt: skip
"""Shares of documents by kind at the start and from half of the steps on: short ones first."""


def mixture(progress: float, stage: str) -> dict[str, float]:
    first, last = MIXTURES[stage]
    done = min(1.0, 2 * progress)
    return {kind: first[kind] + (last[kind] - first[kind]) * done for kind in first}


def encode(tokenizer: Any, question: str, completion: str) -> Document:
    prompt = tokenizer(f"<|user|>{question}<|assistant|>")["input_ids"]
    return prompt + tokenizer(completion)["input_ids"] + [tokenizer.eos_token_id], len(prompt)


def solution(rng: random.Random) -> tuple[str, str]:
    question, completion = solutions.document(rng)
    return numbered(question), completion


WHOLE = {"solution": solution, "symbolic": solutions.symbolic}
"""What is no fragment."""


def batches(tokenizer: Any, seed: int, start: int, steps: int, tokens: int, stage: str) -> Iterator[list[Document]]:
    """Batches of at most ``tokens`` padded tokens from step ``start``, a pure function of (seed, step of the pool).

    Their rows are even in number: two processes that share them wait for each other.
    """
    step, pool_size = start, 24
    makers = drills.KINDS | WHOLE
    while step < steps:
        rng = random.Random(f"{seed}/{step // pool_size}")
        kinds = mixture(step // pool_size * pool_size / steps, stage)
        pool: list[Document] = []
        total = 0
        while total < pool_size * tokens:
            kind = rng.choices(list(kinds), list(kinds.values()))[0]
            document = encode(tokenizer, *makers[kind](rng))
            if len(document[0]) <= LONGEST:
                pool.append(document)
                total += len(document[0])
        pool.sort(key=lambda document: len(document[0]))
        made: list[list[Document]] = [[]]
        for pair in zip(pool[::2], pool[1::2], strict=False):
            if made[-1] and (len(made[-1]) + 2) * len(pair[1][0]) > tokens:
                made.append([])
            made[-1] += pair
        # A pool may make a batch more or fewer than its steps; a step of the schedule is one batch all the same.
        rng.shuffle(made)
        for batch in made[step % pool_size : pool_size]:
            yield batch
            step += 1
            if step >= steps:
                return
        step = -(-step // pool_size) * pool_size


def produce(outs: Sequence[Any], seed: int, start: int, steps: int, tokens: int, stage: str) -> None:
    """Runs in the worker process and deals each batch out to the queues ``outs``, one for each trainer; ends when
    the first trainer is gone, however it ended."""
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the trainer, which still takes a step
    from caugym.nano import tokenizer

    trainer, count = os.getppid(), len(outs)
    made = batches(tokenizer.build(), seed, start, steps, tokens, stage)
    for batch in chain(made, (None,)):
        if batch is not None and len(batch) < count:
            batch = batch * count
        for rank, out in enumerate(outs):
            if not _put(out, batch and batch[rank::count], trainer):
                for other in outs:  # nobody will empty them, and leaving would wait for that
                    other.cancel_join_thread()
                return


def _put(out: Any, batch: list[Document] | None, trainer: int) -> bool:
    """False where the trainer is gone."""
    while os.getppid() == trainer:
        try:
            out.put(batch, timeout=5)
            return True
        except queue.Full:
            continue
    return False


def held_out(tokenizer: Any, count: int) -> dict[str, list[Document]]:
    rng = random.Random("held-out")
    kinds: dict[str, Any] = {k: f for k, f in drills.KINDS.items() if k != "calculation"}
    kinds |= WHOLE
    for kind in ("sub", "add", "mul", "div", "answer", "compare"):
        kinds[kind] = lambda rng, kind=kind: drills.calculation(rng, kind)
    return {kind: [encode(tokenizer, *make(rng)) for _ in range(count)] for kind, make in kinds.items()}
