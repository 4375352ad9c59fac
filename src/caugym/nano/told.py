"""Problems in a language model's own words: each use of a retelling draws probabilities, and often variables, anew.

``told.jsonl`` holds the retellings (:mod:`.marked`), written for this project by a language model that was given the
gym's problems in symbols. Every twentieth (``HELD_OUT``) is never trained on.
"""

from __future__ import annotations

import json
import random
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from caugym.causal.graph import DAG
from caugym.gym.problem import Answer, Assignment, Given, Problem, Variable
from caugym.gym.wording import published
from caugym.gym.wording.phrasing import Dials, reworded_request
from caugym.gym.wording.phrasing.speaker import plural
from caugym.nano.marked import Pair, Telling, pairs_of
from caugym.nano.names import draw_variables
from caugym.nano.numbered import Places, starts
from caugym.nano.printed import Numbers
from caugym.nano.worlds import hint

HELD_OUT = 20
SHARE = 0.7
"""Of retellings among solutions, edge lists and statements."""
OTHER_VARIABLES = 0.5
"""Share of uses in which other variables take the place of those that bear their plain name and words throughout."""


@cache
def tellings(held_out: bool = False) -> tuple[Telling, ...]:
    """Those for training, or the ones held out."""
    lines = (Path(__file__).parent / "told.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(
        Telling.read(json.loads(line)) for place, line in enumerate(lines) if (place % HELD_OUT == 0) == held_out
    )


def draw(rng: random.Random) -> tuple[Problem, Places]:
    """A problem of a retelling for training, with random numbers."""
    telling = rng.choice(tellings())
    variables = dict(telling.variables)
    if rng.random() < OTHER_VARIABLES:
        variables |= _others(rng, telling)
    numbers = Numbers(rng)
    values = [numbers.of(given.event, given.condition) for given in telling.givens]
    request = published.request(telling.query.task)
    if rng.random() >= Dials.published_request:
        request = reworded_request(telling.query.task, np.random.default_rng(rng.getrandbits(64)))
    return problem(telling, values, variables, rng.choice(("\n", "\n", " ")) + request + hint(rng))


def _others(rng: random.Random, telling: Telling) -> dict[str, Variable]:
    """Other variables for some or all of the plain ones, whose names stand nowhere else in the text."""
    plain = [letter for letter in telling.variables if telling.plain(letter)]
    if not plain:
        return {}
    text = telling.text.lower()
    found: dict[str, Variable] = {}
    drawn = iter(draw_variables(rng, min(10, 2 * len(plain)), familiar=rng.random() < 0.8))
    for letter in rng.sample(plain, rng.randint(1, len(plain))):
        old = telling.variables[letter]
        for new in drawn:
            if new.name.lower() in text or _AWKWARD.search(new.name) or plural(new.name) != plural(old.name):
                continue
            keeps = telling.shares_word(letter) or any(map(_AWKWARD.search, new.words)) or rng.random() < 0.5
            found[letter] = replace(new, words=old.words) if keeps else new
            break
    return found


_AWKWARD = re.compile(r"^(?:the|an?|yes|no|whether|if|how|not) |^(?:yes|no)$|'s |\d", re.IGNORECASE)
"""Names and words that do not stand behind "the" or before a noun."""


def problem(
    telling: Telling, values: Sequence[Decimal], variables: Mapping[str, Variable], request: str
) -> tuple[Problem, Places]:
    """The telling with these probabilities, in its order; ``variables`` by letter. ``request`` stands below it.

    Where a variable is not the telling's own, its name and words take the place of those. The answer is left open.
    """
    text, edge_places, number_places = "", list[int](), list[int]()
    names: dict[str, str] = {}
    mentions: list[tuple[int, Pair, str]] = []
    left = iter(values)
    for mark, covered in telling.pieces:
        said = covered
        if mark == "#":
            number_places.append(len(text))
            said = f"{next(left):.4f}"
        elif ">" in mark:
            edge_places.append(len(text) - 1)
        elif pairs := pairs_of(mark):
            letter, value = pairs[0]
            if variables[letter].words != telling.variables[letter].words:
                said = _like(covered, variables[letter].words[value])
            mentions += [(len(text), (variables[letter].name, value), said) for letter, value in pairs]
        elif mark:
            if variables[mark].name != telling.variables[mark].name:
                said = _like(covered, variables[mark].name)
            names.setdefault(variables[mark].name, said)
        text += said
    begun = starts(text)
    words: dict[Pair, list[str]] = {}
    for _, pair, word in mentions:
        words.setdefault(pair, []).append(word)

    def named(assignment: Assignment) -> Assignment:
        return tuple((variables[letter].name, value) for letter, value in assignment)

    givens = tuple(
        Given(named(given.event), named(given.condition), value)
        for given, value in zip(telling.givens, values, strict=True)
    )
    windows = _windows(number_places, begun, len(text))
    places = Places(
        tuple(bisect_right(begun, place) for place in edge_places),
        tuple(bisect_right(begun, place) for place in number_places),
        names,
        words,
        [_words_of(*one, mentions) for one in zip(givens, windows, number_places, strict=True)],
    )
    asked = telling.query
    query = replace(
        asked,
        treatment=variables[asked.treatment].name,
        outcome=variables[asked.outcome].name,
        mediator_values=named(asked.mediator_values),
    )
    edges = tuple((variables[tail].name, variables[head].name) for tail, head in telling.edges)
    graph = DAG(tuple(dict.fromkeys(node for edge in edges for node in edge)), edges)
    used = tuple(variable for variable in variables.values() if variable.name in graph.nodes)
    prompt = text.rstrip() + request
    return Problem(telling.id, query.task, "rephrased", query, graph, used, givens, prompt, "", Answer()), places


def _windows(numbers: Sequence[int], begun: Sequence[int], length: int) -> list[tuple[int, int]]:
    """From the number before to the next one or the end of the sentence: where each number's statement may stand."""
    ends = [*begun, length]
    following = (*numbers[1:], length)
    return [(before, min(after, ends[bisect_right(begun, number)]))
            for before, number, after in zip((0, *numbers), numbers, following, strict=False)]  # fmt: skip


def _words_of(
    given: Given, window: tuple[int, int], number: int, mentions: Sequence[tuple[int, Pair, str]]
) -> dict[Pair, str]:
    """The word of each value: of the mention in the window that is nearest to the number, in the order of the text.

    A value of which nothing is said there ("this probability") stands behind the others with the last word before.
    """
    begin, end = window
    near: list[tuple[int, Pair, str]] = []
    others: dict[Pair, str] = {}
    for pair in (*given.condition, *given.event):
        said = [mention for mention in mentions if mention[1] == pair]
        around = [mention for mention in said if begin <= mention[0] < end]
        if around:
            near.append(min(around, key=lambda mention: abs(mention[0] - number)))
        else:
            others[pair] = next((mention for mention in reversed(said) if mention[0] < number), said[0])[2]
    return {pair: word for _, pair, word in sorted(near)} | others


def _like(covered: str, name: str) -> str:
    return name[:1].upper() + name[1:] if covered[:1].isupper() else name
