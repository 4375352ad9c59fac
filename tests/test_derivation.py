"""Which probabilities follow from the printed ones, rule by rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.gym.derivation import Knowledge, MissingProbability, Term
from caugym.gym.problem import Given


def test_printed_probabilities_and_what_follows_from_them() -> None:
    a0, b0 = ("A", 0), ("B", 0)
    printed = (
        (((b0,), (a0,)), "0.3"),
        (((b0,), (("A", 1),)), "0.6"),
        (((a0,), ()), "0.25"),
        (((("C", 0), ("D", 0)), ()), "0.1"),
        (((("C", 0), ("D", 1)), ()), "0.2"),
        (((("C", 1), ("D", 0)), ()), "0.3"),
    )
    graph = DAG(("A", "B", "C", "D"), (("A", "B"), ("A", "C"), ("C", "D")))
    known = Knowledge([Given(event, condition, Decimal(number)) for (event, condition), number in printed], graph)
    assert known(P((a0,))) == Decimal("0.25")
    assert known(P((("A", 1),))) == Decimal("0.75")  # complement
    assert known(P((("B", 1),), (a0,))) == Decimal("0.7")
    assert known(P((("D", 1), ("C", 1)))) == Decimal("0.4")  # the rest of a joint distribution
    assert known(P((("C", 0),))) == Decimal("0.3")  # sum over D
    assert known(P((a0, b0))) == Decimal("0.075")  # chain
    assert known(P((b0,))) == Decimal("0.525")  # total probability
    with pytest.raises(MissingProbability, match=r"P\(C=0\|A=0\) does not follow") as missing:
        known(P((("C", 0),), (a0,)))
    assert missing.value.term == P((("C", 0),), (a0,))


def test_independence_in_the_graph() -> None:
    graph = DAG(("a", "b", "c"), (("a", "b"), ("b", "c")))
    given = Given((("c", 1),), (("a", 0), ("b", 1)), Decimal("0.25"))
    knowledge = Knowledge([given], graph)
    known = knowledge.find(Term.of([("c", 0)], [("b", 1), ("a", 1)]))
    assert known is not None and known.value == Decimal("0.75")
    assert knowledge.find(Term.of([("c", 1)], [("b", 0)])) is None


def test_total_probability_quotient_and_remainder() -> None:
    graph = DAG(("a", "b"), (("a", "b"),))
    givens = [
        Given((("b", 1),), (("a", 0),), Decimal("0.2")),
        Given((("b", 1),), (("a", 1),), Decimal("0.6")),
        Given((("a", 1),), (), Decimal("0.5")),
    ]
    total = Knowledge(givens, graph).find(Term.of([("b", 1)]))
    assert total is not None and total.value == Decimal("0.4")
    joint = [Given((("a", 1), ("b", 1)), (), Decimal("0.3")), givens[2]]
    quotient = Knowledge(joint, graph).find(Term.of([("b", 1)], [("a", 1)]))
    remainder = Knowledge(joint, graph).find(Term.of([("a", 1), ("b", 0)]))
    assert quotient is not None and quotient.value == Decimal("0.6")
    assert remainder is not None and remainder.value == Decimal("0.2")
