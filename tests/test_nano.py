"""nano's tokenizer, column arithmetic, worked form and drills."""

from __future__ import annotations

import random
import re

import pytest

from caugym.gym.generate import generate_many
from caugym.gym.problem import TASKS, Answer
from caugym.nano import arithmetic, drills, worked

tokenizer_module = pytest.importorskip("caugym.nano.tokenizer")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_module.build()


def test_products_and_quotients_are_within_one_unit_of_the_exact_ones():
    rng = random.Random(4)
    for _ in range(3000):
        a, b = rng.randint(-9999, 9999), rng.randint(-9999, 9999)
        product = arithmetic.multiply(a, b)[1]
        assert 0 <= abs(a * b) / arithmetic.UNIT - abs(product) < 1.0001
        c = rng.randint(1, 9999)
        n = rng.randint(0, c - 1)
        text, quotient = arithmetic.divide(n, c, rng, slips=0.3)
        assert quotient == n * arithmetic.UNIT // c
        digits = re.sub(r"\d(\[\d\d\]){4}x", "", text.removeprefix("\ndiv"))
        assert re.findall(r"(\d)(?:\[\d\d\]){4}", digits) == list(f"{quotient:04d}")


def test_the_rows_of_a_product_are_the_column_sums_of_long_multiplication():
    # 0.1234 * 0.5678, lowest digit first: 4321 times 8, 7, 6, 5; column 0 of row one is 4 * 8 = 32.
    text, product = arithmetic.multiply(1234, 5678)
    assert text.startswith("\nmul8[32][27][18][09]7")
    assert product == 700


def test_a_value_of_five_digits_is_refused():
    with pytest.raises(arithmetic.ColumnOverflowError, match=r"1\.2"):
        arithmetic.add(9000, 3000)


@pytest.mark.parametrize("task", TASKS)
def test_the_worked_form_ends_in_the_answer(task):
    written = 0
    for problem in generate_many(task, 25, seed=77):
        try:
            text = worked.solution(problem)
        except worked.NotWritableError:
            continue
        written += 1
        answer = Answer.from_text(text.splitlines()[-1])
        assert answer.value is not None and problem.answer.value is not None
        assert abs(answer.value - problem.answer.value) <= arithmetic.UNIT**-1 * worked.ROUNDING
        assert answer.decision == problem.answer.decision
    assert written >= 23


def test_tokens_round_trip_and_stay_few(tokenizer):
    for text in ("for those with ydlu being low (a=0),", "żółć 🙂 \t end", "\ny+|x+z0=+1767\nsub=-9031", "a\n\nb"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert len(tokenizer("\ny+|x+z0=+1767")["input_ids"]) == 8
    answer = '{"ANSWER": "Yes", "PROB": "-0.1234"}'
    assert tokenizer.decode(tokenizer(answer)["input_ids"]) == answer
    assert tokenizer.unk_token is None


def test_a_capitalised_head_is_the_name_inside_a_sentence(tokenizer):
    first = tokenizer(" Market demand has")["input_ids"]
    assert first == tokenizer(" market demand has")["input_ids"]
    glued = tokenizer("relationships:Talent has a direct effect on market demand.Talent has")["input_ids"]
    spaced = tokenizer("relationships: Talent has a direct effect on market demand. Talent has")["input_ids"]
    assert glued == spaced


def test_chat_template_marks_the_assistant(tokenizer):
    chat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert tokenizer.apply_chat_template(chat, tokenize=False) == "<|user|>q<|assistant|>a<|end|>"
    opened = tokenizer.apply_chat_template(chat[:1], tokenize=False, add_generation_prompt=True)
    assert opened == "<|user|>q<|assistant|>"


@pytest.mark.parametrize("kind", sorted(drills.KINDS))
def test_drills_are_deterministic_and_never_a_whole_solution(kind):
    make = drills.KINDS[kind]
    assert [make(random.Random(i)) for i in range(5)] == [make(random.Random(i)) for i in range(5)]
    for i in range(40):
        question, completion = make(random.Random(i))
        asks_a_problem, answers = "Input Info:" in question, '"PROB"' in completion
        assert not (asks_a_problem and answers)


def test_the_numbers_read_are_the_numbers_printed():
    read = 0
    for i in range(15):
        question, completion = drills.read(random.Random(i))
        printed = set(re.findall(r"\d\.\d{4}", question))
        for label_line in re.findall(r"\n[a-z]\d?[+-]?\|?.*=\+(\d{4})", completion):
            number = f"0.{label_line[::-1]}"
            if not re.search(rf"\n(?:sub|add|mul|use|to).*{label_line}", completion):
                assert number in printed or (number == "0.9999" and "1.0000" in printed)
                read += 1
    assert read > 20
