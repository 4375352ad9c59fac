"""Warnings that matter in reinforcement learning, found in a run's log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import TrainerCallback

from caugym.training import run
from caugym.training.progress import FIELDS, RunLog

PATIENCE = 5
"""Lines of the log in a row that must show it."""
TEXTS = {
    "format_without_accuracy": "the form is right and the answer never is: only the format reward is being learned; a "
    "longer cold start, easier tasks or a smaller weight of the format may help",
    "no_signal": "all completions of a group earn the same in every group: there is nothing to learn from; other "
    "problems, a higher temperature or more completions a prompt may help",
    "kl": "the policy is far from where it started (more than 1 nat a token): lower the learning rate or raise beta",
    "length": "completions have become three times as long as in the beginning",
    "truncated": "more than half of the completions are cut off before their answer: raise max_completion_length",
}


def alarms(log: Sequence[dict[str, Any]]) -> list[str]:
    """The names in TEXTS of what the last lines of ``log`` show; a pure function of the log, so a resumed run warns
    as one that was never interrupted.

    Lines without the values that a warning needs count neither for nor against it.
    """

    def lasting(*names: str) -> list[dict[str, Any]]:
        rows = [row for row in log if all(name in row for name in names)]
        return rows[-PATIENCE:] if len(rows) >= PATIENCE else []

    def always(rows: list[dict[str, Any]], shows: Any) -> bool:
        return bool(rows) and all(shows(row) for row in rows)

    first = next((row["completion_length"] for row in log if "completion_length" in row), 0.0)
    found = {
        "format_without_accuracy": always(
            lasting("format", "accuracy"), lambda row: row["format"] >= 0.95 and row["accuracy"] == 0
        ),
        "no_signal": always(lasting("groups_without_signal"), lambda row: row["groups_without_signal"] == 1),
        "kl": always(lasting("kl"), lambda row: row["kl"] > 1.0),
        "length": always(lasting("completion_length"), lambda row: row["completion_length"] > 3 * first),
        "truncated": always(lasting("truncated"), lambda row: row["truncated"] > 0.5),
    }
    return [name for name, shown in found.items() if shown]


class Alarms(TrainerCallback):
    """Says each warning once while it lasts and names those that last in the run's log. Before :class:`RunLog`."""

    def __init__(self, before: Sequence[dict[str, Any]], log: RunLog) -> None:
        self.log, self.lines = log, list(before)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if not logs or "train_runtime" in logs:
            return
        known = set(alarms(self.lines))
        self.lines.append({name: logs[metric] for metric, name in FIELDS.items() if logs.get(metric) is not None})
        lasting = alarms(self.lines)
        if lasting:
            self.log.more["warnings"] = lasting
        for name in lasting:
            if name not in known and state.is_world_process_zero:
                run.say(f"  warning at step {state.global_step}: {TEXTS[name]}")
