"""Generate problems: a pure function of (version, split, seed, index, task, variation) through a hash.

Every problem proves itself before it leaves: the estimand's exact value equals the enumeration of the
model, the printed numbers reach it within half the tolerance, PN and PS lie within their bounds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from caugym.causal.estimand import P, text, value
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, candidates
from caugym.causal.scm import SCM, random_scm
from caugym.errors import InputError
from caugym.files import check_writable, write_lines
from caugym.gym import styles, tasks, variations
from caugym.gym.conventions import DEAD_ZONE, PLACES, TOLERANCE, answer
from caugym.gym.derivation import Knowledge
from caugym.gym.presets import Preset, draw, preset_of
from caugym.gym.problem import EFFECT_TASKS, Answer, Given, Problem, Variable
from caugym.gym.read import Reading
from caugym.gym.solution import letters, solution
from caugym.gym.solve import solve
from caugym.gym.styles import PUBLISHED
from caugym.gym.variations import Draft, Variation
from caugym.gym.wording.vocabulary import draw_variables

VERSION = "4"
"""The generator's version: raised whenever the same arguments would give another problem."""

SPLITS = {"train": (0, 1), "validation": (2,), "test": (3,)}
"""A problem without numbers may meet its like, so each text belongs to one split: its hash modulo 4 says which."""

FURTHER_VARIATIONS = ("base", "redundant", "insufficient")
"""The variations of the tasks beyond the seven."""

SLACK = float(TOLERANCE) / 2
EXACT = 1e-9
GRAPH_TRIES = 30
"""Graphs of one size before another size is drawn."""

SIZE_TRIES = 10 * GRAPH_TRIES
"""Graphs before other set sizes are drawn: some are impossible, as three mediators and a confounder in five nodes."""

ATTEMPTS = 8 * SIZE_TRIES
DRAFTS = 2000


class ProofError(AssertionError):
    """A generated problem contradicts itself: a bug of this package, never of the caller."""


def generate(
    task: str,
    variation: str = "base",
    split: str = "train",
    seed: int = 0,
    index: int = 0,
    preset: str | None = None,
    style: str = PUBLISHED,
    **dials: Any,
) -> Problem:
    """One problem. ``dials`` set fields of the preset anew, for example ``nodes={4: 1.0}``.

    ``style`` is that of the worked solution, one of ``styles.names()``.

    Raises InputError for an unknown task, variation, split, preset, style or dial.
    """
    if split not in SPLITS:
        raise InputError(f"unknown split {split!r}: use one of {', '.join(SPLITS)}")
    if seed < 0 or index < 0:
        raise InputError(f"seed and index are 0 or more, not {seed} and {index}")
    name = preset or variations.load(variation).PRESET
    recipe = preset_of(name, dials)
    _admit(task, variation, recipe)
    problem = _generate(task, variation, split, seed, index, name, recipe, styles.check(style))
    if dials:
        shown = {dial: str(value) for dial, value in dials.items()}
        problem = replace(problem, provenance={**problem.provenance, "dials": shown})
    return problem


def generate_many(
    task: str,
    count: int,
    seed: int = 0,
    split: str = "train",
    variation: str = "base",
    preset: str | None = None,
    start: int = 0,
    style: str = PUBLISHED,
    **dials: Any,
) -> Iterator[Problem]:
    """``count`` problems with the indices from ``start`` on. Raises InputError as ``generate`` does, at once."""
    if count < 0:
        raise InputError(f"count is 0 or more, not {count}")
    tasks.load(task)
    name = preset or variations.load(variation).PRESET
    if split not in SPLITS:
        raise InputError(f"unknown split {split!r}: use one of {', '.join(SPLITS)}")
    recipe = preset_of(name, dials)
    styles.check(style)
    _admit(task, variation, recipe)
    return (generate(task, variation, split, seed, i, name, style, **dials) for i in range(start, start + count))


def _admit(task: str, variation: str, preset: Preset) -> None:
    """Raises InputError for a further task in a variation that is made for the seven, and for a dial it has not."""
    for dial in ("flipped", "loose"):
        if getattr(preset, dial) and dial not in getattr(variations.load(variation), "DIALS", ()):
            raise InputError(f"variation {variation} has no dial {dial}: rephrased and omitted have it")
    allowed = FURTHER_VARIATIONS
    if task in tasks.FURTHER and variation not in allowed:
        raise InputError(f"task {task} has no variation {variation!r}: use one of {', '.join(allowed)}")


def _generate(
    task: str, variation: str, split: str, seed: int, index: int, preset_name: str, preset: Preset, style: str
) -> Problem:
    module, form = tasks.load(task), variations.load(variation)
    preset = form.adapt(preset)
    member = index % 2 if form.pair(preset) else 0
    key = f"caugym/{VERSION}/{split}/{seed}/{index - member}/{task}/{variation}/{preset_name}"
    rng = np.random.default_rng(np.frombuffer(hashlib.sha256(key.encode()).digest(), dtype=np.uint32))
    fate = int.from_bytes(hashlib.sha256(f"{key}/fate".encode()).digest()[:6]) / 2**48
    naming = draw(preset.styles, rng)
    effect = rng.random() >= preset.no_effect.get(task, 0.0)
    for _ in range(DRAFTS):
        graph, variables, found = _draw_query(task, effect, naming, preset, form, rng)
        givens: tuple[Given, ...] = ()
        lookup = Knowledge(givens, graph)
        scm = None
        if not found.no_effect:
            scm = random_scm(graph, rng, strength=preset.strength, positive=preset.positive)
            givens = tuple(variations.printed(scm, p) for p in tasks.statements(found))
            lookup = Knowledge(givens, graph)
            if not _proved(scm, found, module.truth(scm, found.query), lookup):
                continue
        if fate < preset.flipped and task in EFFECT_TASKS:
            found = replace(found, query=replace(found.query, direction="less"))
        made = form.make(Draft(graph, variables, found, scm, givens, preset, member, fate, split), rng)
        if made is None or (not made.givens and _bucket(made.prompt) not in SPLITS[split]):
            continue
        key_answer = Answer() if made.missing else answer(found, lookup, preset.letters)
        if made.givens != givens:
            marks = tuple(letters(graph).items()) if preset.letters else ()
            if solve(Reading(graph, variables, made.givens, found.query, marks)).answer != key_answer:
                continue
        stated = Knowledge(made.givens, graph) if made.missing else lookup
        name = f"{variation}-{task}-{split}-{seed}"
        pair = {"pair": f"{name}-{index - member:05d}"} if form.pair(preset) else {}
        return Problem(
            id=f"{name}-{index:05d}",
            task=task,
            variation=variation,
            query=found.query,
            graph=graph,
            variables=variables,
            givens=made.givens,
            prompt=made.prompt,
            solution=solution(graph, found, stated, preset.letters, made.missing, style, variables),
            answer=key_answer,
            estimand=text(found.estimand),
            provenance={
                "generator": VERSION,
                "split": split,
                "seed": seed,
                "index": index,
                "preset": preset_name,
                "names": naming,
                **({} if style == PUBLISHED else {"solution": style}),
                **pair,
                **made.provenance,
            },
        )
    raise InputError(f"no {task} problem of variation {variation} in {DRAFTS} drafts: allow other sizes in the preset")


def _draw_query(
    task: str, effect: bool, style: str, preset: Preset, form: Variation, rng: np.random.Generator
) -> tuple[DAG, tuple[Variable, ...], Identified]:
    """A graph over named variables and an identified query on it with the preset's set sizes."""
    module = tasks.load(task)
    least = getattr(module, "LEAST_NODES", 0)
    sizes = {count: weight for count, weight in preset.nodes.items() if count >= least} or {least: 1.0, least + 1: 1.0}
    make_graph = getattr(module, "graph", random_graph)
    for attempt in range(ATTEMPTS):
        if attempt % SIZE_TRIES == 0:
            adjusted = draw(preset.adjustment[task], rng) if effect and task in preset.adjustment else None
            mediated = draw(preset.mediators[task], rng) if effect and task in preset.mediators else None
        if attempt % GRAPH_TRIES == 0:
            variables = draw_variables(style, draw(sizes, rng), rng)
        graph = make_graph(tuple(v.name for v in variables), preset, rng)
        pairs = module.pairs(graph, effect)
        for i in rng.permutation(len(pairs)):
            x, y = pairs[i]
            if mediated is not None and len(graph.mediators(x, y)) != mediated:
                continue
            found = next(candidates(graph, module.ask(graph, x, y, rng)), None)
            if found is not None and (adjusted is None or len(found.adjustment_set) == adjusted):
                mentioned = form.mentioned(graph, rng)
                found = next(candidates(mentioned, module.ask(mentioned, x, y, rng)))
                return mentioned, variables, found
    raise InputError(f"no {task} problem has the wanted sizes: allow other nodes, adjustment or mediators")


def random_graph(names: tuple[str, ...], preset: Preset, rng: np.random.Generator) -> DAG:
    """A connected graph whose edges point forwards in ``names``."""
    count = len(names)
    order = [int(i) for i in rng.permutation(count)]
    tree = {_edge(order[i], order[int(rng.integers(i))]) for i in range(1, count)}
    rest = [(i, j) for i in range(count) for j in range(i + 1, count) if (i, j) not in tree]
    if count in preset.edges:
        extra = draw(preset.edges[count], rng) - len(tree)
        chosen = [rest[k] for k in rng.permutation(len(rest))[:extra]]
    else:
        chosen = [edge for edge, p in zip(rest, rng.random(len(rest)), strict=True) if p < preset.density]
    return DAG(names, tuple((names[i], names[j]) for i, j in sorted(tree | set(chosen))))


def _edge(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _exact(scm: SCM, p: P) -> float:
    return scm.probability(p.event, p.condition)  # type: ignore[arg-type]  # written-out terms have values


def _proved(scm: SCM, found: Identified, truth: float, lookup: Knowledge) -> bool:
    """Whether the printed numbers lead to the true answer; False asks for another draw.

    Raises ProofError when estimand and enumeration disagree, which no draw may do.
    """
    query = found.query
    exact = value(found.estimand, lambda p: _exact(scm, p))
    if query.bound:
        sound = truth >= exact - EXACT if query.bound == "lower" else truth <= exact + EXACT
    else:
        sound = abs(truth - exact) <= EXACT
    if not sound:
        raise ProofError(f"{text(found.estimand)} = {exact}, enumeration says {truth} ({query}, {scm.graph})")
    for places in (None, PLACES) if query.bound else (None,):  # effects have no step to round
        if abs(float(value(found.estimand, lookup, places)) - exact) > SLACK:
            return False
    return query.bound is not None or abs(abs(exact) - float(DEAD_ZONE)) >= SLACK


def _bucket(prompt: str) -> int:
    return hashlib.sha256(prompt.encode()).digest()[0] % 4


def write_jsonl(problems: Iterable[Problem], path: Path) -> int:
    """Write one row a line and return their number; a file appears only when complete.

    Raises InputError, before the first problem is made, when ``path`` cannot be written.
    """
    check_writable(path)
    return write_lines(path, map(to_line, problems))


def to_line(problem: Problem) -> str:
    """The problem's row as a line of JSON."""
    return json.dumps(problem.to_row(), ensure_ascii=False)
