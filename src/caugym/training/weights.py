"""A trained model's weights on their way to its folder: out of several processes, out of 4 bits, out of an adapter."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEST = "best.safetensors"
"""The trained weights of the step with the best held-out accuracy; where they are, the run's model is made of them."""


def save_model(trainer: Any, folder: Path, start: str) -> None:
    """The trained model as a model folder, an adapter merged into it. To be called by every process; one writes.

    ``start`` is the model that training began with. An adapter is merged into the trained model itself where that
    holds its whole weights as they are read from ``start``; else (weights split by FSDP or ZeRO, or of 4 bits) into
    those read anew, so that nothing is saved in 4 bits.
    """
    model = trainer.accelerator.unwrap_model(trainer.model)
    state = gathered(trainer)
    if not trainer.is_world_process_zero():
        return
    best: dict[str, Any] = load_weights(folder / BEST) if (folder / BEST).is_file() else {}
    adapted = hasattr(model, "merge_and_unload")
    if state is None and not is_quantized(model):
        model.load_state_dict(best, strict=False)
        (model.merge_and_unload() if adapted else model).save_pretrained(folder)
        return
    state = model.state_dict() if state is None else state
    for name in getattr(model, "all_tied_weights_keys", {}):
        state.pop(name, None)  # another name of a weight that is there; the best step's has its first name alone
    state |= {name: weight for name, weight in best.items() if name in state}  # a critic is not exported
    if adapted:
        dtype = (trainer.args.model_init_kwargs or {}).get("dtype", "float32")
        merged(model, state, start, dtype).save_pretrained(folder)
    else:
        model.save_pretrained(folder, state_dict=state)


def gathered(trainer: Any) -> dict[str, Any] | None:
    """All weights where they are split over processes, on the CPU of the first; None where each has all of them.

    As ``Trainer.save_model`` does it: every process must call. Needs FSDP's FULL_STATE_DICT and, for ZeRO-3,
    ``zero3_save_16bit_model``, which the shipped configurations set.
    """
    if trainer.is_fsdp_enabled:
        state: dict[str, Any] = trainer.accelerator.get_state_dict(trainer.model)
    elif trainer.is_deepspeed_enabled:
        state = trainer.accelerator.get_state_dict(trainer.deepspeed)
    else:
        return None
    return state


def is_quantized(model: Any) -> bool:
    return bool(getattr(model, "is_loaded_in_4bit", False) or getattr(model, "is_loaded_in_8bit", False))


def merged(model: Any, state: Mapping[str, Any], start: str, dtype: Any) -> Any:
    """The model of ``start``, read anew in ``dtype``, with the adapter of ``model`` merged into it.

    ``state`` holds the adapter's weights under the names they have in ``model``.
    """
    from peft import get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(start, dtype=dtype)
    settings = copy.deepcopy(model.peft_config["default"])
    names = [name for name, _ in base.named_modules()]
    wanted = settings.modules_to_save or []
    settings.modules_to_save = [part for part in wanted if any(name.endswith(part) for name in names)] or None
    whole = get_peft_model(base, settings)
    set_peft_model_state_dict(whole, get_peft_model_state_dict(model, state_dict=dict(state)))
    return whole.merge_and_unload()


def save_weights(model: Any, path: Path, write: bool = True) -> None:
    """The weights that are trained, written aside and moved.

    Where FSDP2 splits them over processes each of these must call, and put its shards in; ``write`` is one's task.
    """
    from safetensors.torch import save_file

    trained = {name: whole(weight.detach()) for name, weight in model.named_parameters() if weight.requires_grad}
    if write:
        aside = path.with_name(path.name + ".part")
        save_file({name: weight.cpu().contiguous() for name, weight in trained.items()}, aside)
        os.replace(aside, path)


def whole(weight: Any) -> Any:
    """A weight without its being split over processes."""
    return weight.full_tensor() if hasattr(weight, "full_tensor") else weight


def load_weights(path: Path) -> dict[str, Any]:
    """What ``save_weights`` wrote."""
    from safetensors.torch import load_file

    loaded: dict[str, Any] = load_file(path)
    return loaded
