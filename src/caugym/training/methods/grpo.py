"""Group-relative policy optimisation (trl.GRPOTrainer) with the strict judge as reward.

Group-relative advantages: Shao et al. 2024, DeepSeekMath, equation 3; token-level loss and clip-higher:
Yu et al. 2025, DAPO, equations 8 and 12; without the deviation (scale_rewards=none): Liu et al. 2025, Dr. GRPO.

\b
Examples:
  caugym train grpo --model runs/sft --problems 2000 --set max_steps=20 -o runs/grpo
  caugym train grpo --model runs/sft --set num_generations=8 --set temperature=0.9 -o runs/grpo-8
  caugym train grpo --model runs/sft --set curriculum.levels=4 --set curriculum.threshold=0.7 -o runs/climbing
  caugym train grpo --model runs/sft --set beta=0.02 --set scale_rewards=none --set loss_type=dr_grpo -o runs/dr-grpo
"""

from __future__ import annotations

from typing import Any

from caugym.training.online import OPTIONS as OPTIONS
from caugym.training.online import online

MODEL = "nano"
NEEDS_SOLUTIONS = False


def train(*run: Any) -> None:
    """See :func:`caugym.training.online.online`."""
    from trl import GRPOConfig, GRPOTrainer

    from caugym.training.shared_prompt import SharedPromptGRPOTrainer

    online(GRPOTrainer, SharedPromptGRPOTrainer, GRPOConfig, *run)
