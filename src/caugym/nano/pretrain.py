"""Pre-train nano from scratch on the gym's fragments: a bare loop, the same on CPU and GPU.

    python -m caugym.nano.pretrain --out runs/nano --steps 6000
    python -m caugym.nano.pretrain --out runs/nano --steps 6000          # goes on where it stopped
    python -m caugym.nano.pretrain --out runs/more --init runs/nano/stable --steps 6000
    python -m caugym.nano.pretrain --out runs/solver --init runs/nano/last --stage solve --steps 9000

Stage ``solve`` adds whole solutions: a long cold start.

Documents stream from one worker process, are bucketed by length and padded on the right. The learning rate warms
up, stays, and falls linearly over the last ``--cooldown`` share; ``stable/`` keeps the weights before the fall,
from which a longer run goes on. On a CPU the faster of float32 and bfloat16 autocast is measured at the start. Left
out: packing (documents of equal length pad little) and data parallelism (one device trains a few million parameters
faster than several can talk).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import queue
import time
from pathlib import Path
from typing import Any

from caugym.nano import stream

PROMPT_SHARE = 0.06
"""Share of prompt tokens whose prediction is trained too: most of the work is in completions."""

EMBEDDING_RATE = 1.25
"""Learning rate of embeddings and norms, times that of the matrices. A word comes by every few dozen steps, and in
between the softmax pushes it by tiny amounts that Adam makes full steps of, unless it remembers the word's own
gradients: with a second-moment decay of 0.95 rare words drifted until they could not be copied, hence 0.999."""


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
    tokens: int = 4096,
    lr: float = 2e-3,
    cooldown: float = 0.3,
    seed: int = 1,
    init: Path | None = None,
    compiled: bool = False,
    stage: str = "base",
) -> None:
    """Train to ``steps``, resuming from ``out``; writes ``last/`` and ``stable/`` (model folders) and ``log.jsonl``."""
    import torch

    from caugym.nano import grow, muon, tokenizer
    from caugym.nano import model as nano_model

    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tok = tokenizer.build()
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    model = grow.load(init, size, tok) if init else nano_model.build(size, tok)
    model.to(device).train()
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if not (p.ndim == 2 and "embed" not in name)]
    adamw = torch.optim.AdamW(others, lr=EMBEDDING_RATE * lr, betas=(0.9, 0.999), weight_decay=0.0)
    optimizers: list[Any] = [muon.Muon(matrices, lr), adamw]
    start, seen, seconds = 0, 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        start, seen, seconds = state["step"], state["tokens"], state["seconds"]
    forward = torch.compile(predicted(model), dynamic=True) if compiled else predicted(model)
    half = halves(forward, tok, device)
    exam = stream.held_out(tok, 48)
    source: Any = multiprocessing.get_context("spawn").Queue(maxsize=48)
    worker = multiprocessing.get_context("spawn").Process(
        target=stream.produce, args=(source, seed, start, steps, tokens, stage), daemon=True
    )
    worker.start()
    flops = 6 * sum(p.numel() for p in others + matrices)
    session_start = saved_at = time.time()
    began, waited, losses = session_start - seconds, 0.0, list[float]()
    session_tokens, stable_saved = 0, (out / "stable").exists()

    def save(step: int) -> None:
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

    step = start
    while step < steps:
        asked = time.time()
        try:
            batch = source.get(timeout=300)
        except queue.Empty:
            raise RuntimeError("the data worker stopped") from None
        waited += time.time() - asked
        if batch is None:
            break
        if not stable_saved and step >= (1 - cooldown) * steps:
            export(model, tok, out / "stable")
            stable_saved = True
        ids, completion = tensors(batch, tok.pad_token_id, device)
        chance = torch.rand(ids.shape, device=device) < PROMPT_SHARE
        chosen = completion | (chance & (ids != tok.pad_token_id))
        chosen[:, 0] = False
        places = chosen.flatten().nonzero()[:, 0]
        rate = learning_rate(step, steps, cooldown)
        for optimizer, base in zip(optimizers, (lr, EMBEDDING_RATE * lr), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = base * rate
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            loss = forward(ids, places)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        step += 1
        count = sum(len(ids) for ids, _ in batch)
        seen += count
        session_tokens += count
        losses.append(loss.item())
        if step % 100 == 0 or step == steps:
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
                row["held_out"] = exact(model, exam, tok.pad_token_id, device)
            with (out / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
        if time.time() - saved_at > 240:
            save(step)
            saved_at = time.time()
    save(step)


def predicted(model: Any) -> Any:
    """A module: mean loss of predicting the tokens at ``places`` of the flattened ids, heads only where needed."""
    import torch

    class Predicted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, places: Any) -> Any:
            hidden = self.model.model(input_ids=ids, use_cache=False).last_hidden_state.flatten(0, 1)
            logits = self.model.lm_head(hidden[places - 1]).float()
            return torch.nn.functional.cross_entropy(logits, ids.flatten()[places])

    return Predicted()


def halves(forward: Any, tokenizer: Any, device: Any) -> bool:
    """Whether bfloat16 autocast is the faster: on processors without instructions for it, it is many times slower."""
    import torch

    ids = torch.full((8, 256), tokenizer.pad_token_id, device=device)
    places = torch.arange(1, ids.numel(), device=device)
    seconds = {}
    for half in (False, True):
        for _ in range(2):  # the first call compiles
            began = time.time()
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                loss = forward(ids, places)
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
    parser.add_argument("--size", default="1m")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--tokens", type=int, default=4096, help="padded tokens a batch")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--cooldown", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--init", type=Path, help="folder of weights to start from")
    parser.add_argument("--stage", choices=sorted(stream.MIXTURES), default="base", help="solve adds whole solutions")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    chosen = vars(options)
    threads = chosen.pop("threads")
    if threads:
        import torch

        torch.set_num_threads(threads)
    train(compiled=chosen.pop("compile"), **chosen)


if __name__ == "__main__":
    main()
