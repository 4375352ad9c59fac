"""Prompt styles: the published line, CaLM's structure, a user's template."""

from pathlib import Path

import pytest

from caugym.errors import InputError
from caugym.evaluation import benchmarks, prompts
from caugym.evaluation.items import YES_NO, Item
from caugym.gym.problem import TASKS
from caugym.gym.scoring import score
from caugym.gym.short_answers import Word

ITEMS = benchmarks.load("caugym-base", None, 7)


def test_step_by_step_is_the_published_line() -> None:
    assert prompts.apply(ITEMS, prompts.BASIC, None) == ITEMS
    for item, asked in zip(ITEMS, prompts.apply(ITEMS, prompts.STEP_BY_STEP, None), strict=True):
        assert asked.prompt == f"{item.prompt}\nLet's think step by step."


def test_in_context_styles_explain_and_show() -> None:
    zero, few = (prompts.apply(ITEMS, style, None) for style in (prompts.ZERO_SHOT, prompts.FEW_SHOT))
    assert {item.task for item in ITEMS} == set(TASKS)
    for item, explained, shown in zip(ITEMS, zero, few, strict=True):
        start = explained.prompt.removesuffix("\n\n" + item.prompt)
        assert f"({item.task})" in start and item.prompt not in start
        examples = shown.prompt.removeprefix(start + "\n\n").removesuffix("\n\n" + item.prompt)
        parts = ["Input Info" + part.rstrip() for part in examples.split("Input Info")[1:]]
        assert len(parts) == prompts.SHOTS and item.prompt not in examples
        # What the solved problems answer is an answer, and none of them is the question's own problem.
        assert all(score(part.rsplit("\n", 1)[1], item.answer).reason != "no_answer" for part in parts)


def test_examples_end_in_the_form_that_the_item_asks_for() -> None:
    natural = Item("n", "Question: Will it?", Word("No", YES_NO), "ATE")
    (shown,) = prompts.apply([natural], prompts.FEW_SHOT, None)
    assert shown.prompt.count('like {"ANSWER": "Yes"}:\n{"ANSWER": "') == prompts.SHOTS and "PROB" not in shown.prompt


def test_what_a_style_lacks_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"describes the tasks ATE, .*, not rung 1"):
        prompts.apply([Item("c", "?", Word("No", YES_NO), "rung 1")], prompts.ZERO_SHOT, None)
    with pytest.raises(InputError, match="neither a text file nor one of basic, step-by-step"):
        prompts.check("poetic")
    path = tmp_path / "template.txt"
    path.write_text("no place")
    with pytest.raises(InputError, match=r"template.txt: a template holds \{prompt\}"):
        prompts.check(str(path))
    path.write_text("Q: {prompt} {sic}")
    assert prompts.apply(ITEMS, str(path), prompts.check(str(path)))[0].prompt == f"Q: {ITEMS[0].prompt} {{sic}}"
