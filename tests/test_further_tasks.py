"""PNS, front door, instruments and the ID algorithm: sharp bounds, criteria, and problems that prove themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from itertools import product

import numpy as np
import pytest

from caugym.causal import instrument
from caugym.causal.estimand import P, value
from caugym.causal.front_door import front_door_sets, is_front_door_set
from caugym.causal.graph import DAG
from caugym.causal.identify import Identified, NotIdentified, candidates, identify
from caugym.causal.query import TASKS, Query
from caugym.causal.scm import random_scm
from caugym.errors import InputError
from caugym.gym import styles, tasks
from caugym.gym.generate import FURTHER_VARIATIONS, generate, generate_many
from caugym.gym.problem import Problem
from caugym.gym.read import ReadError, read
from caugym.gym.scoring import score
from caugym.gym.solve import solve, worked
from test_id_algorithm import diagram, exact

IV = diagram("ZXY", "ZX XY", "XY")
FRONT_DOOR = diagram("XMY", "XM MY", "XY")


def test_the_seven_stay_the_default() -> None:
    assert TASKS == ("ATE", "CDE", "ETT", "NDE", "NIE", "PN", "PS")
    assert tasks.FURTHER == ("FRONTDOOR", "ID", "IV", "PNS")


def best(objective: np.ndarray, constraints: np.ndarray, values: np.ndarray, bound: str) -> float:
    """The sharp bound by linear programming over the weights of all response types."""
    optimize = pytest.importorskip("scipy.optimize")
    sign = 1 if bound == "lower" else -1
    found = optimize.linprog(sign * objective, A_eq=constraints, b_eq=values, bounds=(0, 1))
    assert found.success
    return float(sign * found.fun)


def test_the_instrument_bounds_are_the_sharpest() -> None:
    """Balke and Pearl's sixteen response types: the treatment's answers to Z, the outcome's to X."""
    types = [(a, b) for a in product((0, 1), repeat=2) for b in product((0, 1), repeat=2)]
    rng = np.random.default_rng(3)
    for _ in range(25):
        scm = random_scm(IV, rng, strength=(0.5, 5.0))
        for bound, to, y in product(("lower", "upper"), (0, 1), (0, 1)):
            found = identify(IV, Query("IV", "X", "Y", to, 1 - to, y, bound=bound))
            assert isinstance(found, Identified) and found.instrument == "Z"
            cells = list(product((0, 1), repeat=3))
            held = np.array([[x[z] == i and answer[i] == j for x, answer in types] for z, i, j in cells], dtype=float)
            seen = np.array([scm.probability((("X", i), ("Y", j)), (("Z", z),)) for z, i, j in cells])
            effect = np.array([float(a[to] == y) - float(a[1 - to] == y) for _, a in types])
            sharp = best(effect, held, seen, bound)
            assert value(found.estimand, partial(exact, scm)) == pytest.approx(sharp, abs=1e-7)


def test_the_bounds_of_pns_are_the_sharpest() -> None:
    """Tian and Pearl: given the joint and both interventional probabilities, over (x, y after 0, y after 1)."""
    graph = diagram("ZXY", "ZX ZY XY")
    types = list(product((0, 1), repeat=3))
    rng = np.random.default_rng(4)
    for _ in range(25):
        scm = random_scm(graph, rng)
        for bound, to, y in product(("lower", "upper"), (0, 1), (0, 1)):
            query = Query("PNS", "X", "Y", to, 1 - to, y, bound=bound)
            found = identify(graph, query)
            assert isinstance(found, Identified) and found.adjustment_set == ("Z",)
            rows = [[x == i and (a0, a1)[i] == j for x, a0, a1 in types] for i, j in product((0, 1), repeat=2)]
            rows += [[(a0, a1)[i] == 1 for _, a0, a1 in types] for i in (0, 1)]
            seen = [scm.probability((("X", i), ("Y", j))) for i, j in product((0, 1), repeat=2)]
            seen += [scm.probability((("Y", 1),), (), (("X", i),)) for i in (0, 1)]
            wanted = np.array([(a0, a1)[to] == y and (a0, a1)[1 - to] != y for _, a0, a1 in types], dtype=float)
            sharp = best(wanted, np.array(rows, dtype=float), np.array(seen), bound)
            number = value(found.estimand, partial(exact, scm))
            assert number == pytest.approx(sharp, abs=1e-7)
            truth = tasks.load("PNS").truth(scm, query)
            assert number <= truth + 1e-9 if bound == "lower" else number >= truth - 1e-9


def test_instruments() -> None:
    assert instrument.instruments(IV, "X", "Y") == ("Z",)
    assert instrument.instruments(diagram("ZXY", "ZX XY ZY", "XY"), "X", "Y") == ()
    assert instrument.instruments(diagram("ZXY", "ZX XY", "XY ZY"), "X", "Y") == ()
    assert instrument.instruments(diagram("AZXY", "AZ ZX XY", "XY"), "X", "Y") == ("A", "Z")
    found = identify(diagram("XY", "XY", "XY"), Query("IV", "X", "Y", 1, 0, 1, bound="lower"))
    assert isinstance(found, NotIdentified) and "no variable is an instrument" in found.reason


@pytest.mark.parametrize(
    ("graph", "sets"),
    [
        (FRONT_DOOR, [("M",)]),
        (diagram("XMNY", "XM XN MY NY", "XY"), [("M", "N")]),
        (diagram("XMNY", "XM MN NY", "XY"), [("M",), ("N",)]),
        (diagram("XMY", "XM MY XY", "XY"), []),  # a directed path goes past M
        (diagram("XMY", "XM MY", "XY XM"), []),  # X and M are confounded
        (diagram("XMY", "XM MY", "XY MY"), []),  # M and Y are confounded
        (diagram("XMY", "XM MY", "XY").without_edges(lambda a, b: a == "X"), []),
    ],
)
def test_front_door_sets(graph: DAG, sets: list[tuple[str, ...]]) -> None:
    assert list(front_door_sets(graph, "X", "Y")) == sets
    assert all(is_front_door_set(graph, "X", "Y", z) for z in sets)
    assert not is_front_door_set(graph, "X", "Y", ("U0",)) and not is_front_door_set(graph, "X", "Y", ())


def test_every_estimand_of_an_effect_equals_the_enumeration() -> None:
    """Adjustment, front door and the ID algorithm on the same diagrams, where each applies."""
    rng = np.random.default_rng(5)
    rules: dict[str, int] = {}
    query = Query("ATE", "X", "Y", 0, 1, 1)
    for _ in range(150):
        nodes = "CXMNY"
        pairs = [a + b for i, a in enumerate(nodes) for b in nodes[i + 1 :] if a + b != "XY"]
        edges, bows = ([pair for pair in pool if rng.random() < 0.4] for pool in (pairs, [*pairs, "XY"]))
        graph = diagram(nodes, " ".join(edges), " ".join(bows[:4]))
        scm = random_scm(graph, rng)
        for found in candidates(graph, query):
            assert value(found.estimand, partial(exact, scm)) == pytest.approx(tasks.load("ATE").truth(scm, query))
            rules[found.rule] = rules.get(found.rule, 0) + 1
    assert set(rules) == {"adjustment", "front door", "ID algorithm"} and rules["front door"] > 3


def test_two_changes_at_once() -> None:
    """P(y_1 = 1, y_0 = 0) of a mechanism whose answers are known."""
    from caugym.causal.scm import SCM, Mechanism

    graph = DAG(("X", "Y"), (("X", "Y"),))
    types = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.int8)
    y = Mechanism(types, np.array([0.1, 0.4, 0.2, 0.3]))
    scm = SCM(graph, {"X": Mechanism.coupled(np.array([0.5])), "Y": y})
    assert scm.two_changes((("Y", 1),), (("X", 1),), (("Y", 0),), (("X", 0),)) == pytest.approx(0.4)
    assert scm.two_changes((("Y", 0),), (("X", 1),), (("Y", 1),), (("X", 0),)) == pytest.approx(0.2)


def drawn(task: str, count: int = 8) -> list[Problem]:
    return [p for variation in FURTHER_VARIATIONS for p in generate_many(task, count, 3, variation=variation)]


@pytest.mark.parametrize("task", tasks.FURTHER)
def test_problems_are_read_and_solved_and_shown_in_every_style(task: str) -> None:
    for problem in drawn(task):
        reading = read(problem.prompt)
        assert (reading.graph, reading.query, reading.givens) == (problem.graph, problem.query, problem.givens)
        assert solve(reading).answer == problem.answer
        assert score(problem.solution, problem.answer).correct
        for style in styles.names():
            solution = worked(reading, style)
            assert solution is not None and score(solution, problem.answer).correct, solution
        assert Problem.from_row(json.loads(json.dumps(problem.to_row()))) == problem
        latent = problem.graph.latent
        assert bool(latent) == (task != "PNS")
        assert not any(node in latent for g in problem.givens for node, _ in (*g.event, *g.condition))


@pytest.mark.parametrize("task", tasks.FURTHER)
def test_the_programs_compute_the_answers(task: str) -> None:
    asked = list(generate_many(task, 12, 9, style="python"))
    sources = [p.solution.split("```python\n")[1].split("\n```")[0] for p in asked]
    script = "import json, sys\nfor program in json.load(sys.stdin):\n    exec(program, {})\n"
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(sources), capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(asked)
    assert all(score(line, p.answer).correct for line, p in zip(lines, asked, strict=True))


def test_the_tasks_need_what_they_are_named_after() -> None:
    for task, rule in (("FRONTDOOR", "front door"), ("ID", "ID algorithm"), ("IV", "instrument")):
        rules = set()
        for problem in generate_many(task, 20, 1):
            found = identify(problem.graph, problem.query)
            assert isinstance(found, Identified)
            rules.add(found.no_effect or found.rule)
        assert rules == ({rule, "no directed path"} if task == "ID" else {rule})


def test_a_statement_about_the_unobserved_is_refused() -> None:
    problem = generate("FRONTDOOR", seed=1)
    node = problem.graph.latent[0]
    seen = problem.prompt.replace("\nInstruction", f"The probability of {node} being high is 0.5.\nInstruction")
    with pytest.raises(ReadError, match=f"a statement about '{node}', which is unobserved"):
        read(seen)
    with pytest.raises(ReadError, match="'fame' is no variable of the graph"):
        read(problem.prompt.replace(f"{node.capitalize()} is unobserved", "Fame is unobserved"))


def test_an_effect_that_nothing_identifies_lacks_a_condition() -> None:
    text = (
        "Talent has a direct effect on fame. Luck has a direct effect on talent. Luck has a direct effect on fame. "
        "Luck is unobserved. For those with talent being high, the probability of fame being high is 0.7. For those "
        "with talent being low, the probability of fame being high is 0.2. "
        "If talent is changed to be high, will fame be more likely to be high?"
    )
    solved = solve(read(text))
    assert solved.status == "lack_condition" and "nothing else identifies the effect" in " ".join(solved.steps)
    assert solve(read(text.replace("Luck is unobserved. ", ""))).status == "lack_condition"


@pytest.mark.parametrize("hidden", [1, 30])
def test_a_large_diagram_is_answered_without_a_search_through_all_sets(
    hidden: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 60 mediators no sets of three are tried, and no sum over 60 variables is written out."""
    tests = 0
    separated = DAG.d_separated

    def counted(*arguments: object) -> bool:
        nonlocal tests
        tests += 1
        return separated(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(DAG, "d_separated", counted)
    count = 62
    edges = [(i, j) for i in range(count) for j in range(i + 1, count) if j - i in (1, 2, 7)]
    latent = [(0, count - 1), *((i, i + 3) for i in range(0, count - 3, 2))][:hidden]
    lines = [f"V{i} has a direct effect on v{j}." for i, j in edges]
    lines += [f"U{k} has a direct effect on v{i}." for k, pair in enumerate(latent) for i in pair]
    lines += [f"U{k} is unobserved." for k in range(hidden)]
    question = f"If v0 is changed to be high, will v{count - 1} be more likely to be high?"
    statement = "For those with v0 being high, the probability of v1 being high is 0.3."
    for statements in ("", statement):
        assert solve(read(f"{' '.join(lines)} {statements} {question}")).status == "lack_condition"
    assert tests < 500


def test_other_variations_are_refused() -> None:
    with pytest.raises(InputError, match="task IV has no variation 'deconfounding': use one of base, "):
        generate("IV", "deconfounding")
    with pytest.raises(InputError, match="task PNS has no variation 'shortcut-proof'"):
        generate_many("PNS", 1, variation="shortcut-proof")
    with pytest.raises(ValueError, match="unknown node 'b' is called latent"):
        DAG(("a",), (), ("b",))


def test_terms_print_in_words() -> None:
    """The solver's steps name instrument, front-door set and algorithm."""
    for task, words in (("IV", "Instrument: "), ("FRONTDOOR", "Front-door set: "), ("ID", "The ID algorithm")):
        problem = generate(task, seed=1, no_effect={})
        assert words in "\n".join(solve(read(problem.prompt)).steps)
    assert P((("Y", 1),), (), (("X", 0),)).text() == "P(Y=1|do(X=0))"
