"""A phrasing grammar: the same problem in other words.

``rephrase`` writes a prompt for a graph, its variables, givens and query; it never sees the answer. The carriers are
context-free slots (``grammar``), of which about 15% are held out for the split "test"; names and values can be said
in other words too (``synonyms``). ``surface_forms`` counts the forms, ``english`` lists every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from caugym.causal.graph import DAG
from caugym.causal.query import BOUND_TASKS, TASKS, Query
from caugym.gym.problem import Given, Problem, Variable
from caugym.gym.wording import published
from caugym.gym.wording.phrasing import (
    edges,
    layout,
    premise,
    question,
    questions,
    retold,
    retold_questions,
    speaker,
    statements,
    synonyms,
)
from caugym.gym.wording.phrasing.grammar import Grammar

_PARTS = (premise, speaker, edges, statements, questions, synonyms, retold, retold_questions)
GRAMMAR = Grammar(*(part.SLOTS for part in _PARTS))


@dataclass(frozen=True)
class Dials:
    """Shares of what a text may do; ``other_names`` and ``other_words``: the problems that use synonyms at all.

    ``reordered``: those that ask before they give the numbers, or give them before the graph. ``loose``: those whose
    names and words vary freely (:mod:`.loose`).
    """

    other_names: float = 0.35
    other_words: float = 0.25
    published_request: float = 0.6
    shuffled: float = 0.1
    noisy: float = 0.04
    bullets: float = 0.3
    symbols: float = 0.06
    reordered: float = 0.04
    loose: float = 0.0


@dataclass(frozen=True)
class Rephrased:
    """A prompt, its edges as (sentence, edges in it) and its givens, both in the text's order.

    ``names`` holds the name that each variable bears first, ``words`` those said of each value, in order. A noisy text
    has some of its sentences in another form.
    """

    prompt: str
    names: Mapping[str, str]
    words: Mapping[tuple[str, int], Sequence[str]]
    edges: tuple[tuple[str, tuple[edges.Edge, ...]], ...]
    givens: tuple[Given, ...]
    given_words: tuple[Mapping[tuple[str, int], str], ...]


def rephrase(
    graph: DAG,
    variables: Sequence[Variable],
    givens: Iterable[Given],
    query: Query,
    rng: np.random.Generator,
    omitted: bool = False,
    split: str = "train",
    hint: bool = False,
    dials: Dials = Dials(),
) -> str:
    """A new prompt for the same graph, numbers and question.

    ``omitted`` names no estimand. ``hint`` adds the sentence that names LACK_CONDITION. Everything printed is in
    ``givens``; their order changes in a share of the problems. Splits "train" and "validation" write the same
    productions, "test" also the held-out ones.
    """
    return rephrased(graph, variables, givens, query, rng, omitted, split, hint, dials).prompt


def rephrased(
    graph: DAG,
    variables: Sequence[Variable],
    givens: Iterable[Given],
    query: Query,
    rng: np.random.Generator,
    omitted: bool = False,
    split: str = "train",
    hint: bool = False,
    dials: Dials = Dials(),
) -> Rephrased:
    """As ``rephrase``, with what stands where."""
    page = _Page(graph, variables, tuple(givens), query, rng, omitted, split, hint, dials)
    prompt = page.write()
    assert sum(map(len, page.said.values())) == len(graph.edges)
    begin = max(0, prompt.lower().find(next(iter(page.said), "").lower()))
    names = {node: _first_name(prompt[begin:].lower(), page.say.names_of(node)) for node in graph.nodes}
    return Rephrased(prompt, names, page.say.spoken, tuple(page.said.items()), page.givens, tuple(page.given_words))


def _first_name(text: str, names: Sequence[str]) -> str:
    """The name that stands first in ``text``, the longest of those that begin there."""
    found = [(_place(text, name.lower()), -len(name), name) for name in names]
    place, _, name = min(found)
    return name if place < len(text) else names[0]


def _place(text: str, name: str) -> int:
    """Where ``name`` first stands between characters that are no part of a word; the text's length if nowhere."""
    place = text.find(name)
    while place >= 0:
        around = text[max(0, place - 1) : place] + text[place + len(name) : place + len(name) + 1]
        if not any(character.isalnum() or character == "_" for character in around):
            return place
        place = text.find(name, place + 1)
    return len(text)


def rephrase_problem(problem: Problem, rng: np.random.Generator, omitted: bool = False, split: str = "train") -> str:
    """``rephrase`` for a problem of any variation; keeps the hint that names LACK_CONDITION."""
    hint = published.LACK_HINT in problem.prompt
    return rephrase(problem.graph, problem.variables, problem.givens, problem.query, rng, omitted, split, hint)


class _Page:
    """One prompt in the making."""

    def __init__(
        self,
        graph: DAG,
        variables: Sequence[Variable],
        givens: tuple[Given, ...],
        query: Query,
        rng: np.random.Generator,
        omitted: bool,
        split: str,
        hint: bool,
        dials: Dials,
    ) -> None:
        self.rng, self.omitted, self.hint, self.dials, self.query = rng, omitted, hint, dials, query
        names = float(rng.choice([0.3, 0.9])) if rng.random() < dials.other_names else 0.0
        words = float(rng.choice([0.25, 0.7])) if rng.random() < dials.other_words else 0.0
        loosely = dials.loose > 0 and rng.random() < dials.loose
        if loosely:
            names, words = (float(rng.choice([0.15, 0.3, 0.6, 0.9], p=[0.3, 0.3, 0.25, 0.15])) for _ in range(2))
        by_name = {variable.name: variable for variable in variables}
        self.say = speaker.Speaker(by_name, GRAMMAR, rng, split, names, words, loosely)
        self.givens = givens
        if rng.random() < dials.shuffled:
            self.givens = tuple(givens[i] for i in rng.permutation(len(givens)))
        self.graph, self.said = graph, dict[str, tuple[edges.Edge, ...]]()
        self.given_words: list[dict[tuple[str, int], str]] = []
        self.form = str(rng.choice(["lines", "paragraphs", "mixed", "running"], p=[0.42, 0.22, 0.22, 0.14]))
        self.asked = question.Question(self.say, graph, query)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def write(self) -> str:
        text = ""
        for section in filter(None, self._sections()):
            text += (self._gap(text) if text else "") + section
        if self.chance(self.dials.noisy):
            text = layout.noisy(text, self.rng)
        text += self._gap(text) + self._request()
        if self.hint:
            text += ("\n" if self.chance(0.5) else " ") + published.LACK_HINT
        return text

    def _sections(self) -> list[str]:
        if self.givens and self.chance(self.dials.reordered):
            if self.chance(0.5):
                head, task = self._head(), self._task()
                return [head, *task, self._numbers()]
            numbers = self._numbers()
            return [numbers, self._head(), *self._task()]
        return [self._head(), self._numbers(), *self._task()]

    def _gap(self, text: str) -> str:
        """What stands between two sections; a list of lines never runs on."""
        form = self.form if self.form != "mixed" else str(self.rng.choice(list(layout.SEPARATORS), p=[0.5, 0.3, 0.2]))
        return "\n" if form == "running" and "\n" in text else layout.SEPARATORS[form]

    def _bullet(self) -> str:
        return layout.BULLETS[int(self.rng.choice(len(layout.BULLETS), p=[0.6, 0.1, 0.1, 0.1, 0.1]))]

    def _head(self) -> str:
        """Label, premise, edges."""
        if self.omitted:
            label = "Input Info: " if self.chance(0.7) else ""
        else:
            label = "Input Info: " if self.chance(0.75) else self.say.write("head_label") if self.chance(0.5) else ""
        retold_premise = self.say.loosely and self.chance(0.5)
        opening = self.say.write("retold_premise" if retold_premise else "premise")
        grouping = str(self.rng.choice(["single", "heads", "tails", "arrows"], p=[0.33, 0.48, 0.15, 0.04]))
        bullets = grouping == "arrows" or (self.form != "running" and self.chance(0.06))
        style = edges.Layout(grouping, bullets, 0.0 if bullets else float(self.rng.choice([0.0, 0.15])))
        written = edges.Edges(self.say, self.graph, style)
        sentences = written.sentences()
        self.said = {sentence: tuple(pairs) for sentence, pairs in zip(sentences, written.said, strict=True)}
        if bullets:
            intro = f" {self.say.write('edges_intro')}" if opening.endswith(".") or self.chance(0.2) else ""
            stop = "" if grouping == "arrows" or self.chance(0.2) else "."
            return f"{label}{opening}{intro}\n{layout.listing(sentences, self._bullet(), stop)}"
        return f"{label}{opening} {layout.paragraph(sentences)}"

    def _numbers(self) -> str:
        if not self.givens:
            return ""
        notation = "symbols" if self.chance(self.dials.symbols) else "mixed" if self.chance(0.03) else "words"
        ellipsis = float(self.rng.choice([0.0, 0.4, 0.8], p=[0.5, 0.35, 0.15]))
        style = statements.Style(notation, ellipsis, float(self.rng.choice([0.0, 0.35], p=[0.7, 0.3])))
        written = statements.Statements(self.say, style)
        self.given_words = written.words
        if self.say.loosely and self.form != "running" and self.chance(0.1):
            return self._groups(written)
        sentences = written.sentences(self.givens)
        lines = self.form != "running" and self.chance(0.5 if notation == "symbols" else self.dials.bullets)
        if lines:
            stop = "" if self.chance(0.2 if notation == "words" else 0.7) else "."
            return f"{self.say.write('statements_intro')}\n{layout.listing(sentences, self._bullet(), stop)}"
        intro = f"{self.say.write('statements_intro')} " if self.chance(0.12) else ""
        return intro + layout.paragraph(sentences)

    def _groups(self, written: statements.Statements) -> str:
        """Two lists with a heading each: probabilities under a condition, and the others."""
        groups = [tuple(given for given in self.givens if bool(given.condition) == kind) for kind in (True, False)]
        kinds = [("retold_conditionals", groups[0]), ("retold_bases", groups[1])]
        if self.chance(0.25):
            kinds.reverse()
        self.givens = (*kinds[0][1], *kinds[1][1])
        bullet, stop = self._bullet(), "" if self.chance(0.4) else "."
        lists = [f"{self.say.write(heading)}\n{layout.listing(written.sentences(group), bullet, stop)}"
                 for heading, group in kinds if group]  # fmt: skip
        return ("\n" if self.chance(0.5) else "\n\n").join(lists)

    def _task(self) -> list[str]:
        """Instruction and question, or one sentence for both; in "omitted" the question alone."""
        label = "Question: " if self.chance(0.6) else self.say.write("question_label") if self.chance(0.4) else ""
        if self.omitted:
            return [label + self.asked.question()]
        if self.chance(0.06):
            return [label + self.asked.question(focus=True)]
        instruction = self.asked.instruction()
        how = self.rng.random()
        before = "Instruction: " if how < 0.7 else self.say.write("task_label") if how < 0.9 else ""
        return [before + instruction, label + self.asked.question()]

    def _request(self) -> str:
        if self.chance(self.dials.published_request):
            return published.request(self.query.task)
        return reworded_request(self.query.task, self.rng, self.say.split)


def reworded_request(task: str, rng: np.random.Generator, split: str = "train") -> str:
    """What asks for the answer's form, in other words than the published ones."""
    return GRAMMAR.write(_request_slot(task), rng, split, {})


def _request_slot(task: str) -> str:
    return "bound_request" if task in BOUND_TASKS else "effect_request"


def surface_forms(task: str, split: str = "test") -> int:
    """A lower bound of the number of prompts of ``task`` before names and numbers.

    Premise, one edge, question and request; instructions, statements, layouts and other words only add to it.
    """
    slots = ("premise", "verb_one", task, _request_slot(task))
    return int(np.prod([float(GRAMMAR.count(slot, split)) for slot in slots]))


def english() -> tuple[str, ...]:
    """Every word that the grammar can write, in lower case, without names and values of the caller."""
    texts: list[str] = [*GRAMMAR.texts(), *published.ESTIMAND_NAMES.values(), published.LACK_HINT, published.PREMISE]
    texts += [published.EFFECT_REQUEST, published.BOUND_REQUEST, *_OF_CODE, *TASKS]
    texts += [edges.for_many(verb) for verb in (*edges.SLOTS["verb_one"], *retold.SLOTS["retold_verb_one"])]
    return tuple(sorted({word for text in texts for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())}))


_OF_CODE = (
    "is are was were remain remains stay stays has have it they both and also the not does do each mediator an one's",
    "average causal effect necessity sufficiency probability individual's person's someone's others input info",
    "upper lower",
)

_READ = """
along although amid associated bare brings corresponds despite during even first gives groups leads leaves means noun
ones rest spite though times yet
"""
"""Words of retellings that the readers know all the same."""


@cache
def carriers() -> frozenset[str]:
    """The words around names and values: what a sentence of the grammar holds besides them.

    The readers refuse a sentence with other words, so those of a retelling, which they cannot read, do not count.
    """
    others = {*retold.SLOTS, *retold_questions.SLOTS}
    slots = {name: slot for name, slot in GRAMMAR.slots.items() if name not in others}
    texts = [a for name, slot in slots.items() if not name.startswith(("name_", "value_")) for a in slot]
    return frozenset(word for text in [*texts, *_OF_CODE, _READ] for word in re.findall(r"[a-z]+", text.lower()))


def slots() -> Mapping[str, tuple[str, ...]]:
    return GRAMMAR.slots
