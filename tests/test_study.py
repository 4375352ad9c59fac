"""The study with micro budgets: every cell is made once, a kill at any point changes no result, a changed option makes
only what depends on it, a failed cell stops no other, and a Ray cluster gives the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from caugym.errors import InputError

pytest.importorskip("trl")

from caugym import study
from caugym.study.board import show_plan
from caugym.study.cells import plan

TIMING = ("seconds", "wall_seconds", "command", "hardware")
SMALL = ["max_steps=2", "save_steps=1", "logging_steps=1"]


def description(model: Path) -> dict[str, Any]:
    sft = [*SMALL, "per_device_train_batch_size=2", "max_length=800"]
    grpo = ["num_generations=2", "per_device_train_batch_size=2", "gradient_accumulation_steps=2"]
    return {
        "models": [str(model)],
        "seeds": [3],
        "cold_start": {"recipe": "sft-tiny", "problems": 8, "tasks": "ATE,PN", "set": sft},
        "budget": {"problems": 4},
        "methods": {
            "grpo": {"recipe": "grpo-tiny", "tasks": "ATE", "set": [*SMALL, *grpo, "max_completion_length=6"]},
            "sft": {"recipe": "sft-tiny", "tasks": "ATE", "set": [*sft]},
        },
        "evaluation": {"runs": 2, "max_new_tokens": 6, "benchmarks": {"caugym-base": 7, "published-base": None}},
        "resources": {"cpus": 1},
    }


def written(values: dict[str, Any], folder: Path, name: str) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return written(description(tiny_model), tmp_path_factory.mktemp("config"), "micro")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Path:
    """The folder of an undisturbed study."""
    out = tmp_path_factory.mktemp("undisturbed") / "study"
    study.conduct(study.load(config, "quick"), out, None)
    return out


def results_of(folder: Path) -> dict[str, Any]:
    """Every file below models/ and evaluations/, without what says when, where and by whom it was made."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("models/**/*")) + sorted(folder.glob("evaluations/**/*")):
        if path.suffix == ".json":
            found[str(path.relative_to(folder))] = timeless(json.loads(path.read_text()), folder)
        elif path.suffix == ".jsonl":
            found[str(path.relative_to(folder))] = [
                timeless(json.loads(line), folder) for line in path.read_text().splitlines()
            ]
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def timeless(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {name: timeless(part, folder) for name, part in value.items() if name not in TIMING}
    return value.replace(str(folder), "STUDY") if isinstance(value, str) else value


def test_a_study_makes_every_model_its_results_and_a_report(finished: Path) -> None:
    described = json.loads((finished / "study.json").read_text())
    cells = described["cells"]
    assert [cell["stage"] for cell in cells if cell["kind"] != "evaluation"] == ["base", "cold-start", "grpo", "sft"]
    for cell in cells:
        last = "result.json" if cell["kind"] == "evaluation" else "manifest.json"
        assert (finished / cell["folder"] / last).is_file()
    assert "--data" in described["left_out"]["published-base"]
    page = (finished / "report.html").read_text()
    assert "cold-start" in page and "published-base" in page
    logged = [json.loads(line) for line in next(finished.glob("models/*grpo*/log.jsonl")).read_text().splitlines()]
    assert logged[-1]["completions"] > 0


def test_a_finished_study_is_only_reported_again(finished: Path, config: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in finished.glob("[me]*/**/*") if path.is_file()}
    study.conduct(study.load(config, "quick"), finished, None)
    assert files == {path: path.stat().st_mtime_ns for path in finished.glob("[me]*/**/*") if path.is_file()}


def test_a_study_killed_three_times_ends_with_the_same_bytes(finished: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    kill_when(config, out, lambda: any(out.glob("models/*cold-start*/checkpoint-1/complete")))
    assert not any(out.glob("models/*cold-start*/manifest.json"))
    kill_when(config, out, lambda: any(out.glob("evaluations/*cold-start*/*/settings.json")))
    kill_when(config, out, lambda: any(out.glob("models/*grpo*/checkpoint-1/complete")))
    assert not (out / "report.html").exists()
    study.conduct(study.load(config, "quick"), out, None)
    assert_same(out, finished)


def test_two_cells_at_a_time_give_the_same_bytes_though_the_study_is_killed(
    finished: Path, tiny_model: Path, tmp_path: Path
) -> None:
    values = description(tiny_model)
    values["resources"]["side_by_side"] = 2
    config, out = written(values, tmp_path, "two"), tmp_path / "study"
    kill_when(config, out, lambda: any(out.glob("models/*grpo*/checkpoint-1/complete")))
    assert not (out / "report.html").exists()
    study.conduct(study.load(config, "quick"), out, None)
    assert_same(out, finished)
    assert "side_by_side" in (out / "study.json").read_text()


def test_a_worker_that_dies_fails_its_cells_and_says_so(tiny_model: Path, tmp_path: Path) -> None:
    import psutil

    values = description(tiny_model)
    values["methods"] = {}
    values["resources"]["side_by_side"] = 2
    out = tmp_path / "study"

    def kill_workers() -> None:
        while not any(out.glob("models/*cold-start*/checkpoint-1/complete")):
            time.sleep(0.01)
        for child in psutil.Process().children(recursive=True):
            if any("spawn_main" in part for part in child.cmdline()):
                child.kill()

    killer = threading.Thread(target=kill_workers)
    killer.start()
    with pytest.raises(InputError, match="its process ended"):
        study.conduct(study.load(written(values, tmp_path, "dying"), "quick"), out, None)
    killer.join()
    study.conduct(study.load(written(values, tmp_path, "dying"), "quick"), out, None)
    assert not (out / "failures.json").exists()


def assert_same(folder: Path, other: Path) -> None:
    first, second = results_of(folder), results_of(other)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def kill_when(config: Path, out: Path, reached: Callable[[], bool]) -> None:
    command = [sys.executable, "-m", "caugym", "study", str(config), "-o", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "CAUGYM_PUBLISHED_DATA"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    try:
        deadline = time.monotonic() + 600
        while not reached() and process.poll() is None:
            assert time.monotonic() < deadline, "the study came not this far"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_changed_option_changes_only_what_depends_on_it(config: Path, tiny_model: Path, tmp_path: Path) -> None:
    def keys(values: dict[str, Any]) -> dict[str, str]:
        loaded = study.load(written(values, tmp_path, "changed"), "quick")
        return {cell.name.partition("--")[2]: cell.key for cell in plan(loaded, None)[0]}

    before = keys(description(tiny_model))
    values = description(tiny_model)
    values["methods"]["sft"]["set"].append("learning_rate=0.5")
    changed = {name for name, key in keys(values).items() if before[name] != key}
    assert changed == {"sft--3", "sft--3 on caugym-base"}
    values = description(tiny_model)
    values["evaluation"]["runs"] = 3
    changed = {name for name, key in keys(values).items() if before[name] != key}
    assert changed and all(name.endswith("on caugym-base") for name in changed)
    values = description(tiny_model)
    values["seeds"] = [3, 4]
    assert {name: key for name, key in keys(values).items() if name in before} == before


def test_a_failed_cell_stops_no_other(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = description(tiny_model)
    del values["cold_start"]
    values["methods"] = {
        "sft": {"set": [*values["methods"]["sft"]["set"], "max_length=2"], "recipe": "sft-tiny"},
        "grpo": {**values["methods"]["grpo"], "after": "sft"},
    }
    loaded = study.load(written(values, tmp_path, "failing"), "quick")
    with pytest.raises(InputError, match=r"4 of 6 cells failed, the first: .*sft.*no row fits into max_length 2"):
        study.conduct(loaded, tmp_path / "out", None)
    failures = json.loads((tmp_path / "out" / "failures.json").read_text())
    assert sum("not run, as" in reason for reason in failures.values()) == 3
    assert "no row fits into max_length 2" in (tmp_path / "out" / "report.html").read_text()
    assert any((tmp_path / "out").glob("models/*sft*/error.txt"))
    assert any((tmp_path / "out").glob("evaluations/*base/*/result.json"))


def test_ray_gives_the_same_bytes_though_a_worker_is_killed(
    finished: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    out, killed = tmp_path / "study", []

    def kill_a_worker() -> None:
        import psutil

        deadline = time.monotonic() + 600
        while not any(out.glob("models/*cold-start*/checkpoint-1/complete")) and time.monotonic() < deadline:
            time.sleep(0.01)
        for process in psutil.Process().children(recursive=True):
            if any(name.startswith("ray::attempt") for name in (process.name(), *process.cmdline()[:1])):
                process.kill()
                killed.append(process.pid)

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    killer = threading.Thread(target=kill_a_worker)
    try:
        cluster.add_node(num_cpus=1)
        monkeypatch.setenv("RAY_ADDRESS", cluster.address)
        killer.start()
        study.conduct(study.load(config, "quick"), out, None, engine="ray")
    finally:
        killer.join()
        cluster.shutdown()
    assert killed
    assert_same(out, finished)


def test_trainings_can_be_launched_as_processes(finished: Path, tiny_model: Path, tmp_path: Path) -> None:
    values = description(tiny_model)
    values["methods"], values["resources"] = {}, {"launch": [sys.executable]}
    study.conduct(study.load(written(values, tmp_path, "launched"), "quick"), tmp_path / "out", None)
    (launched,) = (tmp_path / "out").glob("models/*cold-start*/model.safetensors")
    (here,) = finished.glob("models/*cold-start*/model.safetensors")
    assert launched.read_bytes() == here.read_bytes()
    assert launched.parent.name != here.parent.name  # how it was launched is part of its address


def test_a_star_stands_for_any_text_in_benchmarks(tiny_model: Path, tmp_path: Path) -> None:
    values = description(tiny_model)
    values["evaluation"]["benchmarks"] = {"caugym-*": 7, "caugym-base": 14, "published-*": None}
    cells, left_out = plan(study.load(written(values, tmp_path, "star"), "quick"), None)
    limits = {cell.benchmark: cell.spec["limit"] for cell in cells if cell.kind == "evaluation"}
    assert limits.pop("caugym-base") == 14 and all(limit == 7 for limit in limits.values())
    assert "published-rephrased" in left_out


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    from caugym.study.conduct import locked

    with locked(tmp_path), pytest.raises(InputError, match="another process"), locked(tmp_path):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cold_start: {problems: 0}", "cold_start.problems: Input should be greater"),
        ("methods: {grpo: {problem: 1}}", "methods.grpo.problem"),
        ("methods: {grpo: {}}", "grpo: no number of problems"),
        ("methods: {grpo: {problems: 1, after: nothing}}", "grpo.after: 'nothing' is no earlier stage"),
        ("budget: {problemz: 7}", "study.yaml: budget has no part 'problemz': expected some of problems"),
        ("budget: {problemz: 7}\nmethods: {sft: {}}", "study.yaml: budget has no part 'problemz'"),
        ("held_out: {problemz: 3}", "study.yaml: held_out has no part 'problemz': expected some of problems"),
        ("methods: {sft: {problems: 1, tasks: XYZ}}", "study.yaml: sft: unknown task 'XYZ'"),
        ("methods: {sft: {problems: 1, variation: nope}}", "study.yaml: sft: .*'nope'"),
        ("methods: {sft: {problems: 1, preset: nope}}", "study.yaml: sft: .*'nope'"),
        ("methods: {sft: {problems: 1, tasks: ID, variation: omitted}}", "sft: task ID has no variation 'omitted'"),
        ("[", "not YAML"),
        ("", "the file: Input should be"),
    ],
)
def test_bad_descriptions(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        study.load(file, "quick")


def test_every_method_has_its_fields_checked() -> None:
    from caugym.study.check import CONFIGS
    from caugym.training import methods

    assert set(CONFIGS) == set(methods.names())


def test_unknown_parts_are_found_before_anything_runs(tmp_path: Path) -> None:
    for text, message in (
        ("methods: {sft: {problems: 1, set: [foo=1]}}", "study: sft: recipe: SFTConfig has no field 'foo'"),
        ("methods: {ppo: {problems: 1, set: [foo=1]}}", "study: ppo: recipe: PPOConfig has no field 'foo'"),
        ("methods: {sft: {problems: 1, set: [foo]}}", "study: sft: --set foo: expected KEY=VALUE"),
        ("methods: {sft: {problems: 1, set: [budget.tokenz=7]}}", "sft: recipe: budget has no part 'tokenz'"),
        ("methods: {sft: {problems: 1, set: [held_out.x=7]}}", "sft: recipe: held_out has no part 'x'"),
        ("methods: {sft: {problems: 1, set: [solution=poem]}}", "sft: recipe: solution 'poem'"),
        ("methods: {dpo: {problems: 1, set: [negatives=none]}}", "dpo: recipe: negatives 'none'"),
        ("methods: {rft: {problems: 1, set: [sampling.runs=0]}}", "rft: recipe: sampling.runs 0"),
        ("methods: {grpo: {problems: 9, set: [curriculum.levels=0]}}", "grpo: recipe: curriculum.levels 0"),
        ("evaluation: {benchmarks: {caugym-base: 0}}", "evaluation.benchmarks: caugym-base: 0: expected 1 or more"),
        ("methods: {magic: {problems: 1}}", "unknown method 'magic'"),
        ("methods: {sft: {problems: 1, recipe: none}}", "unknown recipe 'none'"),
        ("evaluation: {benchmarks: {caugym-bass: 7}}", "unknown benchmark 'caugym-bass'"),
        ("evaluation: {benchmarks: {magic-*: 7}}", "'magic-\\*' fits no benchmark"),
        ("models: [./nowhere]", "./nowhere: no such model folder"),
    ):
        file = tmp_path / "study.yaml"
        file.write_text(text)
        with pytest.raises(InputError, match=message):
            study.conduct(study.load(file, "quick"), tmp_path / "out", None)
    assert not any((tmp_path / "out").glob("*/*"))


def test_every_preset_has_a_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for file in sorted(study.PRESETS.glob("*.yaml")):
        cells, left_out = plan(study.load(None, file.stem), None)
        show_plan(cells, left_out, tmp_path)
        assert "in all" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"unknown preset 'slow': expected one of .*quick"):
        study.load(None, "slow")


def test_a_plan_writes_nothing_and_names_only_options_that_a_study_has(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study.conduct(study.load(config, "quick"), tmp_path / "out", None, only_plan=True)
    shown = capsys.readouterr().err
    assert "left out: published-base" in shown and "--data" in shown and "--download" not in shown
    assert not (tmp_path / "out").exists()


def test_the_plan_counts_what_a_method_samples_for_its_training() -> None:
    from caugym.study.description import Resources
    from caugym.study.estimate import training_cost
    from caugym.training import methods, recipe

    def cost(method: str, *changes: str) -> tuple[int, float]:
        whole = methods.load(method).OPTIONS | recipe.override(recipe.load(f"{method}-tiny"), list(changes))
        found = training_cost(whole, 100, 2e6, Resources(cpus=1))
        return found.tokens, found.seconds

    worked, sampled = cost("dpo"), cost("dpo", "negatives=model", "sampling.runs=4", "sampling.max_new_tokens=100")
    assert sampled[0] == worked[0] + 100 * 4 * 100 * 0.8
    assert sampled[1] == pytest.approx(worked[1] + 2 * 2e6 * 100 * 4 * 100 * 0.8 / 2e10)
    assert cost("dpo", "chosen=model")[0] > worked[0] and cost("kto", "negatives=model")[0] > cost("kto")[0]
    assert cost("rft", "sampling.runs=8")[0] > cost("rft", "sampling.runs=4")[0] > cost("sft")[0]
    limited = cost("dpo", "negatives=model", "sampling.max_new_tokens=100", "budget.completions=10")
    assert limited[0] == worked[0] + 10 * 100 * 0.8


def test_adaptations_are_arms_of_their_own() -> None:
    arm = {"problems": 3, "set": ["beta=0.1"], "adaptations": {"a": ["x=1"], "b": ["x=2"]}}
    arms = study.Study.model_validate({"cold_start": {"problems": 2}, "methods": {"dpo": arm}}).arms()
    assert list(arms) == ["cold-start", "dpo+a", "dpo+b"]
    assert arms["dpo+b"].set == ("beta=0.1", "x=2") and arms["dpo+b"].after == "cold-start"


def test_the_budget_is_the_methods_and_not_the_cold_starts(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("cold_start: {recipe: sft-tiny, problems: 90}\nbudget: {problems: 30}\nmethods: {sft: {}}\n")
    arms = study.load(file, "quick").arms()
    assert arms["cold-start"].problems == 90
    assert not any(one.startswith("budget.") for one in arms["cold-start"].set)
    assert arms["sft"].problems == 30
    assert "budget.problems=30" in arms["sft"].set
