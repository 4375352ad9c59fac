"""Accuracy on held-out problems while a run goes on: it keeps the best weights and may end the run early."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from caugym.errors import InputError
from caugym.gym import scoring
from caugym.training import recipe as recipes
from caugym.training import rows, run
from caugym.training.progress import RunLog
from caugym.training.weights import BEST, save_weights

BATCH = 64


class HeldOut(TrainerCallback):
    """Greedy accuracy by the strict judge every ``every`` optimiser steps on ``problems`` problems of the validation
    split (tasks, variation and preset as in training).

    The log gets each problem's outcome too, and no run's time holds its measurements. With ``patience`` the run ends
    after so many of them without a new best. Draws no random numbers, so a run learns the same with it and without.
    Raises InputError for an unknown part of the recipe's ``held_out`` and, when training begins, with DeepSpeed.
    """

    def __init__(
        self,
        folder: Path,
        before: list[dict[str, Any]],
        options: dict[str, Any],
        settings: dict[str, Any],
        tokenizer: Any,
        log: RunLog,
    ) -> None:
        self.options = recipes.parts(options, recipes.HELD_OUT, "held_out")
        self.folder, self.tokenizer, self.log = folder, tokenizer, log
        self.past: list[float] = [row["held_out"] for row in before if "held_out" in row]
        examples = rows.generated(
            rows.parse_tasks(settings["tasks"]),
            self.options["problems"],
            settings["seed"],
            "published",
            settings["variation"],
            settings["preset"],
            "validation",
        )
        self.keys = [example.answer for example in examples]
        self.prompts: list[list[int]] = [
            tokenizer.apply_chat_template(rows.user(example.prompt), add_generation_prompt=True, return_dict=False)
            for example in examples
        ]

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if args.distributed_state.distributed_type.value == "DEEPSPEED":
            raise InputError("recipe: held_out: not with DeepSpeed, which splits the weights; use FSDP2, DDP or none")

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        if state.global_step % self.options["every"] and state.global_step < state.max_steps:
            return
        began = time.monotonic()
        solved = self.solved(model)
        accuracy = sum(solved) / len(solved)
        if not self.past or accuracy > max(self.past):
            save_weights(model, self.folder / BEST, write=state.is_world_process_zero)
        self.past.append(accuracy)
        # Each problem's outcome, so that the report can compare two runs problem by problem.
        self.log.more |= {"held_out": accuracy, "held_out_each": "".join(str(int(one)) for one in solved)}
        self.log.aside(time.monotonic() - began)
        control.should_log = True
        patience = self.options["patience"]
        if patience is not None and len(self.past) - 1 - self.past.index(max(self.past)) >= patience:
            run.say(f"  no better held-out accuracy than {max(self.past):.3f} for {patience} measurements: stop")
            control.should_training_stop = True

    def solved(self, model: Any) -> list[bool]:
        """For each held-out problem whether the strict judge accepts the model's greedy completion."""
        from caugym.evaluation.backends.decode import decode

        training = model.training
        model.eval()
        order = sorted(range(len(self.prompts)), key=lambda index: -len(self.prompts[index]))
        solved = [False] * len(order)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            decoded = decode(
                model,
                [self.prompts[index] for index in batch],
                budgets=[self.options["max_new_tokens"]] * len(batch),
                end_ids={self.tokenizer.eos_token_id},
                pad_id=self.tokenizer.pad_token_id,
            )
            for index, row in zip(batch, decoded, strict=True):
                text = self.tokenizer.decode(row.ids, skip_special_tokens=True)
                solved[index] = scoring.score(text, self.keys[index], finish_reason=row.finish_reason).correct
        model.train(training)
        return solved
