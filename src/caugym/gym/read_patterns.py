"""Patterns of the published sentences, made from the sentences that ``wording.published`` writes.

A sentence is written once with marks in place of names and words, then every mark becomes a group. So the
wording stands in one place only, and what the gym writes it can read.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from caugym.causal.graph import DAG
from caugym.causal.query import EFFECT_TASKS
from caugym.gym.problem import Given, Query, Variable
from caugym.gym.read_sentences import loose
from caugym.gym.wording import published

_MARKED = {node: Variable(f"«{node}»", (f"«{node}0»", f"«{node}1»")) for node in "xym"}
_NAME_MARK = re.compile(r"(?:the\\s\+)?«(?P<mark>[xy])»")
_MARK = re.compile(r"«(?P<mark>\w+)»")
_ANYTHING = r"\S.*?"


def _pattern(sentence: str, name: str | None = None) -> re.Pattern[str]:
    """``sentence`` with «x» as the group ``x``, the next «x» as ``x_2``.

    ``name`` matches the known variables' names; "the" may then stand before each of them or not.
    """
    seen: dict[str, int] = {}

    def group(match: re.Match[str], inside: str, before: str = "") -> str:
        mark = match["mark"]
        seen[mark] = seen.get(mark, 0) + 1
        label = mark if seen[mark] == 1 else f"{mark}_{seen[mark]}"
        return f"{before}(?P<{label}>{inside})"

    pattern = loose(sentence.rstrip(".?"))
    if name is not None:
        pattern = _NAME_MARK.sub(lambda match: group(match, name, r"(?:the\s+)?"), pattern)
    # A number has no spaces, an event may hold " is ": "the person is exposed to a disease being yes is 0.1234".
    pattern = _MARK.sub(lambda match: group(match, r"\S+" if match["mark"] == "value" else _ANYTHING), pattern)
    return re.compile(pattern, re.IGNORECASE)


def _statement_patterns() -> tuple[re.Pattern[str], ...]:
    """Groups ``event``, ``value`` and, in the first pattern, ``condition``."""
    event, condition = (("y", 1),), (("x", 0),)
    patterns = []
    for given in (Given(event, condition, Decimal(1)), Given(event, (), Decimal(1))):
        text = published.statement(given, _MARKED).rstrip(".")
        text = text.replace(published.phrase(event, _MARKED), "«event»").replace(f"{given.value:.4f}", "«value»")
        patterns.append(_pattern(text.replace(published.phrase(condition, _MARKED), "«condition»")))
    return tuple(patterns)


EDGE = _pattern(published.edges_text(DAG(("x", "y"), (("x", "y"),)), _MARKED))
STATEMENTS = _statement_patterns()
UNOBSERVED = _pattern(published.unobserved(DAG(("x",), (), ("x",)), _MARKED))


def _query(task: str) -> Query:
    mediators = (("m", 1),) if task == "CDE" else ()
    return Query(task, "x", "y", 1, 0, 1, mediators, "lower" if task not in EFFECT_TASKS else None)


@cache
def instruction_start(task: str) -> re.Pattern[str]:
    """Everything of the task's instruction that comes before the names."""
    return re.compile(loose(_instruction(task).split(" of «x»")[0]), re.IGNORECASE)


def _instruction(task: str) -> str:
    return published.instruction(_query(task), _MARKED).split(": ", 1)[1]


def instruction(task: str, name: str) -> re.Pattern[str]:
    """The task's instruction with the groups ``x`` and ``y``."""
    return _pattern(_instruction(task), name)


def question(task: str, name: str) -> re.Pattern[str]:
    """The task's question; ``name`` matches a variable's name. Groups: ``x y`` names, ``x0 x1 y0 y1`` words.

    ``x1`` and ``y1`` are the words that the query's treatment and outcome value stand for, ``fixed`` is CDE's
    list of mediators, ``bound`` the word "lower" or "upper".
    """
    return _pattern(_question(task), name)


def may_be_question(task: str, sentence: str) -> bool:
    """Whether the question's fixed words stand in ``sentence`` in their order: quick to say No."""
    position = 0
    lowered = sentence.lower()
    for words in _fixed_words(task):
        position = lowered.find(words, position)
        if position < 0:
            return False
        position += len(words)
    return True


@cache
def _fixed_words(task: str) -> tuple[str, ...]:
    return tuple(part.strip(" ?").removesuffix(" the").lower() for part in re.split("«.*?»", _question(task)))


def _question(task: str) -> str:
    text = published.question(_query(task), _MARKED).split(": ", 1)[1]
    text = text.replace(" more likely", " «direction» likely")
    return text.replace("lower bound", "«bound» bound").replace("«m» being «m1»", "«fixed»")
