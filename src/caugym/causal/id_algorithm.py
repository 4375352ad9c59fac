"""Identification of P(y | do(x)) in a diagram with latent variables, complete: a formula or a hedge.

The factors Q[S] of the c-components (Tian and Pearl 2002, A general identification condition for causal effects) are
reduced until only the wanted ones are left; where that fails there is a hedge, and no formula exists (Shpitser and
Pearl 2006, Huang and Valtorta 2006).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from caugym.causal.admg import ADMG
from caugym.causal.estimand import Expression, P, Product, Quotient, Sum, bind, free
from caugym.causal.query import Assignment

Factors = tuple[Expression, ...]
"""A product; the empty one is 1."""


@dataclass(frozen=True)
class Hedge:
    """Why there is no formula: in ``inner``, of which every variable is a cause of the outcome after do(x), the factor
    cannot be told apart from that of ``outer``, which holds the treatment."""

    inner: frozenset[str]
    outer: frozenset[str]


def interventional(graph: ADMG, event: Assignment, do: Assignment) -> Expression | Hedge:
    """P(event | do(do)) in terms of observed probabilities, or the hedge that forbids it.

    A variable of which the formula is a function in form only (Verma and Pearl 1990) is set to 0: any value does.
    Raises ValueError when a variable is not in the graph.
    """
    for node, _ in (*event, *do):
        if node not in graph.nodes:
            raise ValueError(f"unknown variable {node!r} (observed are {', '.join(graph.nodes)})")
    outcomes, treatments = {node for node, _ in event}, {node for node, _ in do}
    causes = graph.subgraph(graph.ancestors(outcomes))
    after = causes.subgraph(set(causes.nodes) - treatments)
    wanted = after.subgraph(after.ancestors(outcomes))
    factors: Factors = ()
    for component in wanted.c_components():
        outer = causes.c_component(next(iter(component)))
        found = _reduce(causes.subgraph(outer), component, _factor(causes, outer), causes.nodes)
        if isinstance(found, Hedge):
            return found
        factors += found
    over = frozenset(wanted.nodes) - outcomes
    tree = _product(_sum(factors, over, causes.nodes))
    values = dict.fromkeys(free(tree), 0) | dict(do) | dict(event)
    return bind(tree, values)


def _factor(graph: ADMG, component: frozenset[str]) -> Factors:
    """Q[component]: P(v | the predecessors that matter) of each of its variables v."""
    factors = []
    for i, node in enumerate(graph.nodes):
        if node in component:
            earlier = graph.subgraph(graph.nodes[: i + 1])
            district = earlier.c_component(node)
            matters = (district | graph.parents(district)) - {node}
            factors.append(P(((node, None),), tuple((other, None) for other in graph.nodes if other in matters)))
    return tuple(factors)


def _reduce(graph: ADMG, wanted: frozenset[str], factors: Factors, order: tuple[str, ...]) -> Factors | Hedge:
    """Q[wanted] from the ``factors`` of Q[all nodes of ``graph``]; ``order`` is that of the whole diagram."""
    everything = frozenset(graph.nodes)
    causes = graph.ancestors(wanted)
    if causes == wanted:
        return _sum(factors, everything - wanted, order)
    if causes == everything:
        return Hedge(wanted, everything)
    smaller = graph.subgraph(causes)
    total = _sum(factors, everything - causes, order)
    outer = smaller.c_component(next(iter(wanted)))
    reduced: Factors = ()
    for i, node in enumerate(smaller.nodes):
        if node in outer:
            with_node = _sum(total, smaller.nodes[i + 1 :], order)
            without = _sum(total, smaller.nodes[i:], order)
            reduced += _quotient(with_node, without)
    return _reduce(smaller.subgraph(outer), wanted, reduced, order)


def _quotient(above: Factors, below: Factors) -> Factors:
    """``above`` / ``below`` without the factors that they share."""
    numerator, denominator = list(above), []
    for factor in below:
        if factor in numerator:
            numerator.remove(factor)
        else:
            denominator.append(factor)
    if not denominator:
        return tuple(numerator)
    return (Quotient(_product(tuple(numerator)), _product(tuple(denominator))),)


def _sum(factors: Factors, over: Iterable[str], order: tuple[str, ...]) -> Factors:
    """The sum of the product over all values of ``over``; what sums to 1 is left out, last variables first."""
    waiting = [node for node in reversed(order) if node in set(over)]
    dropped = True
    while dropped:
        dropped = False
        for node in tuple(waiting):
            holders = [factor for factor in factors if node in free(factor)]
            if len(holders) != 1:
                continue
            inside = _sum_of_one(holders[0], node, order)
            if inside is None:
                continue
            at = factors.index(holders[0])
            factors = factors[:at] + inside + factors[at + 1 :]
            waiting.remove(node)
            dropped = True
    if not waiting:
        return factors
    names = tuple(node for node in order if node in waiting)
    inner = tuple(factor for factor in factors if not free(factor).isdisjoint(names))
    outer = tuple(factor for factor in factors if free(factor).isdisjoint(names))
    return (*outer, Sum(names, _product(inner)))


def _sum_of_one(factor: Expression, node: str, order: tuple[str, ...]) -> Factors | None:
    """The sum of one factor over ``node`` where it can be simplified, else None."""
    match factor:
        case P(((event, None),), _) if event == node:
            return ()
        case Sum(over, body):
            return _sum(body.factors if isinstance(body, Product) else (body,), {*over, node}, order)
        case Quotient(above, below) if node not in free(below):
            whole = _sum(above.factors if isinstance(above, Product) else (above,), {node}, order)
            return _quotient(whole, below.factors if isinstance(below, Product) else (below,))
    return None


def _product(factors: Factors) -> Expression:
    return factors[0] if len(factors) == 1 else Product(factors)
