"""The worked solution in the published seven steps (two for PN and PS), rendered from the expression tree.

Letters stand for the variables in topological order. Where the published solutions slip (a missing
"NDE", changing brackets, "P(B=0)|do(A=0)", no last sentence in CDE without an edge) ours keep to the
form of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import islice

from caugym.causal.admg import project
from caugym.causal.estimand import (
    P,
    Plus,
    expand,
    leaves,
    terms,
    text,
    value,
)
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified
from caugym.gym import bound_steps
from caugym.gym.conventions import DEAD_ZONE, decide, shown, step_places
from caugym.gym.derivation import Knowledge
from caugym.gym.problem import Query, Variable
from caugym.gym.styles import PUBLISHED, SCRATCHPAD, Case, check, load
from caugym.gym.workings import workings

Lookup = Callable[[P], Decimal]

RULES: Mapping[str, Callable[[list[str]], str]] = {
    "complement": lambda sources: "1 - " + " - ".join(sources),
    "certain": lambda sources: "1",
    "chain rule": " * ".join,
    "quotient": " / ".join,
    "total probability": " + ".join,
    "remainder": " - ".join,
    "independence in the graph": "".join,
}
"""How a probability is computed from its sources, rule by rule of ``caugym.gym.derivation``."""


def letters(graph: DAG) -> dict[str, str]:
    """A, B, C ... in topological order (A1 after Z)."""
    return {
        node: chr(65 + i % 26) + (str(i // 26) if i >= 26 else "") for i, node in enumerate(graph.topological_order())
    }


def solution(
    graph: DAG,
    found: Identified,
    lookup: Knowledge,
    annotated: bool = False,
    missing: tuple[P, ...] = (),
    style: str = PUBLISHED,
    variables: tuple[Variable, ...] = (),
) -> str:
    """The worked solution, with the answer on the last line; ``annotated`` as in ``conventions.answer``.

    With ``missing`` probabilities it stops where they would be needed, and the answer is LACK_CONDITION. ``style`` is
    one of ``styles.names()``; the published one needs no ``variables``. Raises InputError for an unknown style.
    """
    case = Case(graph, variables or tuple(map(Variable, graph.nodes)), found, lookup, annotated, missing)
    name = check(style).removesuffix(SCRATCHPAD)
    spelled = style.endswith(SCRATCHPAD)
    written = _published(case, spelled) if name == PUBLISHED else load(name).write(case, spelled)
    return f"{written}\n{case.answer.text()}"


def _published(case: Case, scratchpad: bool) -> str:
    """The published steps, one "Step n: ..." each; a ``scratchpad`` is one more, before the results."""
    graph, found, missing = case.graph, case.found, case.missing
    done = lacking_steps(graph, found, missing) if missing else steps(graph, found, case.knowledge, case.annotated)
    if scratchpad and not missing and not found.no_effect:
        names = letters(graph)
        exact = Decimal(value(found.estimand, case.knowledge, case.places))
        lines = workings(found.estimand, case.knowledge, case.places, exact, lambda p: p.text(names), scratchpad=True)
        done.insert(len(done) - 2, "\n".join([f"Do the arithmetic of {text(found.estimand, names)}", *lines]))
    return "\n".join(f"Step {i}: {step}" for i, step in enumerate(done, start=1))


def lacking_steps(graph: DAG, found: Identified, missing: tuple[P, ...]) -> list[str]:
    """The published steps up to the formula, then which of its probabilities the text does not give."""
    names = letters(graph)
    if found.query.bound is not None:
        lines = bound_steps.lacking(found, names)
    else:
        lines = [_check(graph, found, names), *_sets(graph, found, names), "=".join(forms_of(found, names))]
    lack = " and ".join(p.text(names) for p in missing)
    verb = "is" if len(missing) == 1 else "are"
    lines.append(f"{lack} {verb} neither given nor implied, so the condition is not enough to solve the question.")
    return lines


def steps(graph: DAG, found: Identified, lookup: Lookup, annotated: bool = False) -> list[str]:
    """The published steps without their labels. Raises what ``lookup`` raises for a number that is not there."""
    names = letters(graph)
    if found.query.bound is not None:
        return bound_steps.steps(found, lookup, names, step_places(annotated))
    reason = _check(graph, found, names)
    if found.no_effect:
        return [reason]
    return [reason, *_sets(graph, found, names), *_calculation(found, lookup, names)]


def _check(graph: DAG, found: Identified, names: Mapping[str, str]) -> str:
    """Step 1: does the graph let the treatment act on the outcome at all?"""
    query = found.query
    x, y = names[query.treatment], names[query.outcome]
    verdict = " So the answer is No." if found.no_effect else ""
    match query.task:
        case "ATE" | "ETT":
            check = f"Check whether treatment ({x}) is a cause of outcome ({y}). "
            if found.no_effect:
                reason = f"there is no directed path from {x} to {y}"
                return f"{check}Node {x} is not a cause of node {y} because {reason}.{verdict}"
            reason = f"there is one or more directed paths from {x} to {y} (e.g. {_path(graph, found, names, 2)})"
            return f"{check}Node {x} is a cause of node {y} because {reason}."
        case "CDE" | "NDE":
            check = f"Check whether there is an edge from treatment ({x}) to outcome ({y}). "
            return f"{check}The edge {x}->{y} {'does not exist' if found.no_effect else 'exists'}.{verdict}"
        case _:
            check = f"Check whether there is an indirect connect between treatment ({x}) and outcome ({y}). "
            if found.no_effect:
                return f"{check}There is no directed path with three or more vertices from {x} to {y}.{verdict}"
            path = _path(graph, found, names, 3)
            return f"{check}There exists directed path(s) with three or more vertices from {x} to {y} (e.g. {path})"


def _path(graph: DAG, found: Identified, names: Mapping[str, str], length: int) -> str:
    paths = graph.directed_paths(found.query.treatment, found.query.outcome)
    first = next(islice((path for path in paths if len(path) >= length), 1))
    return "->".join(names[node] for node in first)


def _sets(graph: DAG, found: Identified, names: Mapping[str, str]) -> list[str]:
    """Steps 2 and 3: identification or the mediators, and the adjustment set."""
    query = found.query
    y = names[query.outcome]
    if found.rule != "adjustment":
        return _beyond(graph, found, names)
    if query.task in ("NDE", "NIE"):
        second = f"Find a valid mediator set: {_set(found.mediators, names)}."
    else:
        done = ",".join(names[node] for node in (query.treatment, *found.mediators))
        second = f"Identification of the Causal Effect. P({y}|do({done})) can be identified."
    return [second, f"Find a valid backdoor adjustment set: {_set(found.adjustment_set, names)}."]


def _beyond(graph: DAG, found: Identified, names: Mapping[str, str]) -> list[str]:
    """Steps 2 and 3 where latent variables leave no adjustment set (no published solution has them)."""
    x, y = names[found.query.treatment], names[found.query.outcome]
    latent = f"{_set(graph.latent, names)} {'is' if len(graph.latent) == 1 else 'are'} unobserved"
    second = f"Identification of the Causal Effect. {latent}, and no observed set blocks every backdoor path. "
    if found.rule == "front door":
        mediators = _set(found.mediators, names)
        identified = f"{second}P({y}|do({x})) can be identified by the front door."
        return [identified, f"Find a valid front-door set: {mediators}."]
    parts = ", ".join(_set(graph.in_order(part), names) for part in project(graph).c_components())
    return [f"{second}P({y}|do({x})) can be identified by the ID algorithm.", f"Find the c-components: {parts}."]


def _set(nodes: tuple[str, ...], names: Mapping[str, str]) -> str:
    return "{" + ",".join(names[node] for node in nodes) + "}" if nodes else "empty set"


def _calculation(found: Identified, lookup: Lookup, names: Mapping[str, str]) -> list[str]:
    """Steps 4 to 7: the formula, its numbers, the calculation and the verdict."""
    task = found.query.task
    written = expand(found.estimand)
    effect = value(found.estimand, lookup)
    result = shown(effect)
    return [
        "=".join(forms_of(found, names)),
        "\t".join(f"{p.text(names)}={shown(lookup(p))}" for p in _numbers(found)),
        f"{task}={text(written, names, lambda p: shown(lookup(p)))}={result}",
        f"{task}={_verdict(found.query, effect, result)}",
    ]


def forms_of(found: Identified, names: Mapping[str, str]) -> list[str]:
    """The effect's name, its definition, the formula, and the formula without sums."""
    written = expand(found.estimand)
    forms = [found.query.task, *_definition(found, names), text(found.estimand, names)]
    return forms if written == found.estimand else [*forms, text(written, names)]


def _definition(found: Identified, names: Mapping[str, str]) -> list[str]:
    """What the effect means, before adjustment (the published solutions give it for ATE, CDE and ETT)."""
    query = found.query
    x, y = names[query.treatment], names[query.outcome]
    if query.task == "ETT":
        observed, changed = query.control_value, query.treatment_value
        return [f"E[{y}_{{{x}={observed}}}-{y}_{{{x}={changed}}}|{x}={observed}]"]
    if query.task in ("ATE", "CDE"):
        outcome = ((query.outcome, query.outcome_value),)
        sides = [
            P(outcome, (), ((query.treatment, number), *query.mediator_values))
            for number in (query.treatment_value, query.control_value)
        ]
        return ["-".join(side.text(names) for side in sides)]
    return []


def _numbers(found: Identified) -> list[P]:
    """The numbers of step 5: as the formula names them, but in ATE and CDE each once with the last two swapped."""
    written = expand(found.estimand)
    if found.rule != "adjustment":
        return list(terms(written))
    if found.query.task not in ("ATE", "CDE") or not isinstance(written, Plus):
        return list(leaves(written))
    numbers: list[P] = []
    for stratum in written.parts:
        first, second, third = terms(stratum)
        numbers += [first, third, second]
    return numbers


def asked(found: Identified) -> str:
    """The effect's name; of a bound also which one it is."""
    return f"{found.query.bound} bound of {found.query.task}" if found.query.bound else found.query.task


def _verdict(query: Query, effect: Decimal, result: str) -> str:
    if abs(effect) < DEAD_ZONE:
        return f"{result}~=0 so the answer is No."
    yes = decide(query.task, effect, query.direction)
    return f"{result}{'>' if effect > 0 else '<'}0 so the answer is {'Yes' if yes else 'No'}."
