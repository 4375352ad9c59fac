"""The worked form nano computes with: first the text in letters and roles, then the numbers that are used.

    (2)                     the sentence that is read (caugym.nano.numbered)
     talent
    a: talent=a> market demand        its edge; a new node is declared in a line of its own
    b: market demand=b
    a>b                     the edge in letters alone
    (3)
     talent=a> stress level
    c: stress level=c
    a>c
    ate                     the task
    x: market demand=b low x+       treatment with the word asked about
    y: stress level=c low y+        outcome; below them what is held fixed, as m, n, o, p, q
    b>c| y                  what the treatment has an effect on, then what each of these has, up to the outcome
    link yes                whether a causal link of the asked kind exists; mediators would stand below: m:=d
    (4)                     every statement in the text's order
     talent=a low a0| market demand=b low x+| stress level=c low y+         its variables; a bar behind conditions. The
                            word that is said first of a variable is its 0 (of one held fixed: the fixed one)
    y+|x+a0=+1767#1=1767    its label and number lowest digit first (0.7671); once more behind the statement's place
    (5)
     rainfall=d high d0     a statement that nobody needs is read all the same
    d0=+3210#2=3210
    ...
    z:=a                    adjustment variables z, w, v
    y+|x+a0#1=1767          a number that is used: which statement has this label, and its number
    sub[..][..][..][..]=-9031    column arithmetic (caugym.nano.arithmetic)

So each step is local: a name is looked up once, a statement is read where it stands, and everything after that is
about a dozen symbols. A name is followed by its letter, since a copy is what follows a match: letters are found by
copying names, and whether a node is new is said behind its name, when it can be compared with those before. Which
statement a number is in is said in one token, ``#1=``, before its digits, so that these are looked up by a key that no
other statement has; the statement's own digits stand there twice, since what follows a new key has to be read and what
follows a known one to be copied, and nano did not learn both for one token. Where a number that is used is not among
those read, ``=?`` and LACK_CONDITION follow.

A mean over one binary z is written f1 + (f0 - f1) * P(z0), which needs one product and not two; over several at once,
the same with all but one of their joint values. That is the same estimand as ``caugym.causal.identify`` states;
:func:`solution` checks its own result against the problem's answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import product

from caugym.causal.identify import candidates
from caugym.gym.conventions import decide
from caugym.gym.problem import BOUND_TASKS, LACK_CONDITION, Assignment, Problem
from caugym.nano import arithmetic, formulas
from caugym.nano.arithmetic import UNIT, ColumnOverflowError, Number
from caugym.nano.numbered import Places
from caugym.nano.transcript import NotWritableError, Transcript, units

__all__ = ["FORM", "ROUNDING", "MissingError", "NotWritableError", "Worked", "answer", "solution", "write"]

FORM = "10"
"""The form's version: raised whenever the same problem would be written otherwise, so that a study trains anew."""

Term = Callable[[Assignment], Number]
ROUNDING = 4
"""How far, in units of 1e-4, truncated products may move the worked value from the answer; the judge allows 5."""


class MissingError(LookupError):
    """A number that the solution uses is not printed; the text ends with ``=?``."""


class Worked(Transcript):
    """Writes one worked solution line by line; the methods that write a number return it."""

    def read(self, event: Assignment, condition: Assignment = ()) -> Number:
        """Write a number that is used. Raises MissingError where it is not printed."""
        self.text += "\n" + self.label(event, condition)
        found = self.printed.get((frozenset(event), frozenset(condition)))
        if found is None:
            self.text += "=?"
            raise MissingError(self.text.rsplit("\n", 1)[1])
        place, given = found
        value = units(given)
        self.text += arithmetic.printed(place, value)
        return value

    def use(self, value: Number) -> Number:
        self.text += "\nuse" + arithmetic.number(value)
        return value

    def to(self, value: Number) -> Number:
        self.text += "\nto" + arithmetic.number(value)
        return value

    def do(self, operation: Callable[[Number, Number], tuple[str, Number]], a: Number, b: Number) -> Number:
        text, value = operation(a, b)
        self.text += text
        return value

    def mean(self, term: Term, free: tuple[str, ...], at: Assignment = ()) -> Number:
        """Mean of ``term(stratum)`` over the joint values of ``free``, weighed by their probability given ``at``."""
        if not free:
            return term(())
        if len(free) == 1:
            low, high = self.values(free[0], at)
            first, second = term(low), term(high)
            gap = self.do(arithmetic.subtract, self.use(first), self.to(second))
            return self.do(arithmetic.add, self.do(arithmetic.multiply, gap, self.read(low, at)), self.to(second))
        return self.spread(term, lambda stratum: self.read(stratum, at), self.strata(free, at))

    def strata(self, free: tuple[str, ...], *conditions: Assignment) -> list[Assignment]:
        """The joint values of ``free``; last the one whose probability under the ``conditions`` is not printed.

        Their probabilities sum to one, so that the last one is never needed.
        """
        joint = [tuple((n, abs(self.zero(n) - v)) for n, v in zip(free, values, strict=True))
                 for values in product((0, 1), repeat=len(free))]  # fmt: skip
        return sorted(joint, key=lambda stratum: not self.stated(stratum, conditions))

    def stated(self, event: Assignment, conditions: Iterable[Assignment]) -> bool:
        return all((frozenset(event), frozenset(condition)) in self.printed for condition in conditions)

    def spread(self, term: Term, weigh: Term, strata: list[Assignment], differences: bool = False) -> Number:
        """Sum over all strata but the last of (term(stratum) - term(last)) * weigh(stratum), added to term(last).

        With ``differences`` the weights sum to zero, and nothing is added.
        """
        *others, last = strata
        base = term(last)
        total = None if differences else base
        for stratum in others:
            gap = self.do(arithmetic.subtract, self.use(term(stratum)), self.to(base))
            share = weigh(stratum)
            # The factors are the last two numbers written: behind a computed share the gap is written again.
            factors = (share, self.to(gap)) if differences else (gap, share)
            part = self.do(arithmetic.multiply, *factors)
            total = part if total is None else self.do(arithmetic.add, part, self.to(total))
        assert total is not None
        return total

    def values(self, node: str, *conditions: Assignment) -> tuple[Assignment, Assignment]:
        """The two values of ``node``: first the one whose probability under all ``conditions`` is printed."""
        low, high = (((node, value),) for value in (self.zero(node), 1 - self.zero(node)))
        return (high, low) if self.stated(high, conditions) and not self.stated(low, conditions) else (low, high)


def solution(
    problem: Problem,
    rng: random.Random | None = None,
    slips: float = 0.0,
    places: Places | None = None,
    check: bool = True,
) -> str:
    """The whole worked solution, from the edges to the answer, with the first adjustment set that is printed.

    Where none is printed whole, with the one of which most is. ``rng`` and ``slips``: see
    :func:`caugym.nano.arithmetic.divide`. ``check`` compares with the problem's answer. Raises NotWritableError.
    """
    lacking: list[str] = []
    reason = "the query is not identified"
    for identified in candidates(problem.graph, problem.query):
        try:
            written = Worked(problem, identified, places)
            value = write(written, rng, slips)
        except (NotWritableError, ColumnOverflowError) as error:
            reason = str(error)
            continue
        if value is None:
            lacking.append(written.text)
            continue
        if check and (problem.answer.value is None or abs(value - problem.answer.value * UNIT) > ROUNDING):
            raise NotWritableError(f"worked value {value} against answer {problem.answer.value}")
        return written.text + "\n" + answer(problem, value)
    if lacking and (problem.answer.lacks_condition or not check):
        return max(lacking, key=len) + "\n" + LACK_CONDITION
    raise NotWritableError(reason if not lacking else "a needed number is not printed as such")


def write(written: Worked, rng: random.Random | None, slips: float) -> Number | None:
    """All but the answer; the value, or None where a number is missing."""
    written.graph()
    written.header()
    if written.no_effect:
        return 0
    written.statements()
    written.choice()
    try:
        return formulas.bound(written, rng, slips) if written.query.bound else formulas.effect(written)
    except MissingError:
        return None


def answer(problem: Problem, value: Number) -> str:
    """The answer line. The decision is the problem's own where it has one: it comes from the unrounded effect."""
    number = f"{'-' if value < 0 else ''}{abs(value) // UNIT}.{abs(value) % UNIT:04d}"
    if problem.task in BOUND_TASKS:
        return f'{{"PROB": "{number}"}}'
    decision = problem.answer.decision
    if decision is None:
        decision = decide(problem.task, Decimal(value) / UNIT)
    return f'{{"ANSWER": "{"Yes" if decision else "No"}", "PROB": "{number}"}}'
