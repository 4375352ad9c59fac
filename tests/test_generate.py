"""Generated problems: proof, determinism, disjoint splits, the published form, and the command."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from caugym.causal.estimand import value
from caugym.causal.graph import DAG
from caugym.causal.identify import NotIdentified, identify
from caugym.causal.query import Query
from caugym.errors import InputError
from caugym.gym import dials
from caugym.gym.conventions import TOLERANCE, decide, step_places
from caugym.gym.derivation import Knowledge
from caugym.gym.generate import generate, generate_many, write_jsonl
from caugym.gym.presets import PRESETS
from caugym.gym.problem import BOUND_TASKS, TASKS, Given, Problem, Variable
from caugym.gym.solve import solve_text
from caugym.gym.tasks import statements
from caugym.gym.variations import as_mentioned
from caugym.gym.wording import published
from caugym.gym.wording.vocabulary import STYLES, draw_variables, everyday, stories

GOLDEN = ("base-ATE-train-1-00011", '{"ANSWER": "Yes", "PROB": "0.3985"}')

PUBLISHED_FORM = """\
Input Info: Imagine a self-contained, hypothetical world with only the following conditions, and without any \
unmentioned factors or causal relationships: Jsex has a direct effect on dkht. Jsex has a direct effect on mzre. \
Dkht has a direct effect on mzre.
For those with dkht being low, the probability of mzre being low is 0.3354. For those with jsex being low and dkht \
being high, the probability of mzre being low is 0.7478. For those with dkht being low, the probability of jsex being \
low is 0.4189. For those with jsex being high and dkht being high, the probability of mzre being low is 0.8395. For \
those with dkht being low, the probability of jsex being high is 0.5811. \

Instruction: Consider the effect of treatment on the treated (ETT) of dkht on mzre.
Question: For those with dkht being low, if their dkht had been high, would the mzre have been more likely to be low?
Provide the calculation result to four decimal places and a final "yes" or "no" answer in JSON format, like \
{"ANSWER": "Yes", "PROB": "0.1234"}:"""


@pytest.mark.parametrize("preset", ["published-base", "wide", "published-deconfounding"])
@pytest.mark.parametrize("task", TASKS)
def test_the_answer_follows_from_the_printed_numbers(task: str, preset: str) -> None:
    for problem in generate_many(task, 25, seed=3, preset=preset):
        found = identify(problem.graph, problem.query)
        assert not isinstance(found, NotIdentified)
        known = Knowledge(problem.givens, problem.graph)
        number = Decimal(value(found.estimand, known, step_places(annotated=preset == "published-deconfounding")))
        assert problem.answer.value is not None and abs(number - problem.answer.value) <= TOLERANCE / 10
        assert problem.answer.decision == (None if task in BOUND_TASKS else decide(task, number))
        assert (not problem.givens) == (found.no_effect is not None)
        assert problem.solution.splitlines()[-1] == problem.answer.text()
        assert all(Decimal(0) < g.value < Decimal(1) for g in problem.givens)


@pytest.mark.parametrize("task", TASKS)
def test_the_same_arguments_give_the_same_problem(task: str) -> None:
    assert [p.to_row() for p in generate_many(task, 5, seed=4)] == [p.to_row() for p in generate_many(task, 5, seed=4)]
    later = list(generate_many(task, 2, seed=4, start=3))
    assert later == list(generate_many(task, 5, seed=4))[3:]


def test_a_problem_does_not_change_between_versions_unnoticed() -> None:
    """If this fails, the generator draws other problems than before: raise its VERSION and renew the value."""
    problem = generate("ATE", seed=1, index=11)
    assert (problem.id, problem.answer.text()) == GOLDEN


def test_splits_share_no_text_and_seeds_no_numbers() -> None:
    texts = {
        split: {p.prompt for task in TASKS for p in generate_many(task, 25, split=split)}
        for split in ("train", "validation", "test")
    }
    assert not texts["train"] & texts["test"] and not texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]
    first, second = ({p.givens for p in generate_many("NIE", 40, seed=s) if p.givens} for s in (0, 1))
    assert not first & second


@pytest.mark.parametrize("task", TASKS)
def test_rows_round_trip(task: str) -> None:
    for problem in generate_many(task, 10, seed=5):
        row = json.loads(json.dumps(problem.to_row()))
        assert list(row)[:6] == ["id", "task", "variation", "prompt", "answer", "solution"]
        assert Problem.from_row(row) == problem


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompt": None}, "bad 'prompt'"),
        ({"answer": "perhaps"}, "bad 'answer': not an answer key: 'perhaps'"),
        ({"graph": {"nodes": ["a"], "edges": [["a", "a"]]}}, "bad 'graph': cycle a -> a"),
        ({"givens": [{"event": [["a", 1]], "condition": [], "value": "x"}]}, "bad 'givens'"),
        ({"query": {}}, "without 'mediator_values'"),
    ],
)
def test_a_damaged_row_is_refused_by_field(change: dict, message: str) -> None:
    row = generate("ATE").to_row() | change
    with pytest.raises(ValueError, match=message):
        Problem.from_row(row)


def test_the_text_is_the_published_one() -> None:
    graph = DAG(("jsex", "dkht", "mzre"), (("jsex", "dkht"), ("jsex", "mzre"), ("dkht", "mzre")))
    query = Query("ETT", "dkht", "mzre", 1, 0, 0)
    found = identify(graph, query)
    assert not isinstance(found, NotIdentified)
    numbers = ("0.3354", "0.7478", "0.4189", "0.8395", "0.5811")
    printed = zip(statements(found), numbers, strict=True)
    givens = tuple(Given(p.event, p.condition, Decimal(number)) for p, number in printed)
    variables = {name: Variable(name) for name in graph.nodes}
    assert published.prompt(graph, variables, givens, query) == PUBLISHED_FORM


STATEMENTS = {
    "ATE": "P(D|B,A=0) P(D|b,A=0) P(A=0) P(D|B,A=1) P(D|b,A=1) P(A=1)",
    "CDE": "P(D|B,C=0,A=0) P(D|b,C=0,A=0) P(A=0) P(D|B,C=0,A=1) P(D|b,C=0,A=1) P(A=1)",
    "ETT": "P(D|b) P(D|A=0,B) P(A=0|b) P(D|A=1,B) P(A=1|b)",
    "NDE": "P(A=0) P(D|C=0,B,A=0) P(D|C=0,b,A=0) P(C=0|b,A=0) P(D|C=1,B,A=0) P(D|C=1,b,A=0) "
    "P(D|C=0,B,A=1) P(D|C=0,b,A=1) P(C=0|b,A=1) P(D|C=1,B,A=1) P(D|C=1,b,A=1)",
    "NIE": "P(A=0) P(D|C=0,b,A=0) P(C=0|B,A=0) P(C=0|b,A=0) P(D|C=1,b,A=0) "
    "P(D|C=0,b,A=1) P(C=0|B,A=1) P(C=0|b,A=1) P(D|C=1,b,A=1)",
}


@pytest.mark.parametrize("task", STATEMENTS)
def test_statements_stand_in_the_published_order(task: str) -> None:
    edges = (("A", "B"), ("A", "C"), ("A", "D"), ("B", "C"), ("B", "D"), ("C", "D"))
    fixed = (("C", 0),) if task == "CDE" else ()
    found = identify(DAG(("A", "B", "C", "D"), edges), Query(task, "B", "D", 1, 0, 1, fixed))
    assert not isinstance(found, NotIdentified)
    shown = " ".join(p.text() for p in statements(found))
    assert shown.replace("D=1", "D").replace("B=1", "B").replace("B=0", "b") == STATEMENTS[task]


def test_a_reader_meets_the_nodes_in_the_order_of_the_graph() -> None:
    graph = as_mentioned(DAG(("a", "b", "c", "d"), (("a", "c"), ("b", "d"), ("c", "d"))))
    assert tuple(dict.fromkeys(node for edge in graph.edges for node in edge)) == graph.nodes
    for problem in generate_many("ATE", 50, seed=8):
        heads = published.edges_text(problem.graph, {v.name: v for v in problem.variables})
        said = [part.split(" has a direct effect on ") for part in heads.rstrip(".").split(". ")]
        assert tuple(dict.fromkeys(name.lower() for pair in said for name in pair)) == problem.graph.nodes


def test_presets_and_dials() -> None:
    for name in PRESETS:
        variation = "omitted" if name == "loose" else "base"
        assert generate("NIE", variation, preset=name).provenance["preset"] == name
    problem = generate("ATE", nodes={10: 1.0}, edges={}, styles={"FAKE": 1.0}, letters=True, no_effect={})
    assert len(problem.graph.nodes) == 10 and "(" in problem.prompt.split("\n")[1]
    assert all(len(v.name) == 4 for v in problem.variables)


def test_loose_texts_say_the_same_problem_in_other_words() -> None:
    pairs = [
        [generate(task, "omitted", seed=4, index=index, no_effect={}, loose=loose) for loose in (0.0, 1.0)]
        for task in ("ATE", "NIE", "PN")
        for index in range(6)
    ]
    for plain, loose in pairs:
        assert (loose.graph, loose.query, loose.answer) == (plain.graph, plain.query, plain.answer)
        assert all(f"{given.value:.4f}" in loose.prompt for given in loose.givens)
    assert sum(loose.prompt != plain.prompt for plain, loose in pairs) > 12
    with pytest.raises(InputError, match="variation redundant has no dial loose"):
        generate("ATE", "redundant", loose=0.5)


def test_dials_as_a_user_writes_them() -> None:
    wanted = dials.parse(["nodes=5-6,8", "density=0.4", "adjustment=2", "mediators=0,1", "styles=fake", "no_effect=0"])
    for problem in generate_many("NDE", 8, seed=3, **wanted):
        assert len(problem.graph.nodes) in (5, 6, 8) and problem.givens
        assert len(identify(problem.graph, problem.query).adjustment_set) == 2
        assert problem.provenance["names"] == "FAKE" and problem.provenance["dials"]["density"] == "0.4"
    assert dials.parse(["mediators=0"]) == {"mediators": {"NDE": {0: 1.0}}}
    assert dials.parse(["letters=true"]) == {"letters": True}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nodes", "write NAME=VALUE"),
        ("colour=red", "unknown dial 'colour'"),
        ("nodes=8-6", "'8-6' is no number, range or list"),
        ("nodes=few", "'few' is no number, range or list"),
        ("density=2", "'2' is no number from 0 to 1"),
        ("density=thin", "'thin' is no number from 0 to 1"),
        ("letters=yes", "'yes' is neither true nor false"),
    ],
)
def test_bad_dials(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dials.parse([text])


@pytest.mark.parametrize("variation", ["base", "insufficient", "shortcut-proof"])
def test_twelve_nodes_in_every_style(variation: str) -> None:
    for style in STYLES:
        problem = generate("ETT", variation, nodes={12: 1.0}, edges={}, density=0.2, styles={style: 1.0})
        assert len(problem.graph.nodes) == 12
        assert solve_text(problem.prompt).answer == problem.answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "XYZ"}, "unknown task 'XYZ'"),
        ({"variation": "nope"}, "unknown variation 'nope'"),
        ({"split": "dev"}, "unknown split 'dev'"),
        ({"preset": "huge"}, "unknown preset 'huge'"),
        ({"colour": 1}, "unknown dial 'colour'"),
        ({"nodes": {2: 1.0}}, "3 to 12 nodes, not 2"),
        ({"styles": {"ODD": 1.0}}, "unknown name style 'ODD'"),
        ({"seed": -1}, "0 or more"),
        ({"nodes": {3: 1.0}, "adjustment": {"ATE": {3: 1.0}}, "no_effect": {}}, "no ATE problem has the wanted sizes"),
    ],
)
def test_bad_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        generate(**({"task": "ATE"} | arguments))


def test_the_vocabulary_can_be_read_back() -> None:
    rng = np.random.default_rng(0)
    assert len(stories()) >= 150
    words: dict[str, tuple[str, str]] = {variable.name: variable.words for variable in everyday()}
    for story in stories():
        names = [v.name for v in story.variables]
        assert 3 <= len(names) <= 12
        assert names == [name.lower() for name in names] and len(set(names)) == len(names)
        assert not any(a != b and a in b for a in names for b in names)
        for v in story.variables:
            assert v.words[0] != v.words[1] and words.setdefault(v.name, v.words) == v.words, v
    assert {story.orientation for story in stories()} == {"commonsense", "anti-commonsense"}
    assert len({story.field for story in stories()}) >= 8 and len(everyday()) >= 120
    for style in STYLES:
        for _ in range(50):
            for v in draw_variables(style, 5, rng):
                assert not {"on", "and", "being"} & set(v.name.split()) and "," not in v.name
    with pytest.raises(ValueError, match="unknown name style"):
        draw_variables("ODD", 3, rng)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "caugym", "generate", *arguments], capture_output=True, text=True)


def test_the_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    done = run("--task", "ATE", "--count", "4", "--seed", "1", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"base-ATE-train-1-0000{i}" for i in range(4)]
    assert run("--task", "ATE", "--count", "4", "--seed", "1").stdout == path.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--task", "XYZ"), "unknown task 'XYZ'"),
        (("--count", "-1"), "count is 0 or more, not -1"),
        (("--count", "1", "-o", "/no/such/folder/out.jsonl"), "there is no folder /no/such/folder"),
        (("--count", "1", "-o", "."), "is a folder"),
        (("--dial", "nodes"), "--dial nodes: write NAME=VALUE"),
    ],
)
def test_the_command_refuses_bad_options(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> object:
        yield generate("ATE")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_jsonl(broken(), tmp_path / "out.jsonl")
    assert list(tmp_path.iterdir()) == []
