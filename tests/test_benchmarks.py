"""Benchmarks beyond CauGym's: read from tiny files of our own in the published form, and from the published ones."""

import functools
import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation import backends, benchmarks, download
from caugym.evaluation.backends import Completion, Request
from caugym.evaluation.benchmarks import bbeh_causal
from caugym.evaluation.download import sha256
from caugym.gym import variations
from caugym.gym.math_answers import MathAnswer
from caugym.gym.problem import TASKS, Answer
from caugym.gym.scoring import JUDGES, right_answer, score
from caugym.gym.wording.published import LACK_HINT, PREMISE
from caugym.nano import told

PUBLISHED = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", Path(__file__).parents[2] / "shared" / "data"))
published_data = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="published data not found")
pyarrow = pytest.importorskip("pyarrow")

CALM = {
    "index": 1,
    "Type": "ATE",
    "given_info": "World.",
    "Background": {"data_info": "P. "},
    "Instruction": "Consider.",
    "Question": "Will it?",
}
CHOICES = {f"choice_{n}": f"Cause {n}." for n in "1234"} | {"context": "It rained.", "question": "Why is it wet?"}
CLADDER = {
    "question_id": 5,
    "desc_id": "rain-chain-marginal-model0-spec0-q0",
    "given_info": "The chance of rain is 26%.",
    "question": "Is rain likely?",
    "answer": "no",
    "meta": {
        "story_id": "rain",
        "graph_id": "chain",
        "query_type": "marginal",
        "rung": 1,
        "given_info": {"P(X)": 0.26},
        "formal_form": "P(Y)",
        "treatment": "X",
        "outcome": "Y",
        "model_id": 0,
    },
    "reasoning": {"step0": "Let X = wind; V2 = clouds; Y = rain.", "step1": "X->V2,V2->Y", "step2": "P(Y)"},
}
CLADDER_STORY = {
    "model_id": 0,
    "story_id": "rain",
    "graph_id": "chain",
    "spec_id": 0,
    "background": f"{PREMISE} Wind has a direct effect on clouds. Clouds has a direct effect on rain. Wind is hidden.",
    "variable_mapping": {"Xname": "wind", "V2name": "clouds", "Yname": "rain"},
    "structure": "X->V2,V2->Y",
}
BBEH = {"examples": [{"input": "Question: Did she cause it?", "target": "Ambiguous"}], "canary": "x"}
RLCAUSAL = {
    "prompt": [{"role": "system", "content": "Compute."}, {"role": "user", "content": "P(v0)?"}],
    "reward_model": {"ground_truth": [0.07, 0.93], "style": "rule"},
    "extra_info": {"index": 40},
}
MATH = {"problem": "Solve $2x = 6$.", "answer": "x=3", "subject": "Algebra", "unique_id": "test/algebra/1.json"}
RUNGS = ["observational", "interventional", "counterfactual"]


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".parquet"):
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(content), path)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def write_all(data: Path) -> Path:
    hard = CALM | {"gt_answer": -0.25, "Reason": {"Step 7": "so the answer is No."}}
    write(data / "calm_lite", "ATE-P_ATE-hard_EN_dev.jsonl", hard)
    write(data / "calm_lite", "ATE-B_ATE-natural_EN_dev.jsonl", CALM | {"gt_answer": "No"})
    write(data / "cladder", "test-generate-easy_dev.json", [CLADDER])
    write(data / "cladder", "test-model-meta.json", [CLADDER_STORY])
    for rung in RUNGS:
        write(data / "rlcausal", f"{rung}_test_dev.parquet", [RLCAUSAL])
    for part, answer in (("E", 3), ("H", 2), ("M", [1, 3])):
        write(data / "causalprobe", f"CausalProbe-{part}_dev.json", [CHOICES | {"id": 1, "answer": answer}])
    write(data / "bbeh_causal_understanding", "task.json", BBEH)
    chinese = CALM | {"gt_answer": 0.25, "Reason": {"Step 7": "ATE=0.25>0 所以答案为是。"}}
    write(data / "calm_lite", "ATE-P_ATE-basic_CN_dev.jsonl", chinese)
    write(data / "calm_lite", "PN-P_PN-hard_CN_dev.jsonl", CALM | {"Type": "PN", "gt_answer": 0.25, "Reason": {}})
    write(data / "calm_lite", "ATE-B_ATE-natural_CN_dev.jsonl", CALM | {"gt_answer": "否"})
    write(data / "calm_full" / "ATE", "ATE-P_ATE-basic_EN.json", [hard])
    write(data / "math_500", "test.jsonl", MATH)
    solved = {"question": "Half of one?", "solution": "It is $\\boxed{\\frac{1}{2}}$.", "idx": 3}
    write(data / "minerva_math", "test.jsonl", solved)
    amc = {"id": 1, "question": "3 * 9?", "answer": "27.0"}
    write(data / "amc_2023" / "data", "test-00000-of-00001.parquet", [amc])
    lack = {"problem": "Is it?", "answer": "LACK_CONDITION", "Type": "ATE", "index": 8}
    write(data / "caugym", "insufficient_dev.json", [lack])
    return data


@pytest.mark.parametrize(
    ("name", "tasks", "key", "ending"),
    [
        ("calm-hard", ["ATE"], '{"ANSWER": "No", "PROB": "-0.25"}', '{"ANSWER": "Yes", "PROB": "0.1234"}:'),
        ("calm-natural", ["ATE"], '{"ANSWER": "No"}', 'answer in JSON format, like {"ANSWER": "Yes"}:'),
        ("calm-basic-cn", ["ATE"], '{"ANSWER": "Yes", "PROB": "0.25"}', '例如{"ANSWER": "Yes", "PROB": "0.1234"}：'),
        ("calm-hard-cn", ["PN"], '{"PROB": "0.25"}', '例如{"PROB": "0.1234"}：'),
        ("calm-natural-cn", ["ATE"], '{"ANSWER": "No"}', '例如{"ANSWER": "Yes"}：'),
        ("calm-full-basic", ["ATE"], '{"ANSWER": "No", "PROB": "-0.25"}', '{"ANSWER": "Yes", "PROB": "0.1234"}:'),
        ("math-500", ["math-500"], "\\boxed{x=3}", "Solve $2x = 6$.\nReason step by step"),
        ("minerva-math", ["minerva-math"], "\\boxed{\\frac{1}{2}}", "Half of one?\nReason step by step"),
        ("amc-2023", ["amc-2023"], "\\boxed{27}", "3 * 9?\nReason step by step"),
        ("published-insufficient", ["ATE"], "LACK_CONDITION", 'output "LACK_CONDITION" as final answer.'),
        ("cladder", ["rung 1"], '{"ANSWER": "No"}', 'answer in JSON format, like {"ANSWER": "Yes"}:'),
        ("rlcausal", RUNGS, "ANSWER\n[0.07, 0.93]", "Compute.\n\nP(v0)?"),
        ("causalprobe-e", ["E"], '{"ANSWER": "3"}', "4. Cause 4.\nChoose the right answer."),
        ("causalprobe-h", ["H"], '{"ANSWER": "2"}', "Choose the right answer."),
        ("causalprobe-m", ["M"], '{"ANSWER": ["1", "3"]}', "Choose every right answer; several may be right."),
        ("bbeh-causal", ["understanding"], '{"ANSWER": "Ambiguous"}', 'like {"ANSWER": "Yes"}:'),
    ],
)
def test_files_of_the_published_form(tmp_path: Path, name: str, tasks: list[str], key: str, ending: str) -> None:
    items = benchmarks.load(name, write_all(tmp_path))
    assert [item.task for item in items] == tasks
    for item in items:
        assert item.answer.text() == key and ending in item.prompt
        assert score(key, item.answer).correct
        published = item.key("published")
        assert score(right_answer(published, "published"), published, "published").correct
        # An echo of the whole prompt, with its example of the form, is no answer.
        assert not score(item.prompt, item.answer).correct


def test_controls_can_be_answered_and_look_alike(tmp_path: Path) -> None:
    items = benchmarks.load("published-insufficient-controls", write_all(tmp_path))
    published, ours = items
    assert published.answer == Answer() and ours.answer != Answer() and ours.task == published.task == "ATE"
    assert ours.prompt.splitlines()[-1] == published.prompt.splitlines()[-1] == LACK_HINT
    assert len(benchmarks.load("published-insufficient-controls", tmp_path, 1)) == 1


@pytest.mark.parametrize("variation", variations.names())
def test_a_set_of_ours_for_every_variation(variation: str) -> None:
    items = benchmarks.load(f"caugym-{variation}", None, 14)
    assert [item.task for item in items] == [task for task in TASKS for _ in range(2)]
    lacking = sum(item.answer == Answer() for item in items)
    assert lacking == 7 if variation == "insufficient" else lacking < 14
    assert all(item.problem is not None and item.problem.variation == variation for item in items)


@pytest.mark.parametrize(
    ("completion", "right"),
    [
        ("<think>5</think> So \\boxed{3}.", True),
        ("$x = 3$ is the solution.", True),
        ("The answer is 6/2", True),
        ("\\boxed{4}, no, \\boxed{3}", True),
        ("\\boxed{\\frac{9}{3}}", True),
        ("\\boxed{4}", False),
        ("I do not know.", False),
        ("<think>\\boxed{3}", False),
        ("\\boxed{" * 50, False),
        ("\\boxed{9^{9^{9^{9^{9}}}}}", False),
    ],
)
def test_math_answers_are_equal_in_value(completion: str, right: bool) -> None:
    for judge in JUDGES:
        assert score(completion, MathAnswer("x=3"), judge).correct is right


def test_files_are_fetched_once_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "web", "task.json", BBEH)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    monkeypatch.setenv("CAUGYM_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match=r"with --data; or fetch them with --download"):
        benchmarks.load("bbeh-causal", None)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(bbeh_causal, "DOWNLOADS", {"bbeh-causal": (bbeh_causal.FOLDER, (f"{address}/none.json",))})
        with pytest.raises(InputError, match=r"bbeh-causal cannot be downloaded \(http.*: File not found\); name its"):
            benchmarks.load("bbeh-causal", None, download=True)
        monkeypatch.setattr(bbeh_causal, "DOWNLOADS", {"bbeh-causal": (bbeh_causal.FOLDER, (f"{address}/task.json",))})
        (item,) = benchmarks.load("bbeh-causal", None, download=True)
        fetched = tmp_path / "cache" / "benchmarks" / bbeh_causal.FOLDER
        (fetched / "task.json").unlink()  # as where a later version needs a file more
        assert benchmarks.load("bbeh-causal", None, download=True) == [item]
        server.shutdown()
    assert benchmarks.load("bbeh-causal", None, download=True) == [item]
    assert sha256(tmp_path / "web" / "task.json") in (fetched / ".complete-bbeh-causal").read_text()


@pytest.mark.parametrize("name", [name for name, module in benchmarks.modules().items() if module.NEEDS_DATA])
def test_what_is_fetched_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The files at a benchmark's addresses, ours of the same form here, end up where its loader looks for them."""
    source = getattr(benchmarks.modules()[name], "DOWNLOADS", {}).get(name)
    if source is None:
        assert name.startswith("calm-full") or name == "published-insufficient-controls"
        return
    if isinstance(source[1], str):
        pytest.skip("from the Hub")
    ours, fetched = write_all(tmp_path / "ours"), []

    def from_web(address: str, path: Path) -> None:
        fetched.append(address)
        for file in (ours / source[0]).glob(f"{path.stem.removesuffix('_dataset')}*"):
            path.write_bytes(file.read_bytes())

    monkeypatch.setenv("CAUGYM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(download, "_from_web", from_web)
    try:
        expected = [(item.prompt, item.answer) for item in benchmarks.load(name, ours)]
    except InputError:  # write_all has none of this set
        with pytest.raises(InputError, match="expected"):
            benchmarks.load(name, None, download=True)
    else:
        assert [(item.prompt, item.answer) for item in benchmarks.load(name, None, download=True)] == expected
    assert len(set(fetched)) == len(fetched) > 0 and all(one.startswith("https://") for one in fetched)


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        ("calm-natural", "x-B_x-natural_EN.jsonl", CALM | {"gt_answer": "maybe"}, ":1: field 'gt_answer' is 'maybe'"),
        ("calm-hard", "x-P_x-hard_EN.jsonl", CALM | {"gt_answer": "No"}, ":1: the key's value 'No' is no number"),
        ("cladder", "test-generate-x.json", [CLADDER | {"meta": {}}], "item 1: field 'meta' holds no 'rung'"),
        ("cladder", "test-generate-x.json", [CLADDER | {"answer": 3}], "item 1: field 'answer' is 3"),
        ("causalprobe-e", "CausalProbe-E.json", [CHOICES | {"answer": 5}], "item 1: field 'answer' is 5"),
        ("causalprobe-e", "CausalProbe-E.json", [CHOICES | {"answer": [1, 2]}], "field 'answer' is [1, 2]"),
        ("causalprobe-m", "CausalProbe-M.json", [CHOICES | {"answer": []}], "field 'answer' is []"),
        ("bbeh-causal", "task.json", "[]", "task.json: expected a JSON object, found list"),
        ("bbeh-causal", "task.json", {"examples": [{"input": "x", "target": "A"}]}, "example 1: field 'target' is 'A'"),
        ("calm-natural-cn", "x-B_x-natural_CN.jsonl", CALM | {"gt_answer": "也许"}, ":1: field 'gt_answer' is '也许'"),
        ("math-500", "math_500/test.jsonl", {"problem": "x"}, ":1: expected 'problem' or 'question', and 'answer'"),
        ("bbeh-causal", "task.json", {"canary": 1}, "field 'examples' is no list"),
        ("rlcausal", "observational_test.parquet", [{"prompt": "x"}], "no Parquet file with prompt, reward_model"),
        ("rlcausal", "observational_test.parquet", [RLCAUSAL | {"prompt": None}], "row 0: no prompt messages"),
    ],
)
def test_broken_files_are_one_clear_line(tmp_path: Path, name: str, file: str, content: Any, message: str) -> None:
    write(tmp_path, file, content)
    with pytest.raises(InputError) as error:
        benchmarks.load(name, tmp_path)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("name", [name for name, module in benchmarks.modules().items() if module.NEEDS_DATA])
def test_missing_files_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"--data {tmp_path}: no .*expected"):
        benchmarks.load(name, tmp_path)


@published_data
def test_the_published_files() -> None:
    assert all("has a direct effect on" in item.prompt for item in benchmarks.load("cladder", PUBLISHED, 9))
    counts = {"calm-hard": 350, "calm-natural": 250, "cladder": 522, "rlcausal": 600, "bbeh-causal": 200}
    counts |= dict.fromkeys(("causalprobe-e", "causalprobe-h", "causalprobe-m"), 150)
    for name, count in counts.items():
        items = benchmarks.load(name, PUBLISHED)
        assert len(items) >= count and len({item.id for item in items}) == len(items)
        assert all(score(item.answer.text(), item.answer).correct for item in items)
        assert not any(score(item.prompt, item.answer).correct for item in items[:100])


class Silent:
    """A backend that has nothing to say."""

    def description(self) -> dict[str, Any]:
        return {"model": "silent"}

    def generate(self, requests: list[Request], *_: Any) -> Iterator[list[Completion]]:
        yield [Completion(request.problem_id, request.run, "", "stop", 0) for request in requests]


def test_all_benchmarks_in_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "open_backend", lambda *_: Silent())
    options = ["--benchmark", "all", "--data", str(write_all(tmp_path / "data")), "--limit", "1", "--runs", "1"]
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", *options, "-o", str(tmp_path / "out")])
    shown = capsys.readouterr()
    assert not stop.value.code, shown.err
    table, notes = shown.out.split("n/a: the benchmark has no such task or was not run")
    rows = [line for line in table.splitlines() if line.strip()][3:]
    for name in benchmarks.modules():
        mine = [row.split() for row in rows if row.split()[0] == name]
        assert mine and len({len(row) for row in mine if row[1] != "constant"}) == 1
        assert len(mine) == 3 or f"{name} was not run: --data" in notes
    assert "(1) calm-basic was not run: --data" in notes


def test_larger_graphs_and_slips_of_typing() -> None:
    large = benchmarks.load("caugym-large", None, 7)
    assert all(10 <= len(item.problem.graph.nodes) <= 12 for item in large if item.problem)
    base, noisy = benchmarks.load("caugym-base", None, 7), benchmarks.load("caugym-noisy", None, 7)
    assert noisy == benchmarks.load("caugym-noisy", None, 7)
    assert [item.answer for item in base] == [item.answer for item in noisy]
    for clean, item in zip(base, noisy, strict=True):
        assert item.prompt != clean.prompt
        assert re.findall(r"\d\.\d{4}", item.prompt) == re.findall(r"\d\.\d{4}", clean.prompt)
        assert item.problem
        text = re.sub(r"\s+", " ", item.prompt.lower())
        assert all(node in text for node in item.problem.graph.nodes)
    assert len({item.id for item in (*large, *base, *noisy)}) == 21


def test_retold_problems_keep_their_numbers_and_are_spread_over_tasks_and_styles() -> None:
    items = benchmarks.load("caugym-retold", None)
    assert len({item.prompt for item in items}) == len(items) == 140
    assert {task: sum(item.task == task for item in items) for task in TASKS} == dict.fromkeys(TASKS, 20)
    assert len({item.task for item in benchmarks.load("caugym-retold", None, 7)}) == 7
    named = [bool(re.search(rf"\({item.task}\)", item.prompt)) for item in items]
    assert 50 <= sum(named) <= 70  # the other half names no estimand
    for item in items:
        assert isinstance(item.answer, Answer) and item.answer.value is not None
        no_path = item.answer.value == 0
        assert no_path or re.search(r"(?<![\d.])[01]\.\d{4}", item.prompt.replace("0.1234", ""))


def test_held_out_retellings_are_no_training_texts_and_have_keys() -> None:
    items = benchmarks.load("caugym-told", None)
    trained = {telling.text for telling in told.tellings()}
    assert len(items) > 100 and {item.task for item in items} == set(TASKS)
    for item in items:
        assert not any(item.prompt.startswith(text) for text in trained)
        assert isinstance(item.answer, Answer) and (item.answer.value is not None or item.answer.lacks_condition)
    assert sum(item.answer.value is not None for item in items if isinstance(item.answer, Answer)) > 0.9 * len(items)
