"""Start from an older nano: another vocabulary, more layers, the same function.

Embeddings go over by token text, new tokens start at random. An inserted layer writes nothing at first (its output
projections are zero), so that the deeper model computes what the shallower one did and learns from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from caugym.nano import model as nano_model


def load(folder: Path, size: str, tokenizer: Any) -> Any:
    """The weights of ``folder`` in an architecture of ``size`` with the vocabulary of ``tokenizer``.

    Raises ValueError where the widths differ or the new model has fewer layers.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    old = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    new = nano_model.build(size, tokenizer)
    before, after = old.config, new.config
    if before.hidden_size != after.hidden_size or before.num_hidden_layers > after.num_hidden_layers:
        raise ValueError(
            f"{folder} (width {before.hidden_size}, {before.num_hidden_layers} layers) cannot grow to {size}"
        )
    known = AutoTokenizer.from_pretrained(folder).get_vocab()
    with torch.no_grad():
        source, target = old.get_input_embeddings().weight, new.get_input_embeddings().weight
        target.mul_(source.std() / target.std())
        for token, place in tokenizer.get_vocab().items():
            if token in known:
                target[place] = source[known[token]]
        kept = places(before.num_hidden_layers, after.num_hidden_layers)
        for place, layer in enumerate(new.model.layers):
            if place in kept:
                layer.load_state_dict(old.model.layers[kept.index(place)].state_dict())
            else:
                layer.self_attn.o_proj.weight.zero_()
                layer.mlp.down_proj.weight.zero_()
        new.model.norm.load_state_dict(old.model.norm.state_dict())
    return new


def places(old: int, new: int) -> list[int]:
    """Where ``old`` layers stand among ``new`` ones, the inserted ones spread evenly between them."""
    inserted = {round((i + 1) * new / (new - old + 1)) - 1 for i in range(new - old)}
    return [place for place in range(new) if place not in inserted]
