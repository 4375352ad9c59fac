"""Proximal policy optimisation with a learned critic, the strict judge being the reward.

Clipped surrogate and value loss: Schulman et al. 2017; generalised advantages: Schulman et al. 2015; KL in the
reward: Ziegler et al. 2019. Rollouts, rewards and checkpoints are those of GRPO; see caugym.training.actor_critic.

\b
Examples:
  caugym train ppo --model runs/sft --problems 2000 --set max_steps=20 -o runs/ppo
  caugym train ppo --model runs/sft --set critic=shared --set critic_learning_rate=1e-4 -o runs/ppo-shared
  caugym train ppo --model runs/sft --set num_iterations=2 --set value_pretraining_steps=10 -o runs/ppo-2
"""

from __future__ import annotations

from typing import Any

from caugym.training.online import OPTIONS as OPTIONS
from caugym.training.online import online

MODEL = "nano"
NEEDS_SOLUTIONS = False


def train(*run: Any) -> None:
    """See :func:`caugym.training.online.online`."""
    from caugym.training.actor_critic import PPOConfig, PPOTrainer, SharedPromptPPOTrainer

    online(PPOTrainer, SharedPromptPPOTrainer, PPOConfig, *run)
