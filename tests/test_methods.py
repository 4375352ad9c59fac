"""The methods against TRL called by hand, on three architectures, with LoRA and without; budgets, held-out problems."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from caugym.errors import InputError
from caugym.gym.generate import generate
from caugym.gym.problem import TASKS

pytest.importorskip("trl")

import torch
import trl
from datasets import Dataset
from safetensors.torch import load_file

from caugym.training import rewards, rows, run, samples
from caugym.training.order import epoch_rows
from caugym.training.pairs import OPTIONS, pairs
from caugym.training.train import TrainingRun, train
from caugym.training.weights import BEST

SEED = 3
SHARED = {
    "learning_rate": 5e-3, "lr_scheduler_type": "constant", "per_device_train_batch_size": 4, "max_steps": 3,
    "logging_steps": 1, "save_steps": 10, "bf16": False, "activation_checkpointing": False,
}  # fmt: skip
BY_HAND: dict[str, dict[str, Any]] = {
    "sft": {"max_length": 2048},
    "dpo": {"max_length": 2048, "loss_type": ["sigmoid", "sft"], "loss_weights": [0.2, 1.0], "beta": 0.3},
    "kto": {"max_length": 2048, "beta": 0.5, "desirable_weight": 2.6, "undesirable_weight": 0.3},
    "grpo": {"num_generations": 4, "max_completion_length": 12, "reward_weights": [1.0, 0.1], "beta": 0.1},
}


@pytest.fixture(scope="module")
def problems_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven problems as 'caugym generate' writes them."""
    file = tmp_path_factory.mktemp("problems") / "problems.jsonl"
    file.write_text("".join(json.dumps(generate(task, seed=5).to_row()) + "\n" for task in TASKS))
    return file


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / run.LOG).read_text().splitlines()]


def ours(method: str, model: Path, data: Path, fields: dict[str, Any], out: Path) -> list[float]:
    recipe = out.parent / f"{method}.yaml"
    form = {} if method == "grpo" else {"solution": "nano"}
    recipe.write_text(yaml.safe_dump(fields | form))
    train(TrainingRun(method, str(model), str(recipe), data=str(data), seed=SEED), out)
    return [row["loss"] for row in log_of(out)]


@pytest.mark.parametrize("method", BY_HAND)
def test_losses_are_those_of_trl_called_by_hand(
    method: str, started: Path, tiny_model: Path, few_rows: Path, problems_file: Path, tmp_path: Path
) -> None:
    model, data = (started, few_rows) if method == "grpo" else (tiny_model, problems_file)
    fields = SHARED | BY_HAND[method]
    losses = ours(method, model, data, fields, tmp_path / "ours")

    examples = rows.from_file(data, "nano", solutions=method != "grpo")
    options = OPTIONS | {"solution": "nano"}
    found = pairs(str(model), None, examples, options, SEED, tmp_path)[0] if method in ("dpo", "kto") else []
    table = {
        "sft": [rows.sft_row(example) for example in examples],
        "dpo": [rows.dpo_row(pair.example.prompt, pair.chosen, pair.rejected) for pair in found],
        "kto": [
            rows.kto_row(pair.example.prompt, text, label)
            for pair in found
            for text, label in ((pair.chosen, True), (pair.rejected, False))
        ],
        "grpo": [rows.rl_row(example) for example in examples],
    }[method]
    order = epoch_rows(len(table), 4, SEED)
    config_class, trainer_class = (getattr(trl, method.upper() + part) for part in ("Config", "Trainer"))
    more: dict[str, Any] = {"shuffle_dataset": False} if method == "grpo" else {"train_sampling_strategy": "sequential"}
    config = config_class(
        str(tmp_path / "by-hand"), seed=SEED, data_seed=SEED, report_to="none", use_cpu=True, disable_tqdm=True,
        save_strategy="no", model_init_kwargs={"dtype": "float32"}, **more, **fields,
    )  # fmt: skip
    arguments: dict[str, Any] = (
        {"reward_funcs": rewards.functions(["accuracy", "format"], 64, 0)} if method == "grpo" else {}
    )
    trainer = trainer_class(
        model=str(model), args=config, train_dataset=Dataset.from_list([table[row] for row in order]),
        processing_class=run.load_tokenizer(str(model)), **arguments,
    )  # fmt: skip
    trainer.train()
    by_hand = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert losses == pytest.approx(by_hand, abs=1e-7)
    assert len(set(losses)) == 3


def random_model(family: str, folder: Path) -> Path:
    """A model of some ten thousand random weights with nano's tokenizer."""
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = run.load_tokenizer(run.resolve_model("nano"))
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        family, vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, intermediate_size=32, max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", ["qwen3", "llama", "gemma"])
@pytest.mark.parametrize("adapter", [(), ("lora.r=2", "lora.lora_alpha=4")], ids=["whole", "lora"])
def test_the_same_recipes_train_every_architecture(
    family: str, adapter: tuple[str, ...], few_rows: Path, problems_file: Path, tmp_path: Path
) -> None:
    start = random_model(family, tmp_path / family)
    tokenizer = run.load_tokenizer(str(start))
    before = load_file(start / "model.safetensors")
    steps = ("max_steps=1", "warmup_steps=0", "per_device_train_batch_size=4", *adapter)
    rollout = ("num_generations=4", "gradient_accumulation_steps=1", "max_completion_length=4")
    settings: dict[str, tuple[str, ...]] = {
        "sft": (),
        "dpo": (),
        "kto": (),
        # Random completions earn nothing: the entropy moves the policy where the trainer knows that term.
        "grpo": (*rollout, "entropy_coef=1"),
        "rloo": rollout,
        "ppo": (*rollout, "entropy_coef=1", "value_pretraining_steps=0"),
    }
    for method, more in settings.items():
        out, data = tmp_path / method, few_rows if rollout[0] in more else problems_file
        train(TrainingRun(method, str(start), f"{method}-tiny", (*steps, *more), str(data)), out)
        after = load_file(out / "model.safetensors")
        assert after.keys() == before.keys()
        assert run.load_tokenizer(str(out)).chat_template == tokenizer.chat_template
        if method != "rloo":
            assert any(not torch.equal(after[name], before[name]) for name in before)


def test_a_budget_ends_a_run_at_the_first_line_that_reaches_it(
    tiny_model: Path, few_rows: Path, tmp_path: Path
) -> None:
    settings = ("solution=published", "logging_steps=1", "save_steps=1", "per_device_train_batch_size=2")
    whole = TrainingRun("sft", str(tiny_model), "sft-tiny", (*settings, "budget.max_steps=8"), str(few_rows))
    train(whole, tmp_path / "whole")
    log = log_of(tmp_path / "whole")
    assert len(log) == 8
    limit = log[4]["tokens"]
    part = TrainingRun(
        "sft", str(tiny_model), "sft-tiny", (*settings, "max_steps=8", f"budget.tokens={limit}"), str(few_rows)
    )
    train(part, tmp_path / "part")
    assert [row["tokens"] for row in log_of(tmp_path / "part")] == [row["tokens"] for row in log[:5]]
    manifest = json.loads((tmp_path / "part" / run.MANIFEST).read_text())
    assert manifest["steps"] == 5


def test_a_budget_of_completions_limits_what_is_sampled_not_the_training_on_it(
    started: Path, few_rows: Path, tmp_path: Path
) -> None:
    """Twenty of eight problems: two or three of each. The training itself writes none, so it goes on to its end."""
    settings = ("sampling.runs=6", "sampling.max_new_tokens=40", "max_steps=3", "logging_steps=1")
    description = TrainingRun(
        "rft", str(started), "rft-tiny", (*settings, "budget.completions=20"), str(few_rows), seed=SEED
    )
    train(description, tmp_path)
    made = [json.loads(line)["problem_id"] for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
    assert sorted(made.count(str(row)) for row in range(8)) == [2] * 4 + [3] * 4
    log = log_of(tmp_path)
    assert [row["step"] for row in log] == [1, 2, 3]
    assert {row["completions"] for row in log} == {20}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("budget.words=5", "budget has no part 'words'"),
        ("budget.tokens=few", "budget.tokens 'few': expected a number"),
        ("held_out.question=1", "held_out has no part 'question'"),
        ("sampling.heat=1", "sampling has no part 'heat'"),
        ("sampling.runs=0", "sampling.runs 0: expected a whole number"),
        ("sampling.temperature=0", "sampling.temperature 0: expected a number above 0"),
    ],
)
def test_bad_parts_of_a_recipe(setting: str, message: str, tiny_model: Path, few_rows: Path, tmp_path: Path) -> None:
    description = TrainingRun("rft", str(tiny_model), "rft-tiny", ("sampling.max_new_tokens=2", setting), str(few_rows))
    with pytest.raises(InputError, match=message):
        train(description, tmp_path)


def first_of_ten(right: int) -> list[bool]:
    return [place < right for place in range(10)]


def test_the_best_weights_by_held_out_accuracy_are_kept(
    started: Path, few_rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outcomes are given here, so that the best step is known: the second of five measured, then two without a new
    best end the run."""
    from caugym.training.held_out import HeldOut

    given = iter([2, 5, 4, 5, 9])
    monkeypatch.setattr(HeldOut, "solved", lambda self, model: first_of_ten(next(given)))
    settings = ("solution=published", "per_device_train_batch_size=4", "logging_steps=1", "max_steps=5")
    held_out = ("held_out.problems=2", "held_out.every=1", "held_out.patience=2")
    train(TrainingRun("sft", str(started), "sft-tiny", settings + held_out, str(few_rows)), tmp_path / "best")
    log = log_of(tmp_path / "best")
    assert [row["held_out"] for row in log] == [0.2, 0.5, 0.4, 0.5]
    assert [row["held_out_each"] for row in log] == ["1100000000", "1111100000", "1111000000", "1111100000"]
    two = (*settings[:-1], "max_steps=5", "budget.tokens=" + str(log[1]["tokens"]))
    train(TrainingRun("sft", str(started), "sft-tiny", two, str(few_rows)), tmp_path / "two")
    best, after_two = (load_file(tmp_path / name / "model.safetensors") for name in ("best", "two"))
    assert all(torch.equal(best[name], after_two[name]) for name in best)
    assert not (tmp_path / "best" / BEST).exists()


def test_held_out_accuracy_is_the_judges(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from caugym.nano import folder
    from caugym.training.held_out import HeldOut
    from caugym.training.progress import RunLog

    settings = {"tasks": "ATE", "seed": 1, "variation": "base", "preset": None}
    options = {"problems": 8, "max_new_tokens": 300}
    tokenizer = run.load_tokenizer(run.resolve_model("nano"))
    measured = HeldOut(tmp_path, [], options, settings, tokenizer, RunLog(tmp_path, []))
    model = AutoModelForCausalLM.from_pretrained(folder("nano"), dtype=torch.float32).train()
    assert sum(measured.solved(model)) >= 4
    assert model.training
    measured.keys = [json.dumps({"ANSWER": "Yes", "PROB": "0.9999"})] * 8
    assert measured.solved(model) == [False] * 8


def test_sampling_that_was_killed_goes_on(started: Path, few_rows: Path, tmp_path: Path) -> None:
    options = {"runs": 30, "max_new_tokens": 40, "batch_size": 8}
    examples, tokenizer = rows.from_file(few_rows, "published", solutions=False), run.load_tokenizer(str(started))
    whole = samples.sample(str(started), tokenizer, examples, options, 1, tmp_path)
    assert any(whole.right) and any(whole.wrong)
    assert whole.spent.completions == 240
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "caugym", "train", "rft", "--model", str(started), "--data", str(few_rows)]
    command += ["--recipe", "rft-tiny", "-o", str(out), "--set", "max_steps=1"]
    command += [word for name, value in options.items() for word in ("--set", f"sampling.{name}={value}")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 600
        while not (out / "samples.jsonl").exists() or not (out / "samples.jsonl").stat().st_size:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    there = len((out / "samples.jsonl").read_bytes().splitlines())
    (out / "samples.jsonl").open("ab").write(b'{"problem_id": "0", "ru')  # as if killed while writing
    again = samples.sample(str(started), tokenizer, examples, options | {"temperature": 1.0}, 1, out)
    assert there < 240
    assert (again.right, again.wrong) == (whole.right, whole.wrong)


@pytest.mark.parametrize("method", ["grpo", "ppo", "rloo"])
def test_the_distance_from_the_start_is_logged_without_a_kl_term(
    method: str, started: Path, few_rows: Path, tmp_path: Path
) -> None:
    """And is what the trainer itself logs where its loss (GRPO) or reward (PPO) has one, here too small to matter;
    TRL's RLOO logs another estimator."""
    settings = (
        "max_steps=3", "save_steps=3", "logging_steps=1", "learning_rate=3e-3", "warmup_steps=0", "num_generations=4",
        "per_device_train_batch_size=16", "gradient_accumulation_steps=1", "max_completion_length=12",
    )  # fmt: skip
    if method == "ppo":
        settings += ("value_pretraining_steps=0",)
    found = {}
    for name, more in (("ours", ("beta=0.0",)), ("theirs", ("beta=1e-9", "log_kl=false"))):
        description = TrainingRun(method, str(started), f"{method}-tiny", (*settings, *more), str(few_rows), seed=SEED)
        train(description, tmp_path / name)
        found[name] = [row["kl"] for row in log_of(tmp_path / name)]
    assert found["ours"][0] == pytest.approx(0.0, abs=1e-6)
    assert found["ours"][1] > 1e-4
    if method != "rloo":
        assert found["ours"] == pytest.approx(found["theirs"], rel=0.02, abs=1e-6)
