"""REINFORCE leave-one-out (trl.RLOOTrainer) with the strict judge as reward.

The mean reward of the prompt's other completions is the baseline (Kool et al. 2019; Ahmadian et al. 2024, equation
7); ``beta`` weighs the KL term in the reward.

\b
Examples:
  caugym train rloo --model runs/sft --problems 2000 --set max_steps=20 -o runs/rloo
  caugym train rloo --model runs/sft --set num_generations=8 --set beta=0 -o runs/rloo-8
"""

from __future__ import annotations

from typing import Any

from caugym.training.online import OPTIONS as OPTIONS
from caugym.training.online import online

MODEL = "nano"
NEEDS_SOLUTIONS = False


def train(*run: Any) -> None:
    """See :func:`caugym.training.online.online`."""
    from trl import RLOOConfig, RLOOTrainer

    from caugym.training.shared_prompt import SharedPromptRLOOTrainer

    online(RLOOTrainer, SharedPromptRLOOTrainer, RLOOConfig, *run)
