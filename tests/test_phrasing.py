"""The phrasing grammar: counts, held-out productions, every number kept, same seed same bytes, known words only."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
import pytest

from caugym.gym.generate import generate, generate_many
from caugym.gym.problem import TASKS, Problem
from caugym.gym.wording import phrasing, published
from caugym.gym.wording.estimands import named, telling
from caugym.gym.wording.phrasing import lexicon
from caugym.gym.wording.phrasing.grammar import FEWEST, Grammar, held_out
from caugym.nano import names, worlds

NUMBER = re.compile(r"[01]\.\d{4}(?!\")")


def numbers(text: str) -> Counter[str]:
    return Counter(NUMBER.findall(text))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_million_forms_a_task_before_names_and_numbers(task: str, split: str) -> None:
    assert phrasing.surface_forms(task, split) >= 10**6


def test_counting_agrees_with_writing_them_all() -> None:
    grammar = Grammar({"a": ("x <b>", "y", "<b><b>"), "b": ("1", "2", "3")})
    rng = np.random.default_rng(0)
    assert grammar.count("a") == 3 + 1 + 9
    assert len({grammar.write("a", rng, "test") for _ in range(2000)}) == 13


def test_a_seventh_of_the_productions_is_held_out_and_never_trained_on() -> None:
    grammar = phrasing.GRAMMAR
    large = {name: set(a) for name, a in grammar.slots.items() if len(set(a)) >= FEWEST and name[:5] != "name_"}
    withheld = {name: set(held_out(name, grammar.slots[name])) for name in large}
    share = sum(map(len, withheld.values())) / sum(map(len, large.values()))
    assert 0.11 < share < 0.19
    rng = np.random.default_rng(1)
    for name, never in withheld.items():
        assert not never & set(grammar.alternatives(name, "train"))
        assert not never & set(grammar.alternatives(name, "validation"))
        assert set(grammar.alternatives(name, "test")) == large[name]
    verbs = Counter(grammar.write("verb_one", rng, "test") for _ in range(3000))
    assert withheld["verb_one"] and withheld["verb_one"] <= set(verbs)


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown slot 'b'"):
        Grammar({"a": ("x <b>",)})


def problems(variation: str, count: int = 60, split: str = "test", **dials: object) -> list[Problem]:
    return [p for task in TASKS for p in generate_many(task, count // 7 + 1, 3, split, variation, **dials)]


@pytest.mark.parametrize("variation", ["rephrased", "omitted"])
def test_every_number_is_printed_once_as_given(variation: str) -> None:
    for problem in problems(variation):
        assert numbers(problem.prompt) == Counter(f"{given.value:.4f}" for given in problem.givens), problem.prompt
        assert re.search(r'\{("ANSWER": "Yes", )?"PROB": "0.1234"\}[:.]$', problem.prompt)
        assert "<" not in problem.prompt and "{x" not in problem.prompt


def test_omitted_names_no_estimand() -> None:
    for problem in problems("omitted"):
        assert telling(problem.prompt) is None and not named(problem.prompt), problem.prompt


def test_rephrased_names_its_estimand_in_one_of_its_names_alone() -> None:
    for problem in problems("rephrased"):
        assert named(problem.prompt) == (problem.task,) and telling(problem.prompt), problem.prompt


def test_same_seed_same_text_and_no_two_alike() -> None:
    first = problems("rephrased")
    assert first == problems("rephrased")
    assert len({problem.prompt for problem in first}) == len(first)


def test_any_variation_can_be_rephrased_and_keeps_its_hint() -> None:
    for variation in ("deconfounding", "redundant", "insufficient", "shortcut-proof"):
        for task in TASKS:
            problem = generate(task, variation, seed=5)
            text = phrasing.rephrase_problem(problem, np.random.default_rng(7), omitted=True)
            assert numbers(text) == Counter(f"{given.value:.4f}" for given in problem.givens)
            assert (published.LACK_HINT in text) == (published.LACK_HINT in problem.prompt)


def test_english_lists_every_word() -> None:
    known = set(phrasing.english())
    dials = phrasing.Dials(noisy=0.0)
    rng = np.random.default_rng(9)
    for problem in problems("base", 200, styles={"FAKE": 1.0}):
        names = {variable.name for variable in problem.variables}
        for omitted in (True, False):
            parts = (problem.graph, problem.variables, problem.givens, problem.query)
            text = phrasing.rephrase(*parts, rng, omitted, "test", dials=dials)
            spoken = set(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()))
            assert spoken - names - {"s"} <= known, spoken - names - known


def test_the_common_variables_have_many_clean_phrases() -> None:
    assert len(lexicon.common()) >= 170
    for variable in lexicon.common():
        entry = lexicon.entries()[variable.name]
        assert len(entry.names) >= 14
        for value in entry.values:
            assert min(map(len, (value.words, value.nouns, value.clauses, value.doing))) >= 4
            phrases = (*entry.names, *value.words, *value.nouns, *value.clauses, *value.doing)
            assert all(re.fullmatch(r"[a-z]+(?:[-' ]+[a-z]+)*'?", phrase) for phrase in phrases), variable.name
        assert not set(entry.values[0].words) & set(entry.values[1].words)


def test_loose_texts_of_common_variables_keep_every_number_and_say_both_and_what_people_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "COMMON", 1.0)
    monkeypatch.setattr(worlds, "REWORDED", 1.0)
    monkeypatch.setattr(worlds, "LOOSE", 1.0)
    rng = random.Random(4)
    every = ""
    for _ in range(250):
        problem = worlds.world(rng).problem
        assert numbers(problem.prompt) == Counter(f"{given.value:.4f}" for given in problem.givens)
        every += problem.prompt.lower()
    assert re.search(r"both being \w+ |that both are \w+ |both are \w+ with", every)
    assert "base probabilities:" in every or "overall probabilities:" in every
    entries = lexicon.entries()
    said = {text for v in lexicon.common() for value in entries[v.name].values for text in value.doing}
    assert sum(text in every for text in said) > 20
