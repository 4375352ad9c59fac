"""The worked form nano computes with: who plays which role, then each number read and used at once.

    ate                     the task
    x: market demand        treatment, y: outcome; then whether a causal link of the asked kind exists
    y: stress level
    link yes
    x+ low                  the words of x asked about (+) and of its contrast (-); y+ the outcome asked about
    x- high
    y+ low
    z: talent               adjustment variables z, w, v and mediators m, n, o, each with its two words
    z0 low
    z1 high
    y+|x+z0=+1767           a number read from the text, lowest digit first (0.7671)
    ...
    sub=-9031               column arithmetic (caugym.nano.arithmetic)

A mean over a binary z is written f1 + (f0 - f1) * P(z0), which needs one product and not two. That is the same
estimand as ``caugym.causal.identify`` states; :func:`solution` checks its own result against the problem's answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from caugym.causal.identify import Identified, candidates
from caugym.gym.problem import Assignment, Given, Problem
from caugym.nano import arithmetic
from caugym.nano.arithmetic import ColumnOverflowError, Number, clamp

Term = Callable[[Assignment], Number]
Weigh = Callable[[str, Assignment], Number]

MEDIATOR_ROLES, ADJUSTMENT_ROLES = "mno", "zwv"
ROUNDING = 4
"""How far, in units of 1e-4, truncated products may move the worked value from the answer; the judge allows 5."""


class NotWritableError(ValueError):
    """The problem has no worked form (overflow, a needed number that is not printed as such, too many roles)."""


class Worked:
    """Writes one worked solution line by line; ``value`` lines return the number they wrote."""

    def __init__(self, problem: Problem, identified: Identified) -> None:
        mediators = () if identified.no_effect else identified.mediators
        adjustment = identified.adjustment_set
        if len(mediators) > len(MEDIATOR_ROLES) or len(adjustment) > len(ADJUSTMENT_ROLES):
            raise NotWritableError(f"{len(mediators)} mediators, {len(adjustment)} adjustment variables")
        self.query = problem.query
        self.variables = {variable.name: variable for variable in problem.variables}
        self.printed = {(frozenset(g.event), frozenset(g.condition)): g.value for g in problem.givens}
        self.roles = dict(zip(mediators, MEDIATOR_ROLES, strict=False)) | dict(
            zip(adjustment, ADJUSTMENT_ROLES, strict=False)
        )
        self.first = {node: self._first_value(node, problem.givens) for node in self.roles}
        self.mediators, self.adjustment, self.no_effect = mediators, adjustment, identified.no_effect
        self.text = ""

    def _first_value(self, node: str, givens: tuple[Given, ...]) -> int:
        """The value called 0: CDE's fixed one, else the one whose own probability is printed first."""
        fixed = dict(self.query.mediator_values)
        if node in fixed:
            return fixed[node]
        own = [dict(g.event)[node] for g in givens if {name for name, _ in g.event} == {node}]
        mentioned = [dict((*g.event, *g.condition)).get(node) for g in givens]
        return next((value for value in [*own, *mentioned] if value is not None), 0)

    def header(self) -> None:
        query, linked = self.query, not self.no_effect

        def words(node: str, value: int) -> str:
            return self.variables[node].words[value]

        self.text += f"\n{query.task.lower()}\nx: {query.treatment}\ny: {query.outcome}"
        self.text += "\nlink yes" if linked else "\nlink no"
        if not linked:
            return
        x, y = query.treatment, query.outcome
        self.text += f"\nx+ {words(x, query.treatment_value)}\nx- {words(x, query.control_value)}"
        self.text += f"\ny+ {words(y, query.outcome_value)}"
        if query.bound:
            self.text += f"\ny- {words(y, 1 - query.outcome_value)}"
        for node, role in self.roles.items():
            self.text += f"\n{role}: {node}\n{role}0 {words(node, self.first[node])}"
            if node not in dict(query.mediator_values):
                self.text += f"\n{role}1 {words(node, 1 - self.first[node])}"

    def label(self, event: Assignment, condition: Assignment) -> str:
        return "".join(map(self._term, event)) + ("|" if condition else "") + "".join(map(self._term, condition))

    def _term(self, pair: tuple[str, int]) -> str:
        node, value = pair
        query = self.query
        if node == query.treatment:
            return "x+" if value == query.treatment_value else "x-"
        if node == query.outcome:
            return "y+" if value == query.outcome_value else "y-"
        return self.roles[node] + ("0" if value == self.first[node] else "1")

    def read(self, event: Assignment, condition: Assignment = ()) -> Number:
        try:
            printed = self.printed[frozenset(event), frozenset(condition)]
        except KeyError:
            raise NotWritableError(f"P({event} | {condition}) is not printed") from None
        value = clamp(int(printed * arithmetic.UNIT))
        self.text += "\n" + self.label(event, condition) + arithmetic.number(value)
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

    def mean(self, term: Term, free: tuple[str, ...], weigh: Weigh, at: Assignment = ()) -> Number:
        """Mean of ``term(stratum)`` over the binary variables ``free``; ``weigh(node, stratum)`` reads P(node = 0)."""
        if not free:
            return term(at)
        node, rest = free[0], free[1:]
        first = self.mean(term, rest, weigh, (*at, (node, self.first[node])))
        second = self.mean(term, rest, weigh, (*at, (node, 1 - self.first[node])))
        gap = self.do(arithmetic.subtract, self.use(first), self.to(second))
        share = weigh(node, at)
        product = self.do(arithmetic.multiply, gap, share)
        return self.do(arithmetic.add, product, self.to(second))


def solution(problem: Problem, rng: random.Random | None = None, slips: float = 0.0) -> str:
    """The whole worked solution, from the task to the answer, with the first adjustment set that is printed.

    ``rng`` and ``slips``: see :func:`caugym.nano.arithmetic.divide`. Raises NotWritableError.
    """
    if problem.answer.lacks_condition:
        raise NotWritableError("no worked form for problems that lack a condition yet")
    reason = "the query is not identified"
    for identified in candidates(problem.graph, problem.query):
        try:
            return _solution(Worked(problem, identified), problem, rng, slips)
        except (NotWritableError, ColumnOverflowError) as error:
            reason = str(error)
    raise NotWritableError(reason)


def _solution(written: Worked, problem: Problem, rng: random.Random | None, slips: float) -> str:
    written.header()
    value = 0
    if not written.no_effect:
        value = bound(written, rng, slips) if problem.query.bound else effect(written)
    if problem.answer.value is None or abs(value - problem.answer.value * arithmetic.UNIT) > ROUNDING:
        raise NotWritableError(f"worked value {value} against answer {problem.answer.value}")
    return written.text.lstrip("\n") + "\n" + _answer(problem, value)


def _answer(problem: Problem, value: Number) -> str:
    number = f"{'-' if value < 0 else ''}{abs(value) // arithmetic.UNIT}.{abs(value) % arithmetic.UNIT:04d}"
    decision = problem.answer.decision
    if decision is None:
        return f'{{"PROB": "{number}"}}'
    return f'{{"ANSWER": "{"Yes" if decision else "No"}", "PROB": "{number}"}}'


def effect(w: Worked) -> Number:
    q = w.query
    x, y = q.treatment, (q.outcome, q.outcome_value)
    plus, minus = (x, q.treatment_value), (x, q.control_value)

    def marginal(node: str, at: Assignment) -> Number:
        return w.read(((node, w.first[node]),), at)

    match q.task:
        case "ATE" | "CDE":
            fixed = q.mediator_values

            def gap(z: Assignment) -> Number:
                return w.do(arithmetic.subtract, w.read((y,), (plus, *fixed, *z)), w.read((y,), (minus, *fixed, *z)))

            return w.mean(gap, w.adjustment, marginal)
        case "ETT":
            if not w.adjustment:
                return w.do(arithmetic.subtract, w.read((y,), (minus,)), w.read((y,), (plus,)))
            counterfactual = w.mean(
                lambda z: w.read((y,), (plus, *z)),
                w.adjustment,
                lambda node, at: w.read(((node, w.first[node]),), (minus, *at)),
            )
            factual = w.read((y,), (minus,))
            return w.do(arithmetic.subtract, factual, w.to(counterfactual))
        case "NDE":

            def direct(z: Assignment) -> Number:
                def gap(m: Assignment) -> Number:
                    return w.do(arithmetic.subtract, w.read((y,), (plus, *m, *z)), w.read((y,), (minus, *m, *z)))

                return w.mean(gap, w.mediators, lambda node, at: w.read(((node, w.first[node]),), (minus, *at, *z)))

            return w.mean(direct, w.adjustment, marginal)
        case "NIE":
            if len(w.mediators) != 1:
                raise NotWritableError("NIE with several mediators")
            m0, m1 = (w.mediators[0], w.first[w.mediators[0]]), (w.mediators[0], 1 - w.first[w.mediators[0]])

            def indirect(z: Assignment) -> Number:
                gap = w.do(arithmetic.subtract, w.read((y,), (minus, m0, *z)), w.read((y,), (minus, m1, *z)))
                shift = w.do(arithmetic.subtract, w.read((m0,), (plus, *z)), w.read((m0,), (minus, *z)))
                return w.do(arithmetic.multiply, shift, w.to(gap))

            return w.mean(indirect, w.adjustment, marginal)
    raise NotWritableError(f"unknown task {q.task!r}")


def bound(w: Worked, rng: random.Random | None = None, slips: float = 0.0) -> Number:
    q = w.query
    x, y = (q.treatment, q.treatment_value), (q.outcome, q.outcome_value)
    x_other, y_other = (q.treatment, q.control_value), (q.outcome, 1 - q.outcome_value)
    asked = y_other if q.bound == "upper" else y
    do = w.mean(
        lambda z: w.read((asked,), (x_other, *z)), w.adjustment, lambda node, at: w.read(((node, w.first[node]),), at)
    )
    if q.bound == "upper":
        joint = w.read((x_other, y_other))
        numerator = w.do(arithmetic.subtract, do, joint)
    else:
        outcome = w.read((y,))
        numerator = w.do(arithmetic.subtract, outcome, w.to(do))
    if numerator <= 0:
        w.text += "\nneg"
        return 0
    denominator = w.read((x, y))
    if numerator >= denominator:
        w.text += "\nge"
        return arithmetic.UNIT
    w.text += "\nlt"
    text, quotient = arithmetic.divide(numerator, denominator, rng, slips)
    w.text += text
    return quotient
