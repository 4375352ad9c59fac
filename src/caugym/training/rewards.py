"""The rewards of reinforcement learning, as TRL calls them: completions in, one number each out."""

from __future__ import annotations

from typing import Any

from caugym.gym import scoring


def accuracy_reward(completions: list[Any], answer: list[str], **_: Any) -> list[float]:
    """1.0 where the strict judge accepts the completion's last answer, else 0.0."""
    return [
        float(scoring.score(text_of(completion), key).correct)
        for completion, key in zip(completions, answer, strict=True)
    ]


def format_reward(completions: list[Any], **_: Any) -> list[float]:
    """1.0 where the completion ends in exactly the requested answer form, right or wrong, else 0.0."""
    return [scoring.format_reward(text_of(completion)) for completion in completions]


REWARDS = (accuracy_reward, format_reward)
"""In the order of a recipe's ``reward_weights``."""


def text_of(completion: Any) -> str:
    """A completion's text; TRL passes a conversation as a list of messages."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
