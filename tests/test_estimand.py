"""The expression tree: published text, LaTeX, terms, numbers, and what follows from given probabilities."""

from __future__ import annotations

from decimal import Decimal

import pytest

from caugym.causal.estimand import (
    Constant,
    Difference,
    Max,
    P,
    Product,
    Quotient,
    Step,
    Sum,
    expand,
    leaves,
    terms,
    text,
    value,
)
from caugym.causal.latex import latex

Y1, X1, X0, FREE = (("Y", 1),), ("X", 1), ("X", 0), ("A", None)
ADJUSTED = Sum(("A",), Product((Difference(P(Y1, (X1, FREE)), P(Y1, (X0, FREE))), P((FREE,)))))


def test_text_is_the_published_notation() -> None:
    assert P(Y1, (X0,), (("Z", 1),)).text() == "P(Y=1|do(Z=1),X=0)"
    assert text(ADJUSTED) == "sum_{A} [P(Y=1|X=1,A)-P(Y=1|X=0,A)]*P(A)"
    assert text(expand(ADJUSTED)) == ("[P(Y=1|X=1,A=0)-P(Y=1|X=0,A=0)]*P(A=0)+[P(Y=1|X=1,A=1)-P(Y=1|X=0,A=1)]*P(A=1)")
    assert text(ADJUSTED, {"A": "C", "X": "A", "Y": "B"}) == "sum_{C} [P(B=1|A=1,C)-P(B=1|A=0,C)]*P(C)"
    assert text(expand(ADJUSTED), leaf=lambda _: "0.5", brackets="()") == "(0.5-0.5)*0.5+(0.5-0.5)*0.5"


def test_of_nested_sums_the_outer_one_runs_fastest() -> None:
    tree = Sum(("M",), Sum(("A",), P((("M", None), ("A", None)))))
    assert text(tree) == "sum_{M}sum_{A} P(M,A)"
    assert text(expand(tree)) == "P(M=0,A=0)+P(M=1,A=0)+P(M=0,A=1)+P(M=1,A=1)"


def test_latex() -> None:
    assert latex(ADJUSTED) == (r"\sum_{a} \left[P(Y=1 \mid X=1, a) - P(Y=1 \mid X=0, a)\right] \, P(a)")
    ratio = Max((Constant(0), Quotient(Difference(P(Y1), Step(P(Y1, (), (X0,)), P(Y1, (X0,)))), P((X1, *Y1)))))
    assert latex(ratio) == (r"\max\left\{0, \frac{P(Y=1) - P(Y=1 \mid \mathrm{do}(X=0))}{P(X=1, Y=1)}\right\}")
    assert latex(P((("job talk", 1),))) == r"P(\mathrm{job\ talk}=1)"


def test_terms_come_once_and_leaves_as_often_as_the_formula_names_them() -> None:
    tree = Sum(("A",), Difference(Product((P(Y1, (X1, FREE)), P((FREE,)))), Product((P(Y1, (X0, FREE)), P((FREE,))))))
    assert [p.text() for p in terms(tree)][:3] == ["P(Y=1|X=1,A=0)", "P(A=0)", "P(Y=1|X=0,A=0)"]
    assert len(terms(tree)) == 6 and len(list(leaves(tree))) == 8


def test_value_in_either_kind_of_number() -> None:
    numbers = {"P(Y=1|X=1,A=0)": "0.4", "P(Y=1|X=0,A=0)": "0.1", "P(Y=1|X=1,A=1)": "0.3", "P(Y=1|X=0,A=1)": "0.5"}
    numbers |= {"P(A=0)": "0.25", "P(A=1)": "0.75"}
    assert value(ADJUSTED, lambda p: Decimal(numbers[p.text()])) == Decimal("-0.075")
    assert value(ADJUSTED, lambda p: float(numbers[p.text()])) == pytest.approx(-0.075)


def test_a_step_is_rounded_before_it_is_used() -> None:
    tree = Quotient(Step(P(Y1, (), (X0,)), P(Y1, (X0,))), P(Y1))
    numbers = {"P(Y=1|X=0)": Decimal("0.12345678"), "P(Y=1)": Decimal("0.5")}
    assert value(tree, lambda p: numbers[p.text()]) == Decimal("0.24691356")
    assert value(tree, lambda p: numbers[p.text()], places=4) == Decimal("0.2470")
