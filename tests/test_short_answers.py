"""Words, choices and distributions as models write them: the last answer counts, quoted instructions do not."""

import time
from decimal import Decimal

import pytest

from caugym.gym.scoring import JUDGES, Key, score
from caugym.gym.short_answers import Choices, Distribution, Word

YES_NO, AMBIGUOUS, FOUR = ("Yes", "No"), ("Yes", "No", "Ambiguous"), ("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("completion", "options", "read"),
    [
        ('{"ANSWER": "Yes"}', YES_NO, "Yes"),
        ("Step 1: no path.\n```json\n{'answer': 'no'}\n```", YES_NO, "No"),
        ("\\boxed{\\text{No}}", YES_NO, "No"),
        ("The answer is **Yes**.", YES_NO, "Yes"),
        ("So the answer is No. Wait.\nAnswer: Yes", YES_NO, "Yes"),
        ("Yes, because it rises.", YES_NO, "Yes"),
        ("The effect is negative.\n\n**No**", YES_NO, "No"),
        ('Answer in the form like {"ANSWER": "Yes"}: I cannot tell.', YES_NO, None),
        ("<think>The answer is Yes", YES_NO, None),
        ("<think>The answer is Yes</think>\nAnswer: No", YES_NO, "No"),
        ('{"ANSWER": "Yes or No"}', YES_NO, None),
        ("The answer is not Yes", YES_NO, None),
        ("Nobody knows", YES_NO, None),
        ("Now we add the terms.", YES_NO, None),
        ("", YES_NO, None),
        ('{"ANSWER": "Ambiguous"}', AMBIGUOUS, "Ambiguous"),
        ("ambiguous", AMBIGUOUS, "Ambiguous"),
        ('{"ANSWER": "3"}', FOUR, "3"),
        ('{"ANSWER": 3}', FOUR, "3"),
        ("The answer is option 2.", FOUR, "2"),
        ("The correct answer is (4)", FOUR, "4"),
        ("1. First, the text says so.\n2. Then it stops.", FOUR, None),
        ("\\boxed{3}", FOUR, "3"),
        ("Answer: 12", FOUR, None),
        ("Answer: 2.5", FOUR, None),
        ("Answer: 2.", FOUR, "2"),
    ],
)
def test_words(completion: str, options: tuple[str, ...], read: str | None) -> None:
    for judge in JUDGES:
        for right in options:
            verdict = score(completion, Word(right, options), judge)
            assert verdict.correct == (right == read)
            assert verdict.parsed == (None if read is None else Word(read, options))
            assert verdict.reason == ("no_answer" if read is None else "correct" if right == read else "wrong_value")


@pytest.mark.parametrize(
    ("completion", "read"),
    [
        ('{"ANSWER": ["1", "3"]}', "13"),
        ('{"ANSWER": [3, 1]}', "13"),
        ('{"ANSWER": "1, 3"}', "13"),
        ("The right answers are 1, 2 and 4.", "124"),
        ("Answer: 2", "2"),
        ("\\boxed{1, 4}", "14"),
        ("Answer: options 1 and 3", "13"),
        ('like {"ANSWER": ["1"]} - I do not know', None),
        ("Answer: 7", None),
        ("none", None),
    ],
)
def test_choices(completion: str, read: str | None) -> None:
    key = Choices(frozenset("13"), FOUR)
    verdict = score(completion, key)
    assert verdict.parsed == (None if read is None else Choices(frozenset(read), FOUR))
    assert verdict.correct == (read == "13")


KEY = Distribution((Decimal("0.07"), Decimal("0.93")))


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ("THOUGHT PROCESS\nP = [0.5, 0.5]\n\nANSWER\n[0.07, 0.93]", "correct", "correct"),
        ("ANSWER\n[0.08, 0.92]", "wrong_value", "wrong_value"),
        ("ANSWER\n[0.06, 0.94]", "wrong_value", "correct"),  # 0.01 in floating point is a little less
        ("ANSWER\n[0.09, 0.91]", "wrong_value", "wrong_value"),
        ("ANSWER: [0.07, 0.93]", "correct", "no_answer"),
        ("ANSWER\n[0.07,0.93]", "correct", "no_answer"),
        ("ANSWER\n[0.0712, 0.9288]", "correct", "correct"),
        ("ANSWER\n[0.07, 0.03, 0.9]", "wrong_value", "wrong_value"),
        ("so \\boxed{[0.07, 0.93]}", "correct", "no_answer"),
        ("P(v0) = [0.07, 0.93]\nSo we multiply", "no_answer", "no_answer"),
        ("ANSWER\nunknown", "no_answer", "no_answer"),
        ("ANSWER [a, b]", "no_answer", "no_answer"),
    ],
)
def test_distributions(completion: str, strict: str, published: str) -> None:
    assert (score(completion, KEY).reason, score(completion, KEY, "published").reason) == (strict, published)
    assert score("ANSWER", KEY, finish_reason="length").reason == "truncated"


def test_a_keys_own_text_is_right() -> None:
    keys: tuple[Key, ...] = (Word("No", YES_NO), Word("2", FOUR), Choices(frozenset("134"), FOUR), KEY)
    assert all(score(key.text(), key, judge).correct for key in keys for judge in JUDGES)


def test_hostile_text_costs_no_time() -> None:
    hostile = ("answer: [1, " * 4_000, "\\boxed{" * 4_000, "answer is [" * 4_000, "[0.1, " * 4_000, "like " * 4_000)
    start = time.process_time()
    for text in hostile:
        for key in (Word("1", FOUR), Word("No", YES_NO), Choices(frozenset("1"), FOUR), KEY):
            score(text, key)
            score(text, key, "published")
    assert time.process_time() - start < 20
