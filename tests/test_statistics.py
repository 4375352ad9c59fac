"""Intervals cover, differences pair by problem, and the quantiles are the textbook's."""

import numpy as np
import pytest

from caugym.evaluation.statistics import (
    estimate,
    holm,
    paired_difference,
    sign_test,
    stratified_estimate,
    t_quantile,
    wilson,
)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (10, 2.2281), (99, 1.9842), (10_000, 1.9602)]
)
def test_t_quantile_as_tabulated(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, abs=1e-4)


def test_wilson_as_published() -> None:
    assert wilson(0.1, 10, 1.959964) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_the_mean_weighs_problems_not_completions() -> None:
    result = estimate([[1, 1, 1, 1], [0], [1, 0]])
    assert result.mean == 0.5
    assert (result.problems, result.runs) == (3, 4)
    assert 0 <= result.low < result.mean < result.high <= 1


def test_correlated_runs_widen_the_interval() -> None:
    same = estimate([[1] * 5, [0] * 5] * 50)
    independent = estimate([[1, 0, 1, 0, 1], [0, 1, 0, 1, 0]] * 50)
    assert same.high - same.low > 2 * (independent.high - independent.low)


@pytest.mark.parametrize("value", [0, 1])
def test_all_wrong_and_all_right_keep_an_interval(value: int) -> None:
    result = estimate([[value] * 5] * 100)
    assert result.mean == value
    assert abs(result.low - result.high) == pytest.approx(0.038, abs=0.002)


def test_tasks_weigh_the_same() -> None:
    result = stratified_estimate({"ATE": [[1]] * 90, "PN": [[0]] * 10})
    assert result.mean == 0.5 and result.problems == 100


def test_nothing_to_estimate_is_an_error() -> None:
    for nothing in ({}, {"ATE": []}, {"ATE": [[]]}):
        with pytest.raises(ValueError, match="no problems"):
            stratified_estimate(nothing)


@pytest.mark.parametrize(
    ("problems", "accuracy", "correlation"),
    [
        *((100, 0.1, 0.3), (100, 0.3, 0.6), (100, 0.5, 0.9), (350, 0.9, 0.3), (60, 0.5, 0.1), (210, 0.05, 0.5)),
        *((30, 0.05, 0.6), (30, 0.95, 0.6), (30, 0.05, 0.9), (50, 0.05, 0.6), (50, 0.95, 0.3), (30, 0.1, 0.9)),
    ],
)
def test_the_interval_covers(problems: int, accuracy: float, correlation: float) -> None:
    """2,000 evaluations of five runs whose problems differ in difficulty (beta-binomial)."""
    rng = np.random.default_rng(5)
    scale = 1 / correlation - 1
    difficulty = rng.beta(accuracy * scale, (1 - accuracy) * scale, size=(2000, problems, 1))
    outcomes = rng.random((2000, problems, 5)) < difficulty
    estimates = [estimate(rows) for rows in outcomes]
    assert 0.93 <= np.mean([e.low <= accuracy <= e.high for e in estimates]) <= 0.97


@pytest.mark.parametrize("runs", [1, 5])
def test_the_interval_of_the_tasks_mean_covers(runs: int) -> None:
    """Seven tasks of very different accuracy, thirty problems each."""
    rng = np.random.default_rng(6)
    accuracies = {"ATE": 0.9, "CDE": 0.8, "ETT": 0.5, "NDE": 0.3, "NIE": 0.2, "PN": 0.1, "PS": 0.02}
    truth, covered = np.mean(list(accuracies.values())), []
    for _ in range(2000):
        rows = {t: rng.random((30, runs)) < rng.beta(p, 1 - p, (30, 1)) for t, p in accuracies.items()}
        result = stratified_estimate(rows)
        covered.append(result.low <= truth <= result.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_paired_difference_sees_what_unpaired_intervals_hide() -> None:
    hard, easy = [[0, 0]] * 40, [[1, 1]] * 50
    first, second = hard + easy + [[1, 1]] * 10, hard + easy + [[0, 0]] * 10
    result = paired_difference(first, second)
    assert result.mean == pytest.approx(0.1)
    assert 0 < result.low < 0.1 < result.high and 0 < result.bootstrap_low < 0.1 < result.bootstrap_high
    assert (result.better, result.worse) == (10, 0)
    assert result.p_value == pytest.approx(2 / 2**10)
    assert result == paired_difference(first, second)


def test_paired_difference_covers() -> None:
    rng = np.random.default_rng(7)
    truth = float(np.mean(np.minimum(1, np.linspace(0, 1, 100_001) * 1.2))) - 0.5
    t_covers, bootstrap_covers = [], []
    for index in range(400):
        difficulty = rng.beta(1, 1, (80, 1))
        first = rng.random((80, 5)) < np.minimum(1, difficulty * 1.2)
        second = rng.random((80, 5)) < difficulty
        result = paired_difference(first.tolist(), second.tolist(), seed=index, resamples=1000)
        t_covers.append(result.low <= truth <= result.high)
        bootstrap_covers.append(result.bootstrap_low <= truth <= result.bootstrap_high)
    assert 0.92 <= np.mean(t_covers) <= 0.98
    assert 0.91 <= np.mean(bootstrap_covers) <= 0.98


def test_pairs_must_be_the_same_problems() -> None:
    with pytest.raises(ValueError, match="2 and 1 problems"):
        paired_difference([[1], [0]], [[1]])


def test_holm_as_published() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.4]) == pytest.approx([0.9, 0.8]) and holm([0.7, 0.6]) == [1.0, 1.0] and holm([]) == []


def test_equal_models_do_not_differ() -> None:
    result = paired_difference([[1], [0]], [[1], [0]])
    assert (result.mean, result.low, result.high, result.p_value) == (0, 0, 0, 1)
    assert sign_test(0, 0) == 1.0
