"""``caugym audit``: our sets are clean, planted errors are found, the published halves' known errors as well."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from caugym import cli
from caugym.gym import variations
from caugym.gym.generate import generate_many
from caugym.gym.problem import TASKS

DATA = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", Path(__file__).parents[1] / "../shared/data")) / "caugym"
published = pytest.mark.skipif(not (DATA / "base_dev.json").exists(), reason="published data not found")

Row = dict[str, object]


def rows(variation: str = "base", each: int = 3, split: str = "test", seed: int = 0) -> list[Row]:
    return [
        {"id": p.id, "prompt": p.prompt, "answer": p.answer.text()}
        for task in TASKS
        for p in generate_many(task, each, seed, split, variation)
    ]


def write(path: Path, lines: list[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    return path


def audit(*words: object) -> int:
    try:
        cli.main(["audit", *map(str, words)])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.mark.parametrize("variation", variations.names())
def test_our_own_sets_are_clean(variation: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Free wording may be more than the reader knows, but what it reads agrees with the keys."""
    code = audit(write(tmp_path / "set.jsonl", rows(variation)), "--json")
    found = json.loads(capsys.readouterr().out)
    unread = found["unreadable"] if variation in ("rephrased", "omitted") else 0
    assert (found["items"], found["counts"]) == (21, {"unreadable": unread} if unread else {})
    assert code == (1 if unread else 0)
    assert sum(sum(classes.values()) for classes in found["classes"].values()) == 21 - unread


def changed(row: Row, **fields: object) -> Row:
    return {**row, **fields}


def test_planted_errors_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    effects = [p for p in generate_many("ATE", 12, 1, "test") if p.givens and abs(p.answer.value) > 0.01]
    first, second, third, fourth = ({"id": p.id, "prompt": p.prompt, "answer": p.answer.text()} for p in effects[:4])
    opposite = json.loads(str(first["answer"]))
    opposite["ANSWER"] = "No" if opposite["ANSWER"] == "Yes" else "Yes"
    again = json.dumps(third["prompt"]).replace(effects[2].variables[0].name, "qxzv")
    again = again.replace(effects[2].variables[0].name.capitalize(), "Qxzv")
    file = write(
        tmp_path / "set.jsonl",
        [
            changed(first, answer=json.dumps(opposite)),
            changed(second, answer='{"ANSWER": "Yes", "PROB": "0.9999"}'),
            third,
            changed(third, id="twice"),
            changed(third, id="renamed", prompt=json.loads(again)),
            changed(fourth, answer="perhaps"),
            changed(fourth, id="weather", prompt="The weather is nice."),
        ],
    )
    assert audit(file, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert {finding["kind"]: finding["id"] for finding in found["findings"]} == {
        "yes/no against value": first["id"],
        "wrong key": second["id"],
        "duplicate": "twice",
        "renamed duplicate": "renamed",
        "no key": fourth["id"],
        "unreadable": "weather",
    }


def test_leakage_is_found_modulo_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = next(p for p in generate_many("NIE", 30, 2, "train") if p.givens)
    name = problem.variables[0].name
    text = problem.prompt.replace(name, "qxzv").replace(name.capitalize(), "Qxzv")
    train = write(tmp_path / "train.jsonl", [{"prompt": problem.prompt, "answer": problem.answer.text()}])
    test = [*rows(), {"id": "renamed", "prompt": text, "answer": problem.answer.text()}]
    file = write(tmp_path / "test.jsonl", test)
    assert audit(file, "--against", train, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(f["kind"], f["id"]) for f in found["findings"]] == [("leaked problem", "renamed")]
    assert found["leakage"]["same problem, other names"] == 1 and found["leakage"]["same form"] >= 1
    write(tmp_path / "train.jsonl", rows())
    assert audit(file, "--against", train, "-o", tmp_path / "found.json") == 1
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["counts"] == {"leaked text": 21}
    assert "leaked text: 16 more" in capsys.readouterr().out


def test_splits_do_not_leak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = write(tmp_path / "test.jsonl", rows(each=10))
    train = write(tmp_path / "train.jsonl", rows(each=10, split="train"))
    assert audit(test, "--against", train) == 0
    assert "Findings: none" in capsys.readouterr().out


def test_parquet_and_reward_model_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = [
        {"prompt": [{"role": "user", "content": row["prompt"]}], "reward_model": {"ground_truth": row["answer"]}}
        for row in rows()
    ]
    parquet.write_table(pyarrow.Table.from_pylist(table), tmp_path / "train.parquet")
    assert audit(tmp_path / "train.parquet", "--json") == 0
    assert json.loads(capsys.readouterr().out)["items"] == 21


@published
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("base", {"inverted ETT key": 31, "dead zone": 1}),
        ("insufficient", {"answerable": 1}),
        ("deconfounding", {"unrounded key": 6}),
    ],
)
def test_the_known_errors_of_the_published_halves(
    file: str, expected: Mapping[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(DATA / f"{file}_dev.json", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert Counter(finding["kind"] for finding in found["findings"]) == expected
    if file == "insufficient":
        assert found["heuristics"]["always LACK_CONDITION"] == 1.0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.jsonl", None, "none.jsonl: cannot be read (No such file or directory)"),
        ("none.parquet", None, "none.parquet: cannot be read"),
        ("empty.json", "", "empty.json: the file is empty"),
        ("list.json", "[]", "list.json: the list is empty"),
        ("broken.jsonl", '{"prompt": "a", "answer": "LACK_CONDITION"}\n{"prompt": \n', "broken.jsonl:2: broken JSON"),
        ("keyless.jsonl", '{"prompt": "a"}', "keyless.jsonl:1: no key (expected a field 'answer'"),
        ("textless.jsonl", '{"answer": "a"}', "textless.jsonl:1: no field 'prompt' or 'problem'"),
        ("text.parquet", "no parquet", "text.parquet: no Parquet file"),
    ],
)
def test_mistakes(
    name: str, content: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    assert audit(tmp_path / name) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


def test_an_output_without_a_folder_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(write(tmp_path / "set.jsonl", rows(each=1)), "-o", tmp_path / "no" / "found.json") == 2
    assert "there is no folder" in capsys.readouterr().err
