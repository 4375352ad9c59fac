"""Proximal policy optimisation: its formulas by hand, a bandit with a known optimum, adapters, what is exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError

pytest.importorskip("trl")

import torch
from safetensors.torch import load_file

from caugym.training import gae, run
from caugym.training.progress import FIELDS
from caugym.training.train import TrainingRun, train

SHORT = (
    "max_steps=3", "save_steps=1", "num_generations=4", "per_device_train_batch_size=8",
    "gradient_accumulation_steps=2", "max_completion_length=6", "warmup_steps=0", "value_pretraining_steps=0",
)  # fmt: skip


def ppo(model: Path, data: Path, out: Path, *more: str) -> list[dict[str, Any]]:
    train(TrainingRun("ppo", str(model), "ppo-tiny", SHORT + more, str(data)), out)
    return [json.loads(line) for line in (out / run.LOG).read_text().splitlines()]


def test_advantages_by_hand() -> None:
    """Three tokens and, in the second row, two with padding behind them; gamma .9, lambda .5."""
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    values = torch.tensor([[0.5, 0.2, 0.4], [1.0, 2.0, 7.0]])
    rewards = gae.token_rewards(torch.tensor([1.0, 3.0]), mask, torch.zeros(2, 3), None, 0.0)
    assert rewards.tolist() == [[0, 0, 1], [0, 3, 0]]
    found = gae.advantages(rewards, values * mask, mask, gamma=0.9, lam=0.5)
    # First row: deltas .9*.2-.5 = -.32, .9*.4-.2 = .16, 1-.4 = .6; each adds .45 of what follows.
    # Second row: deltas .9*2-1 = .8 and 3-2 = 1; what stands on the padding counts for nothing.
    assert found.tolist() == [pytest.approx([-0.32 + 0.45 * 0.43, 0.16 + 0.45 * 0.6, 0.6]), pytest.approx([1.25, 1, 0])]


def test_lambda_one_gives_the_return_less_the_value() -> None:
    generator = torch.Generator().manual_seed(1)
    values, mask = torch.rand(4, 6, generator=generator), torch.ones(4, 6)
    rewards = torch.rand(4, 6, generator=generator)
    returns = rewards.flip(1).cumsum(1).flip(1)
    assert torch.allclose(gae.advantages(rewards, values, mask, 1.0, 1.0), returns - values, atol=1e-6)
    assert torch.allclose(gae.advantages(rewards, values, mask, 1.0, torch.ones(4)), returns - values, atol=1e-6)


def test_the_kl_term_stands_in_the_reward_of_every_token() -> None:
    mask = torch.tensor([[1, 1, 0]])
    logps, ref_logps = torch.tensor([[-1.0, -2.0, 0.0]]), torch.tensor([[-1.5, -1.0, 9.0]])
    found = gae.token_rewards(torch.tensor([1.0]), mask, logps, ref_logps, beta=0.1)
    assert found.tolist() == [pytest.approx([-0.05, 1.1, 0])]


def test_a_value_is_held_near_the_rollouts() -> None:
    values, old, returns = torch.tensor([[2.0, 0.5]]), torch.tensor([[1.0, 1.0]]), torch.tensor([[3.0, 0.0]])
    # 2 is held at 1.2 and pays for the distance of that; .5 is nearer than its held .8, which is what it pays for.
    assert gae.clipped_value_loss(values, old, returns, 0.2).tolist() == [pytest.approx([1.62, 0.32])]
    assert gae.clipped_value_loss(values, old, returns, None).tolist() == [pytest.approx([0.5, 0.125])]


def test_whitening_leaves_the_padding_out() -> None:
    values, mask = torch.tensor([[1.0, 3.0, 100.0]]), torch.tensor([[1, 1, 0]])
    assert gae.whitened(values, mask, gae.sums(values, mask)).tolist() == [pytest.approx([-1, 1, 0])]


def test_lambda_grows_with_the_length() -> None:
    mask = torch.tensor([[1] * 40, [1] * 10 + [0] * 30])
    assert gae.length_adaptive_lam(mask, 0.05).tolist() == pytest.approx([0.5, 0.0])


def test_explained_variance() -> None:
    returns, mask = torch.tensor([[0.0, 1.0, 2.0, 3.0]]), torch.ones(1, 4)
    of = gae.sums(returns, mask)
    assert gae.explained_variance(gae.sums(returns - returns, mask), of) == pytest.approx(1)
    assert gae.explained_variance(gae.sums(returns - 7, mask), of) == pytest.approx(0)
    assert gae.explained_variance(gae.sums(3 * returns, mask), of) < 0
    assert gae.explained_variance(of, gae.sums(torch.ones(1, 4), mask)) != 0  # nan: nothing varies


@pytest.mark.parametrize("trunk", ["separate", "shared"])
def test_a_bandit_finds_its_best_arm_and_the_critic_its_worth(
    trunk: str, tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    """One token a completion; half of the vocabulary pays 1, the rest nothing: the optimum pays 1, always."""
    from datasets import Dataset

    from caugym.training import rows
    from caugym.training.actor_critic import PPOConfig, SharedPromptPPOTrainer

    def pay(completion_ids: list[list[int]], **_: Any) -> list[float]:
        return [float(ids[0] % 2) for ids in completion_ids]

    example = rows.from_file(rows_file, "published", solutions=False)[0]
    config = PPOConfig(
        str(tmp_path), report_to="none", use_cpu=True, bf16=False, save_strategy="no", disable_tqdm=True, seed=3,
        max_steps=240, logging_steps=4, learning_rate=1e-2, lr_scheduler_type="constant", num_generations=16,
        per_device_train_batch_size=16, steps_per_generation=2, gradient_accumulation_steps=1, num_iterations=2,
        max_completion_length=1, critic=trunk, activation_checkpointing=False, critic_learning_rate=1e-2,
        cliprange_value=None,
    )  # fmt: skip
    trainer = SharedPromptPPOTrainer(
        str(tiny_model), [pay], config, processing_class=run.load_tokenizer(str(tiny_model)),
        train_dataset=Dataset.from_list([rows.rl_row(example)] * 120),
    )  # fmt: skip
    trainer.train()
    history = [row for row in trainer.state.log_history if "reward" in row]
    assert history[0]["reward"] == pytest.approx(0.5, abs=0.25)
    assert history[-1]["reward"] > 0.95
    assert history[-1]["value_mean"] == pytest.approx(history[-1]["reward"], abs=0.15)


def test_the_critics_explained_variance_rises(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    """Half of the prompts pay 1, the others nothing, whatever is written: the critic, trained alone, learns which."""
    from datasets import Dataset

    from caugym.training import rows
    from caugym.training.actor_critic import PPOConfig, SharedPromptPPOTrainer

    def pay(prompts: list[Any], **_: Any) -> list[float]:
        return [float("rain" in prompt[-1]["content"]) for prompt in prompts]

    table = [{"prompt": rows.user(text), "answer": "", "task": ""} for text in ("the rain is high", "income is low")]
    config = PPOConfig(
        str(tmp_path), report_to="none", use_cpu=True, bf16=False, save_strategy="no", disable_tqdm=True, seed=3,
        max_steps=40, logging_steps=4, learning_rate=1e-2, lr_scheduler_type="constant", num_generations=4,
        per_device_train_batch_size=16, gradient_accumulation_steps=1, max_completion_length=2, critic="separate",
        activation_checkpointing=False, cliprange_value=None, value_pretraining_steps=40,
    )  # fmt: skip
    trainer = SharedPromptPPOTrainer(
        str(tiny_model), [pay], config, processing_class=run.load_tokenizer(str(tiny_model)),
        train_dataset=Dataset.from_list(table * 80),
    )  # fmt: skip
    trainer.train()
    found = [row["explained_variance"] for row in trainer.state.log_history if "explained_variance" in row]
    assert len(found) == 10
    assert found[0] < 0.5 < 0.9 < found[-1]
    assert "explained_variance" in FIELDS  # what the run's log.jsonl takes over


def test_shared_prompts_change_nothing(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    """Loss, values and gradient are those of whole rows."""
    from datasets import Dataset

    from caugym.training import rewards, rows
    from caugym.training.actor_critic import PPOConfig, PPOTrainer, SharedPromptPPOTrainer

    table = Dataset.from_list([rows.rl_row(e) for e in rows.from_file(rows_file, "published", solutions=False)])
    generator = torch.Generator().manual_seed(0)
    prompt = torch.randint(20, 300, (2, 9), generator=generator).repeat_interleave(2, 0)
    prompt_mask = torch.ones_like(prompt)
    prompt_mask[:2, :3] = 0
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]])
    inputs = {
        "prompt_ids": prompt.masked_fill(prompt_mask == 0, 0),
        "prompt_mask": prompt_mask,
        "completion_ids": torch.randint(20, 300, (4, 5), generator=generator) * mask,
        "completion_mask": mask,
        "advantages": torch.randn(4, 5, generator=generator) * mask,
        "values": torch.randn(4, 5, generator=generator) * mask,
        "returns": torch.randn(4, 5, generator=generator) * mask,
        "num_items_in_batch": mask.sum(),
    }
    for trunk in ("separate", "shared"):
        results = []
        for trainer_class in (PPOTrainer, SharedPromptPPOTrainer):
            config = PPOConfig(
                str(tmp_path), report_to="none", bf16=False, per_device_train_batch_size=4, num_generations=2,
                use_cpu=True, critic=trunk, activation_checkpointing=False,
            )  # fmt: skip
            trainer = trainer_class(
                str(tiny_model), rewards.functions(rewards.DEFAULT, 256, 100), config,
                processing_class=run.load_tokenizer(str(tiny_model)), train_dataset=table,
            )  # fmt: skip
            trainer.current_gradient_accumulation_steps = 1
            torch.nn.init.normal_(trainer.model.critic.head.weight, generator=torch.Generator().manual_seed(1))
            loss = trainer._compute_loss(trainer.model, dict(inputs))
            loss.backward()
            gradients = [weight.grad.flatten() for weight in trainer.model.parameters() if weight.grad is not None]
            results.append((loss.item(), torch.cat(gradients)))
        assert results[0][0] == pytest.approx(results[1][0], abs=1e-5)
        assert torch.allclose(results[0][1], results[1][1], atol=1e-5)
        assert results[0][1].abs().max() > 1e-3


def test_value_pretraining_leaves_the_policy_alone(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    log = ppo(tiny_model, rows_file, tmp_path, "value_pretraining_steps=3", "rewards=[format]", "reward_weights=null")
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_model, tmp_path))
    assert before.keys() == after.keys()  # the critic is left out
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(row["grad_norm"] >= 0 and row["value_loss"] is not None for row in log)


def test_the_value_loss_does_not_scale_the_policys_step(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    """With one norm over both a large value loss would leave the policy nothing of ``max_grad_norm``. Adam's large
    epsilon makes its step depend on the gradient's size."""
    steps = (
        "max_steps=1", "adam_epsilon=10.0", "learning_rate=1.0", "max_grad_norm=0.01", "whiten_advantages=false",
        "rewards=[length, format]", "soft_punish_cache=3",
    )  # fmt: skip
    logs = [
        ppo(tiny_model, rows_file, tmp_path / name, *steps, f"vf_coef={weight}")
        for name, weight in (("small", 0.001), ("large", 1000.0))
    ]
    small, large = (load_file(tmp_path / name / "model.safetensors") for name in ("small", "large"))
    start = load_file(tiny_model / "model.safetensors")
    assert any(not torch.equal(small[name], start[name]) for name in start)
    assert all(torch.allclose(small[name], large[name], atol=1e-7) for name in start)
    assert logs[0][0]["value_loss"] == pytest.approx(logs[1][0]["value_loss"])


@pytest.mark.parametrize("trunk", ["separate", "shared"])
def test_an_adapter_is_merged_and_the_critic_left_out(
    trunk: str, tiny_model: Path, rows_file: Path, tmp_path: Path
) -> None:
    # Its random completions earn no reward: the entropy moves the policy, and the KL term gives the critic its returns.
    more = (f"critic={trunk}", "lora.r=2", "lora.lora_alpha=4", "beta=0.05", "entropy_coef=1", "learning_rate=1e-2")
    log = ppo(tiny_model, rows_file, tmp_path, *more)
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_model, tmp_path))
    assert before.keys() == after.keys()
    assert log[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert log[-1]["value_loss"] > 0


def test_the_kl_to_the_reference_is_logged(tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    log = ppo(tiny_model, rows_file, tmp_path, "beta=0.05", "entropy_coef=1", "learning_rate=1e-2")
    assert log[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert log[-1]["kl"] > 1e-6


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("critic=none", "expected separate or shared"),
        ("lam=2", "expected a number from 0 to 1"),
        ("adaptive_lam=0", "expected a number above 0"),
        ("reward_weights=[1]", "expected one for each of the rewards accuracy, format"),
        ("rewards=[beauty]", "unknown reward 'beauty'"),
    ],
)
def test_bad_settings(setting: str, message: str, tiny_model: Path, rows_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        ppo(tiny_model, rows_file, tmp_path, setting)
