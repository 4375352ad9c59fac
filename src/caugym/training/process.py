"""How much of a worked solution in the published form is right, step by step: the process reward.

What each step must hold comes from the problem's expression tree; a completion's text is compared and its sums are
worked out by a small reader of arithmetic, never run. A pure function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import pairwise

from caugym.causal.estimand import Difference, Expression, Max, Min, P, Quotient, Step, expand, terms, text, value
from caugym.gym.conventions import TOLERANCE, step_places
from caugym.gym.problem import BOUND_TASKS, EFFECT_TASKS
from caugym.gym.read import ReadError, read
from caugym.gym.solution import letters
from caugym.gym.solve import choose

SET = re.compile(r"adjustment set: *(?:\{([^{}]*)\}|(empty set))", re.IGNORECASE)
NUMBER = r"-?\d+(?:\.\d+)?"
ARITHMETIC = "-+*/()[].0123456789"
RESULT = re.compile(rf"({NUMBER})(?![-+*/(\[\d])")
BOUND = re.compile(r"(?:max\{0,|min\{1,)([^{}]*)\}")
TOKEN = re.compile(r"\d+(?:\.\d+)?|[-+*/()]")
LONGEST = 2000
"""Characters of one calculation that are read."""


@dataclass(frozen=True)
class Steps:
    """What a right solution of one problem holds, over the letters of its variables."""

    no_effect: bool
    adjustment_set: frozenset[str] | None
    formulas: tuple[str, ...]
    numbers: tuple[tuple[str, Decimal], ...]
    result: Decimal


def expected(prompt: str) -> Steps | None:
    """The steps of the problem that a prompt asks; None where it cannot be read, cannot be solved from what it says,
    or has no solution in the published form."""
    try:
        reading = read(prompt)
    except ReadError:
        return None
    chosen = choose(reading)
    if chosen is None or reading.query.task not in (*EFFECT_TASKS, *BOUND_TASKS):
        return None
    found, known = chosen
    if found.no_effect is not None:
        return Steps(True, None, (), (), Decimal(0))
    if any(derived is None for derived in known.values()):
        return None
    names = letters(reading.graph)

    def lookup(p: P) -> Decimal:
        derived = known[p]
        assert derived is not None
        return derived.value

    bound = reading.query.task in BOUND_TASKS
    rounding = step_places(bool(reading.letters))
    if bound:  # the published form states the interventional probability and what it is made of
        after_change = _interventional(found.estimand)
        numbers = [(after_change.name, Decimal(value(after_change, lookup, rounding)))]
        numbers += [(p, lookup(p)) for p in terms(after_change.body)]
    else:
        numbers = [(p, lookup(p)) for p in terms(found.estimand)]
    forms = dict.fromkeys((text(found.estimand, names), text(expand(found.estimand), names)))
    return Steps(
        no_effect=False,
        adjustment_set=None if bound else frozenset(names[node] for node in found.adjustment_set),
        formulas=tuple(_squeezed(form) for form in forms),
        numbers=tuple((_squeezed(p.text(names)), number) for p, number in numbers),
        result=Decimal(value(found.estimand, lookup, rounding)),
    )


def _interventional(bound: Expression) -> Step:
    """The probability after the change in a bound of PN or PS."""
    assert isinstance(bound, Min | Max) and isinstance(bound.parts[1], Quotient)
    numerator = bound.parts[1].numerator
    assert isinstance(numerator, Difference)
    return next(part for part in (numerator.left, numerator.right) if isinstance(part, Step))


def process(completion: str, problem: Steps) -> float:
    """The share of right steps, 0 to 1, each of the same weight:

    the verdict on the graph and the result where the graph allows no effect; else the adjustment set (effects only),
    the formula in either of its forms, the share of the needed probabilities that stand with their number, the share
    of written calculations that come out right, and the result among what is calculated.
    """
    squeezed = _squeezed(completion)
    if problem.no_effect:
        denied = re.search(r"notacauseof|doesnotexist|nodirectedpath", squeezed, re.IGNORECASE) is not None
        zero = re.search(r'"PROB":"-?0(?:\.0+)?"', squeezed) is not None
        return (denied + zero) / 2
    marks: list[float] = []
    if problem.adjustment_set is not None:
        marks.append(float(_adjustment_set(completion) == problem.adjustment_set))
    marks.append(float(any(form in squeezed for form in problem.formulas)))
    right = [_stands(name, number, completion) for name, number in problem.numbers]
    marks.append(sum(right) / len(right) if right else 1.0)
    done = list(_calculations(squeezed))
    marks.append(sum(_near(found, said) for found, said in done) / len(done) if done else 0.0)
    marks.append(float(any(_near(said, problem.result) for _, said in done) or _near_last(squeezed, problem.result)))
    return sum(marks) / len(marks)


def _squeezed(written: str) -> str:
    return re.sub(r"\s+", "", written)


def _near(a: Decimal | None, b: Decimal) -> bool:
    return a is not None and abs(a - b) <= TOLERANCE


def _near_last(squeezed: str, result: Decimal) -> bool:
    """Bounds that are cut off at 0 or 1 are the result of no calculation; the answer itself then counts."""
    answers = re.findall(rf'"PROB":"({NUMBER})"', squeezed)
    return bool(answers) and _near(Decimal(answers[-1]), result)


def _adjustment_set(completion: str) -> frozenset[str] | None:
    match = SET.search(completion)
    if match is None:
        return None
    return frozenset(name for name in re.split(r"[\s,]+", match[1] or "") if name)


def _stands(name: str, number: Decimal, completion: str) -> bool:
    """Whether a line (or what stands between tabs) gives the name this number, at once or at its end: a=b=0.1."""
    for segment in re.split(r"[\n\t]", completion):
        _, found, rest = _squeezed(segment).partition(f"{name}=")
        if found and any(_near(_decimal(said), number) for said in (rest.partition(",")[0], rest.rpartition("=")[2])):
            return True
    return False


def _decimal(written: str) -> Decimal | None:
    return Decimal(written) if re.fullmatch(NUMBER, written) else None


def _calculations(squeezed: str) -> Iterator[tuple[Decimal | None, Decimal]]:
    """What each written calculation comes to (None: it is none), and what is said to be its result."""
    parts = BOUND.sub(r"\1", squeezed).split("=")
    for before, after in pairwise(parts):
        written = before[len(before.rstrip(ARITHMETIC)) :]
        said = RESULT.match(after)
        if said and len(written) <= LONGEST and any(sign in written[1:] for sign in "+-*/"):
            yield calculate(written), Decimal(said[1])


def calculate(expression: str) -> Decimal | None:
    """The value of sums, differences, products and quotients of numbers in brackets; None for anything else."""
    expression = expression.replace("[", "(").replace("]", ")")
    tokens = TOKEN.findall(expression)
    if "".join(tokens) != expression or expression.count("(") > 50:
        return None
    try:
        result = _sum(tokens)
    except (IndexError, InvalidOperation, DivisionByZero, ValueError):
        return None
    return None if tokens else result


def _sum(tokens: list[str]) -> Decimal:
    total = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign = tokens.pop(0)
        total = total + _product(tokens) if sign == "+" else total - _product(tokens)
    return total


def _product(tokens: list[str]) -> Decimal:
    total = _factor(tokens)
    while tokens and tokens[0] in "*/":
        sign = tokens.pop(0)
        total = total * _factor(tokens) if sign == "*" else total / _factor(tokens)
    return total


def _factor(tokens: list[str]) -> Decimal:
    sign, token = 1, tokens.pop(0)
    while token == "-":
        sign, token = -sign, tokens.pop(0)
    if token != "(":
        return sign * Decimal(token)
    inner = _sum(tokens)
    if tokens.pop(0) != ")":
        raise ValueError("a bracket is not closed")
    return sign * inner
