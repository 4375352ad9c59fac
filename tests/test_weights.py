"""A trained model's way to its folder: an adapter merged into weights read anew, weights gathered from processes."""

from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from caugym.training import weights


def adapted(start: Path) -> Any:
    """The model with an adapter whose weights are no longer those of its beginning."""
    base = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(r=2, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
    generator = torch.Generator().manual_seed(5)
    for name, weight in model.named_parameters():
        if "lora_" in name:
            weight.data = torch.randn(weight.shape, generator=generator)
    return model


def trainer_of(model: Any, split: bool) -> Any:
    """What ``save_model`` asks a trainer for."""
    return SimpleNamespace(
        model=model,
        args=SimpleNamespace(model_init_kwargs={"dtype": "float32"}),
        accelerator=SimpleNamespace(unwrap_model=lambda model: model, get_state_dict=lambda model: model.state_dict()),
        is_fsdp_enabled=split,
        is_deepspeed_enabled=False,
        is_world_process_zero=lambda: True,
    )


def test_an_adapter_is_merged_into_weights_read_anew_as_into_its_own(tiny_model: Path, tmp_path: Path) -> None:
    model = adapted(tiny_model)
    merged = weights.merged(model, model.state_dict(), str(tiny_model), "float32").state_dict()
    expected = copy.deepcopy(model).merge_and_unload().state_dict()
    before = load_file(tiny_model / "model.safetensors")
    assert merged.keys() == expected.keys()
    assert all(torch.equal(merged[name], expected[name]) for name in merged)
    assert any(not torch.equal(merged[name], before[name]) for name in before)


@pytest.mark.parametrize("adapter", [False, True], ids=["whole", "lora"])
def test_gathered_weights_are_saved_as_a_process_saves_its_own(adapter: bool, tiny_model: Path, tmp_path: Path) -> None:
    """The branch for FSDP, with a state gathered from one process: the files are those of the plain branch."""
    model = adapted(tiny_model) if adapter else AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    trained = next(weight for weight in model.parameters() if weight.requires_grad)
    trained.data += 1.0
    weights.save_weights(model, tmp_path / "best")
    trained.data += 1.0
    for name in ("split", "own"):  # the second changes the model itself
        folder = tmp_path / name
        folder.mkdir()
        (folder / weights.BEST).write_bytes((tmp_path / "best").read_bytes())
        weights.save_model(trainer_of(model, name == "split"), folder, str(tiny_model))
    split, own, before = (load_file(tmp_path / name / "model.safetensors") for name in ("split", "own", tiny_model))
    assert split.keys() == own.keys() == before.keys()
    assert all(torch.equal(split[name], own[name]) for name in own)
    assert any(not torch.equal(own[name], before[name]) for name in own)
