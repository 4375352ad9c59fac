"""Shortcut-proof: everything that a program could compute without the graph is printed, and most of it is wrong.

Edges and statements stand in random order. Beside the numbers of the right formula stand those of wrong ones: no
adjustment, two or three sets of up to three variables that may be mediators, colliders or descendants, and swapped
conditioning. In every problem one statement of one block is missing. Where it is the right block, the answer is
LACK_CONDITION, with the proof of ``insufficient``; where a wrong one, it changes nothing. Where the graph makes the
effect zero all blocks are wrong. So neither the sentences' number nor their form tells one kind from another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from caugym.causal.estimand import Expression, P, terms, value
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, formula
from caugym.causal.scm import SCM
from caugym.gym import tasks
from caugym.gym.conventions import TOLERANCE
from caugym.gym.derivation import Knowledge
from caugym.gym.presets import draw
from caugym.gym.problem import BOUND_TASKS
from caugym.gym.variations import Draft, Made, base, printed
from caugym.gym.variations.insufficient import undetermined

PRESET = "shortcut-proof"
LONGEST = 24
"""Statements of the right formula: three mediators, or two and one variable to adjust for, still fit."""

SIZES = {1: 0.6, 2: 0.3, 3: 0.1}
"""Sizes of half of the wrong sets, mediators included where the formula has them; the others are as large as the
right one, so that neither the largest nor the smallest set stands out."""

BLOCKS = 4
"""The unadjusted numbers and three more formulas, the right one among them; NDE and NIE have one less."""

LONGEST_TEXT = 64
"""Statements of all blocks."""

GAP = 10 * float(TOLERANCE)
"""A wrong formula's value is at least this far from the answer."""

TRIES = 40
SWAPPED = 1
REMOVALS = 4
UNADJUSTED_SHORT = 0.3
"""Share of problems whose unadjusted numbers are the incomplete ones, whatever the answer."""

CLIPPED = 0.2
"""Share kept of the bounds that are 0 or 1: a constant must not pay."""

adapt, pair = base.adapt, base.pair


@dataclass(frozen=True)
class Block:
    """The statements of one formula; ``right`` for the one that answers."""

    statements: tuple[P, ...]
    right: bool = False


Sets = tuple[tuple[str, ...], tuple[str, ...]]
"""Mediators and adjustment set of a formula."""

Facts = tuple[frozenset[tuple[str, int | None]], frozenset[tuple[str, int | None]]]


def mentioned(graph: DAG, rng: np.random.Generator) -> DAG:
    """Edges in random order, nodes as they meet the reader."""
    edges = tuple(graph.edges[i] for i in rng.permutation(len(graph.edges)))
    return DAG(tuple(dict.fromkeys(node for edge in edges for node in edge)), edges)


def make(draft: Draft, rng: np.random.Generator) -> Made | None:
    found, scm, preset = draft.found, draft.model(rng), draft.preset
    if len(draft.givens) > LONGEST or (_clipped(draft, scm) and rng.random() > CLIPPED):
        return None
    share = 1 - preset.no_effect.get(found.query.task, 0.0)
    lacking = not found.no_effect and draft.fate * share < preset.insufficient
    blocks = _blocks(found, scm, rng)
    if blocks is None:
        return None
    for gone in islice(_removable(blocks, lacking, found, rng), REMOVALS):
        stated = {q.facts: q for block in blocks for q in block.statements if q.facts not in gone}
        stated |= {q.facts: q for q in _swapped(list(stated.values()), found, rng)}
        if len(stated) > LONGEST_TEXT:
            return None
        order = rng.permutation(len(stated))
        givens = tuple(printed(scm, list(stated.values())[i]) for i in order)
        if any(given.value in (0, 1) for given in givens):
            return None
        prompt = base.prompt(draft, givens, grouped=False)
        if not lacking:
            return Made(prompt, givens)
        proof = undetermined(scm, givens, found.estimand, found.query)
        if proof is not None:
            missing = Knowledge(givens, draft.graph).missing(terms(found.estimand))
            return Made(prompt, givens, missing, {"proof": proof})
    return None


def _clipped(draft: Draft, scm: SCM) -> bool:
    return draft.found.query.task in BOUND_TASKS and _value(scm, draft.found.estimand) in (0, 1)


def _value(scm: SCM, estimand: Expression) -> float:
    return float(value(estimand, lambda p: scm.probability(p.event, p.condition)))  # type: ignore[arg-type]


def _blocks(found: Identified, scm: SCM, rng: np.random.Generator) -> list[Block] | None:
    """The unadjusted numbers first, then the blocks over nonempty sets; None when no wrong set is wrong enough."""
    module = tasks.load(found.query.task)
    right = None if found.no_effect else (found.mediators, found.adjustment_set)
    unadjusted: Sets = (_mediators(found, scm.graph, rng), ())
    chosen: list[Sets] = [unadjusted] if right is None or right == unadjusted else [unadjusted, right]
    answer = _value(scm, found.estimand)
    count = BLOCKS - (found.query.task in ("NDE", "NIE"))
    for _ in range(TRIES):
        if len(chosen) == count:
            break
        mediators, adjustment = _wrong_sets(found, scm.graph, rng)
        wrong = formula(found.query, mediators, adjustment)
        if (mediators, adjustment) not in chosen and abs(_value(scm, wrong) - answer) >= GAP:
            chosen.append((mediators, adjustment))
    if len(chosen) < count:
        return None
    if unadjusted != right and abs(_value(scm, formula(found.query, *unadjusted)) - answer) < GAP:
        return None
    blocks = []
    for mediators, adjustment in chosen:
        pretended = replace(found, no_effect=None, mediators=mediators, adjustment_set=adjustment)
        blocks.append(Block(module.statements(pretended), (mediators, adjustment) == right))
    return blocks


def _mediators(found: Identified, graph: DAG, rng: np.random.Generator) -> tuple[str, ...]:
    """The right ones where there are any; NIE's formula needs some even where there is no effect."""
    if found.mediators or found.query.task != "NIE":
        return found.mediators
    return _some(found, graph, 1, rng)


def _wrong_sets(found: Identified, graph: DAG, rng: np.random.Generator) -> Sets:
    right = len(found.adjustment_set) + (0 if found.query.task == "CDE" else len(found.mediators))
    size = right if right and not found.no_effect and rng.integers(2) else draw(SIZES, rng)
    if found.query.task not in ("NDE", "NIE"):
        return found.mediators, _some(found, graph, size, rng, found.mediators)
    mediators = _mediators(found, graph, rng)
    if rng.integers(2) or len(mediators) >= size + (found.query.task == "NDE"):
        mediators = _some(found, graph, max(1, int(rng.integers(size + 1))), rng)
    return mediators, _some(found, graph, max(0, size - len(mediators)), rng, mediators)


def _some(
    found: Identified, graph: DAG, size: int, rng: np.random.Generator, besides: tuple[str, ...] = ()
) -> tuple[str, ...]:
    query = found.query
    pool = [node for node in graph.nodes if node not in (query.treatment, query.outcome, *besides)]
    chosen = {pool[i] for i in rng.permutation(len(pool))[:size]}
    return tuple(node for node in graph.topological_order() if node in chosen)


def _removable(blocks: list[Block], lacking: bool, found: Identified, rng: np.random.Generator) -> Iterator[set[Facts]]:
    """Conditional probabilities to leave out, in the order to try: of the right block, or of a wrong one.

    One, or both of one stratum: with one of them printed the other can often be derived.
    """
    right = {p.facts for block in blocks if block.right for p in block.statements}
    if lacking:
        block = next(block for block in blocks if block.right)
    else:
        first = not blocks[0].right and rng.random() < UNADJUSTED_SHORT / (1.0 if found.no_effect else 0.7)
        wrong = [block for block in blocks[1:] if not block.right]
        block = blocks[0] if first else wrong[int(rng.integers(len(wrong)))]
    pool = [p for p in block.statements if p.condition and (lacking or p.facts not in right)]
    for i in rng.permutation(len(pool)):
        stratum = _stratum(pool[i], found)
        both = {p.facts for p in pool if _stratum(p, found) == stratum}
        yield from ({pool[i].facts}, both) if rng.integers(2) else (both, {pool[i].facts})


def _stratum(p: P, found: Identified) -> frozenset[tuple[str, int | None]]:
    return frozenset(term for term in p.condition if term[0] != found.query.treatment)


def _swapped(stated: list[P], found: Identified, rng: np.random.Generator) -> list[P]:
    """P(x | y, c) for some P(y | x, c) among ``stated``."""
    x, y = found.query.treatment, found.query.outcome
    pool = [p for p in stated if [node for node, _ in p.event] == [y] and x in dict(p.condition)]
    swapped = []
    for i in rng.permutation(len(pool))[:SWAPPED]:
        rest = tuple(term for term in pool[i].condition if term[0] != x)
        swapped.append(P(((x, dict(pool[i].condition)[x]),), (*pool[i].event, *rest)))
    return swapped
