"""Pre-training documents: fragments of solving a problem, never a whole solution.

Each document is a pair (question, completion). Kinds:

* arithmetic: one difference, sum, product, quotient or answer line;
* roles: the header of a problem (task, roles, link) and nothing after it;
* read: the header, then numbers of randomly chosen statements, some of them combined at random;
* find: the number of one statement, asked for in the statement's own words;
* graph: parents, children, or whether one node reaches another.

Which numbers a task needs, in which order, and what follows from them is left to the cold start.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, candidates
from caugym.gym.problem import BOUND_TASKS, EFFECT_TASKS, TASKS, Answer, Assignment, Given, Problem, Query, Variable
from caugym.gym.solution import letters
from caugym.gym.wording import published
from caugym.nano import arithmetic, worked
from caugym.nano.arithmetic import UNIT, ColumnOverflowError, Number


@dataclass(frozen=True)
class World:
    """A problem with printed numbers drawn at random, and its roles."""

    problem: Problem
    identified: Identified
    terms: tuple[tuple[Assignment, Assignment], ...]
    """Printed (event, condition) pairs that the problem's own estimand uses."""


class _Collect(worked.Worked):
    """Runs a plan to find the terms it reads; every number is made up."""

    def __init__(self, world: World) -> None:
        super().__init__(world.problem, world.identified)
        self.terms: list[tuple[Assignment, Assignment]] = []

    def read(self, event: Assignment, condition: Assignment = ()) -> Number:
        if (event, condition) not in self.terms:
            self.terms.append((event, condition))
        return 0

    def do(self, operation: Callable[[Number, Number], tuple[str, Number]], a: Number, b: Number) -> Number:
        return 1 if self.query.bound else 0


@cache
def _words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split())


SIZES = (3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7, 8, 9)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _nonsense(rng: random.Random, low: int, high: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(low, high)))


def _names(rng: random.Random, count: int) -> list[str]:
    style = rng.random()
    names: list[str] = []
    while len(names) < count:
        if style < 0.42:
            name = _nonsense(rng, 4, 4)
        elif style < 0.85:
            name = " ".join(rng.sample(_words(), rng.choice((1, 2, 2, 2, 3, 3, 4))))
        else:
            parts = [_nonsense(rng, 3, 9) if rng.random() < 0.5 else rng.choice(_words()) for _ in range(2)]
            name = " ".join(parts[: rng.choice((1, 2))])
        if name not in names and not any(f" {name} " in f" {other} " or f" {other} " in f" {name} " for other in names):
            names.append(name)
    return names


def _polarity(rng: random.Random, plain: bool) -> tuple[str, str]:
    if plain or rng.random() < 0.5:
        return ("low", "high")
    pair = rng.sample(_words(), 2)
    if rng.random() < 0.1:
        pair = [_nonsense(rng, 4, 8), _nonsense(rng, 4, 8)]
    return (pair[0], pair[1])


def _graph(rng: random.Random, names: list[str]) -> DAG:
    density = rng.uniform(0.25, 0.7)
    edges = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if rng.random() < density]
    named = {name for edge in edges for name in edge}
    return DAG(tuple(name for name in names if name in named), tuple(edges))


def _identified(graph: DAG, query: Query) -> Identified | None:
    """The query's estimand, or None where the task is not asked on this pair (as in the published sets)."""
    x, y, task = query.treatment, query.outcome, query.task
    if task == "CDE" and not 1 <= len(query.mediator_values) <= 3:
        return None
    if task == "NIE" and not graph.mediators(x, y) and not graph.has_edge(x, y):
        return None
    if task in ("CDE", "NDE") and not graph.mediators(x, y):
        return None
    found = next(candidates(graph, query), None)
    if found is None or len(found.adjustment_set) > 1:
        return None
    if not found.no_effect and task in ("NDE", "NIE") and len(found.mediators) != 1:
        return None
    return found


def world(rng: random.Random, task: str | None = None, nodes: int | None = None) -> World:
    """A random problem in the published form, its statements sometimes shuffled or joined by idle ones."""
    wanted = task or rng.choice(TASKS)
    linked_wanted = rng.random() < 0.85
    while True:
        count = nodes or rng.choice(SIZES)
        names = _names(rng, count)
        graph = _graph(rng, names)
        names = list(graph.nodes)
        if len(names) < 2:
            continue
        plain = rng.random() < 0.6
        variables = tuple(Variable(name, _polarity(rng, plain)) for name in names)
        x, y = rng.sample(names, 2)
        value, outcome_value = rng.randint(0, 1), rng.randint(0, 1)
        fixed = tuple((m, rng.randint(0, 1)) for m in graph.mediators(x, y)) if wanted == "CDE" else ()
        bound: Literal["lower", "upper"] | None = None
        if wanted in BOUND_TASKS:
            bound = "lower" if rng.random() < 0.5 else "upper"
            value = outcome_value = 1 if wanted == "PN" else 0
            if not graph.has_directed_path(x, y):
                continue
        query = Query(wanted, x, y, value, 1 - value, outcome_value, fixed, bound)
        identified = _identified(graph, query)
        if identified is None or (not bound and (not identified.no_effect) != linked_wanted):
            continue
        if not identified.no_effect and not identified.adjustment_set and rng.random() < 0.5:
            continue
        empty = Problem("", wanted, "base", query, graph, variables, (), "", "", Answer())
        return _print(rng, World(empty, identified, ()))


def _value(rng: random.Random) -> Decimal:
    if rng.random() < 0.02:
        return Decimal(rng.choice((0, UNIT))) / UNIT
    return Decimal(rng.randint(0, UNIT)) / UNIT


def _print(rng: random.Random, made: World) -> World:
    """Choose the printed terms and their values, and write the prompt."""
    query, graph = made.problem.query, made.problem.graph
    terms: list[tuple[Assignment, Assignment]] = []
    named = (*made.identified.mediators, *made.identified.adjustment_set)
    linked = not made.identified.no_effect
    if linked:
        first_by_chance = replace(
            made.problem,
            givens=tuple(Given(((node, rng.randint(0, 1)),), (), Decimal(0)) for node in named),
        )
        collect = _Collect(replace(made, problem=first_by_chance))
        (worked.bound if query.bound else worked.effect)(collect)
        terms = collect.terms
        for event, condition in list(terms):
            if len(event) == 1 and event[0][0] in named and rng.random() < 0.6:
                complement = (((event[0][0], 1 - event[0][1]),), condition)
                terms.insert(rng.randint(terms.index((event, condition)), len(terms)), complement)
    order = list(terms)
    if rng.random() < 0.4:
        rng.shuffle(order)
    if rng.random() < (0.3 if linked else 0.4):
        for _ in range(rng.randint(1, 3)):
            order.insert(rng.randint(0, len(order)), _idle(rng, graph))
    shuffle = rng.random() < 0.5
    givens, values = [], dict[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]], Decimal]()
    for event, condition in order:
        key = (frozenset(event), frozenset(condition))
        if key in values:
            continue
        other = (frozenset((n, 1 - v) for n, v in event), key[1])
        values[key] = 1 - values[other] if len(event) == 1 and other in values else _value(rng)
        said = tuple(rng.sample(condition, len(condition))) if shuffle else condition
        givens.append(Given(event, said, values[key]))
    variables = {variable.name: variable for variable in made.problem.variables}
    marks = letters(graph) if rng.random() < 0.35 else None
    prompt = published.prompt(graph, variables, givens, query, marks)
    if rng.random() < 0.3:
        prompt += " " + published.STEP_BY_STEP if rng.random() < 0.5 else "\n" + published.STEP_BY_STEP
    problem = replace(made.problem, givens=tuple(givens), prompt=prompt)
    return replace(made, problem=problem, terms=tuple(terms))


def _idle(rng: random.Random, graph: DAG) -> tuple[Assignment, Assignment]:
    chosen = rng.sample(graph.nodes, min(len(graph.nodes), rng.randint(1, 3)))
    pairs = tuple((node, rng.randint(0, 1)) for node in chosen)
    return pairs[:1], pairs[1:]


def find(rng: random.Random) -> tuple[str, str]:
    """A few statements and the words of some of them again; the completion is their numbers."""
    names = _names(rng, rng.randint(2, 4))
    plain = rng.random() < 0.7
    variables = {name: Variable(name, _polarity(rng, plain)) for name in names}
    given: dict[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]], Given] = {}
    for _ in range(rng.randint(2, 7)):
        event, *condition = [(n, rng.randint(0, 1)) for n in rng.sample(names, rng.randint(1, len(names)))]
        given.setdefault((frozenset([event]), frozenset(condition)), Given((event,), tuple(condition), _value(rng)))
    statements = list(given.values())
    text = "".join(published.statement(one, variables) + " " for one in statements)
    asked = rng.choice(statements)
    words = published.statement(asked, variables).rsplit(" is ", 1)[0]
    return f"{text}\nfind {words}", arithmetic.number(arithmetic.clamp(int(asked.value * UNIT)))


def roles(rng: random.Random) -> tuple[str, str]:
    made = world(rng)
    written = worked.Worked(made.problem, made.identified)
    written.header()
    return made.problem.prompt + "\nroles", written.text.lstrip("\n")


def read(rng: random.Random) -> tuple[str, str]:
    """Header, then statements in random order, some combined as the worked form combines numbers."""
    while True:
        made = world(rng)
        if made.identified.no_effect:
            continue
        written = worked.Worked(made.problem, made.identified)
        written.header()
        try:
            _program(rng, written, list(made.terms))
        except ColumnOverflowError:
            continue
        return made.problem.prompt + "\nread", written.text.lstrip("\n")


def _program(rng: random.Random, w: worked.Worked, terms: list[tuple[Assignment, Assignment]]) -> None:
    def single() -> Number:
        return w.read(*rng.choice(terms))

    def gap() -> Number:
        first, second = rng.sample(terms, 2) if len(terms) > 1 else terms * 2
        return w.do(arithmetic.subtract, w.read(*first), w.read(*second))

    for _ in range(rng.randint(2, 4)):
        kind = rng.random()
        if kind < 0.4:
            for term in rng.sample(terms, min(len(terms), rng.randint(2, 7))):
                w.read(*term)
        elif kind < 0.6:
            gap()
        else:
            part = gap if rng.random() < 0.6 else single
            first, second = part(), part()
            if kind < 0.7:
                w.do(arithmetic.multiply, second, w.to(first))
                continue
            spread = w.do(arithmetic.subtract, w.use(first), w.to(second))
            share = single()
            if kind < 0.95:
                w.do(arithmetic.add, w.do(arithmetic.multiply, spread, share), w.to(second))


def graph(rng: random.Random) -> tuple[str, str]:
    made = world(rng)
    dag, prompt = made.problem.graph, made.problem.prompt
    node = rng.choice(dag.nodes)
    kind = rng.choice(("parents", "children", "path"))
    if kind == "path":
        other = rng.choice([name for name in dag.nodes if name != node])
        path = next(iter(sorted(dag.directed_paths(node, other), key=len)), None)
        answer = "link no" if path is None else "link yes" + "".join(f"\n{name}" for name in path)
        return f"{prompt}\npath {node}\nto {other}", answer
    nodes = dag.parents(node) if kind == "parents" else dag.children(node)
    return f"{prompt}\n{kind} {node}", "".join(f"\n{name}" for name in nodes) or "\nnone"


def _size(rng: random.Random) -> Number:
    return rng.randint(0, 9999) if rng.random() < 0.75 else rng.randint(0, 10 ** rng.randint(1, 4) - 1)


def calculation(rng: random.Random, kind: str | None = None) -> tuple[str, str]:
    """One arithmetic fragment: question with its operands, completion with rows and result."""
    kind = kind or rng.choices(("sub", "add", "mul", "div", "reverse", "answer", "compare"), (4, 3, 4, 5, 1, 1, 1))[0]
    while True:
        sign = lambda: rng.choice((1, 1, -1))  # noqa: E731
        a, b = sign() * _size(rng), sign() * _size(rng)
        try:
            match kind:
                case "sub" | "add":
                    if rng.random() < 0.2:
                        b = max(-9999, min(9999, a + rng.randint(-30, 30)))
                    text = (arithmetic.subtract if kind == "sub" else arithmetic.add)(a, b)[0]
                case "mul":
                    text = arithmetic.multiply(a, b)[0]
                case "div":
                    c = max(1, _size(rng))
                    a, b = rng.randint(0, c - 1), c
                    text, quotient = arithmetic.divide(a, b, rng, 0.08)
                    if rng.random() < 0.5:
                        text += f'\n{{"PROB": "0.{quotient:04d}"}}'
                case "compare":
                    a, b = abs(a), abs(b)
                    if rng.random() < 0.3:
                        a = max(0, min(9999, b + rng.randint(-300, 300)))
                    text = "\nge" if a >= b else "\nlt"
                    return f"calc\nuse{arithmetic.number(a)}\nx+y+{arithmetic.number(b)}", text
                case "reverse":
                    return f"reverse {abs(a) / UNIT:.4f}", "=+" + arithmetic.number(abs(a))[2:]
                case _:
                    task = rng.choice(EFFECT_TASKS)
                    yes = abs(a) >= 10 and (a < 0 if task == "ETT" else a > 0)
                    shown = f"{'-' if a < 0 else ''}0.{abs(a):04d}"
                    return (
                        f"answer\n{task.lower()}\nsub{arithmetic.number(a)}",
                        f'\n{{"ANSWER": "{"Yes" if yes else "No"}", "PROB": "{shown}"}}',
                    )
            # The operation stands in the question: which one a solution needs is not for a fragment to say.
            operation, rows = text[:4], text[4:]
            return f"calc\nuse{arithmetic.number(a)}\nto{arithmetic.number(b)}{operation}", rows
        except ColumnOverflowError:
            continue


KINDS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "calculation": calculation,
    "roles": roles,
    "read": read,
    "graph": graph,
    "find": find,
}
