"""The judge: hand-labelled completions of every kind, hostile text, the published behaviour and speed."""

import json
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caugym.gym.number_text import read_number
from caugym.gym.problem import Answer
from caugym.gym.scoring import format_reward, score
from caugym.gym.thinking import final_text

YES = '{"ANSWER": "Yes", "PROB": "0.1234"}'
EIGHTH = '{"PROB": "0.125"}'
LACK = "LACK_CONDITION"
REQUEST = 'and a final "yes" or "no" answer in JSON format, like {"ANSWER": "Yes", "PROB": "0.1234"}:'
LACK_HINT = 'If the condition is not enough to solve the question, output "LACK_CONDITION" as final answer.'

RIGHT_IN_ANY_FORM = [
    YES,
    "{'ANSWER': 'Yes', 'PROB': '0.1234'}",
    '{"answer": "yes", "prob": "0.1234"}',
    '{"Answer": "YES", "Prob": 0.1234}',
    '{"PROB": "0.1234", "ANSWER": "Yes"}',
    '{"ANSWER": "Yes", "PROB": "0.1234", "CONFIDENCE": 0.9, "note": null}',
    '{"steps": {"a": 1, "b": {"c": 2}}, "PROB": "0.1234", "ANSWER": "Yes"}',
    '{"result": {"ANSWER": "Yes", "PROB": "0.1234"}}',
    '{{"ANSWER": "Yes", "PROB": "0.1234"}}',
    '[{"ANSWER": "Yes", "PROB": "0.1234"}]',
    '{"ANSWER": true, "PROB": 0.1234}',
    "{'ANSWER': 'Yes', 'why': 'it's positive', 'PROB': '0.1234'}",
    "{“ANSWER”: “Yes”, “PROB”: “0.1234”}",
    "{ANSWER: Yes, PROB: 0.1234}",
    '{\n  "ANSWER": "Yes",\n  "PROB": "0.1234",\n}',
    r"{\"ANSWER\": \"Yes\", \"PROB\": \"0.1234\"}",
    f"```json\n{YES}\n```",
    f"```\n{YES}\n```\nThat is, more likely with all probability.",
    f"Step 7: the answer is Yes.\n\n{YES}<|im_end|>",
    f"<answer>{YES}</answer>",
    rf"\boxed{{{YES}}}",
    r"\boxed{\{\text{ANSWER}: \text{Yes}, \text{PROB}: 0.1234\}}",
    r"$\boxed{\text{Yes}, 0.1234}$",
    r"\boxed{0.1234, \text{Yes}}",
    r"The answer is \boxed{\text{Yes}} with probability \boxed{0.1234}.",
    '{"ANSWER": "Yes"} {"PROB": "0.1234"}',
    "ANSWER: Yes, PROB: 0.1234",
    "**ANSWER**: Yes\n**PROB**: 0.1234",
    "The final answer: ANSWER: Yes, PROB: 0.1234.",
    '{"ANSWER": "Yes", "PROB": "0.123400"}',
    '{"ANSWER": "Yes", "PROB": "+.1234"}',
    '{"ANSWER": "Yes", "PROB": "12.34%"}',
    r'{"ANSWER": "Yes", "PROB": "12.34\\%"}',
    '{"ANSWER": "Yes", "PROB": "12.34 percent"}',
    '{"ANSWER": "Yes", "PROB": "617/5000"}',
    r'{"ANSWER": "Yes", "PROB": "\frac{617}{5000}"}',
    '{"ANSWER": "Yes", "PROB": "1.234e-1"}',
    '{"ANSWER": "Yes", "PROB": 1234E-4}',
    '{"ANSWER": "Yes", "PROB": "≈ 0.1234"}',
    '{"ANSWER": "Yes", "PROB": "0.4358-0.3124=0.1234"}',
    '{"ANSWER": "Yes", "PROB": "０.１２３４"}',
    '{"ANSWER": "Yes", "PROB": "0.1239"}',
    '{"ANSWER": "Yes", "PROB": "0.1229"}',
    f"<think>Perhaps it is 0.9. {{'PROB': '0.9'}}</think>{YES}",
    f"no opening tag</think>\n{YES}",
    f"{REQUEST}\n{YES}",
    f'First try: {{"ANSWER": "No", "PROB": "0.9"}}. Wait, that is wrong.\n{YES}',
    f'{YES}\nThis has the form that you asked for, like {{"ANSWER": "No", "PROB": "0.9999"}}.',
    f"{YES}\nSo it is not LACK_CONDITION.",
    f"Is it LACK_CONDITION? No, all is given.\n{YES}",
    '{"ANSWER": "Yes", "PROB": 0,1234}',
    f"{YES}\nIt is not {{'ANSWER': 'No', 'PROB': '0.9'}}.",
    f'{YES}\nformat: {{"ANSWER": "...", "PROB": "..."}}',
    f'{YES}\nThe form was {{"ANSWER": "Yes/No", "PROB": "<value>"}}',
    f"I was asked whether it rises or not {YES}",
    f"It is not lower:\n{YES}",
    f"{YES}\nThe answer is positive, so the probability rises: \\boxed{{done}}",
]

WRONG = [
    ('{"ANSWER": "Yes", "PROB": "0.12391"}', "wrong_value"),
    ('{"ANSWER": "Yes", "PROB": "0.1228"}', "wrong_value"),
    ('{"ANSWER": "Yes", "PROB": "-0.1234"}', "wrong_value"),
    ('{"ANSWER": "Yes", "PROB": "−0.1234"}', "wrong_value"),
    ('{"ANSWER": "No", "PROB": "0.5"}', "wrong_value"),
    ('{"ANSWER": "Yes", "PROB": "12.34"}', "wrong_value"),
    ('{"ANSWER": "Yes", "PROB": "99999999999999999999"}', "wrong_value"),
    (f'{YES}\nOn reflection:\n{{"ANSWER": "Yes", "PROB": "0.5"}}', "wrong_value"),
    (" ".join(f'{{"ANSWER": "Yes", "PROB": "{i / 1000:.4f}"}}' for i in range(1000)), "wrong_value"),
    (f"{YES}\nLACK_CONDITION", "wrong_value"),
    (LACK, "wrong_value"),
    ('{"ANSWER": "LACK_CONDITION", "PROB": "LACK_CONDITION"}', "wrong_value"),
    ('{"ANSWER": "No", "PROB": "0.1234"}', "wrong_decision"),
    ('{"ANSWER": "Yes or No", "PROB": "0.1234"}', "wrong_decision"),
    ('{"PROB": "0.1234"}', "wrong_decision"),
    (r"\boxed{0.1234}", "wrong_decision"),
    (f'{YES} or {{"ANSWER": "No", "PROB": "0.1234"}}', "wrong_decision"),
    ("", "no_answer"),
    ("I do not know.", "no_answer"),
    ("ATE = 0.1234 > 0 so the answer is Yes.", "no_answer"),
    (REQUEST, "no_answer"),
    (f"Provide the result {REQUEST}\nLet's think step by step. {LACK_HINT}", "no_answer"),
    ('{"ANSWER": "Yes"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": ""}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "NaN"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": Infinity}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "1e999"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "1/0"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "0.4358-0.3124"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "0.1234 or 0.2"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": ["0.1234", "0.2"]}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "0.1234", "PROB": "0.2"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "__import__(\'os\').getcwd()"}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": "0.12', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": 0.1234', "no_answer"),
    (f"{YES}\nfinally " + '{"ANSWER": "Yes", "PROB": "x"}', "no_answer"),
    (r"\boxed{0.1234 or 0.2}", "no_answer"),
    (f"<think>{YES}", "no_answer"),
    (f"<think>{YES}</think>I am done.", "no_answer"),
    (f"{YES}<think>hm", "no_answer"),
    (f"The answer is not {YES}.", "no_answer"),
    (f"It isn't {YES}", "no_answer"),
    (f'{YES}\n{{"ANSWER": "Yes", "PROB": ["0.1", "0.2"]}}', "no_answer"),  # several values, no form
    (f"I would say No rather than {YES}", "no_answer"),
    (rf"The answer is not \boxed{{{YES}}}.", "no_answer"),
    ('{"ANSWER": "Yes", "PROB": 1,234}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": 0.1234,0.2}', "no_answer"),
    ('{"ANSWER": "Yes", "PROB": 0,2}', "wrong_value"),
]

LACKS = [
    (LACK, True),
    ('"LACK_CONDITION"', True),
    ("**LACK_CONDITION**", True),
    ("lack_condition", True),
    ("```\nLACK_CONDITION\n```", True),
    (r"\boxed{LACK\_CONDITION}", True),
    (r"\boxed{\text{LACK_CONDITION}}", True),
    ("LACK_CONDITION</answer><|im_end|>", True),
    ("The final answer is LACK_CONDITION.", True),
    ('P(Z) is missing, the conditions are not enough, so the answer is "LACK_CONDITION" as final answer.', True),
    ("Final answer: LACK_CONDITION, because P(Z) is not given.", True),
    ("LACK_CONDITION\n\nThe probability of Z is not given.", True),
    ("P(Z) is missing, so I output LACK_CONDITION since it is needed.", True),
    ('{"ANSWER": "LACK_CONDITION"}', True),
    ('{"ANSWER": "LACK_CONDITION", "PROB": null}', True),
    ('{"ANSWER": "No", "PROB": "0"}\nNo, P(Z) is missing.\nLACK_CONDITION', True),
    (f"Let's think step by step. {LACK_HINT}\n\nP(Z) is missing.\nLACK_CONDITION", True),
    ("The condition is not enough to solve the question. LACK_CONDITION.\nNote that P(Z) is not given.", True),
    ("P(Z) is missing. Therefore, LACK_CONDITION.\nNote that P(X) is given.", True),
    ("Is P(Z) missing? LACK_CONDITION. That is what I would write then.", False),
    ("Provide the answer: LACK_CONDITION or a number?", False),
    ("Provide a number or LACK_CONDITION.", False),
    ("Answer: LACK_CONDITION, is that right?", False),
    ("<think>LACK_CONDITION</think>I am done.", False),
    (LACK_HINT, False),
    ("The answer is not LACK_CONDITION.", False),
    ("We don't need to output LACK_CONDITION.", False),
    ("Is it LACK_CONDITION?", False),
    ("LACK_CONDITION is what I would say if something was missing, but nothing is.", False),
    ('Answer: LACK_CONDITION\nNo: {"ANSWER": "No", "PROB": "0"}', False),
    ('{"ANSWER": "LACK_CONDITION", "PROB": "0.1"}', False),
    (YES, False),
    ("", False),
]


JUDGED = [json.loads(line) for line in (Path(__file__).parent / "data" / "judged.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in JUDGED}))
def test_hand_labelled_completions(kind: str) -> None:
    """Labelled by reading them, before the judge saw them; what was read and why is said for each."""
    for row in (row for row in JUDGED if row["kind"] == kind):
        verdict = score(row["completion"], row["key"], finish_reason=row.get("finish_reason"))
        assert verdict.reason == row["verdict"], (row, verdict)
        assert verdict.correct == (row["verdict"] == "correct") and verdict.explanation
        assert (verdict.parsed is None) == (row["verdict"] in ("no_answer", "truncated"))


def test_there_are_hand_labelled_completions_of_every_verdict() -> None:
    counts = Counter(row["verdict"] for row in JUDGED)
    assert len(JUDGED) >= 400 and min(counts.values()) >= 15 and len(counts) == 5


@pytest.mark.parametrize("completion", RIGHT_IN_ANY_FORM)
def test_right_in_any_form(completion: str) -> None:
    result = score(completion, YES)
    assert result.correct and result.reason == "correct", result
    assert result.parsed is not None and result.parsed.decision is True


@pytest.mark.parametrize(("completion", "reason"), WRONG)
def test_wrong(completion: str, reason: str) -> None:
    result = score(completion, YES)
    assert (result.correct, result.reason) == (False, reason), result
    assert (result.parsed is None) == (reason == "no_answer")
    assert result.explanation


@pytest.mark.parametrize(("completion", "right"), LACKS)
def test_lack_condition(completion: str, right: bool) -> None:
    result = score(completion, LACK)
    assert result.correct is right, result


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ('{"PROB": "0.125"}', "correct"),
        ('{"ANSWER": "No", "PROB": "1/8"}', "correct"),
        (r"\boxed{\frac{1}{8}}", "correct"),
        (r"\boxed{P = 12.5\%}", "correct"),
        ("PROB: ½", "wrong_value"),
        ("PROB = 0.125", "correct"),
        ('{"probability": 0.1254}', "correct"),
        ('{"PROB": "0.1256"}', "wrong_value"),
        ('{"PROB": 0,125}', "correct"),
        ('{"PROB": "[0.125]"}', "correct"),  # a value in brackets, no placeholder
        ('it is definitely not {"PROB": "0.125"}', "no_answer"),
        (r"The answer is not \boxed{0.125}.", "no_answer"),
        ("0.125", "no_answer"),
    ],
)
def test_bounds_ask_for_the_value_alone(completion: str, reason: str) -> None:
    assert score(completion, EIGHTH).reason == reason


def test_truncated_is_an_answer_cut_off_by_length() -> None:
    for completion in ("Step 1: ...", f"<think>{YES}", '{"ANSWER": "Yes", "PROB": "0.12'):
        assert score(completion, YES, finish_reason="length").reason == "truncated"
        assert score(completion, YES, finish_reason="stop").reason == "no_answer"
    assert score(YES, YES, finish_reason="length").correct


def test_every_key_is_its_own_right_answer() -> None:
    for text in (
        YES,
        EIGHTH,
        LACK,
        '{"ANSWER": "No", "PROB": "0"}',
        '{"ANSWER": "No", "PROB": "-0.06"}',
        '{"PROB": "1.0000"}',
    ):
        for judge in ("strict", "published"):
            assert score(text, Answer.from_text(text), judge).correct
            assert score(Answer.from_text(text).text(), text, judge).correct


def test_a_bad_key_or_judge_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not an answer key: 'maybe'"):
        score(YES, "maybe")
    with pytest.raises(ValueError, match="unknown judge 'lenient'"):
        score(YES, YES, "lenient")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("completion", "key", "right"),
    [
        (YES, YES, True),
        ('{"ANSWER": "No", "PROB": "0.1234"}', YES, True),  # yes/no is ignored
        ('{"PROB": "0.1234"}', YES, True),
        ('{"ANSWER":"Yes","PROB":0.1236}', YES, True),
        (f'{YES} {{"ANSWER": "No", "PROB": "0.9"}}', YES, True),  # any of several
        (f"<think>{YES}", YES, True),
        (f"Provide it {REQUEST}", YES, True),  # even the prompt's own example
        ('{"ANSWER": "Yes", "PROB": "0.124"}', YES, False),
        ("{'ANSWER': 'Yes', 'PROB': '0.1234'}", YES, False),
        ('{"answer": "Yes", "prob": "0.1234"}', YES, False),
        ('{"ANSWER": "Yes", "PROB": "0.1234", "note": "x"}', YES, False),
        (r"\boxed{0.1234}", YES, False),
        (rf"\boxed{{{YES}}}", YES, False),
        (rf"\boxed{YES}", YES, False),
        ('{"ANSWER": "Yes", "PROB": "12.34%"}', YES, False),
        ('{"ANSWER": "Yes", "PROB": "nan"}', YES, False),
        ("It is not LACK_CONDITION.", LACK, True),
        ("lack_condition", LACK, False),
        (LACK, YES, False),
    ],
)
def test_published(completion: str, key: str, right: bool) -> None:
    assert score(completion, key, "published").correct is right


def test_format_reward() -> None:
    for completion in (YES, f"steps\n{YES}\n", EIGHTH, f"<think>x</think>{LACK}", 'Answer: "LACK_CONDITION"'):
        assert format_reward(completion) == 1.0
    for completion in (
        "",
        f"{YES} done",
        YES.lower(),
        '{"PROB": 0.1}',
        '{"ANSWER": "Maybe", "PROB": "0.1"}',
        f"<think>{YES}",
    ):
        assert format_reward(completion) == 0.0


HOSTILE = [
    "prob: ",
    "{}prob:",
    '{"prob":',
    "\\boxed{",
    "\\boxed{1{",
    'like {"prob": "1"} ',
    "LACK_CONDITION? ",
    '{"answer":',
    "{",
    "}",
    "answer: {} ",
    '{"PROB": "1',
    "<think>",
    "lack_condition x\n",
    "prob=         ",
    '{"PROB": ["',
    "İ",
    '"ANSWER": "Yes",',
    "not LACK_CONDITION ",
    "prob:'",
    "\\",
    " ",
    "9",
    "if ",
    "\u0000",
    "</think>",
    "\\frac{",
    '{"PROB": "',
    "answer is\n",
    "answer is yes ",
    "\\boxed{1" + " " * 900 + "1}",
    "answer: " + " " * 150 + "0",
    "Probability: 0.4\n",
    "<channel",
    "[THINK]",
    "-",
    "/",
]


def test_braces_without_end_take_bounded_time() -> None:
    start = time.process_time()
    for text in ("{" * 500_000 + '{"PROB": "1"}' * 40_000, '{"PROB":1,"a":' * 60_000 + "}" * 60_000):
        for judge in ("strict", "published"):
            score(text, YES, judge)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_hostile_text_takes_bounded_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    for completion in (text, text + YES, '{"ANSWER": "Yes", "PROB": "' + text + '"}'):
        for judge in ("strict", "published"):
            score(completion, YES, judge)
        format_reward(completion)
    assert time.process_time() - start < 10


PIECES = st.sampled_from(
    [
        '"',
        "'",
        "{",
        "}",
        "\\",
        "ANSWER",
        "PROB",
        "prob",
        ":",
        "=",
        ",",
        "Yes",
        "no",
        "0.1234",
        "1e9",
        "-",
        "%",
        "/",
        "\n",
        "<think>",
        "</think>",
        "\\boxed{",
        "\\frac{1}{2}",
        "LACK_CONDITION",
        "lack\\_condition",
        "NaN",
        "like ",
        "9" * 30,
        "İ",
        "½",
        " ",
        "null",
        "[",
        "]",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)), st.sampled_from([YES, EIGHTH, LACK]))
def test_never_raises_and_is_deterministic(completion: str, key: str) -> None:
    for judge in ("strict", "published"):
        result = score(completion, key, judge)
        assert result == score(completion, key, judge)
        assert result.correct == (result.reason == "correct")
    assert format_reward(completion) in (0.0, 1.0)


def test_only_one_character_grows_in_lower_case() -> None:
    """The reader searches the lower-cased text and cuts from the original: positions must agree."""
    assert [chr(c) for c in range(0x110000) if len(chr(c).lower()) != 1] == ["İ"]
    assert final_text("İİ</think>İ x") == "İ x"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", "0.5"),
        ("-.5", "-0.5"),
        ("−0.5", "-0.5"),
        ("- 0.5", "-0.5"),
        ("1/4", "0.25"),
        ("50 %", "0.5"),
        ("5e-1", "0.5"),
        ("0,5", "0.5"),
        ("½", "0.5"),
        (r"-\dfrac{1}{2}", "-0.5"),
        ("$0.5$", "0.5"),
        ("0.5.", "0.5"),
        ("x = 0.5", "0.5"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "x", "inf", "nan", "1/2/3", "1/0", "1-2", "1e999", "1e99999999", "0x1F", "1_000", "9" * 2000]
)
def test_no_numbers(text: str) -> None:
    assert read_number(text) is None


def test_speed() -> None:
    """benchmarks/score_speed.py asks for 20,000 a second; a loaded machine gets a margin, in CPU time."""
    body = "For those with talent being high, the probability of success being high is 0.4358. " * 96
    completions = [body[i:] + YES for i in range(100)]
    key, start = Answer.from_text(YES), time.process_time()
    for completion in completions * 10:
        score(completion, key)
    assert 1000 / (time.process_time() - start) > 10_000
