"""Advantages and value targets of proximal policy optimisation, as pure functions of tensors.

All tensors are (completions, tokens): token t of a row is action a_t, ``values`` holds V(s_t) of the prompt with the
completion before token t, and ``mask`` is 1 on the completion's tokens and 0 on the padding to their right. An
episode ends with the completion, whether it wrote its end token or was cut off, so the value after it is 0.
"""

from __future__ import annotations

import torch
from torch import Tensor


def kl_estimates(logps: Tensor, ref_logps: Tensor) -> Tensor:
    """Of each token, never below 0; the estimator that GRPO logs (k3 of Schulman 2020, Approximating KL divergence)."""
    ratio = ref_logps - logps
    return ratio.exp() - ratio - 1


def token_rewards(scores: Tensor, mask: Tensor, logps: Tensor, ref_logps: Tensor | None, beta: float) -> Tensor:
    """The reward of each token: the completion's score at its last one, less ``beta`` x the log-ratio to the
    reference policy at each (Ziegler et al. 2019, equation 2; Ouyang et al. 2022, equation 2).

    ``scores`` is (completions,); a row without tokens gets nothing.
    """
    rewards = torch.zeros_like(logps)
    if ref_logps is not None:
        rewards = -beta * (logps - ref_logps) * mask
    length = mask.sum(1)
    last = (length - 1).clamp(min=0).long()
    row = torch.arange(len(scores), device=scores.device)
    rewards[row, last] += scores * (length > 0)
    return rewards


def advantages(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float | Tensor) -> Tensor:
    """Generalised advantage estimates: the sum over l of (gamma lam)^l delta_{t+l}, with delta_t = r_t + gamma
    V(s_{t+1}) - V(s_t) (Schulman et al. 2015, equations 10 and 16).

    ``lam`` is one number or, length-adaptive, (completions,).
    """
    result = torch.zeros_like(values)
    following = next_value = torch.zeros_like(values[:, 0])
    for t in reversed(range(values.size(1))):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        following = (delta + gamma * lam * following) * mask[:, t]
        next_value = values[:, t] * mask[:, t]
        result[:, t] = following
    return result


def length_adaptive_lam(mask: Tensor, alpha: float) -> Tensor:
    """lam = 1 - 1 / (alpha l) for a completion of l tokens, at least 0: the long ones carry their end's reward
    further back (Yue et al. 2025, VAPO, equation 9)."""
    return (1 - 1 / (alpha * mask.sum(1).clamp(min=1))).clamp(min=0.0)


def clipped_value_loss(values: Tensor, old_values: Tensor, returns: Tensor, clip: float | None) -> Tensor:
    """Half the squared error to the returns, per token; with ``clip`` the larger of it and that of the value kept
    within ``clip`` of the rollout's (the value loss of Schulman et al. 2017's implementation; Huang et al. 2022,
    The 37 implementation details of PPO, detail 9)."""
    loss = (values - returns) ** 2
    if clip is not None:
        near = old_values + (values - old_values).clamp(-clip, clip)
        loss = torch.maximum(loss, (near - returns) ** 2)
    return 0.5 * loss


def whitened(values: Tensor, mask: Tensor, moments: Tensor) -> Tensor:
    """Values less their mean, over their standard deviation, 0 on the padding (Huang et al. 2022, detail 7, over
    the rollout instead of the minibatch). ``moments``: those of :func:`sums`, of all processes together."""
    count, total, squares = moments
    mean = total / count.clamp(min=1)
    variance = (squares / count.clamp(min=1) - mean**2).clamp(min=0)
    return ((values - mean) / (variance.sqrt() + 1e-8) * mask).to(values.dtype)


def sums(values: Tensor, mask: Tensor) -> Tensor:
    """Count, sum and sum of squares over the mask, in double precision: what adds up over processes."""
    kept = values.double() * mask
    return torch.stack([mask.sum().double(), kept.sum(), (kept * kept).sum()])


def explained_variance(error: Tensor, returns: Tensor) -> float:
    """1 - Var(R - V) / Var(R), from the :func:`sums` of both; nan where the returns do not vary.

    1: the critic foretells every return; 0: no better than their mean.
    """
    (variance_error, variance) = (squares / count - (total / count) ** 2 for count, total, squares in (error, returns))
    return float("nan") if variance <= 1e-12 else float(1 - variance_error / variance)
