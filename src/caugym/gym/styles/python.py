"""A Python program that computes the answer from the printed numbers and prints it, then what it prints.

The program needs the standard library alone. Its arithmetic is decimal, so that it rounds as the answer key does.
"""

from __future__ import annotations

from decimal import Decimal

from caugym.causal.estimand import (
    Constant,
    Difference,
    Expression,
    Max,
    Min,
    P,
    Plus,
    Product,
    Quotient,
    Step,
    Sum,
    Terms,
    terms,
)
from caugym.gym import solution
from caugym.gym.conventions import DEAD_ZONE, PLACES, yes_sign
from caugym.gym.derivation import Derived, Term
from caugym.gym.problem import LACK_CONDITION, Variable
from caugym.gym.styles import Case

CHECKS = {
    "no directed path": "any(path[-1] == y for path in paths)",
    "no edge": "(x, y) in edges",
    "no indirect path": "any(path[-1] == y and len(path) > 2 for path in paths)",
}
"""Whether the graph lets the treatment act in the way that the question asks about."""

PATHS = """\
paths = [[x]]
for path in paths:
    paths += [[*path, head] for tail, head in edges if tail == path[-1]]"""


def write(case: Case, scratchpad: bool = False) -> str:
    return f"```python\n{program(case)}\n```\n\nOutput:"


def program(case: Case) -> str:
    """The program alone."""
    names = solution.letters(case.graph)
    head = ["import json", "from decimal import Decimal", ""]
    head += [f"# {letter}: {v.name} (0: {v.words[0]}, 1: {v.words[1]})" for letter, v in _lettered(case)]
    if case.found.no_effect:
        return "\n".join([*head, *_no_effect(case)])
    givens = [f'    "{_key(case, p)}": Decimal("{value:.4f}"),' for p, value in _printed(case)]
    lines = [*head, "P = {", *givens, "}"]
    lines += [_derived(case, term, known) for term, known in case.sources().items() if known.rule != "printed"]
    if case.missing:
        needed = ", ".join(f'"{_key(case, p)}"' for p in terms(case.found.estimand))
        lines += [f"needed = [{needed}]", "missing = [p for p in needed if p not in P]", "assert missing"]
        return "\n".join([*lines, f'print("{LACK_CONDITION}")'])
    for step in case.steps():
        body = _code(case, step.body)
        rounded = body if case.places is None else f"round({body}, {case.places})"
        lines.append(f"{_variable(step, names)} = {rounded}")
    lines.append(f"{_result(case)} = {_code(case, case.found.estimand)}")
    return "\n".join([*lines, *_verdict(case)])


def _lettered(case: Case) -> list[tuple[str, Variable]]:
    return [(letter, case.by_name[node]) for node, letter in solution.letters(case.graph).items()]


def _no_effect(case: Case) -> list[str]:
    names, found = solution.letters(case.graph), case.found
    edges = ", ".join(f'("{names[a]}", "{names[b]}")' for a, b in case.graph.edges)
    assert found.no_effect is not None
    lines = [
        f"edges = [{edges}]",
        f'x, y = "{names[found.query.treatment]}", "{names[found.query.outcome]}"',
        *([] if found.no_effect == "no edge" else [PATHS]),
        f"assert not ({CHECKS[found.no_effect]})  # so the effect is zero whatever the numbers are",
        "effect = Decimal(0)",
    ]
    return [*lines, *_verdict(case)]


def _printed(case: Case) -> list[tuple[P, Decimal]]:
    known = case.sources()
    return [(case.symbol(t), known[t].value) for t in known if known[t].rule == "printed"]


def _derived(case: Case, term: Term, known: Derived) -> str:
    sources = [f'P["{_key(case, case.symbol(source))}"]' for source in known.sources]
    right = solution.RULES[known.rule](sources)
    return f'P["{_key(case, case.symbol(term))}"] = {right}  # {known.rule}'


def _key(case: Case, p: P) -> str:
    """The probability's name in the program, variables in topological order: "D=1|A=0,B=1"."""
    names = solution.letters(case.graph)
    rank = {node: i for i, node in enumerate(names)}

    def side(part: Terms) -> str:
        ordered = sorted(part, key=lambda item: rank[item[0]])
        return ",".join(f"{names[node]}={f'{{{names[node]}}}' if v is None else v}" for node, v in ordered)

    return side(p.event) + ("|" + side(p.condition) if p.condition else "")


def _code(case: Case, tree: Expression) -> str:
    names = solution.letters(case.graph)

    def closed(part: Expression) -> str:
        return f"({go(part)})" if isinstance(part, Difference | Plus | Quotient) else go(part)

    def go(part: Expression) -> str:
        match part:
            case P():
                key = _key(case, part)
                return f'P[f"{key}"]' if "{" in key else f'P["{key}"]'
            case Constant(whole):
                return str(whole)
            case Step():
                return _variable(part, names)
            case Sum(over, body):
                loops = " ".join(f"for {names[node]} in (0, 1)" for node in over)
                return f"sum({go(body)} {loops})"
            case Plus(parts):
                return " + ".join(go(p) for p in parts)
            case Difference(left, right):
                return f"{go(left)} - {closed(right)}"
            case Product(factors):
                return " * ".join(closed(f) for f in factors)
            case Quotient(numerator, denominator):
                below = f"({go(denominator)})" if isinstance(denominator, Product) else closed(denominator)
                return f"{closed(numerator)} / {below}"
            case Min(parts) | Max(parts):
                return f"{'min' if isinstance(part, Min) else 'max'}({', '.join(go(p) for p in parts)})"

    return go(tree)


def _variable(step: Step, names: dict[str, str]) -> str:
    """The name of an interventional probability: "D1_do_B0" for P(D=1|do(B=0))."""
    event, done = ("_".join(f"{names[node]}{v}" for node, v in part) for part in (step.name.event, step.name.do))
    return f"{event}_do_{done}"


def _result(case: Case) -> str:
    return "effect" if case.found.query.bound is None else "bound"


def _verdict(case: Case) -> list[str]:
    number = f'f"{{{_result(case)}:.{PLACES}f}}"'
    if case.found.query.bound is not None:
        return [f'print(json.dumps({{"PROB": {number}}}))']
    query = case.found.query
    sign, compare = ("", ">=") if yes_sign(query.task, query.direction) > 0 else ("-", "<=")
    return [
        f'{query.direction}_likely = "Yes" if effect {compare} Decimal("{sign}{DEAD_ZONE}") else "No"',
        f'print(json.dumps({{"ANSWER": {query.direction}_likely, "PROB": {number}}}))',
    ]
