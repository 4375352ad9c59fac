"""Training sets: TRL's columns, a card, the same bytes, one to one for KTO, loadable by ``datasets``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError
from caugym.gym.problem import TASKS
from caugym.gym.scoring import score

pytest.importorskip("datasets")

from caugym.training import rows
from caugym.training.dataset import CARD, JSONL, KINDS, PARQUET, TrainingSet, write

COLUMNS = {
    "cold-start": {"prompt", "completion"},
    "sft": {"prompt", "completion"},
    "dpo": {"prompt", "chosen", "rejected", "error"},
    "kto": {"prompt", "completion", "label", "error"},
    "rl": {"prompt"},
}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sets")
    for kind, (_, count, style) in KINDS.items():
        problems = count if kind == "cold-start" else 28
        write(TrainingSet(kind, problems, style, variation="base=2,insufficient=1"), folder / kind)
    return {kind: folder / kind for kind in KINDS}


def said(messages: list[dict[str, str]]) -> str:
    assert [message["role"] for message in messages] == ["assistant"]
    return messages[0]["content"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_loads_with_trls_columns(kind: str, sets: dict[str, Path], tmp_path: Path) -> None:
    import datasets

    table = datasets.load_dataset(str(sets[kind]), split="train", cache_dir=str(tmp_path))
    assert set(table.column_names) == COLUMNS[kind] | {"id", "task", "variation", "answer"}
    assert list(table) == [row for _, row in rows.read_jsonl(sets[kind] / JSONL)]
    assert set(table["variation"]) == {"base", "insufficient"}
    card = (sets[kind] / CARD).read_text()
    assert f"{len(table)} rows" in card
    assert all(word in card for word in ("license: apache-2.0", "| seed | 1 |", "| generator |"))


def test_a_cold_start_has_75_right_rows_over_all_tasks(sets: dict[str, Path]) -> None:
    table = [row for _, row in rows.read_jsonl(sets["cold-start"] / JSONL)]
    count = Counter(row["task"] for row in table)
    assert set(count) == set(TASKS)
    assert sum(count.values()) == 75
    assert max(count.values()) - min(count.values()) <= 1
    assert all(score(said(row["completion"]), row["answer"]).correct for row in table)
    assert all(said(row["completion"]).startswith("<think>") for row in table)


def test_no_right_completion_is_a_negative_and_kto_is_one_to_one(sets: dict[str, Path]) -> None:
    pairs: list[dict[str, Any]] = [row for _, row in rows.read_jsonl(sets["dpo"] / JSONL)]
    assert len(pairs) == 28
    assert all(score(said(row["chosen"]), row["answer"]).correct for row in pairs)
    assert not any(score(said(row["rejected"]), row["answer"]).correct for row in pairs)
    single: list[dict[str, Any]] = [row for _, row in rows.read_jsonl(sets["kto"] / JSONL)]
    assert Counter(row["label"] for row in single) == {True: 28, False: 28}
    assert all(score(said(row["completion"]), row["answer"]).correct == row["label"] for row in single)
    assert all(bool(row["error"]) != row["label"] for row in single)


def test_the_same_description_gives_the_same_bytes(sets: dict[str, Path], tmp_path: Path) -> None:
    described = TrainingSet("dpo", 28, "published", variation="base=2,insufficient=1")
    assert write(described, tmp_path) == 28
    for name in (JSONL, PARQUET, CARD, "settings.json"):
        assert (tmp_path / name).read_bytes() == (sets["dpo"] / name).read_bytes()
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(InputError, match="seed was 1, now 2"):
        write(TrainingSet("dpo", 28, "published", variation="base=2,insufficient=1", seed=2), tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variation": "base=much"}, "'much' is no weight"),
        ({"variation": "poem"}, "unknown variation 'poem'"),
        ({"tasks": "ATE,XYZ"}, "unknown task 'XYZ'"),
        ({"solution": "poem"}, "--solution poem"),
        ({"negatives": "model"}, "name the model"),
    ],
)
def test_bad_descriptions(change: dict[str, str], message: str, tmp_path: Path) -> None:
    described = TrainingSet(**({"kind": "dpo", "problems": 4, "solution": "published"} | change))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        write(described, tmp_path)
