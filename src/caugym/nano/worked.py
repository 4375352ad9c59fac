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
    x: market demand=b      treatment, y: outcome
    x+ low                  the word of x asked about; x- is the other one
    y: stress level=c
    y+ low
    b>c| y                  what the treatment has an effect on, then what each of these has, up to the outcome
    link yes                whether a causal link of the asked kind exists
    z:=a talent             adjustment variables z, w, v and mediators m, n, o, p, q
    z0 low                  the word that the text mentions first (of a mediator held fixed: the fixed one)
    (4)
    y+|x+z0=+1767           every statement in the text's order, its number lowest digit first (0.7671)
    (5)
    skip                    a statement with a variable that has no role
    ...
    y+|x+z0=+1767           a number that is used, found among those
    sub[..][..][..][..]=-9031    column arithmetic (caugym.nano.arithmetic)

So each step is local: a name is looked up once, a statement is read where it stands, and everything after that is
about a dozen symbols. A name is followed by its letter, since a copy is what follows a match: letters are found by
copying names, and whether a node is new is said behind its name, when it can be compared with those before. Where a
number that is used is not among those read, ``=?`` and LACK_CONDITION follow.

A mean over one binary z is written f1 + (f0 - f1) * P(z0), which needs one product and not two; over several at once,
the same with all but one of their joint values. That is the same estimand as ``caugym.causal.identify`` states;
:func:`solution` checks its own result against the problem's answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from itertools import product

from caugym.causal.identify import Identified, candidates
from caugym.gym.conventions import decide
from caugym.gym.problem import BOUND_TASKS, LACK_CONDITION, Assignment, Given, Problem
from caugym.nano import arithmetic, formulas, numbered
from caugym.nano.arithmetic import UNIT, ColumnOverflowError, Number, clamp
from caugym.nano.numbered import Places
from caugym.nano.tokenizer import NODES

Term = Callable[[Assignment], Number]

MEDIATOR_ROLES, ADJUSTMENT_ROLES = "mnopq", "zwv"
ROUNDING = 4
"""How far, in units of 1e-4, truncated products may move the worked value from the answer; the judge allows 5."""


class NotWritableError(ValueError):
    """The problem has no worked form (overflow, a needed number that is not printed as such, too many roles)."""


class MissingError(LookupError):
    """A number that the solution uses is not printed; the text ends with ``=?``."""


class Worked:
    """Writes one worked solution line by line; the methods that write a number return it.

    Edges and givens of the problem stand in the order in which the text mentions them, ``places`` says in which
    sentences; without it they are looked for in the published words.
    """

    def __init__(self, problem: Problem, identified: Identified, places: Places | None = None) -> None:
        mediators = () if identified.no_effect else identified.mediators
        adjustment = identified.adjustment_set
        if len(mediators) > len(MEDIATOR_ROLES) or len(adjustment) > len(ADJUSTMENT_ROLES):
            raise NotWritableError(f"{len(mediators)} mediators, {len(adjustment)} adjustment variables")
        if len(problem.graph.nodes) > len(NODES):
            raise NotWritableError(f"{len(problem.graph.nodes)} nodes")
        self.query = problem.query
        found = places or numbered.places(problem.prompt, problem.graph, problem.givens)
        if found is None or max((*found.edges, *found.givens)) >= numbered.LIMIT:
            raise NotWritableError("its sentences are not found in the prompt")
        self.edges, self.places, self.sentence = problem.graph.edges, found, 0
        self.variables = {variable.name: variable for variable in problem.variables}
        self.givens = problem.givens
        self.printed = {(frozenset(g.event), frozenset(g.condition)): g.value for g in problem.givens}
        self.letters: dict[str, str] = {}
        self.roles = dict(zip(mediators, MEDIATOR_ROLES, strict=False)) | dict(
            zip(adjustment, ADJUSTMENT_ROLES, strict=False)
        )
        self.first = {node: self._first_value(node) for node in self.roles}
        self.mediators, self.adjustment, self.no_effect = mediators, adjustment, identified.no_effect
        self.text = ""

    def _first_value(self, node: str) -> int | None:
        """The value called 0: that of CDE's question, else the one the statements mention first."""
        fixed = dict(self.query.mediator_values)
        mentioned = (dict((*g.event, *g.condition)).get(node) for g in self.givens)
        return fixed.get(node, next((value for value in mentioned if value is not None), None))

    def zero(self, node: str) -> int:
        return self.first[node] or 0

    def _at(self, sentence: int) -> bool:
        """Write the sentence's number where it is another one than before."""
        moved = sentence != self.sentence
        if moved:
            self.text += f"\n({sentence})"
        self.sentence = sentence
        return moved

    def graph(self) -> None:
        """The edges; those of one sentence with one tail share a line, and stand again in letters below it."""
        said = ""
        for (a, b), sentence in zip(self.edges, self.places.edges, strict=True):
            if sentence != self.sentence or said[:1] != self.letters.get(a):
                self.text += f"\n{said}" if said else ""
                self._at(sentence)
                self.text += "\n" + self._node(a)
                said = self.letters[a]
            self.text += ">" + self._node(b)
            said += f">{self.letters[b]}"
        self.text += f"\n{said}" if said else ""

    def _node(self, node: str) -> str:
        """Name and letter; a new node is then declared: letter, name, letter."""
        start = f" {self.name(node)}"
        if node not in self.letters:
            self.letters[node] = NODES[len(self.letters)]
            start += f"\n{self.letters[node]}: {self.name(node)}"
        return f"{start}={self.letters[node]}"

    def name(self, node: str) -> str:
        return self.places.names.get(node, node).replace(numbered.EXAMPLE, numbered.PLAIN_EXAMPLE)

    def word(self, node: str, value: int, asked: bool = False) -> str:
        """The value's word as the text says it first; with ``asked`` last, as the question does."""
        said = self.places.words.get((node, value))
        return said[-1 if asked else 0] if said else self.variables[node].words[value]

    def header(self) -> None:
        """The task, treatment, outcome and what is held fixed, the way between them, and the other roles."""
        query = self.query
        x, y, fixed = query.treatment, query.outcome, dict(query.mediator_values)
        if not {x, y, *self.roles, *fixed} <= set(self.letters):
            raise NotWritableError("a variable of the question stands in no edge")
        self.text += f"\n{query.task.lower()}" + (f" {query.bound}" if query.bound else "")
        for role, node, value in (("x", x, query.treatment_value), ("y", y, query.outcome_value)):
            self.text += (
                f"\n{role}: {self.name(node)}={self.letters[node]}\n{role}+ {self.word(node, value, asked=True)}"
            )
        for (node, value), role in zip(fixed.items(), MEDIATOR_ROLES, strict=False):
            self.text += f"\n{role}: {self.name(node)}={self.letters[node]}"
            self.text += f"\n{role}0 {self.word(node, value, asked=True)}"
        if query.task not in BOUND_TASKS:
            self.reach(fixed)
        self.text += "\nlink no" if self.no_effect else "\nlink yes"
        for node, role in self.roles.items():
            if node in fixed:
                continue
            self.text += f"\n{role}:={self.letters[node]} {self.name(node)}"
            first = self.first[node]
            if first is not None:
                self.text += f"\n{role}0 {self.word(node, first)}"

    def reach(self, fixed: Collection[str]) -> None:
        """A line for each node that the treatment reaches: its letter and its children's; behind the bar what is left.

        Left are the letters reached so far that have no line yet, from a to l, so that the first of them is next, and
        the search is over where there is none. ``y`` stands before them where the outcome is a child: there it ends,
        except where mediators are asked for, and NDE's ends where the treatment's own line has no ``y``. Nothing is
        reached through ``fixed``.
        """
        x, y, task = self.query.treatment, self.query.outcome, self.query.task
        left, done = {x}, {y, *fixed}
        while left:
            node = min(left, key=self.letters.__getitem__)
            children = {head for tail, head in self.edges if tail == node}
            done.add(node)
            left = (left | children) - done
            self.text += f"\n{self.letters[node]}" + "".join(f">{letter}" for letter in self._sorted(children)) + "|"
            self.text += " y" * (y in children) + "".join(f" {letter}" for letter in self._sorted(left))
            if (y in children and task not in ("NDE", "NIE")) or (y not in children and task == "NDE" and node == x):
                return

    def _sorted(self, nodes: Collection[str]) -> list[str]:
        return sorted(self.letters[node] for node in nodes)

    def statements(self) -> None:
        known = {*self.roles, self.query.treatment, self.query.outcome}
        for given, sentence in zip(self.givens, self.places.givens, strict=True):
            self._at(sentence)
            if {node for node, _ in (*given.event, *given.condition)} <= known:
                self.text += "\n" + self.label(given.event, given.condition) + arithmetic.number(units(given))
            else:
                self.text += "\nskip"

    def label(self, event: Assignment, condition: Assignment) -> str:
        """``y+|x-z0``: outcome first, then treatment, mediators, adjustment variables."""
        order = {self.query.outcome: 0, self.query.treatment: 1}
        order |= {node: rank for rank, node in enumerate(self.roles, start=2)}
        terms = ["".join(self._term(pair) for pair in sorted(part, key=lambda pair: order[pair[0]]))
                 for part in (event, condition)]  # fmt: skip
        return "|".join(terms) if condition else terms[0]

    def _term(self, pair: tuple[str, int]) -> str:
        node, value = pair
        query = self.query
        if node == query.treatment:
            return "x+" if value == query.treatment_value else "x-"
        if node == query.outcome:
            return "y+" if value == query.outcome_value else "y-"
        return self.roles[node] + ("0" if value == self.zero(node) else "1")

    def read(self, event: Assignment, condition: Assignment = ()) -> Number:
        """Write a number that is used. Raises MissingError where it is not printed."""
        self.text += "\n" + self.label(event, condition)
        printed = self.printed.get((frozenset(event), frozenset(condition)))
        if printed is None:
            self.text += "=?"
            raise MissingError(self.text.rsplit("\n", 1)[1])
        value = clamp(int(printed * UNIT))
        self.text += arithmetic.number(value)
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


def units(given: Given) -> Number:
    return clamp(int(given.value * UNIT))


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
