"""Where the published files may lie, and the ids of their rows."""

from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError
from caugym.evaluation import benchmarks
from test_benchmarks import CALM, MATH, write

BASIC = CALM | {"gt_answer": 0.25, "Reason": {"Step 7": "so the answer is Yes."}}
UNNUMBERED = {name: value for name, value in BASIC.items() if name != "index"}
CLONE = "intervention/average_treatment_effect"


@pytest.mark.parametrize("folder", [CLONE, f"calm_lite_dataset/{CLONE}", f"CaLM/calm_lite_dataset/{CLONE}"])
def test_calm_is_found_in_a_clone_of_its_repository(tmp_path: Path, folder: str) -> None:
    write(tmp_path / folder, "ATE-P_ATE-basic_EN.json", [BASIC])
    other = folder.replace(CLONE, "counterfactual/probability_of_necessity")
    write(tmp_path / other, "PN-P_PN-basic_EN.json", [BASIC | {"Type": "PN", "Reason": {}}])
    assert [item.task for item in benchmarks.load("calm-basic", tmp_path)] == ["PN", "ATE"]


def test_full_calm_is_not_taken_for_calm_lite(tmp_path: Path) -> None:
    write(tmp_path / "calm_full" / "ATE", "ATE-P_ATE-basic_EN.json", [BASIC])
    with pytest.raises(InputError, match="no CaLM basic files"):
        benchmarks.load("calm-basic", tmp_path)


@pytest.mark.parametrize("file", ["test.jsonl", "data/test-00000-of-00001.parquet"])
def test_a_set_of_mathematics_may_lie_in_the_named_folder_itself(tmp_path: Path, file: str) -> None:
    write(tmp_path / "MATH-500", file, [MATH])
    (item,) = benchmarks.load("math-500", tmp_path / "MATH-500")
    assert item.prompt.startswith("Solve $2x = 6$.")
    (tmp_path / "MATH-500").rename(tmp_path / "math_500")
    with pytest.raises(InputError, match="no file of minerva-math"):
        benchmarks.load("minerva-math", tmp_path / "math_500")


def test_other_files_that_begin_with_test_are_no_mathematics(tmp_path: Path) -> None:
    write(tmp_path, "test-generate-easy.json", [{"question": "Is rain likely?", "answer": "no"}])
    with pytest.raises(InputError, match="no file of math-500"):
        benchmarks.load("math-500", tmp_path)


def test_mathematics_is_one_task_so_that_its_mean_is_over_all_problems(tmp_path: Path) -> None:
    subjects = ("Algebra", "Algebra", "Geometry")
    rows = [MATH | {"subject": subject, "unique_id": str(number)} for number, subject in enumerate(subjects)]
    write(tmp_path / "math_500", "test.json", rows)
    assert [item.task for item in benchmarks.load("math-500", tmp_path)] == ["math-500"] * 3


@pytest.mark.parametrize(
    ("name", "file", "row", "ids"),
    [
        ("calm-basic", "calm_lite/ATE-P_ATE-basic_EN.json", UNNUMBERED, ["calm-basic-ATE-0", "calm-basic-ATE-1"]),
        (
            "causalprobe-e",
            "causalprobe/CausalProbe-E.json",
            {"context": "c", "question": "q", "answer": 1} | {f"choice_{n}": "x" for n in "1234"},
            ["causalprobe-e-0", "causalprobe-e-1"],
        ),
        (
            "cladder",
            "cladder/test-generate-easy.json",
            {"given_info": "g", "question": "q", "answer": "no", "meta": {"rung": 1}},
            ["cladder-test-generate-easy-0", "cladder-test-generate-easy-1"],
        ),
    ],
)
def test_rows_without_a_number_are_numbered_in_their_file(
    tmp_path: Path, name: str, file: str, row: dict[str, Any], ids: list[str]
) -> None:
    """And not by the folder that the file lies in: the same set has the same ids everywhere."""
    write(tmp_path, file, [row, row])
    assert [item.id for item in benchmarks.load(name, tmp_path)] == ids


def test_two_rows_with_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "ATE-P_ATE-basic_EN.json", [BASIC, BASIC | {"index": 2}, BASIC])
    with pytest.raises(InputError, match="calm-basic: problems 1 and 3 have the same id 'calm-basic-ATE-1'; give"):
        benchmarks.load("calm-basic", tmp_path)
