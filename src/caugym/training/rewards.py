"""The rewards of reinforcement learning, as TRL calls them: completions in, one number each out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from caugym.errors import InputError
from caugym.gym import scoring
from caugym.training import process, process_nano

RewardFunction = Callable[..., list[float | None]]
DEFAULT = ("accuracy", "format")


def accuracy_reward(completions: list[Any], answer: list[str], **_: Any) -> list[float]:
    """1.0 where the strict judge accepts the completion's last answer, else 0.0."""
    return [
        float(scoring.score(text_of(completion), key).correct)
        for completion, key in zip(completions, answer, strict=True)
    ]


def format_reward(completions: list[Any], **_: Any) -> list[float]:
    """1.0 where the completion ends in exactly the requested answer form, right or wrong, else 0.0."""
    return [scoring.format_reward(text_of(completion)) for completion in completions]


def process_reward(completions: list[Any], prompts: list[Any], **_: Any) -> list[float | None]:
    """The share of right steps of a worked solution, in the published form (:func:`process.process`) or in nano's
    (:func:`process_nano.process`); None, which leaves this reward out for the row, where the problem cannot be read
    back from its prompt."""
    return [
        _right_steps(text_of(completion), text_of(prompt))
        for completion, prompt in zip(completions, prompts, strict=True)
    ]


def _right_steps(completion: str, prompt: str) -> float | None:
    if process_nano.in_worked_form(completion):
        lines = _worked(prompt)
        return None if lines is None else process_nano.process(completion, lines)
    problem = _problem(prompt)
    return None if problem is None else process.process(completion, problem)


@lru_cache(maxsize=4096)
def _problem(prompt: str) -> process.Steps | None:
    return process.expected(prompt)


@lru_cache(maxsize=4096)
def _worked(prompt: str) -> tuple[str, ...] | None:
    return process_nano.expected(prompt)


NAMES = ("accuracy", "format", "process", "length")
"""What a recipe's ``rewards`` may hold, in the order of its ``reward_weights``."""


def functions(names: Sequence[str], max_completion_length: int, soft_punish_cache: int) -> list[RewardFunction]:
    """The rewards of a recipe. Raises InputError for an unknown name, naming the known ones.

    ``length`` is a penalty: 0 up to ``soft_punish_cache`` tokens before the longest completion allowed, from there
    falling to -1 (Yu et al. 2025, DAPO, equation 13).
    """
    known: dict[str, Callable[[], Any]] = {
        "accuracy": lambda: accuracy_reward,
        "format": lambda: format_reward,
        "process": lambda: process_reward,
        "length": lambda: _length_penalty(max_completion_length, soft_punish_cache),
    }
    if not isinstance(names, list | tuple) or not names:
        raise InputError(f"recipe: rewards {names!r}: expected a list of some of {', '.join(NAMES)}")
    for name in names:
        if name not in known:
            raise InputError(f"recipe: rewards: unknown reward {name!r}: expected some of {', '.join(NAMES)}")
    return [known[name]() for name in names]


def _length_penalty(max_completion_length: int, soft_punish_cache: int) -> RewardFunction:
    from trl.rewards import get_soft_overlong_punishment

    if not 0 < soft_punish_cache <= max_completion_length:
        raise InputError(
            f"recipe: soft_punish_cache {soft_punish_cache}: expected 1 to max_completion_length "
            f"({max_completion_length})"
        )
    penalty: RewardFunction = get_soft_overlong_punishment(max_completion_length, soft_punish_cache)
    return penalty


def text_of(completion: Any) -> str:
    """A completion's text; TRL passes a conversation as a list of messages."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
