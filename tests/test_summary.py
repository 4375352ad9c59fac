"""pass@k, majority votes, failed requests and costs in result.json."""

import itertools

import pytest

from caugym.evaluation.backends import Completion, Failure
from caugym.evaluation.items import Item
from caugym.evaluation.summary import Prices, majority, pass_at_k, summarize
from caugym.gym.problem import Answer
from caugym.gym.scoring import JUDGES, score

KEY = Answer.from_text('{"PROB": "0.5"}')


def said(*values: str) -> list[str]:
    return [f'{{"PROB": "{value}"}}' if value else "I do not know." for value in values]


def test_pass_at_k_is_the_share_of_subsets_with_a_right_run() -> None:
    for right, k in itertools.product(range(6), range(1, 6)):
        subsets = list(itertools.combinations([True] * right + [False] * (5 - right), k))
        assert pass_at_k(right, 5, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@pytest.mark.parametrize(
    ("values", "right"),
    [
        (("0.5", "0.5", "0.1"), True),
        (("0.1", "0.5", "0.1"), False),
        (("0.1", "0.5"), False),
        (("", "", "0.5"), True),
        (("0.5", "0.50", "0.1", "0.1"), True),
        (("", ""), False),
    ],
)
def test_majority_counts_answers_alone(values: tuple[str, ...], right: bool) -> None:
    assert majority([score(text, KEY) for text in said(*values)]) is right


def test_only_completions_count() -> None:
    items = [Item(name, name, KEY, "PN") for name in ("a", "b", "c")]
    texts = {("a", 0): "0.5", ("a", 1): "0.1", ("b", 0): "0.5"}
    completions = {key: Completion(*key, said(value)[0], "stop", 10, 100) for key, value in texts.items()}
    completions["b", 1] = Completion("b", 1, said("0.5")[0], "stop", 0)
    scores = {key: {judge: score(made.text, KEY, judge) for judge in JUDGES} for key, made in completions.items()}
    failures = [Failure("c", 0, "HTTP 500"), Failure("c", 1, "HTTP 500")]
    result = summarize(items, 2, scores, completions, failures, Prices(2.0, 5.0))
    strict = result["judges"]["strict"]
    assert strict["mean"]["mean"] == 0.75 and strict["mean"]["problems"] == 2
    assert strict["pass_at_k"] == {"1": 0.75, "2": 1.0}
    assert strict["majority_vote"]["mean"]["mean"] == 1.0
    assert result["failed_requests"] == 2 and result["failures"] == {"HTTP 500": 2}
    assert result["failed_tasks"] == {}
    usage = {"prompt_tokens": 300, "completion_tokens": 30, "completions_without_count": 1, "cost": 0.00075}
    assert result["usage"] == usage


def test_a_task_whose_requests_all_failed_is_named() -> None:
    items = [Item("a", "a", KEY, "PN"), Item("b", "b", KEY, "PS")]
    completions = {("a", run): Completion("a", run, said("0.5")[0], "stop", 1) for run in (0, 1)}
    scores = {key: {judge: score(made.text, KEY, judge) for judge in JUDGES} for key, made in completions.items()}
    failures = [Failure("b", run, "HTTP 500") for run in (0, 1)]
    result = summarize(items, 2, scores, completions, failures, None)
    assert result["failed_tasks"] == {"PS": {"problems": 0, "failed_requests": 2}}
    assert list(result["judges"]["strict"]["tasks"]) == ["PN"]
