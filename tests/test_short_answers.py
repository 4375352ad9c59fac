"""Words, choices and distributions as models write them: the last answer counts, quoted instructions do not."""

import json
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caugym.gym.math_answers import MathAnswer
from caugym.gym.scoring import JUDGES, Key, score
from caugym.gym.short_answers import Choices, Distribution, Word

YES_NO, AMBIGUOUS, FOUR = ("Yes", "No"), ("Yes", "No", "Ambiguous"), ("1", "2", "3", "4")

LABELLED = Path(__file__).parent / "data" / "judged_short.jsonl"
JUDGED = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


def key_of(row: dict[str, Any]) -> Key:
    """The key of a labelled row from its text, which is the key's own."""
    text, options = row["key"], tuple(row.get("options", ()))
    if text.startswith("\\boxed{"):
        return MathAnswer(text[len("\\boxed{") : -1])
    if text.startswith("ANSWER\n"):
        return Distribution(tuple(Decimal(number) for number in text[len("ANSWER\n[") : -1].split(", ")))
    right = json.loads(text)["ANSWER"]
    return Choices(frozenset(right), options) if isinstance(right, list) else Word(right, options)


@pytest.fixture(scope="module")
def math_parser() -> None:
    """The first parse builds the package's grammar, which may outlast its time limit on a loaded machine."""
    score("\\boxed{1}", MathAnswer("1"))


@pytest.mark.usefixtures("math_parser")
@pytest.mark.parametrize("kind", sorted({row["kind"] for row in JUDGED}))
def test_hand_labelled_completions(kind: str) -> None:
    """Labelled by what a fair reader would say."""
    for row in (row for row in JUDGED if row["kind"] == kind):
        verdict = score(row["completion"], key_of(row), finish_reason=row.get("finish_reason"))
        assert verdict.reason == row["verdict"], (row, verdict)


def test_there_are_hand_labelled_completions_for_every_kind_of_key() -> None:
    keys = [key_of(row) for row in JUDGED]
    assert all(key.text() == row["key"] for key, row in zip(keys, JUDGED, strict=True))
    counts = Counter((type(key), row["verdict"]) for key, row in zip(keys, JUDGED, strict=True))
    assert len(JUDGED) >= 350 and len({(row["key"], row["completion"]) for row in JUDGED}) >= 350
    for kind in (Word, Choices, Distribution, MathAnswer):
        assert all(counts[kind, verdict] >= 4 for verdict in ("correct", "wrong_value", "no_answer")), kind


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
        ("ANSWER\n[0.07., 0.93]", "correct", "no_answer"),  # no number of Python's float
        ("ANSWER\n[0.07, 0.93.]", "correct", "no_answer"),
        ("ANSWER\n[.07, 0.93]", "correct", "correct"),
        (f"ANSWER\n[0.07, {'9' * 400}]", "no_answer", "wrong_value"),  # infinite
    ],
)
def test_distributions(completion: str, strict: str, published: str) -> None:
    assert (score(completion, KEY).reason, score(completion, KEY, "published").reason) == (strict, published)
    assert score("ANSWER", KEY, finish_reason="length").reason == "truncated"


def test_a_keys_own_text_is_right() -> None:
    keys: tuple[Key, ...] = (Word("No", YES_NO), Word("2", FOUR), Choices(frozenset("134"), FOUR), KEY)
    assert all(score(key.text(), key, judge).correct for key in keys for judge in JUDGES)


HOSTILE = [
    "answer: [1, ",
    "\\boxed{",
    "answer is [",
    "[0.1, ",
    "like ",
    "like [1,2] ",
    "answer is no longer ",
    "if the answer is no ",
    "answer: 1, ",
    '1""',
    "1    ",
    '{"answer": "no", ',
    '{"a": "answer is maybe"}',
    "answer\n",
    "so ",
    "yes no ",
    "1,3\n",
    "answer is 1 or 2 ",
    "answer: 1. x\n2. ",
    "答案：",
    "\\boxed{[0.1]}",
    "answer: yes or ",
    "[0.1, 0.2] answer is ",
    "answer: \n- 1",
    "<answer>",
    " ",
    '"',
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_no_time(piece: str) -> None:
    text, start = piece * (200_000 // len(piece)), time.process_time()
    for completion in (text, f"answer: {text}", f"{piece * (300 // len(piece))}?"):
        for key in (Word("1", FOUR), Word("No", YES_NO), Choices(frozenset("1"), FOUR), KEY):
            score(completion, key)
            score(completion, key, "published")
    assert time.process_time() - start < 20


WORDS = (
    "answer",
    "ANSWER",
    "答案",
    " is ",
    "yes",
    "No",
    "是",
    "true",
    "or",
    " no longer",
    "like ",
    " not ",
    "if ",
    "right",
)
SIGNS = (
    '"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    ".",
    "?",
    "1",
    "3",
    "0.5",
    "\n",
    "\\boxed{",
    "\\text{",
    "<answer>",
    "</think>",
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS + SIGNS), max_size=30).map("".join)))
def test_never_raises(completion: str) -> None:
    for key in (Word("1", FOUR), Word("No", AMBIGUOUS), Choices(frozenset("1"), FOUR), KEY):
        for judge in JUDGES:
            verdict = score(completion, key, judge)
            assert verdict == score(completion, key, judge) and verdict.correct == (verdict.reason == "correct")
