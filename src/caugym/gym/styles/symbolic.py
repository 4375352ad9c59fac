"""Symbols only: the variables' letters, the edges, the formula, its numbers and the result, no sentence."""

from __future__ import annotations

from decimal import Decimal

from caugym.causal.admg import project
from caugym.causal.estimand import P, expand, text, value
from caugym.gym import conventions, solution
from caugym.gym.derivation import Derived, Term
from caugym.gym.styles import Case
from caugym.gym.workings import workings


def write(case: Case, scratchpad: bool = False) -> str:
    names = solution.letters(case.graph)
    lines = [
        ", ".join(f"{letter}={node}" for node, letter in names.items()),
        ", ".join(f"{names[a]}->{names[b]}" for a, b in case.graph.edges),
        *([f"unobserved={{{','.join(names[node] for node in case.graph.latent)}}}"] if case.graph.latent else []),
    ]
    task = solution.asked(case.found)
    if case.found.no_effect:
        return "\n".join([*lines, f"{task}=0 ({case.found.no_effect} {_ends(case)})"])
    lines += [*_sets(case), *(f"{p.text(names)}=?" for p in case.missing)]
    if case.missing:
        return "\n".join([*lines, f"{task}={text(case.found.estimand, names)}=?"])
    lines += [_known(case, term, derived) for term, derived in case.sources().items()]
    return "\n".join([*lines, *_calculation(case, scratchpad)])


def _ends(case: Case) -> str:
    names = solution.letters(case.graph)
    return f"{names[case.found.query.treatment]}->{names[case.found.query.outcome]}"


def _sets(case: Case) -> list[str]:
    names = solution.letters(case.graph)
    found = case.found
    if found.rule == "instrument":
        return [f"instrument={{{names[str(found.instrument)]}}}"]
    if found.rule == "front door":
        return [f"front door={{{','.join(names[node] for node in found.mediators)}}}"]
    if found.rule == "ID algorithm":
        parts = project(case.graph).c_components()
        return ["c-components=" + ",".join(f"{{{','.join(names[n] for n in case.graph.in_order(p))}}}" for p in parts)]
    sets = [] if found.query.task in ("ATE", "ETT") else [("M", found.mediators)] if found.mediators else []
    return [
        f"{name}={{{','.join(names[node] for node in nodes)}}}" for name, nodes in (*sets, ("Z", found.adjustment_set))
    ]


def _known(case: Case, term: Term, derived: Derived) -> str:
    names = solution.letters(case.graph)
    left = case.symbol(term).text(names)
    shown = f"{derived.value:.4f}" if derived.rule == "printed" else conventions.step_number(derived.value)
    if derived.rule == "printed":
        return f"{left}={shown}"
    sources = [case.symbol(source).text(names) for source in derived.sources]
    right = solution.RULES[derived.rule](sources).replace(" ", "")
    return f"{left}={right}={shown}"


def _calculation(case: Case, scratchpad: bool) -> list[str]:
    names, lookup = solution.letters(case.graph), case.knowledge
    values: dict[P, Decimal] = {}

    def number(p: P) -> str:
        return conventions.step_number(values[p]) if p.do else conventions.step_number(lookup(p))

    lines = []
    for step in case.steps():
        values[step.name] = Decimal(value(step, lookup, case.places))
        body = expand(step.body)
        lines.append(f"{step.name.text(names)}={text(body, names)}={text(body, names, number)}={number(step.name)}")
    exact = Decimal(value(case.found.estimand, lookup, case.places))
    written = expand(case.found.estimand)
    lines.append("=".join(solution.forms_of(case.found, names)))
    if scratchpad:
        lines += workings(case.found.estimand, lookup, case.places, exact, lambda p: p.text(names), scratchpad)
    result = f"{solution.asked(case.found)}={text(written, names, number)}={conventions.shown(exact)}"
    if case.found.query.bound is None:
        result += f" -> {'Yes' if case.answer.decision else 'No'}"
    return [*lines, result]
