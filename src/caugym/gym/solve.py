"""Computes a problem's answer from what its text says, with worked steps, or says which probability is missing.

The conventions (sign, yes/no, rounding) are those of ``conventions``. An effect that the graph alone makes zero is 0
and No, whatever is printed. LACK_CONDITION unless some adjustment set gives an estimand whose every probability is
printed or follows from the printed ones by the rules in ``derivation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from caugym.causal import estimand
from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, candidates, no_effect
from caugym.gym import conventions
from caugym.gym.conventions import DEAD_ZONE, step_number, step_places
from caugym.gym.derivation import DEPTH, Derived, Knowledge, Term
from caugym.gym.problem import BOUND_TASKS, EFFECT_TASKS, LACK_CONDITION, Answer, Query
from caugym.gym.read import ReadError, Reading, read
from caugym.gym.solution import solution
from caugym.gym.styles import PUBLISHED
from caugym.gym.wording.published import ESTIMAND_NAMES

ROUNDING = Decimal("0.0005")
"""No sum of a few printed numbers is further off than this by their rounding."""

SMALL = 10
"""On a graph of so few variables any adjustment set is found at once, on a larger one only sets of one or two."""

MANY = 16
"""Variables in one statement. Published and generated ones name at most six."""

WIDEST = 8
"""Variables that an estimand of the ID algorithm may sum over at once: more need hundreds of statements."""

Status = Literal["solved", "lack_condition", "unreadable"]


@dataclass(frozen=True)
class Solved:
    """The outcome: ``answer`` for "solved" and "lack_condition", ``missing`` names the probabilities not given.

    ``message`` says why a text is unreadable, and where.
    """

    status: Status
    answer: Answer | None
    steps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    message: str = ""


def solve_text(text: str) -> Solved:
    """Read and solve ``text``; what cannot be read is status "unreadable" with a message that says where."""
    try:
        return solve(read(text))
    except ReadError as error:
        return Solved("unreadable", None, message=str(error))


def solve(reading: Reading) -> Solved:
    """The answer by the set whose probabilities are known, printed ones before derived ones, small sets first."""
    words = Words(reading)
    chosen = choose(reading)
    if chosen is None:
        reason, none = words.needed(reading.graph)
        return _lacking(reading, [words.asked(), f"The answer needs {reason}. {none}."], [reason])
    identified, lookup = chosen
    known = {p: derived for p, derived in lookup.items() if derived is not None}
    steps = [words.asked(), words.sets(identified)]
    if identified.no_effect is None:
        steps.append(f"{words.task} = {estimand.text(identified.estimand, leaf=words.symbol)}")
    missing = [p for p, derived in lookup.items() if derived is None]
    if missing:
        return _lacking(reading, steps, [words.term(p) for p in _without_complements(missing)])
    return _computed(reading, words, identified, known, steps)


def choose(reading: Reading) -> tuple[Identified, dict[P, Derived | None]] | None:
    """The estimand to use and what is known of each of its terms; None where no adjustment set can be named.

    The smallest set whose terms are all printed (or one minus a printed number), else the one that lacks
    fewest.
    """
    knowledge = Knowledge(reading.givens, reading.graph)
    found = _candidates(reading)
    if not found:
        return None
    lookups = []
    for identified in found:
        lookups.append({p: knowledge.find_printed(Term.from_p(p)) for p in estimand.terms(identified.estimand)})
        if None not in lookups[-1].values():
            return identified, lookups[-1]
    lookups = [{p: knowledge.find(Term.from_p(p)) for p in lookup} for lookup in lookups]
    best = min(range(len(found)), key=lambda i: _cost(lookups[i]))
    return found[best], lookups[best]


def worked(reading: Reading, style: str = PUBLISHED) -> str | None:
    """The worked solution of a problem that was read, in one of ``styles.names()``; None where it has none."""
    chosen = choose(reading)
    if chosen is None or solve(reading).status == "unreadable":
        return None
    identified, lookup = chosen
    missing = tuple(_without_complements([p for p, derived in lookup.items() if derived is None]))
    knowledge = Knowledge(reading.givens, reading.graph)
    annotated = bool(reading.letters)
    return solution(reading.graph, identified, knowledge, annotated, missing, style, reading.variables)


def _candidates(reading: Reading) -> list[Identified]:
    """The estimands that the statements might determine, small sets first; without any, the first of all.

    No answer is lost. Every estimand names P(Z | ...) for its adjustment set Z (and P(M | ...) for its mediators M)
    in all configurations. A rule of ``derivation`` leads to printed terms that hold all of these variables, and at
    most halves the number of configurations: Z lies within one statement and 2 ** (size of Z - DEPTH) is at most one
    more than the number of statements. (In a statement of more than MANY variables only pairs are looked at.)
    """
    graph, query = reading.graph, reading.query
    largest = DEPTH + (len(reading.givens) + 1).bit_length()
    summed = graph.mediators(query.treatment, query.outcome) if query.task in ("NDE", "NIE") else ()
    if len(summed) > largest and no_effect(graph, query) is None:
        return []
    spoken_of = {frozenset(node for node, _ in (*given.event, *given.condition)) for given in reading.givens}
    found: dict[tuple[str, ...], Identified] = {}
    other: dict[Identified, None] = {}  # by other rules than adjustment, in their own order
    for nodes in spoken_of or {frozenset[str]()}:
        if not any(nodes < others for others in spoken_of):
            limit = largest if len(nodes) <= MANY else 2
            for one in candidates(graph, query, nodes, limit):
                if one.rule == "adjustment":
                    found[one.adjustment_set] = one
                elif estimand.width(one.estimand) <= WIDEST:
                    other[one] = None
    rank = {node: i for i, node in enumerate(graph.topological_order())}
    if found or other:
        return [*(found[z] for z in sorted(found, key=lambda z: (len(z), [rank[node] for node in z]))), *other]
    first = next(candidates(graph, query, largest=None if len(graph.nodes) <= SMALL else 2), None)
    return [] if first is None or estimand.width(first.estimand) > WIDEST else [first]


def _cost(lookup: dict[P, Derived | None]) -> tuple[int, int]:
    """Fewest missing terms first, then fewest that need more than a printed number or its complement."""
    derived = [known for known in lookup.values() if known is not None]
    return len(lookup) - len(derived), sum(known.rule not in ("printed", "complement") for known in derived)


def _lacking(reading: Reading, steps: list[str], missing: list[str]) -> Solved:
    if reading.damaged:
        damaged = reading.damaged[0]
        message = str(damaged.error(f"a damaged statement, and the answer needs {' and '.join(missing)}"))
        return Solved("unreadable", None, message=message)
    steps.append(f"Neither printed nor implied: {'; '.join(missing)}. So the answer is {LACK_CONDITION}.")
    return Solved("lack_condition", Answer(), tuple(steps), tuple(missing))


def _computed(
    reading: Reading, words: Words, identified: Identified, known: dict[P, Derived], steps: list[str]
) -> Solved:
    annotated = bool(reading.letters)
    places = step_places(annotated)
    values = {p: derived.value for p, derived in known.items()}
    steps.extend(words.number(p, derived) for p, derived in known.items())
    for step in estimand.steps_of(identified.estimand):
        values[step.name] = estimand.value(step, values.__getitem__, places)
        body = estimand.text(step.body, leaf=words.symbol)
        numbers = f"{_numbers(step.body, values)} = {step_number(values[step.name])}"
        steps.append(f"{words.symbol(step.name)} = {body} = {numbers}")
    try:
        answer = conventions.answer(identified, values.__getitem__, annotated)
        effect = estimand.value(identified.estimand, values.__getitem__, places)
    except (ZeroDivisionError, InvalidOperation):
        observed = "the case that the question observes has probability 0 as printed, so the bound is undefined"
        return _lacking(reading, steps, [observed])
    if identified.no_effect is None:
        steps.append(f"{words.task} = {_numbers(identified.estimand, values)} = {effect:.4f}")
    contradiction = _contradiction(reading.query.task, effect, values)
    if contradiction:
        return Solved("unreadable", None, message=contradiction)
    if answer.decision is not None and identified.no_effect is None:
        word = "Yes" if answer.decision else "No"
        steps.append(f"{words.task} = {effect:.4f}, {_why(reading.query, effect)}: {word}.")
    return Solved("solved", answer, tuple(steps))


def _contradiction(task: str, value: Decimal, values: dict[P, Decimal]) -> str:
    """Why the printed numbers cannot all be right; rounding alone can carry a bound a little out of [0, 1]."""
    lowest = -1 if task in (*EFFECT_TASKS, "IV") else 0
    slack = ROUNDING / min((number for number in values.values() if number), default=Decimal(1))
    if lowest - slack <= value <= 1 + slack:
        return ""
    return f"the printed probabilities contradict each other: {task} would be {value:.4f}, outside [{lowest}, 1]"


def _numbers(tree: estimand.Expression, values: dict[P, Decimal]) -> str:
    return estimand.text(estimand.expand(tree), leaf=lambda p: step_number(values[p]) if p.do else f"{values[p]:.4f}")


def _why(query: Query, effect: Decimal) -> str:
    if abs(effect) < DEAD_ZONE:
        return f"smaller than {DEAD_ZONE} in size, so no effect"
    direction = "above" if effect > 0 else "below"
    how = f"{direction} 0" + (" (factual minus counterfactual)" if query.task == "ETT" else "")
    return f"{how}, and less is asked" if query.direction == "less" else how


def _without_complements(missing: list[P]) -> list[P]:
    """Without the second of two terms that give each other by complement: one of them is enough."""
    kept: list[P] = []
    for p in missing:
        flipped = P(tuple((node, None if value is None else 1 - value) for node, value in p.event), p.condition)
        if len(p.event) > 1 or flipped.facts not in [other.facts for other in kept]:
            kept.append(p)
    return kept


class Words:
    """Writes terms and sets in the problem's own names and words."""

    def __init__(self, reading: Reading) -> None:
        self.query = reading.query
        self.variables = {variable.name: variable for variable in reading.variables}
        self.x, self.y = reading.query.treatment, reading.query.outcome
        bound = f"{reading.query.bound} bound of " if reading.query.bound else ""
        self.task = bound + reading.query.task

    def _value(self, node: str, value: int | None, between: str) -> str:
        return node if value is None else node + between + self.variables[node].words[value]

    def symbol(self, p: P, between: str = "=") -> str:
        """P(y=low | x=high)."""
        condition = [self._value(*term, between) for term in p.condition]
        if p.do:
            condition.insert(0, f"do({', '.join(self._value(*term, between) for term in p.do)})")
        event = ", ".join(self._value(*term, between) for term in p.event)
        return f"P({event} | {', '.join(condition)})" if condition else f"P({event})"

    def term(self, p: P) -> str:
        """P(y being low | x being high)."""
        return self.symbol(p, " being ")

    def number(self, p: P, derived: Derived) -> str:
        if derived.rule == "printed":
            return f"{self.symbol(p)} = {derived.value:.4f}"
        sources = ", ".join(
            self.symbol(P(tuple(sorted(term.event)), tuple(sorted(term.condition)))) for term in derived.sources
        )
        return f"{self.symbol(p)} = {derived.value:.4f} by {derived.rule} from {sources}"

    def asked(self) -> str:
        to, other = (
            self.variables[self.x].words[value] for value in (self.query.treatment_value, self.query.control_value)
        )
        outcome = self._value(self.y, self.query.outcome_value, "=")
        text = f"Asked: the {ESTIMAND_NAMES[self.query.task]} ({self.task}) of {self.x} on {self.y}, {outcome}, "
        if self.query.task in BOUND_TASKS:
            return text + f"observed {self.x}={to}, changed to {other}."
        fixed = ", ".join(self._value(*term, "=") for term in self.query.mediator_values)
        return text + f"{self.x}={to} against {self.x}={other}" + (f", holding {fixed}." if fixed else ".")

    def needed(self, graph: DAG) -> tuple[str, str]:
        """What no statement speaks of, and why it is not there."""
        mediators = graph.mediators(self.x, self.y) if self.query.task in ("NDE", "NIE") else ()
        if len(mediators) > DEPTH:
            return f"the probabilities of the mediators {_set(mediators)} together", "They are not given"
        if self.query.task == "IV":
            return f"an instrument for {self.x} and {self.y}", "There is none"
        none = "There is no such set" if graph.has_edge(self.y, self.x) else "No statement speaks of one"
        if self.query.task == "ATE" and graph.latent:
            none = "No observed set does, and nothing else identifies the effect from the statements"
        return f"a set of variables that blocks every backdoor path from {self.x} to {self.y}", none

    def sets(self, identified: Identified) -> str:
        if identified.no_effect is not None:
            return f"There is {identified.no_effect} from {self.x} to {self.y} in the graph, so the effect is 0: No."
        if identified.rule == "instrument":
            return f"Instrument: {identified.instrument}."
        if identified.rule == "front door":
            return f"No adjustment set is observed. Front-door set: {_set(identified.mediators)}."
        if identified.rule == "ID algorithm":
            return "No adjustment set and no front-door set is observed. The ID algorithm identifies the effect."
        text = f"Adjustment set: {_set(identified.adjustment_set)}."
        return text + (f" Mediators: {_set(identified.mediators)}." if identified.mediators else "")


def _set(nodes: tuple[str, ...]) -> str:
    return "{" + ", ".join(nodes) + "}" if nodes else "empty set"
