"""Start from an older nano: another vocabulary, more layers, more width, nearly the same function.

Embeddings go over by token text, new tokens start at random. An inserted layer writes nothing at first (its output
projections are zero), so that the deeper model computes what the shallower one did and learns from there. New width is
written at random and small, but read by nobody at first; new heads and neurons compute at random, and write nothing.
Rotary positions are the new model's: weights from before them (nano-base) have to get used to them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from caugym.nano import model as nano_model

NEW = 0.3
"""Size of what stands in new width, in that of the old."""


def load(folder: Path, size: str, tokenizer: Any) -> Any:
    """The weights of ``folder`` in an architecture of ``size`` with the vocabulary of ``tokenizer``.

    Raises what :func:`check` does.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    check(folder, size)
    old = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    new = nano_model.build(size, tokenizer)
    before, after = old.config, new.config
    known = AutoTokenizer.from_pretrained(folder).get_vocab()
    width = before.hidden_size
    with torch.no_grad():
        source, target = old.get_input_embeddings().weight, new.get_input_embeddings().weight
        target.mul_(source.std() / target.std())
        target[:, width:].mul_(NEW)
        for token, place in tokenizer.get_vocab().items():
            if token in known:
                target[place, :width] = source[known[token]]
        kept = places(before.num_hidden_layers, after.num_hidden_layers)
        for place, layer in enumerate(new.model.layers):
            if place in kept:
                _widen(old.model.layers[kept.index(place)], layer, width)
            else:
                layer.self_attn.o_proj.weight.zero_()
                layer.mlp.down_proj.weight.zero_()
        new.model.norm.weight.zero_()
        trained = old.model.norm.weight / getattr(before, "sharpened", 1.0)  # caugym.nano.release
        new.model.norm.weight[:width] = trained * math.sqrt(width / after.hidden_size)
    return new


def check(folder: Path, size: str) -> None:
    """Raises ValueError where ``size`` is unknown, narrower than the model in ``folder`` or has fewer layers, or no
    model is there."""
    before = nano_model.config_of(folder)
    width, layers, *_ = nano_model.shape(size)
    if before.hidden_size > width or before.num_hidden_layers > layers:
        raise ValueError(
            f"{folder} (width {before.hidden_size}, {before.num_hidden_layers} layers) cannot grow to {size}"
        )


def _widen(old: Any, new: Any, width: int) -> None:
    """Copy a layer into one that may have more width, heads and neurons; ``width`` is the old one."""
    sources = dict(old.named_parameters())
    for name, target in new.named_parameters():
        source = sources[name]
        if target.shape == source.shape:
            target.copy_(source)
        elif target.ndim == 1:  # a norm: the mean square is now taken over more width, little of which is in use
            target.fill_(source.mean())
            target[: len(source)] = source
            target.mul_(math.sqrt(width / len(target)))
        else:
            rows, columns = source.shape
            target.mul_(source.std() / target.std())
            writes = name.endswith(("o_proj.weight", "down_proj.weight"))
            if writes:
                target[rows:].mul_(NEW)
            target[:rows, :columns] = source
            # What new heads and neurons would write, or what new width would be read for: nothing yet.
            (target if writes else target[:rows])[:, columns:] = 0


def places(old: int, new: int) -> list[int]:
    """Where ``old`` layers stand among ``new`` ones, the inserted ones spread evenly between them."""
    inserted = {round((i + 1) * new / (new - old + 1)) - 1 for i in range(new - old)}
    return [place for place in range(new) if place not in inserted]
