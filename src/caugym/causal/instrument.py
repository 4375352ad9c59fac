"""Bounds of an effect by an instrument when treatment and outcome are confounded by what nobody observed.

Balke and Pearl 1997 (Bounds on treatment effects from studies with imperfect compliance): all three variables are
binary, and the bounds are the sharpest that P(outcome, treatment | instrument) allows.
"""

from __future__ import annotations

from caugym.causal.estimand import Constant, Difference, Expression, Max, Min, P, Plus
from caugym.causal.graph import DAG
from caugym.causal.query import Query

LOWER = (
    "p11.1 + p00.0 - 1",
    "p11.0 + p00.1 - 1",
    "p11.0 - p11.1 - p10.1 - p01.0 - p10.0",
    "p11.1 - p11.0 - p10.0 - p01.1 - p10.1",
    "- p01.1 - p10.1",
    "- p01.0 - p10.0",
    "p00.1 - p01.1 - p10.1 - p01.0 - p00.0",
    "p00.0 - p01.0 - p10.0 - p01.1 - p00.1",
)
"""The effect is at least each of these; "p10.1" is P(outcome = 1, treatment = 0 | instrument = 1)."""

UPPER = (
    "1 - p01.1 - p10.0",
    "1 - p01.0 - p10.1",
    "p01.1 + p00.1 + p11.0 + p00.0 - p01.0",
    "p11.1 + p00.1 + p01.0 + p00.0 - p01.1",
    "p11.1 + p00.1",
    "p11.0 + p00.0",
    "p11.1 + p00.1 + p11.0 + p10.0 - p10.1",
    "p11.0 + p00.0 + p11.1 + p10.1 - p10.0",
)
"""The effect is at most each of these."""


def instruments(graph: DAG, x: str, y: str) -> tuple[str, ...]:
    """The observed causes of ``x`` that share no cause with ``y`` and act on it through ``x`` alone."""
    severed = graph.without_edges(lambda tail, head: tail == x)
    causes = graph.in_order(graph.ancestors(x) - {y, *graph.latent})
    return tuple(z for z in causes if severed.d_separated(z, y))


def formula(query: Query, z: str) -> Expression:
    """The bound of P(y | do(x)) - P(y | do(x')) that ``query`` asks for, by the instrument ``z``."""
    if query.bound == "lower":
        return Max(tuple(_sum(terms, query, z) for terms in LOWER))
    return Min(tuple(_sum(terms, query, z) for terms in UPPER))


def _sum(terms: str, query: Query, z: str) -> Expression:
    """The tree of a sum written as above, 1 standing for the values that the query asks about."""
    sign = "+"
    added: list[Expression] = []
    taken: list[Expression] = []
    for word in terms.split():
        if word in "+-":
            sign = word
        else:
            (added if sign == "+" else taken).append(_term(word, query, z))
    tree: Expression = added[0] if len(added) == 1 else Plus(tuple(added)) if added else Constant(0)
    for term in taken:
        tree = Difference(tree, term)
    return tree


def _term(word: str, query: Query, z: str) -> Expression:
    if word == "1":
        return Constant(1)
    outcome, treatment, instrument = int(word[1]), int(word[2]), int(word[4])
    y = query.outcome_value if outcome else 1 - query.outcome_value
    x = query.treatment_value if treatment else query.control_value
    return P(((query.treatment, x), (query.outcome, y)), ((z, instrument),))
