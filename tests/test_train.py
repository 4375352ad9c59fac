"""Training: rows, rewards, recipes, tiny runs of each method, and the kill that changes nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError
from caugym.gym.problem import TASKS
from conftest import EFFECT_KEY

pytest.importorskip("trl")

import torch
from safetensors.torch import load_file

from caugym.training import recipe, rewards, rows, run
from caugym.training.order import epoch_rows
from caugym.training.train import TrainingRun, train

STEPS = ("max_steps=6", "save_steps=1", "logging_steps=1")
SAMPLES = ("sampling.runs=6", "sampling.max_new_tokens=40", "sampling.batch_size=8")
ONLINE = (
    "max_steps=6", "save_steps=1", "num_generations=4", "per_device_train_batch_size=8",
    "gradient_accumulation_steps=2", "max_completion_length=12", "warmup_steps=0",
)  # fmt: skip
TINY = {
    "sft": ("solution=published", "per_device_train_batch_size=4", *STEPS),
    "dpo": ("solution=published", "negatives=model", "per_device_train_batch_size=2", *SAMPLES, *STEPS),
    "kto": ("solution=published", "negatives=model", "per_device_train_batch_size=4", *SAMPLES, *STEPS),
    "rft": ("per_device_train_batch_size=4", *SAMPLES, *STEPS),
    "grpo": ONLINE,
    "ppo": ONLINE,
    "rloo": ONLINE,
}  # fmt: skip


def description(method: str, model: Path, data: Path, *more: str) -> TrainingRun:
    return TrainingRun(method, str(model), f"{method}-tiny", TINY[method] + more, str(data))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def log_of(folder: Path) -> list[dict[str, Any]]:
    """The log without its clock."""

    def timeless(line: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in line.items() if name != "seconds"}
        return kept | ({"before": timeless(line["before"])} if "before" in line else {})

    return [timeless(json.loads(line)) for line in (folder / "log.jsonl").read_text().splitlines()]


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, started: Path, few_rows: Path) -> dict[str, Path]:
    """One finished run of each method."""
    folders = {method: tmp_path_factory.mktemp(method) for method in TINY}
    for method, folder in folders.items():
        train(description(method, started, few_rows), folder)
    return folders


@pytest.mark.parametrize("method", TINY)
def test_a_run_trains_logs_and_writes_its_manifest(method: str, undisturbed: dict[str, Path], started: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = undisturbed[method]
    AutoModelForCausalLM.from_pretrained(folder)
    assert AutoTokenizer.from_pretrained(folder).chat_template
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log][-1] == 6
    assert all({"loss", "tokens", "completions", "seconds"} <= row.keys() for row in log)
    assert (log[-1]["completions"] > 0) == (method != "sft")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["steps"] == 6
    assert manifest["settings"]["recipe"]["max_steps"] == 6
    assert manifest["versions"]["trl"]
    assert not list(folder.glob("checkpoint-*"))
    assert not same(weights(folder), weights(started))
    if method in ("grpo", "ppo", "rloo"):
        assert {"reward", "accuracy", "format", "completion_length", "truncated"} <= log[-1].keys()
        assert any(row["groups_without_signal"] < 1 for row in log)
    if method == "ppo":
        assert all({"value_loss", "explained_variance"} <= row.keys() for row in log if row["reward"] > 0)


@pytest.mark.parametrize("method", TINY)
def test_a_killed_run_resumes_to_the_same_parameters(
    method: str, undisturbed: dict[str, Path], started: Path, few_rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "caugym", "train", method, "--model", str(started), "--data", str(few_rows)]
    command += ["--recipe", f"{method}-tiny", "-o", str(out)]
    command += [word for setting in TINY[method] for word in ("--set", setting)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 600
        while not (out / "checkpoint-3" / run.COMPLETE).exists() and process.poll() is None:
            assert time.monotonic() < deadline, "the run came not this far"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not run.is_finished(out)
    # As if the kill had come in the middle of writing a checkpoint.
    (out / "checkpoint-4").mkdir(exist_ok=True)
    (out / "checkpoint-4" / run.COMPLETE).unlink(missing_ok=True)

    train(description(method, started, few_rows), out)

    assert same(weights(out), weights(undisturbed[method]))
    assert log_of(out) == log_of(undisturbed[method])


def test_a_finished_run_is_left_alone_and_another_one_refused(
    undisturbed: dict[str, Path], started: Path, few_rows: Path
) -> None:
    folder = undisturbed["sft"]
    before = (folder / "model.safetensors").stat().st_mtime_ns
    train(description("sft", started, few_rows), folder)
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    with pytest.raises(InputError, match=r"learning_rate was 0\.001, now 0\.5"):
        train(description("sft", started, few_rows, "learning_rate=0.5"), folder)


def test_lora_is_merged_into_a_whole_model(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    train(description("sft", tiny_model, rows_file, "max_steps=1", "lora.r=2", "lora.lora_alpha=4"), tmp_path)
    assert weights(tmp_path).keys() == weights(tiny_model).keys()


@pytest.mark.parametrize(
    "loss", [{"loss_type": "dapo"}, {"loss_type": "dapo", "entropy_coef": 0.1}, {"loss_type": "dr_grpo"}]
    + [{"loss_type": name} for name in ("grpo", "bnpo")],
)  # fmt: skip
def test_shared_prompts_change_nothing_but_the_time(
    loss: dict[str, Any], tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    """The loss and gradient of the shared-prompt trainer are those of TRL's."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    from caugym.training.shared_prompt import SharedPromptGRPOTrainer

    table = Dataset.from_list([rows.rl_row(e) for e in rows.from_file(rows_file, "published", solutions=False)])
    config = GRPOConfig(
        str(tmp_path), report_to="none", bf16=False, use_cpu=True, per_device_train_batch_size=4, num_generations=2,
        **loss,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    prompt = torch.randint(20, 300, (2, 9), generator=generator).repeat_interleave(2, 0)
    prompt_mask = torch.ones_like(prompt)
    prompt_mask[:2, :3] = 0  # shorter prompts are padded on the left
    completion_mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]])
    inputs = {
        "prompt_ids": prompt.masked_fill(prompt_mask == 0, 0),
        "prompt_mask": prompt_mask,
        "completion_ids": torch.randint(20, 300, (4, 5), generator=generator) * completion_mask,
        "completion_mask": completion_mask,
        "advantages": torch.tensor([1.0, -1.0, 0.0, 0.5]),
        "num_items_in_batch": completion_mask.sum(),
    }
    results = []
    for trainer_class in (GRPOTrainer, SharedPromptGRPOTrainer):
        trainer = trainer_class(
            str(tiny_model),
            rewards.functions(rewards.DEFAULT, 256, 100),
            config,
            table,
            processing_class=run.load_tokenizer(str(tiny_model)),
        )
        trainer.current_gradient_accumulation_steps = 1
        loss = trainer._compute_loss(trainer.model, dict(inputs))
        loss.backward()
        results.append((loss.item(), torch.cat([weight.grad.flatten() for weight in trainer.model.parameters()])))
    assert results[0][0] == pytest.approx(results[1][0], abs=1e-6)
    assert torch.allclose(results[0][1], results[1][1], atol=1e-6)
    assert results[0][1].abs().max() > 1e-4


def test_the_order_of_rows_is_a_function_of_the_seed() -> None:
    order = epoch_rows(10, 2.5, seed=1)
    assert order == epoch_rows(10, 3, seed=1)[:25]
    assert sorted(order[:10]) == sorted(order[10:20]) == list(range(10))
    assert order[:10] != order[10:20]
    assert epoch_rows(10, 1, seed=2) != order[:10]


def test_rows_of_like_length_share_a_batch() -> None:
    lengths = [(row * 7) % 50 for row in range(50)]
    order = epoch_rows(50, 1, seed=1, lengths=lengths, batch=5)
    assert sorted(order) == list(range(50))
    spans = [[lengths[row] for row in order[at : at + 5]] for at in range(0, 50, 5)]
    assert all(max(span) - min(span) == 4 for span in spans)


def test_rewards_are_the_judges() -> None:
    completions: list[Any] = [[{"role": "assistant", "content": text}] for text in (EFFECT_KEY, '{"PROB": "1"}', "no")]
    assert rewards.accuracy_reward(completions, [EFFECT_KEY] * 3, task=["ATE"] * 3) == [1.0, 0.0, 0.0]
    assert rewards.format_reward(completions, answer=[EFFECT_KEY] * 3) == [1.0, 1.0, 0.0]


def test_generated_rows_take_the_tasks_in_turn_and_depend_on_the_seed_alone() -> None:
    first = rows.generated(TASKS, 9, seed=5, style="published")
    assert [example.task for example in first] == [*TASKS, *TASKS[:2]]
    assert first == rows.generated(TASKS, 9, seed=5, style="published")
    assert first != rows.generated(TASKS, 9, seed=6, style="published")
    assert rows.sft_row(first[0])["completion"][0]["content"] == first[0].solution


CONFIGS = {"sft": "SFTConfig", "rft": "SFTConfig", "dpo": "DPOConfig", "kto": "KTOConfig", "grpo": "GRPOConfig",
           "rloo": "RLOOConfig", "ppo": "PPOConfig"}  # fmt: skip


@pytest.mark.parametrize("method", CONFIGS)
def test_every_recipe_is_accepted_by_its_trainer(method: str, tmp_path: Path) -> None:
    import trl

    from caugym.training import actor_critic, methods
    from caugym.training.online import check_save_steps

    files = list(recipe.FOLDER.glob(f"{method}*.yaml"))
    assert {file.stem for file in files} >= {method, f"{method}-tiny"}
    for file in files:
        fields, _ = recipe.split(recipe.load(file.stem), methods.load(method).OPTIONS)
        config_class = actor_critic.PPOConfig if method == "ppo" else getattr(trl, CONFIGS[method])
        config = recipe.build(config_class, {"output_dir": str(tmp_path), "use_cpu": True} | fields, file.name)
        if method in ("grpo", "ppo", "rloo"):
            check_save_steps(config)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["learning_rat=1"], "did you mean 'learning_rate'"),
        (["learning_rate=fast"], "expected a number, not 'fast'"),
        (["learning_rate"], "expected KEY=VALUE"),
        (["solution=poem"], "solution 'poem': expected one of published, .*nano"),
    ],
)
def test_bad_recipe_settings(
    settings: list[str], message: str, tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        train(description("sft", tiny_model, rows_file, *settings), tmp_path)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("report_to=paper", "report_to: paper is not supported, only .*tensorboard"),
        ("report_to=[trackio]", "report_to: .* requires trackio to be installed"),
    ],
)
def test_a_logger_that_is_not_there_is_named_before_any_work(
    setting: str, message: str, tiny_model: Path, rows_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transformers.integrations.integration_utils.is_trackio_available", lambda: False)
    with pytest.raises(InputError, match=message):
        train(description("rft", tiny_model, rows_file, setting), tmp_path)
    assert not (tmp_path / "samples.jsonl").exists()


def test_a_run_reports_to_tensorboard_too(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(description("sft", tiny_model, rows_file, "max_steps=2", "report_to=tensorboard"), tmp_path)
    (file,) = tmp_path.glob("runs/*/events*")
    events = EventAccumulator(str(file))
    events.Reload()
    said = [event.value for event in events.Scalars("train/loss")]
    assert said == pytest.approx([row["loss"] for row in log_of(tmp_path)])


def test_an_update_between_rollouts_keeps_the_count_of_tokens(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from caugym.training.progress import RunLog

    def logged(before: list[dict[str, Any]], *lines: dict[str, float]) -> list[int]:
        folder = tmp_path / str(len(before))
        folder.mkdir()
        log, state = RunLog(folder, before), SimpleNamespace(global_step=0, max_steps=9, is_world_process_zero=True)
        for step, line in enumerate(lines, start=len(before) + 1):
            state.global_step = step
            log.on_log(SimpleNamespace(world_size=1), state, SimpleNamespace(should_training_stop=False), line)
        return [row["tokens"] for row in log_of(folder)]

    lines = {"loss": 1.0, "num_tokens": 50.0}, {"loss": 1.0}, {"loss": 1.0, "num_tokens": 90.0}, {"loss": 1.0}
    assert logged([], *lines) == [50, 50, 90, 90]
    before = [{"step": 1, "tokens": 50, "seconds": 1.0}]
    assert logged(before, *lines[1:]) == [50, 90, 90]


def test_numbers_without_a_point_are_numbers() -> None:
    assert recipe.override({}, ["learning_rate=5e-5"])["learning_rate"] == "5e-5"
    assert recipe._number("5e-5", "float", "x") == pytest.approx(5e-5)


def test_save_steps_that_would_not_resume_exactly_are_refused(
    tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="must be a multiple of 2"):
        train(description("grpo", tiny_model, rows_file, "steps_per_generation=4"), tmp_path)
