"""The published steps of a bound: first the interventional probabilities, then the bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from caugym.causal.estimand import Constant, Expression, Max, Min, P, Step, expand, leaves, steps_of, terms, text, value
from caugym.causal.identify import Identified
from caugym.gym.conventions import shown, step_number

Lookup = Callable[[P], Decimal]
Names = Mapping[str, str]


def steps(found: Identified, lookup: Lookup, names: Names, places: int | None) -> list[str]:
    """With ``places``, each interventional probability is rounded to so many."""
    bound = found.estimand
    assert isinstance(bound, Min | Max)
    before = tuple(dict.fromkeys(steps_of(bound)))
    after_change = {step.name: step_number(Decimal(value(step, lookup, places))) for step in before}

    def number(p: P) -> str:
        return after_change[p] if p.do else shown(lookup(p))

    def part(tree: Expression) -> str:
        return str(tree.number) if isinstance(tree, Constant) else shown(Decimal(value(tree, lookup, places)))

    numbers = [] if before else ["\t".join(f"{p.text(names)}={number(p)}" for p in terms(bound))]
    last = [
        _named(found, names),
        text(bound, names, number, brackets="()"),
        f"{'max' if isinstance(bound, Max) else 'min'}{{{', '.join(part(tree) for tree in bound.parts)}}}",
        shown(Decimal(value(bound, lookup, places))),
    ]
    return [*_instrument(found, names), *(_step(s, number, names) for s in before), *numbers, "\n=".join(last)]


def _step(step: Step, number: Callable[[P], str], names: Names) -> str:
    name, written = step.name.text(names), expand(step.body)
    lines = [f"Calculate {name}"]
    if written == step.body:
        lines.append(f"{name}={text(step.body, names)}={number(step.name)}")
    else:
        lines += [
            f"{name}={text(step.body, names)}={text(written, names)}",
            "\t".join(f"{p.text(names)}={number(p)}" for p in leaves(written)),
            f"{name}={text(written, names, number)}={number(step.name)}",
        ]
    return "\n".join(lines)


def lacking(found: Identified, names: Names) -> list[str]:
    """The same up to the formulas, without a number."""
    lines = _instrument(found, names)
    for step in dict.fromkeys(steps_of(found.estimand)):
        forms = [step.name.text(names), text(step.body, names)]
        if (written := expand(step.body)) != step.body:
            forms.append(text(written, names))
        lines.append(f"Calculate {forms[0]}\n{'='.join(forms)}")
    return [*lines, _named(found, names)]


def _instrument(found: Identified, names: Names) -> list[str]:
    return [] if found.instrument is None else [f"Find a valid instrument: {{{names[found.instrument]}}}."]


def _named(found: Identified, names: Names) -> str:
    return f"{str(found.query.bound).capitalize()} bound of {found.query.task}: {text(found.estimand, names)}"
