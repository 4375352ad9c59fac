"""The released scripts' rules for answers of one word: where they and the strict judge differ, both ways."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caugym.evaluation import benchmarks
from caugym.evaluation import evaluate as module
from caugym.evaluation.evaluate import RESULT, SCORES, SETTINGS, Evaluation, evaluate
from caugym.evaluation.items import Item, checksum
from caugym.gym.released_words import RELEASED, Released
from caugym.gym.scoring import JUDGES, Judge, Key, Score, right_answer, score
from caugym.gym.short_answers import Choices, Word
from test_benchmarks import write_all
from test_evaluate import Scripted

FOUR, YES_NO, AMBIGUOUS = ("1", "2", "3", "4"), ("Yes", "No"), ("Yes", "No", "Ambiguous")
KEYS: dict[Released, Word] = {
    "causalprobe": Word("3", FOUR, "causalprobe"),
    "calm": Word("Yes", YES_NO, "calm"),
    "calm-cn": Word("Yes", YES_NO, "calm-cn"),
    "cladder": Word("No", YES_NO, "cladder"),
    "bbeh": Word("Ambiguous", AMBIGUOUS, "bbeh"),
}


def reasons(completion: str, key: Word) -> tuple[str, str]:
    """By the strict judge and by the published one."""
    return score(completion, key).reason, score(completion, key, "published").reason


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ('{"ANSWER": "3"}', "correct", "correct"),
        ("3", "correct", "correct"),
        ("In 3 of the reports it rained.\nAnswer: 2", "wrong_value", "correct"),
        ("<think>Is it 3?</think>\nAnswer: 2", "wrong_value", "correct"),
        ("<think>3", "no_answer", "correct"),
        ("30 days", "no_answer", "correct"),
        ("1. Rain fell.\n2. Then snow.\nAnswer: 3", "correct", "wrong_value"),
        ("It began in 2024, so the answer is 3.", "correct", "wrong_value"),
        ("By 0.5 degrees. Answer: 3", "correct", "no_answer"),
        ("Answer: ٣", "no_answer", "correct"),  # int reads the numerals of every script
        ("m² of ice. Answer: 3", "correct", "no_answer"),  # the script ends in an error
        ("The third one.", "no_answer", "no_answer"),
    ],
)
def test_causalprobe_takes_the_first_digit(completion: str, strict: str, published: str) -> None:
    assert reasons(completion, KEYS["causalprobe"]) == (strict, published)


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ('{"ANSWER": "Yes"}', "correct", "correct"),
        ('```json\n{"answer": "YES", "prob": 0.25}\n```', "correct", "correct"),
        ('{{"ANSWER": "Yes"}}', "correct", "correct"),
        ('{"ANSWER": yes , "PROB": 0.25}', "correct", "correct"),
        ("{'ANSWER': 'Yes'}", "correct", "correct"),
        ('{"ANSWER": "Yes"', "correct", "correct"),  # cut off
        ('\\frac{1}{2} {"PROB": "0.5"} {"ANSWER": "Yes"}', "correct", "correct"),
        ('{"ANSWER": "Yes"}. Wait, no: {"ANSWER": "No"}', "wrong_value", "correct"),
        ('like {"ANSWER": "Yes"}: I cannot tell', "no_answer", "correct"),
        ('<think>{"ANSWER": "Yes"}', "no_answer", "correct"),
        ('{"ANSWER": null}{"\\u0061nswer": "yes"}', "no_answer", "correct"),
        ('{"ANSWER": "No"}, no: {"ANSWER": "Yes"}', "correct", "wrong_value"),
        ("The answer is Yes.", "correct", "no_answer"),
        ("\\boxed{Yes}", "correct", "no_answer"),
        ('{"ANSWER": "Yes."}', "correct", "no_answer"),
        ('{"ANSWER": true}', "correct", "no_answer"),
        ('{ANSWER: "Yes"}', "correct", "no_answer"),  # values are put in quotes, names are not
        ('{"ANSWER": "是"}', "correct", "no_answer"),
        ('{"PROB": {"is": 0.25}, "ANSWER": "Yes"}', "correct", "no_answer"),  # the braces end too soon
    ],
)
def test_calm_takes_the_first_object_with_an_answer(completion: str, strict: str, published: str) -> None:
    assert reasons(completion, KEYS["calm"]) == (strict, published)


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ('{"ANSWER": "是"}', "correct", "correct"),
        ("{“ANSWER”: “是”}", "correct", "correct"),
        ('{"ANSWER": "是"} 不对：{"ANSWER": "否"}', "wrong_value", "correct"),
        ('{"ANSWER": "Yes"}', "correct", "no_answer"),
        ("答案：是", "correct", "no_answer"),
    ],
)
def test_calm_compares_with_the_word_of_the_chinese_file(completion: str, strict: str, published: str) -> None:
    assert reasons(completion, KEYS["calm-cn"]) == (strict, published)


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ("No", "correct", "correct"),
        (' "No", because it falls.', "correct", "correct"),
        ("Now we add the terms.", "no_answer", "correct"),
        ("Not at first sight. The answer is Yes.", "wrong_value", "correct"),
        ("Yes and no. The answer is No.", "correct", "wrong_value"),
        ("The answer is No.", "correct", "no_answer"),
        ('{"ANSWER": "No"}', "correct", "no_answer"),
        ("**No**", "correct", "no_answer"),
        ("None of the paths is open. So no.\nNo", "correct", "no_answer"),
    ],
)
def test_cladder_takes_the_beginning(completion: str, strict: str, published: str) -> None:
    assert reasons(completion, KEYS["cladder"]) == (strict, published)


@pytest.mark.parametrize(
    ("completion", "strict", "published"),
    [
        ("Many would disagree. The answer is: Ambiguous.", "correct", "correct"),
        ("The final answer is: $\\boxed{\\text{Ambiguous}}$", "correct", "correct"),
        ("The answer is: **Ambiguous**\nFor some say yes.", "correct", "correct"),
        ("ambiguous", "correct", "correct"),
        ("[Ambiguous]", "correct", "correct"),
        ("The answer is: Ambiguous?", "no_answer", "correct"),
        ("<think>The answer is: Ambiguous", "no_answer", "correct"),
        ("The answer is: Ambiguous\nAnswer: No", "wrong_value", "correct"),
        ('{"ANSWER": "Ambiguous"}', "correct", "no_answer"),
        ("the answer is: Ambiguous", "correct", "no_answer"),  # the prefix counts in this case alone
        ("The answer is: Ambiguous, I think", "correct", "no_answer"),
        ("Some say yes.\nAmbiguous", "correct", "no_answer"),
    ],
)
def test_bbeh_takes_what_follows_its_prefix(completion: str, strict: str, published: str) -> None:
    assert reasons(completion, KEYS["bbeh"]) == (strict, published)


def test_a_cut_off_completion_without_an_answer_is_truncated() -> None:
    assert {score("Hm", key, "published", "length").reason for key in KEYS.values()} == {"truncated"}


@pytest.mark.parametrize("released", RELEASED)
def test_a_key_keeps_its_rule_through_text(released: Released) -> None:
    key = KEYS[released]
    row = json.loads(json.dumps(asdict(key), ensure_ascii=False))
    again = Word(row["right"], tuple(row["options"]), row["released"])
    assert again == key and again != Word(key.right, key.options)
    shown = json.loads(json.dumps(Item("a", "?", key, "t").to_row()))
    assert shown["released"] == released and shown["answer"] == shown["published_answer"] == key.text()
    for right in key.options:
        completion = right_answer(Word(right, key.options, released), "published")
        assert score(completion, again, "published") == score(completion, key, "published")
        assert score(completion, again, "published").correct == (right == key.right)


def test_a_rule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown released rule 'x': expected one of causalprobe, calm"):
        Word("Yes", YES_NO, "x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("calm-natural", "calm"),
        ("calm-natural-cn", "calm-cn"),
        ("cladder", "cladder"),
        ("causalprobe-e", "causalprobe"),
        ("causalprobe-h", "causalprobe"),
        ("causalprobe-m", None),  # its keys are lists, with which the released scripts compare one number
        ("bbeh-causal", "bbeh"),
    ],
)
def test_benchmarks_name_their_rule(tmp_path: Path, name: str, released: str | None) -> None:
    (item,) = benchmarks.load(name, write_all(tmp_path))
    assert item.to_row().get("released") == released
    if released is None:
        assert isinstance(item.answer, Choices)
        assert score("1 and 3\n{'ANSWER': [2]}", item.answer) == score(
            "1 and 3\n{'ANSWER': [2]}", item.answer, "published"
        )


def as_before(completion: str, key: Key, judge: Judge, finish_reason: str | None) -> Score:
    """As the judges were before words had released rules."""
    return score(completion, Word(key.right, key.options) if isinstance(key, Word) else key, judge, finish_reason)


def test_finished_evaluations_are_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checksum of the items does not hold the rule, so that the folder still belongs to them."""

    def idle(request: Any) -> str:
        raise AssertionError("the model was asked")

    evaluation = Evaluation("scripted", "causalprobe-e", data=write_all(tmp_path / "data"), runs=2)
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(module, "score", as_before)
        first = evaluate(evaluation, out, Scripted(lambda request: "In 2024 it rained.\nAnswer: 3"))
    assert first["judges"]["published"]["mean"]["mean"] == first["judges"]["strict"]["mean"]["mean"] == 1.0
    before = (out / SETTINGS).read_bytes()
    second = evaluate(evaluation, out, Scripted(idle))
    assert second["judges"]["published"]["mean"]["mean"] == 0.0 and "judged_again" in second
    assert second["judges"]["strict"] == first["judges"]["strict"] and (out / SETTINGS).read_bytes() == before
    assert json.loads((out / RESULT).read_text()) == second
    rows = [json.loads(line) for line in (out / SCORES).read_text().splitlines()]
    assert [(row["strict"]["reason"], row["published"]["reason"]) for row in rows] == [("correct", "wrong_value")] * 2
    key = KEYS["causalprobe"]
    assert checksum([Item("a", "?", key, "t")]) == checksum([Item("a", "?", Word(key.right, key.options), "t")])


@pytest.mark.parametrize("name", ["bbeh-causal", "cladder", "calm-natural-cn"])
def test_the_best_constant_answer_is_given_in_the_form_of_the_rule(tmp_path: Path, name: str) -> None:
    evaluation = Evaluation("scripted", name, data=write_all(tmp_path / "data"), runs=1)
    result = evaluate(evaluation, tmp_path / "out", Scripted(lambda request: "?"))
    assert {result["constant_answer"][judge]["mean"]["mean"] for judge in JUDGES} == {1.0}


HOSTILE = [
    *("{", "}", "{{", "{}", '{"answer": ', '{"answer": null} ', "{'answer': ", '{"a": b, ', '{"answer: a , ', '{"\\u'),
    *("The answer is: ", "boxed{", "$", "**", '"', "none ", "no ", "²", "é ", "三 ", " ", "{“", "answer"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_no_time(piece: str) -> None:
    text, start = piece * (500_000 // len(piece)), time.process_time()
    for completion in (text, "{" + text, '{"answer": ' + text + "}", text + "}"):
        for key in KEYS.values():
            score(completion, key, "published")
    assert time.process_time() - start < 10


def test_what_ends_a_script_in_an_error_is_no_answer() -> None:
    deep = '{"a": ' + "[" * 100_000 + '} {"answer": ' + "9" * 10_000 + "}"
    for text in (deep, '{"answer": ' + "[" * 100_000, "①", "²"):
        assert {score(text, key, "published").reason for key in KEYS.values()} <= {"no_answer", "wrong_value"}


PIECES = (
    *('{"', "answer", '": ', '"yes"', "yes", "no", "}", "{", "3", "²", "'", "“", ",", "\\u", "是", "."),
    *("The answer is: ", "None ", "boxed{", "$"),
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_never_raises(completion: str) -> None:
    for key in KEYS.values():
        verdict = score(completion, key, "published")
        assert verdict.correct == (verdict.reason == "correct")
        assert verdict.parsed is None or verdict.parsed == Word(verdict.parsed.right, key.options)  # type: ignore[union-attr]
