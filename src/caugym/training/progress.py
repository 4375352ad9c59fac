"""The trainer callback that writes ``log.jsonl``, marks complete checkpoints and shows how a run goes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from caugym.training import run
from caugym.training.spent import NOTHING, Spent, completions_generated, used_up

FIELDS = {
    "loss": "loss",
    "mean_token_accuracy": "token_accuracy",
    "reward": "reward",
    "rewards/accuracy_reward/mean": "accuracy",
    "rewards/format_reward/mean": "format",
    "rewards/accuracies": "pair_accuracy",
    "rewards/margins": "margin",
    "logps/chosen": "logp_chosen",
    "logps/rejected": "logp_rejected",
    "frac_reward_zero_std": "groups_without_signal",
    "completions/mean_length": "completion_length",
    "completions/clipped_ratio": "truncated",
    "entropy": "entropy",
    "kl": "kl",
    "value_loss": "value_loss",
    "explained_variance": "explained_variance",
    "level": "level",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "num_tokens": "tokens",
}
"""The trainer's metric -> the name in the log. Every line also has ``tokens``, ``completions`` and ``seconds``."""
SHOWN = (
    "loss",
    "token_accuracy",
    "reward",
    "accuracy",
    "margin",
    "kl",
    "entropy",
    "completion_length",
    "truncated",
    "explained_variance",
    "level",
    "held_out",
)
SECONDS_BETWEEN_LINES = 15.0


class RunLog(TrainerCallback):
    """``before`` holds the lines of the part of the run that came before a resume; ``counts_anew`` says that the
    trainer's token counter is not part of its checkpoints (only those of the online trainers are). ``spent`` came
    before the training, and every line has it as ``before``; a ``budget`` ends it at the first line that reaches one
    of its limits. ``problems`` tells the problems that came by until a step, with repetition.
    """

    def __init__(
        self,
        folder: Path,
        before: list[dict[str, Any]],
        counts_anew: bool = False,
        spent: Spent = NOTHING,
        budget: Mapping[str, Any] | None = None,
        problems: Callable[[Any, int], float] | None = None,
    ) -> None:
        self.folder, self.budget, self.problems = folder, budget or {}, problems
        last = before[-1] if before else {"tokens": spent.tokens, "seconds": spent.seconds, "step": 0}
        self.spent_before = asdict(spent) if spent != NOTHING else None
        self.completions_before = spent.completions
        self.tokens_before = last["tokens"] if counts_anew else spent.tokens
        self.tokens = last["tokens"]
        self.seconds_before, self.first_step = last["seconds"], last["step"]
        self.started = self.shown = time.monotonic()
        self.more: dict[str, Any] = {}  # what other callbacks add to the next line

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.started = time.monotonic()
        self.first_step = state.global_step

    def aside(self, seconds: float) -> None:
        """Time that belongs not to the training, such as a measurement's: the log and the budget leave it out."""
        self.started += seconds

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if not logs or "train_runtime" in logs:
            return
        row: dict[str, Any] = {"step": state.global_step}
        row |= {name: logs[metric] for metric, name in FIELDS.items() if logs.get(metric) is not None} | self.more
        if "tokens" in row:  # an online trainer counts once a rollout and says nothing at the updates between
            self.tokens = int(row["tokens"]) + self.tokens_before
        row["tokens"] = self.tokens
        if self.problems is not None:
            row["problems"] = round(self.problems(args, state.global_step), 2)
        row["completions"] = self.completions_before + completions_generated(args, state.global_step)
        row["seconds"] = of_the_first(round(self.seconds_before + time.monotonic() - self.started, 2), args)
        if self.spent_before is not None:
            row["before"] = self.spent_before
        self.more = {}
        if used_up(row, self.budget, args):
            control.should_training_stop = True
        if control.should_training_stop and state.global_step < state.max_steps:
            control.should_save = False  # a run that resumed from here would go on one step
        if state.is_world_process_zero:
            with open(self.folder / run.LOG, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            self.show(row, state)

    def show(self, row: dict[str, Any], state: Any) -> None:
        now = time.monotonic()
        done = state.global_step - self.first_step
        if done > 1 and now - self.shown < SECONDS_BETWEEN_LINES and state.global_step < state.max_steps:
            return
        self.shown = now
        left = (now - self.started) / max(done, 1) * (state.max_steps - state.global_step)
        shown = "  ".join(f"{name} {row[name]:.3g}" for name in SHOWN if name in row)
        run.say(f"  step {state.global_step}/{state.max_steps}  {shown}  {left / 60:.1f} min left")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            (self.folder / f"checkpoint-{state.global_step}" / run.COMPLETE).touch()


def of_the_first(seconds: float, args: Any) -> float:
    """The first process's clock: where each went by its own, a budget of seconds would end one step earlier in some."""
    from accelerate.utils import broadcast_object_list

    return float(broadcast_object_list([seconds])[0]) if args.world_size > 1 else seconds
