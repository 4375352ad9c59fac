"""Identification: adjustment and mediation here, front door, instruments and the ID algorithm in files of their own.

Effects: Pearl 2009 (Causality, backdoor adjustment 3.3, natural effects 4.5.4 and Pearl 2001).
Bounds of PN, PS and PNS: Tian and Pearl 2000, Probabilities of causation, equations for the case where
experimental and observational data are known. ETT has the published sign: factual minus
counterfactual, P(y | x0) - P(y_{x1} | x0).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from caugym.causal import front_door, instrument
from caugym.causal.admg import project
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
)
from caugym.causal.graph import DAG
from caugym.causal.id_algorithm import Hedge, interventional
from caugym.causal.query import ASKED, Query

NoEffect = Literal["no directed path", "no edge", "no indirect path"]
Rule = Literal["adjustment", "front door", "ID algorithm", "instrument"]


@dataclass(frozen=True)
class Identified:
    """The estimand of a query and the sets that it uses, in topological order.

    ``no_effect`` says why the effect is zero whatever the model; the estimand is then the constant 0.
    ``mediators`` is the front-door set where that is the ``rule``.
    """

    query: Query
    estimand: Expression
    adjustment_set: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    no_effect: NoEffect | None = None
    rule: Rule = "adjustment"
    instrument: str | None = None


@dataclass(frozen=True)
class NotIdentified:
    """Nothing leads to the query's effect; ``reason`` says why."""

    query: Query
    reason: str


def identify(graph: DAG, query: Query) -> Identified | NotIdentified:
    """The estimand with the first minimal adjustment set (smallest, then topological order).

    Raises ValueError when the query names an unknown task or node, or treatment and outcome agree.
    """
    found = next(candidates(graph, query), None)
    if found is not None:
        return found
    if query.task == "IV":
        return NotIdentified(query, f"no variable is an instrument for {query.treatment} and {query.outcome}")
    reason = f"no set of variables blocks every backdoor path from {query.treatment} to {query.outcome}"
    if query.task == "ATE" and graph.latent:
        reason += ", and nothing else identifies the effect"
    return NotIdentified(query, reason)


def candidates(
    graph: DAG, query: Query, among: Iterable[str] | None = None, largest: int | None = None
) -> Iterator[Identified]:
    """The estimands of all minimal adjustment sets, smallest first; a zero effect is the only one.

    ``among`` and ``largest`` restrict the sets as in ``DAG.adjustment_sets``. For ATE with latent variables the
    front-door sets and the formula of the ID algorithm follow. IV has one estimand for each instrument.
    """
    _check(graph, query)
    if query.task == "IV":
        for z in instrument.instruments(graph, query.treatment, query.outcome):
            yield Identified(query, instrument.formula(query, z), rule="instrument", instrument=z)
        return
    mediators = _mediators(graph, query)
    none = no_effect(graph, query)
    if none is not None:
        yield Identified(query, Constant(0), (), mediators, none)
        return
    for adjustment_set in adjustment_sets(graph, query, among, largest):
        yield Identified(query, formula(query, mediators, adjustment_set), adjustment_set, mediators)
    if query.task == "ATE" and graph.latent:
        yield from _beyond_adjustment(graph, query, among)


def _beyond_adjustment(graph: DAG, query: Query, among: Iterable[str] | None) -> Iterator[Identified]:
    x, y = query.treatment, query.outcome
    for mediators in front_door.front_door_sets(graph, x, y, among):
        yield Identified(query, front_door.formula(query, mediators), (), mediators, rule="front door")
    if x in graph.latent or y in graph.latent:
        return
    observed, outcome = project(graph), ((y, query.outcome_value),)
    to, other = (interventional(observed, outcome, ((x, v),)) for v in (query.treatment_value, query.control_value))
    if not isinstance(to, Hedge) and not isinstance(other, Hedge):
        yield Identified(query, Difference(to, other), rule="ID algorithm")


def no_effect(graph: DAG, query: Query) -> NoEffect | None:
    """Why the graph alone makes the effect zero; None when it does not (never for PN and PS)."""
    x, y = query.treatment, query.outcome
    match query.task:
        case "ATE" | "ETT":
            return None if graph.has_directed_path(x, y) else "no directed path"
        case "CDE":
            fixed = {node for node, _ in query.mediator_values}
            held = graph.without_edges(lambda tail, head: head in fixed)
            return None if held.has_directed_path(x, y) else "no edge"
        case "NDE":
            return None if graph.has_edge(x, y) else "no edge"
        case "NIE":
            return None if graph.mediators(x, y) else "no indirect path"
        case _:
            return None


def adjustment_sets(
    graph: DAG, query: Query, among: Iterable[str] | None = None, largest: int | None = None
) -> Iterator[tuple[str, ...]]:
    """The minimal sets with which the query's formula holds, smallest first, then in topological order.

    ATE, ETT, PN, PS: backdoor sets. CDE: sets for the joint effect of treatment and fixed mediators.
    NDE, NIE: one set without descendants of the treatment that is valid both for the joint effect of
    treatment and mediators on the outcome and for the treatment's effect on the mediators (Pearl 2001).
    """
    x, y = query.treatment, query.outcome
    mediators = _mediators(graph, query)
    if not mediators:
        yield from graph.adjustment_sets(x, y, among, largest)
        return
    treatments = {x, *mediators}
    onward = graph.without_edges(lambda tail, head: head in treatments)  # paths that meet no second treatment
    causal = {
        node for start in treatments for node in onward.descendants(start) if node == y or y in onward.descendants(node)
    }
    proper_backdoor = graph.without_edges(lambda tail, head: tail in treatments and head in causal)
    severed = graph.without_edges(lambda tail, head: tail == x)

    def blocks(z: tuple[str, ...]) -> bool:
        return proper_backdoor.d_separated(treatments, y, z)

    def valid(z: tuple[str, ...]) -> bool:
        return blocks(z) and (query.task == "CDE" or severed.d_separated(x, mediators, z))

    pool = set(graph.ancestors(y)).union(*(graph.ancestors(node) for node in treatments))
    later = set(graph.descendants(x)).union(*(graph.descendants(node) for node in causal))
    pool = pool - later - treatments - causal - {y, *graph.latent}
    yield from graph.minimal_sets(pool if among is None else pool.intersection(among), valid, blocks, largest)


def _check(graph: DAG, query: Query) -> None:
    if query.task not in ASKED:
        raise ValueError(f"unknown task {query.task!r} (expected one of {', '.join(ASKED)})")
    if query.treatment == query.outcome:
        raise ValueError(f"treatment and outcome are the same variable {query.treatment!r}")
    for node in (query.treatment, query.outcome, *(node for node, _ in query.mediator_values)):
        if node not in graph.nodes:
            raise ValueError(f"unknown variable {node!r} (the graph has {', '.join(graph.nodes)})")
    for node, _ in query.mediator_values:
        if node in (query.treatment, query.outcome):
            raise ValueError(f"{node!r} cannot be both held fixed and treatment or outcome")


def _mediators(graph: DAG, query: Query) -> tuple[str, ...]:
    """The variables that the formula treats as mediators: for CDE the fixed ones, in the question's order."""
    if query.task == "CDE":
        return tuple(node for node, _ in query.mediator_values)
    if query.task in ("NDE", "NIE"):
        return graph.mediators(query.treatment, query.outcome)
    return ()


def formula(query: Query, mediators: tuple[str, ...], z: tuple[str, ...]) -> Expression:
    x, y = query.treatment, query.outcome
    outcome: Terms = ((y, query.outcome_value),)
    to: Terms = ((x, query.treatment_value),)
    other: Terms = ((x, query.control_value),)
    free_z: Terms = tuple((node, None) for node in z)
    free_m: Terms = tuple((node, None) for node in mediators)
    match query.task:
        case "ATE":
            if not z:
                return Difference(P(outcome, to), P(outcome, other))
            weight = P(free_z)
            left = Product((P(outcome, (*to, *free_z)), weight))
            right = Product((P(outcome, (*other, *free_z)), weight))
            return Sum(z, Difference(left, right))
        case "CDE":
            fixed: Terms = query.mediator_values
            inner = Difference(P(outcome, (*to, *fixed, *free_z)), P(outcome, (*other, *fixed, *free_z)))
            return _averaged(inner, z, P(free_z))
        case "ETT":  # other: the observed value
            counterfactual = _averaged(P(outcome, (*to, *free_z)), z, P(free_z, other))
            return Difference(P(outcome, other), counterfactual)
        case "NDE":
            direct = Difference(
                P(outcome, (*to, *free_m, *free_z)),
                P(outcome, (*other, *free_m, *free_z)),
            )
            return _mediated((direct, P(free_m, (*other, *free_z))), mediators, z)
        case "NIE":
            shift = Difference(P(free_m, (*to, *free_z)), P(free_m, (*other, *free_z)))
            return _mediated((P(outcome, (*other, *free_m, *free_z)), shift), mediators, z)
        case _:
            return _bound(query, z)


def _averaged(body: Expression, z: tuple[str, ...], weight: P) -> Expression:
    return Sum(z, Product((body, weight))) if z else body


def _mediated(factors: tuple[Expression, Expression], mediators: tuple[str, ...], z: tuple[str, ...]) -> Expression:
    """sum_M sum_Z first * second * P(Z); without mediators (NDE only) the second factor is 1."""
    used: tuple[Expression, ...] = factors if mediators else factors[:1]
    if z:
        used = (*used, P(tuple((node, None) for node in z)))
    body = used[0] if len(used) == 1 else Product(used)
    if z:
        body = Sum(z, body)
    return Sum(mediators, body) if mediators else body


def _bound(query: Query, z: tuple[str, ...]) -> Expression:
    """Tian and Pearl's bounds of P(y'_{x'} | x, y), x and y observed (PN at (1, 1), PS at (0, 0)), and of PNS,
    P(y_x, y'_{x'}) (their equations for the general case: nothing is known of monotonicity)."""
    x, y = query.treatment, query.outcome
    outcome: Terms = ((y, query.outcome_value),)
    reverse: Terms = ((y, 1 - query.outcome_value),)
    seen: Terms = ((x, query.treatment_value),)
    other: Terms = ((x, query.control_value),)
    free_z: Terms = tuple((node, None) for node in z)

    def after(change: Terms, event: Terms) -> Step:
        return Step(P(event, (), change), _averaged(P(event, (*change, *free_z)), z, P(free_z)))

    def after_change(event: Terms) -> Step:
        return after(other, event)

    if query.task == "PNS":
        to, without = after(seen, outcome), after(other, outcome)
        if query.bound == "lower":
            return Max(
                (
                    Constant(0),
                    Difference(to, without),
                    Difference(P(outcome), without),
                    Difference(to, P(outcome)),
                )
            )
        return Min(
            (
                to,
                Difference(Constant(1), without),
                Plus((P((*seen, *outcome)), P((*other, *reverse)))),
                Plus((Difference(to, without), P((*seen, *reverse)), P((*other, *outcome)))),
            )
        )
    both = P((*seen, *outcome))
    if query.bound == "lower":
        return Max((Constant(0), Quotient(Difference(P(outcome), after_change(outcome)), both)))
    return Min((Constant(1), Quotient(Difference(after_change(reverse), P((*other, *reverse))), both)))
