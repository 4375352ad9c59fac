"""Accuracy with intervals clustered by problem, and paired differences between two models.

Several completions of one problem are not independent, so a problem is one observation: the mean of its runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.959964
PADDING = 0.2
"""Chosen by simulation: with less the interval covers too seldom at 30 problems, with more too often."""

Outcomes = Sequence[Sequence[bool | int | float]] | np.ndarray
"""For each problem the outcomes (1 right, 0 wrong) of its runs; problems may differ in their number of runs."""


@dataclass(frozen=True)
class Estimate:
    """An accuracy with its 95% interval over ``problems`` problems and ``runs`` completions of each at most."""

    mean: float
    low: float
    high: float
    problems: int
    runs: int


@dataclass(frozen=True)
class Difference:
    """First minus second on the same problems: mean, t interval, bootstrap interval over problems and sign test.

    ``p_value`` is the sign test's, ``p_holm`` the same corrected for the comparisons made with it (``corrected``).
    """

    mean: float
    low: float
    high: float
    bootstrap_low: float
    bootstrap_high: float
    better: int
    worse: int
    p_value: float
    problems: int
    p_holm: float = 1.0


def estimate(outcomes: Outcomes) -> Estimate:
    """Mean of the problems' means. Raises ValueError without problems or for a problem without runs."""
    return stratified_estimate({"": outcomes})


def stratified_estimate(outcomes_by_task: Mapping[str, Outcomes]) -> Estimate:
    """Mean of the tasks' means (the published "mean" column), each task a stratum of its own problems.

    The interval is Wilson's with an effective sample size (Korn and Graubard 1998; Dean and Pagano 2015): it stays
    inside [0, 1] and covers near 0 and 1 too. The effective size is p (1 - p) / SE^2, with SE from the variance
    between problems. That variance is estimated as if each task had a little of a right and a wrong problem more:
    with few problems and an accuracy near 0 or 1 those that tell how alike a problem's runs are may not be among them.
    It is taken to be no smaller than that of independent runs and, of a single task, no larger than that of equal ones.
    """
    means = {task: problem_means(outcomes) for task, outcomes in outcomes_by_task.items()}
    if not means:
        raise ValueError("no problems to estimate an accuracy from")
    strata = list(means.values())
    mean = float(np.mean([values.mean() for values in strata]))
    problems = sum(len(values) for values in strata)
    runs = {task: max(map(len, outcomes)) for task, outcomes in outcomes_by_task.items()}
    centres, squared_errors = [], []
    for task, values in means.items():
        centre, variance = _padded_moments(values)
        independent, equal = centre * (1 - centre) / runs[task], centre * (1 - centre)
        variance = max(variance, independent) if len(strata) > 1 else min(max(variance, independent), equal)
        centres.append(centre)
        squared_errors.append(variance / len(values))
    centre = float(np.mean(centres))
    size = max(centre * (1 - centre) * len(strata) ** 2 / sum(squared_errors), 1.0)
    low, high = wilson(mean, size, NORMAL_QUANTILE)
    return Estimate(mean, low, high, problems, max(runs.values()))


def _padded_moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and variance of the problems and of ``PADDING`` right and ``PADDING`` wrong ones."""
    count = len(values) + 2 * PADDING
    centre = (float(values.sum()) + PADDING) / count
    squares = float(((values - centre) ** 2).sum()) + PADDING * (centre**2 + (1 - centre) ** 2)
    return centre, squares / max(count - 1, PADDING)


def paired_difference(first: Outcomes, second: Outcomes, seed: int = 0, resamples: int = 10_000) -> Difference:
    """Compare two models problem by problem. Raises ValueError where the two do not list the same problems."""
    a, b = problem_means(first), problem_means(second)
    if len(a) != len(b):
        raise ValueError(f"paired difference of {len(a)} and {len(b)} problems: both must list the same problems")
    difference = a - b
    count, mean = len(difference), float(difference.mean())
    half = t_quantile(max(count - 1, 1)) * float(difference.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
    rng = np.random.default_rng(seed)
    # Resampling problems with replacement is a multinomial draw of how often each value occurs.
    values, counts = np.unique(difference, return_counts=True)
    drawn = rng.multinomial(count, counts / count, size=resamples) @ values / count
    bootstrap_low, bootstrap_high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    better, worse = int((difference > 0).sum()), int((difference < 0).sum())
    return Difference(
        mean=mean,
        low=max(mean - half, -1.0),
        high=min(mean + half, 1.0),
        bootstrap_low=float(bootstrap_low),
        bootstrap_high=float(bootstrap_high),
        better=better,
        worse=worse,
        p_value=sign_test(better, worse),
        problems=count,
        p_holm=sign_test(better, worse),
    )


def corrected(differences: Mapping[Any, Difference]) -> dict[Any, Difference]:
    """The differences with ``p_holm`` for so many comparisons."""
    adjusted = holm([one.p_value for one in differences.values()])
    return {name: replace(one, p_holm=p) for (name, one), p in zip(differences.items(), adjusted, strict=True)}


def problem_means(outcomes: Outcomes) -> np.ndarray:
    if isinstance(outcomes, np.ndarray) and outcomes.size:
        return outcomes.mean(axis=1, dtype=float)
    if len(outcomes) == 0 or any(len(row) == 0 for row in outcomes):
        raise ValueError("no problems, or a problem without runs: there is no accuracy to estimate")
    return np.array([sum(row) / len(row) for row in outcomes], dtype=float)


def wilson(mean: float, size: float, quantile: float) -> tuple[float, float]:
    """Wilson's (1927) interval of a proportion from ``size`` observations."""
    weight = quantile**2 / size
    centre = (mean + weight / 2) / (1 + weight)
    half = quantile / (1 + weight) * math.sqrt(mean * (1 - mean) / size + weight / (4 * size))
    return max(0.0, min(centre - half, mean)), min(1.0, max(centre + half, mean))


def sign_test(better: int, worse: int) -> float:
    """Exact two-sided p-value of "better and worse are equally likely"; ties are left out."""
    count = better + worse
    tail = sum(math.comb(count, k) for k in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**count)) if count else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number (Holm 1979): below 0.05, one of them all is false in 5% at most."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


@lru_cache(maxsize=1024)
def t_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """The two-sided quantile of Student's t, by bisection of its exact distribution function."""
    low, high = 0.0, 1.0
    while t_mass(high, freedom) < confidence:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_mass(middle, freedom) < confidence else (low, middle)
    return high


def t_mass(t: float, freedom: int) -> float:
    """P(|T| <= t) for an integer ``freedom`` (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, squared = math.sin(angle), math.cos(angle) ** 2
    if freedom % 2 == 0:
        term, total = 1.0, 1.0
        for k in range(1, freedom // 2):
            term *= squared * (2 * k - 1) / (2 * k)
            total += term
        return sine * total
    if freedom == 1:
        return 2 * angle / math.pi
    term = total = math.cos(angle)
    for k in range(1, (freedom - 1) // 2):
        term *= squared * (2 * k) / (2 * k + 1)
        total += term
    return 2 / math.pi * (angle + sine * total)
