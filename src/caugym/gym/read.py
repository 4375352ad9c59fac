"""Reads a problem's text back into graph, givens and query.

Forms: the gym's own base form and the published files (base, deconfounding, redundant, insufficient, train, CaLM
basic and hard). Sentences may come in any order, names may hold "and", "on" and commas: they are recognised
by the names that the edges introduce. A sentence of any other form is a ReadError, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from caugym.causal.graph import DAG
from caugym.causal.query import ASKED
from caugym.gym import read_patterns as patterns
from caugym.gym.problem import BOUND_TASKS, Assignment, Given, Query
from caugym.gym.read_sentences import ReadError, Sentence, loose, sentences, shorten
from caugym.gym.read_words import Spoken, Words, clean
from caugym.gym.reading import Reading
from caugym.gym.wording import published

__all__ = ["ReadError", "Reading", "read"]

_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+(?:e[-+]?[0-9]{1,2})?", re.IGNORECASE)
_DAMAGED = re.compile(r"(?!for those with|the probability of).* being .* is [01]\.\d+", re.IGNORECASE)


def read(text: str) -> Reading:
    """The problem that ``text`` states: in the published form, else in people's own words (``read_free``).

    Which texts fall through to the free reader: all that the published form does not fit, but for those with the
    published premise, which must have that form throughout. The free reader is as strict about substance: it refuses
    by itself what no problem can say (a probability outside [0, 1], a sign, a percentage, a number that it has no
    part for, two numbers for one probability, a cycle) and what a person cannot see (control characters), so that
    nothing wrong in the one form becomes right in the other.

    Raises ReadError that names the line and the words that cannot be read: the published reader's where a sentence
    has the form of a published edge, or where nothing looks like a causal problem, else the free reader's.
    """
    try:
        return read_published(text)
    except ReadError as error:
        if _PREMISE.search(text):
            raise
        from caugym.gym.read_free import read_free

        try:
            return read_free(text)
        except ReadError as free:
            edges = any(patterns.EDGE.fullmatch(sentence.text) for sentence in sentences(text))
            raise (error if edges or not any(word in text.lower() for word in _CAUSAL) else free) from None


_PREMISE = re.compile(loose(published.PREMISE.rstrip(":")), re.IGNORECASE)
_CAUSAL = ("influence", "affect", "impact", "->", "→")


def read_published(text: str) -> Reading:
    """As ``read``, for texts of the gym's own base form and of the published files alone."""
    rest = sentences(text)
    if not rest:
        raise ReadError("no problem here, the text is empty", 1, text)
    edges = [(sentence, match) for sentence in rest if (match := patterns.EDGE.fullmatch(sentence.text))]
    if not edges:
        raise rest[0].error("not a causal problem, no sentence of the form 'X has a direct effect on Y'")
    latent = [(sentence, match) for sentence in rest if (match := patterns.UNOBSERVED.fullmatch(sentence.text))]
    graph = _graph(edges, latent)
    words = Words(graph.nodes)
    edge_sentences = {id(sentence) for sentence, _ in (*edges, *latent)}

    statements, instructions, questions, damaged = [], [], [], []
    for sentence in rest:
        if id(sentence) in edge_sentences:
            continue
        if (task := _instructed_task(sentence)) is not None:
            instructions.append((sentence, task))
        elif tasks := _questions(sentence, words.name_pattern):
            questions.append((sentence, tasks))
        elif match := next(filter(None, (p.fullmatch(sentence.text) for p in patterns.STATEMENTS)), None):
            statements.append((sentence, match))
        elif _DAMAGED.fullmatch(sentence.text):
            damaged.append(sentence)
        else:
            raise sentence.error(_why_unreadable(sentence, graph))

    spoken = [_spoken_given(sentence, match, words, graph.latent) for sentence, match in statements]
    if not questions:
        raise rest[-1].error("the text ends without one of the questions this reader knows, its last sentence")
    if len(questions) > 1:
        raise questions[1][0].error("a second question")
    asked = _asked(*questions[0], instructions, words)
    variables = words.variables()
    codes = {(v.name, word): value for v in variables for value, word in enumerate(v.words)}
    givens = _givens(spoken, codes)
    return Reading(graph, variables, givens, _query(asked, codes), words.letters(), tuple(damaged))


def _graph(edges: list[tuple[Sentence, re.Match[str]]], latent: list[tuple[Sentence, re.Match[str]]]) -> DAG:
    nodes: dict[str, None] = {}
    pairs: dict[tuple[str, str], None] = {}  # an edge said twice is one edge
    for sentence, match in edges:
        if " has a direct effect on " in match["y"]:
            raise sentence.error("two edges in one sentence")
        pair = clean(match["x"]), clean(match["y"])
        if pair[0] == pair[1]:
            raise sentence.error(f"the causal graph must be acyclic but {pair[0]!r} has an effect on itself")
        nodes.update(dict.fromkeys(pair))
        pairs[pair] = None
    hidden: dict[str, None] = {}
    for sentence, match in latent:
        node = clean(match["x"])
        if node not in nodes:
            raise sentence.error(f"{shorten(node)!r} is no variable of the graph (it has {shorten(', '.join(nodes))})")
        hidden[node] = None
    try:
        return DAG(tuple(nodes), tuple(pairs), tuple(node for node in nodes if node in hidden))
    except ValueError as error:
        raise edges[0][0].error(f"the causal graph must be acyclic but has the {error}; it starts") from None


@dataclass(frozen=True)
class _SpokenGiven:
    event: Spoken
    condition: Spoken
    value: Decimal
    sentence: Sentence


@dataclass(frozen=True)
class _Asked:
    """The question in the text's own words: ``to`` and ``other`` are the treatment's words, ``value`` the outcome's."""

    task: str
    treatment: str
    outcome: str
    to: str
    value: str
    fixed: Spoken
    bound: Literal["lower", "upper"] | None
    direction: Literal["more", "less"]


def _instructed_task(sentence: Sentence) -> str | None:
    return next((task for task in ASKED if patterns.instruction_start(task).match(sentence.text)), None)


def _questions(sentence: Sentence, name: str) -> dict[str, re.Match[str]]:
    """The tasks that ask their question in these words, with the match."""
    possible = (task for task in ASKED if patterns.may_be_question(task, sentence.text))
    matches = {task: patterns.question(task, name).fullmatch(sentence.text) for task in possible}
    return {task: match for task, match in matches.items() if match is not None}


def _why_unreadable(sentence: Sentence, graph: DAG) -> str:
    start = sentence.text.lower()
    if "%" in start:
        return "a percentage, write probabilities as numbers from 0 to 1"
    if any(patterns.may_be_question(task, sentence.text) for task in ASKED):
        return f"a question about other variables than those of the graph ({shorten(', '.join(graph.nodes))})"
    if start.startswith(("for those with", "the probability of")) and " is " not in start:
        return "a statement without its number"
    if start.startswith("consider the"):
        return f"an unknown task (known are {', '.join(ASKED)})"
    return "a sentence that is no edge, no probability and no known question"


def _spoken_given(sentence: Sentence, match: re.Match[str], words: Words, latent: tuple[str, ...]) -> _SpokenGiven:
    number = shorten(match["value"])
    if not _NUMBER.fullmatch(match["value"]):
        raise sentence.error(f"{number!r} is no number from 0 to 1")
    value = Decimal(match["value"])
    if not 0 <= value <= 1:
        raise sentence.error(f"the probability {number} is outside [0, 1]")
    condition = words.assignment(match["condition"], sentence) if "condition" in match.groupdict() else ()
    event = words.assignment(match["event"], sentence)
    both = {node for node, _ in event} & {node for node, _ in condition}
    if both:
        raise sentence.error(f"{min(both)!r} stands in the event and in its condition")
    for node, _ in (*event, *condition):
        if node in latent:
            raise sentence.error(f"a statement about {node!r}, which is unobserved")
    return _SpokenGiven(event, condition, value, sentence)


def _asked(
    sentence: Sentence,
    matches: dict[str, re.Match[str]],
    instructions: list[tuple[Sentence, str]],
    words: Words,
) -> _Asked:
    """The question, checked against the instruction where there is one."""
    task = next(iter(matches))
    if instructions:
        instruction, instructed = instructions[0]
        if instructed not in matches and not {instructed, task} <= set(BOUND_TASKS):
            raise instruction.error(f"the instruction asks for {instructed}, the question for {task}")
        match = patterns.instruction(instructed, words.name_pattern).fullmatch(instruction.text)
        if match is None:
            raise instruction.error(f"cannot find two variables of the graph ({', '.join(words.nodes)}) in")
        question = next(iter(matches.values()))
        if (clean(match["x"]), clean(match["y"])) != (clean(question["x"]), clean(question["y"])):
            raise instruction.error("the instruction and the question name different variables")
        if len(instructions) > 1:
            raise instructions[1][0].error("a second instruction")
    else:
        instructed = task
    match = matches.get(instructed, matches[task])
    return _asked_in(sentence, instructed, match, words)


def _asked_in(sentence: Sentence, task: str, match: re.Match[str], words: Words) -> _Asked:
    said = {group: clean(text) for group, text in match.groupdict().items() if group != "fixed"}
    treatment, outcome = said["x"], said["y"]
    for group, node in (("x_2", treatment), ("y_2", outcome)):
        if said.get(group, node) != node:
            raise sentence.error(f"the question begins with {node!r} and goes on with {said[group]!r}")
    if treatment == outcome:
        raise sentence.error("treatment and outcome are the same variable")
    # The published form always observes (1, 1) in PN and (0, 0) in PS.
    observed = {"PN": 1, "PS": 0}.get(task)
    words.note(treatment, said["x1"], sentence, hint=observed)
    words.note(outcome, said["y1"], sentence, hint=observed)
    for group, node, same in (("x0", treatment, said["x1"]), ("y0", outcome, said["y1"])):
        if group in said:
            if said[group] == same:
                raise sentence.error(f"{node!r} is changed from {same!r} to {same!r}")
            words.note(node, said[group], sentence)
    fixed = words.assignment(match["fixed"], sentence) if task == "CDE" else ()
    if any(node in (treatment, outcome) for node, _ in fixed):
        raise sentence.error("treatment or outcome is held fixed")
    if said.get("bound", "lower") not in ("lower", "upper"):
        raise sentence.error(f"a bound is lower or upper, not {said['bound']!r}")
    bound = cast(Literal["lower", "upper"] | None, said.get("bound"))
    direction = said.get("direction", "more").lower()
    if direction not in ("more", "less"):
        raise sentence.error(f"a question asks for more or less likely, not {direction!r}")
    return _Asked(
        task, treatment, outcome, said["x1"], said["y1"], fixed, bound, cast(Literal["more", "less"], direction)
    )


def _query(asked: _Asked, codes: dict[tuple[str, str], int]) -> Query:
    to = codes[asked.treatment, asked.to]
    return Query(
        asked.task,
        asked.treatment,
        asked.outcome,
        treatment_value=to,
        control_value=1 - to,
        outcome_value=codes[asked.outcome, asked.value],
        mediator_values=_coded(asked.fixed, codes),
        bound=asked.bound,
        direction=asked.direction,
    )


def _coded(spoken: Spoken, codes: dict[tuple[str, str], int]) -> Assignment:
    return tuple((node, codes[node, word]) for node, word in spoken)


def _givens(spoken: list[_SpokenGiven], codes: dict[tuple[str, str], int]) -> tuple[Given, ...]:
    """The statements as givens. One said twice with two numbers is an error; said twice alike it is kept once."""
    known: dict[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]], Given] = {}
    for said in spoken:
        given = Given(_coded(said.event, codes), _coded(said.condition, codes), said.value)
        event, condition = frozenset(given.event), frozenset(given.condition)
        first = known.setdefault((event, condition), given)
        if first.value != given.value:
            raise said.sentence.error(f"the same probability is {first.value} elsewhere and {given.value} in")
        other = known.get((frozenset((node, 1 - value) for node, value in event), condition))
        if len(event) == 1 and other is not None:
            total = other.value + given.value  # rounded, each is off by half a unit of its last digit
            if abs(total - 1) > max(_unit(other.value), _unit(given.value)):
                raise said.sentence.error(f"the probabilities of both values add up to {total}, not to 1, with")
    return tuple(known.values())


def _unit(value: Decimal) -> Decimal:
    """One in the last printed digit."""
    return Decimal(1).scaleb(int(value.as_tuple().exponent))
