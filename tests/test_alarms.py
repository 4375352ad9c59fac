"""The warnings of a run's log."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("transformers")

from caugym.training.alarms import PATIENCE, TEXTS, Alarms, alarms

WELL: dict[str, Any] = {
    "format": 1.0, "accuracy": 0.4, "groups_without_signal": 0.5, "kl": 0.1, "completion_length": 100, "truncated": 0.1,
}  # fmt: skip
ILL = {
    "format_without_accuracy": {"accuracy": 0.0},
    "no_signal": {"groups_without_signal": 1.0},
    "kl": {"kl": 1.5},
    "length": {"completion_length": 301},
    "truncated": {"truncated": 0.6},
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_warning_needs_what_it_warns_of_to_last(name: str) -> None:
    ill = WELL | ILL[name]
    assert alarms([WELL] * 9) == []
    assert alarms([WELL] + [ill] * (PATIENCE - 1)) == []
    assert alarms([WELL] + [ill] * PATIENCE) == [name]
    assert alarms([WELL] + [ill] * PATIENCE + [WELL]) == []
    # Lines between (with a held-out accuracy only) change nothing.
    assert alarms([WELL] + [ill, {"held_out": 0.1}] * PATIENCE) == [name]


def test_a_warning_is_said_once_and_stands_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log: Any = SimpleNamespace(more={})
    state = SimpleNamespace(is_world_process_zero=True, global_step=7)
    callback = Alarms([{"truncated": 0.9}] * (PATIENCE - 1), log)
    for _ in range(3):
        callback.on_log(None, state, None, {"completions/clipped_ratio": 0.9})
    assert capsys.readouterr().err.count(TEXTS["truncated"]) == 1
    assert log.more == {"warnings": ["truncated"]}
