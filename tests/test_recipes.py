"""What recipes for large models say and hold: adapters, 4-bit weights, memory; options that reach TRL's trainer."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError
from caugym.gym.problem import TASKS

pytest.importorskip("trl")

import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from caugym.training import fit, recipe, rewards, rows, run
from caugym.training.methods import grpo
from caugym.training.train import TrainingRun, train

SCRIPTS = Path(__file__).parents[1] / "scripts"
LARGE = {"24gb", "80gb", "8x80gb"}
METHODS = ("sft", "dpo", "kto", "ppo", "grpo")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import memory

    yield memory
    sys.modules.pop("memory")


def test_the_recipes_for_large_models_are_the_planned_ones(memory: Any) -> None:
    shipped = {file.stem for file in recipe.FOLDER.glob("*gb*.yaml")}
    assert shipped == {plan.recipe for plan in memory.PLANS}
    assert {f"{method}-{size}" for method in ("sft", "grpo") for size in LARGE} <= shipped
    assert {f"{method}-8x80gb" for method in METHODS} <= shipped  # the paper's set-up


def test_recipes_quote_the_memory_that_is_computed(memory: Any) -> None:
    """Each sum and each part of it; and the plan counts what the recipe holds."""
    for plan in memory.PLANS:
        text = (recipe.FOLDER / f"{plan.recipe}.yaml").read_text()
        said = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
        parts = memory.parts(plan)
        total = sum(parts.values())
        assert re.search(rf"\b{total:.1f} (of [\d.]+ )?GB", said), (plan.recipe, plan.model, total)
        assert "unmeasured" in said
        assert total < 0.95 * plan.size * memory.GIB / memory.GB
        held = recipe.load(plan.recipe)
        assert (held.get("lora") or {}).get("r") == plan.r
        assert bool(held.get("quantization")) == plan.four_bits
        assert held.get("vllm_gpu_memory_utilization", 0.0) == plan.vllm
        assert held.get("vllm_tensor_parallel_size", 1) == plan.vllm_gpus
        largest = max(
            (of for of in memory.PLANS if of.recipe == plan.recipe), key=lambda of: sum(memory.parts(of).values())
        )
        if plan == largest:
            assert all(f"{size:.1f}" in said for size in parts.values()), (plan.recipe, parts)


def test_computed_shapes_are_the_models_own(memory: Any) -> None:
    """Parameters and adapter of a small model of each kind, counted in the built model."""
    from peft import LoraConfig, get_peft_model
    from transformers import Qwen3Config, Qwen3ForCausalLM

    for tied in (True, False):
        shape = memory.Shape(2, 32, 64, 4, 2, 16, 100, tied)
        model = Qwen3ForCausalLM(
            Qwen3Config(
                vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                head_dim=16, intermediate_size=64, tie_word_embeddings=tied,
            )
        )  # fmt: skip
        norms = sum(weight.numel() for name, weight in model.named_parameters() if "norm" in name)
        assert sum(weight.numel() for weight in model.parameters()) == shape.parameters() + norms
        adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
        trained = sum(weight.numel() for weight in adapted.parameters() if weight.requires_grad)
        assert trained == shape.adapter(4)


def test_every_adapter_and_quantization_is_accepted_by_its_own_config() -> None:
    found = {file.stem: recipe.load(file.stem) for file in recipe.FOLDER.glob("*.yaml")}
    adapted = {name: fit.lora(held["lora"]) for name, held in found.items() if "lora" in held}
    quantized = {name: fit.quantization(held["quantization"]) for name, held in found.items() if "quantization" in held}
    assert quantized.keys() == {name for name in found if "qlora" in name} <= adapted.keys()
    for config in quantized.values():
        assert (config.load_in_4bit, config.bnb_4bit_quant_type) == (True, "nf4")
        assert config.bnb_4bit_compute_dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("quantization.load_in_4bit=true", "lora.r=2"), "needs a CUDA device, and there is none"),
        (("quantization.load_in_4bit=true",), "quantised weights cannot be trained; set lora"),
        (("quantization.load_in_3bit=true", "lora.r=2"), "quantization has no field 'load_in_3bit'"),
        (("quantization.load_in_4bit=1", "lora.r=2"), "load_in_4bit must be a boolean"),
        (("quantization.bnb_4bit_quant_type=nf4", "lora.r=2"), "expected load_in_4bit or load_in_8bit to be true"),
    ],
)
@pytest.mark.parametrize("method", ["sft", "grpo"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is said where there is no CUDA device")
def test_quantization_that_cannot_be(
    method: str, settings: tuple[str, ...], message: str, tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    published = ("solution=published",) if method == "sft" else ()
    with pytest.raises(InputError, match=message):
        train(TrainingRun(method, str(tiny_model), f"{method}-tiny", published + settings, str(rows_file)), tmp_path)


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("epsilon_high=0.35", "epsilon_high", 0.35),
        ("loss_type=dapo", "loss_type", "dapo"),
        ("loss_type=dr_grpo", "loss_type", "dr_grpo"),
        ("scale_rewards=none", "scale_rewards", "none"),
        ("beta=0.04", "beta", 0.04),
        ("beta=4e-2", "beta", 0.04),
    ],
)
def test_an_option_of_grpo_reaches_trls_trainer(
    setting: str, field: str, value: Any, tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    """As ``caugym train grpo --set`` gives it; the trainer goes by its own attribute of that name."""
    fields, _ = recipe.split(recipe.override(recipe.load("grpo-tiny"), [setting]), grpo.OPTIONS)
    config = recipe.build(GRPOConfig, fit.run_defaults(tmp_path, 1) | fields, "recipe")
    trainer = GRPOTrainer(
        str(tiny_model), rewards.functions(rewards.DEFAULT, 400, 100), config,
        Dataset.from_list([rows.rl_row(of) for of in rows.from_file(rows_file, "published", solutions=False)]),
        processing_class=run.load_tokenizer(str(tiny_model)),
    )  # fmt: skip
    assert getattr(trainer, field) == value
    assert (trainer.ref_model is not None) == (field == "beta")


@pytest.mark.parametrize("value", ["sometimes", "1", "2.5", "null"])
def test_an_option_that_is_on_or_off_is_nothing_else(value: str) -> None:
    for option in ("log_kl", "shared_prompt"):
        settings = recipe.override(recipe.load("grpo-tiny"), [f"{option}={value}"])
        with pytest.raises(InputError, match=f"{option} .*expected true or false"):
            recipe.split(settings, grpo.OPTIONS)


def test_every_solution_style_trains_on_the_same_problems() -> None:
    asked = {style: [row.prompt for row in rows.generated(TASKS, 70, 1, style)] for style in ("nano", "published")}
    assert asked["nano"] == asked["published"]


def test_a_cold_start_reads_all_kinds_and_replaces_what_is_too_long_by_another_of_its_task() -> None:
    short = rows.documents(TASKS, 70, 1, lambda prompt, solution: len(solution) < 900)
    assert [row.task for row in short] == [TASKS[i % 7] for i in range(70)]
    assert max(len(row.solution) for row in short) < 900
    every = rows.documents(TASKS, 70, 1, lambda prompt, solution: True)
    kept = [a == b for a, b in zip(short, every, strict=True)]
    assert any(kept) and not all(kept)
    with pytest.raises(InputError, match="documents are of ATE"):
        rows.documents(("FRONTDOOR",), 1, 1, lambda prompt, solution: True)
