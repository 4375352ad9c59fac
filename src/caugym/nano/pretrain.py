"""Pre-train nano from scratch on the gym's fragments: a bare loop, the same on CPU and GPU.

    python -m caugym.nano.pretrain --out runs/nano --steps 6000
    python -m caugym.nano.pretrain --out runs/nano --steps 6000          # goes on where it stopped
    python -m caugym.nano.pretrain --out runs/more --init runs/nano/stable --steps 6000
    python -m caugym.nano.pretrain --out runs/solver --init runs/nano/last --stage solve --steps 9000

Stage ``reading`` has fewer calculations than ``base``, for a model that calculates; ``solve`` adds whole solutions: a
long cold start; ``polish`` has more of them, for a model that has had one; ``letters`` has mostly solutions without the
reading, where sets and numbers are what still fails; ``drill`` mostly calculations, names and look-ups, which are
short: minutes of it before more whole solutions.

Documents stream from one worker process, are bucketed by length and padded on the right. The learning rate warms
up, stays, and falls linearly over the last ``--cooldown`` share; ``stable/`` keeps the weights before the fall,
from which a longer run goes on. On a CPU the faster of float32 and bfloat16 autocast is measured at the start, and
each of ``--processes`` takes its rows of every batch: a few million parameters keep two threads of one process
waiting for each other, two processes of one thread only meet once a step. Left out: packing (documents of equal
length pad little).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import queue
import time
from pathlib import Path
from typing import Any

from caugym.nano import grow, stream, together
from caugym.nano import model as nano_model

PROMPT_SHARE = 0.06
"""Share of prompt tokens whose prediction is trained too: most of the work is in completions."""

EMBEDDING_RATE = 1.25
"""Learning rate of embeddings and norms, times that of the matrices. A word comes by every few dozen steps, and in
between the softmax pushes it by tiny amounts that Adam makes full steps of, unless it remembers the word's own
gradients: with a second-moment decay of 0.95 rare words drifted until they could not be copied, hence 0.999."""

SPREAD, SPAN, GAPS = 0.5, 5000, 2
"""This share of documents is read as if each were part of a longer text: its positions leave out up to so many in all,
at so many places (PoSE, Zhu et al. 2024, arXiv 2309.10400). Without, names and numbers that stand 1,000 tokens back
were copied wrongly: few documents are so long, and a rotary angle that was never seen is misread."""


def tensors(batch: list[stream.Document], pad: int, device: Any) -> tuple[Any, Any]:
    """input_ids and whether each token belongs to a completion, both (documents, longest)."""
    import torch

    longest = max(len(ids) for ids, _ in batch)
    ids = torch.full((len(batch), longest), pad)
    completion = torch.zeros((len(batch), longest), dtype=torch.bool)
    for row, (tokens, start) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        completion[row, start : len(tokens)] = True
    return ids.to(device), completion.to(device)


def positions(ids: Any, draw: Any) -> Any:
    """Position of each token, of the shape of ``ids``: consecutive, or with gaps at random places."""
    import torch

    rows, longest = ids.shape
    room = max(0, SPAN - longest)
    spread = torch.rand((rows, 1), generator=draw) < SPREAD
    found = torch.arange(longest).expand(rows, longest)
    for _ in range(GAPS):
        place = torch.randint(1, longest, (rows, 1), generator=draw)
        gap = torch.randint(0, room // GAPS + 1, (rows, 1), generator=draw)
        found = found + gap * (spread & (torch.arange(longest) >= place))
    return found.to(ids.device)


def exact(
    model: Any, documents: dict[str, list[stream.Document]], pad: int, device: Any
) -> dict[str, tuple[float, float]]:
    """Teacher-forced accuracy by kind: (documents all right, tokens right)."""
    import torch

    found = {}
    model.eval()
    with torch.inference_mode():
        for kind, docs in documents.items():
            right = tokens = whole = 0
            for at in range(0, len(docs), 16):
                ids, completion = tensors(docs[at : at + 16], pad, device)
                hit = model(input_ids=ids, use_cache=False).logits[:, :-1].argmax(-1) == ids[:, 1:]
                counted = completion[:, 1:]
                right += int((hit & counted).sum())
                tokens += int(counted.sum())
                whole += int((hit | ~counted).all(dim=1).sum())
            found[kind] = (round(whole / len(docs), 4), round(right / tokens, 4))
    model.train()
    return found


def learning_rate(step: int, steps: int, cooldown: float) -> float:
    fall = (steps - step) / max(1.0, cooldown * steps)
    return min((step + 1) / 100, 1.0, max(fall, 0.01))


def train(
    out: Path,
    size: str = "1m",
    steps: int = 6500,
    tokens: int = 5632,
    lr: float = 2e-3,
    cooldown: float = 0.3,
    seed: int = 1,
    init: Path | None = None,
    compiled: bool = False,
    stage: str = "base",
    processes: int = 1,
    dtype: str = "fastest",
    save_every: float = 240.0,
    exam: int = 48,
) -> None:
    """Train to ``steps``, resuming from ``out``; writes ``last/`` and ``stable/`` (model folders) and ``log.jsonl``.

    ``dtype`` is float32, bfloat16 (autocast) or the fastest of both here; a checkpoint is written every ``save_every``
    seconds; ``exam`` held-out documents of each kind are asked every 500 steps. A run that was killed goes on to the
    same weights, where ``dtype`` is named.
    """
    import torch

    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    begun = torch.load(checkpoint, weights_only=True, map_location="cpu")["step"] if checkpoint.exists() else 0
    context = multiprocessing.get_context("spawn")
    sources = [context.Queue(maxsize=48) for _ in range(processes)]
    worker = context.Process(target=stream.produce, args=(sources, seed, begun, steps, tokens, stage), daemon=True)
    worker.start()
    settings = (out, size, steps, lr, cooldown, seed, init, compiled, dtype, save_every, exam)
    together.run(_train, processes, out / "rendezvous", sources, settings)


def _train(
    meeting: together.Meeting, source: Any, out: Path, size: str, steps: int, lr: float, cooldown: float, seed: int,
    init: Path | None, compiled: bool, dtype: str, save_every: float, exam: int,
) -> None:  # fmt: skip
    """One process of several that hold the same weights; the first one writes."""
    import torch

    from caugym.nano import attention, muon, tokenizer

    meeting.listen()
    torch.manual_seed(seed + meeting.rank)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tok = tokenizer.build()
    checkpoint = out / "checkpoint.pt"
    model = grow.load(init, size, tok) if init else nano_model.build(size, tok)
    model.to(device).train()
    meeting.same_start(model)
    if device.type == "cpu":
        model.set_attn_implementation(attention.NAME)
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if not (p.ndim == 2 and "embed" not in name)]
    forward = torch.compile(predicted(model), dynamic=True) if compiled else predicted(model)
    half = meeting.agreed(halves(forward, tok, device) if dtype == "fastest" else dtype == "bfloat16")
    adamw = torch.optim.AdamW(others, lr=EMBEDDING_RATE * lr, betas=(0.9, 0.999), weight_decay=0.0)
    dtype_of_steps = torch.bfloat16 if half else torch.float32
    optimizers: list[Any] = [muon.Muon(matrices, lr, dtype=dtype_of_steps, meeting=meeting), adamw]
    start, seen, seconds = 0, 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        start, seen, seconds = state["step"], state["tokens"], state["seconds"]
    asked = stream.held_out(tok, exam) if meeting.first else {}
    flops = 6 * sum(p.numel() for p in others + matrices)
    session_start = saved_at = time.time()
    began, waited, losses = session_start - seconds, 0.0, list[float]()
    session_tokens, stable_saved = 0, (out / "stable").exists()

    def save(step: int) -> None:
        if not meeting.first:
            return
        state = {
            "model": model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            "step": step,
            "tokens": seen,
            "seconds": time.time() - began,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        export(model, tok, out / "last")

    step, stopped = start, False
    while step < steps:
        idle = time.time()
        try:
            batch = source.get(timeout=300)
        except queue.Empty:
            raise RuntimeError("the data worker stopped") from None
        waited += time.time() - idle
        if batch is None:
            break
        if meeting.first and not stable_saved and step >= (1 - cooldown) * steps:
            export(model, tok, out / "stable")
            stable_saved = True
        ids, completion = tensors(batch, tok.pad_token_id, device)
        draw = torch.Generator().manual_seed((seed * 1_000_003 + step) * 64 + meeting.rank)
        chance = torch.rand(ids.shape, generator=draw) < PROMPT_SHARE
        chosen = completion | (chance.to(device) & (ids != tok.pad_token_id))
        chosen[:, 0] = False
        places = chosen.flatten().nonzero()[:, 0]
        rate = learning_rate(step, steps, cooldown)
        for optimizer, base in zip(optimizers, (lr, EMBEDDING_RATE * lr), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = base * rate
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            loss = forward(ids, positions(ids, draw), places)
        loss.backward()
        stopped = meeting.average(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        step += 1
        count = sum(len(ids) for ids, _ in batch) * meeting.size  # rows are dealt out evenly
        seen += count
        session_tokens += count
        losses.append(loss.item())
        if meeting.first and (step % 100 == 0 or step == steps):
            elapsed = time.time() - session_start
            speed = session_tokens / elapsed
            row: dict[str, Any] = {
                "step": step,
                "tokens": seen,
                "loss": round(sum(losses) / len(losses), 4),
                "tokens_per_second": round(speed),
                "gflops": round(speed * flops / 1e9, 1),
                "bfloat16": half,
                "idle_share": round(waited / elapsed, 3),
                "seconds": round(time.time() - began),
                "minutes_left": round((steps - step) * elapsed / (step - start) / 60, 1),
            }
            losses = []
            if step % 500 == 0 or step == steps:
                row["held_out"] = exact(model, asked, tok.pad_token_id, device)
            with (out / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
        if stopped:
            break
        if time.time() - saved_at > save_every:
            save(step)
            saved_at = time.time()
    save(step)
    if stopped and meeting.first:
        raise SystemExit(f"stopped and saved behind step {step} of {steps}; the same command goes on")


def predicted(model: Any) -> Any:
    """A module: mean loss of predicting the tokens at ``places`` of the flattened ids, whose positions are ``where``;
    heads only where needed."""
    import torch

    class Predicted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, where: Any, places: Any) -> Any:
            # Without a mask, transformers takes a gap for the beginning of another sequence.
            whole = torch.ones_like(ids)
            read = self.model.model(input_ids=ids, attention_mask=whole, position_ids=where, use_cache=False)
            hidden = read.last_hidden_state.flatten(0, 1)
            logits = self.model.lm_head(hidden[places - 1]).float()
            return torch.nn.functional.cross_entropy(logits, ids.flatten()[places])

    return Predicted()


def halves(forward: Any, tokenizer: Any, device: Any) -> bool:
    """Whether bfloat16 autocast is the faster: on processors without instructions for it, it is many times slower."""
    import torch

    ids = torch.full((8, 256), tokenizer.pad_token_id, device=device)
    where = torch.arange(256, device=device).expand(8, 256)
    places = torch.arange(1, ids.numel(), device=device)
    seconds = {}
    for half in (False, True):
        for _ in range(2):  # the first call compiles
            began = time.time()
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                loss = forward(ids, where, places)
            loss.backward()
            seconds[half] = time.time() - began
    forward.zero_grad(set_to_none=True)
    return seconds[True] < seconds[False]


def export(model: Any, tokenizer: Any, folder: Path) -> None:
    """A Hugging Face folder: config, safetensors, tokenizer with chat template."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", default="1m", choices=tuple(nano_model.SIZES), help="parameters")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--tokens", type=int, default=5632, help="padded tokens a batch")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--cooldown", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--init", type=Path, help="folder of weights to start from")
    parser.add_argument("--stage", choices=sorted(stream.MIXTURES), default="base", help="what is read: see above")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--dtype", choices=("fastest", "float32", "bfloat16"), default="fastest")
    parser.add_argument("--save-every", type=float, default=240.0, help="seconds between checkpoints")
    parser.add_argument("--exam", type=int, default=48, help="held-out documents of each kind")
    parser.add_argument("--processes", type=int, default=1, help="on a CPU: one a core")
    options = parser.parse_args()
    try:
        if options.init:
            grow.check(options.init, options.size)
    except (ValueError, OSError) as error:
        parser.error(f"--init: {error}")
    chosen = vars(options)
    train(compiled=chosen.pop("compile"), **chosen)


if __name__ == "__main__":
    main()
