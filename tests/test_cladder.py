"""CLadder's questions are asked with their causal graph: from the story file, else from the rows' own reasoning."""

import json
from pathlib import Path
from typing import Any

import pytest

from caugym.evaluation import benchmarks
from caugym.evaluation.benchmarks import cladder
from caugym.gym.wording.published import PREMISE

STORY = f"{PREMISE} Kite has a direct effect on wind chime and dog. Wind chime has a direct effect on dog."
REASONING = {
    "step0": "Let X = kite; V2 = wind chime; Y = dog.",
    "step1": "X->V2,X->Y,V2->Y",
    "step2": "E[Y | do(X = 1)] - E[Y | do(X = 0)]",
    "step3": "P(Y=1|X=1) - P(Y=1|X=0)",
    "step4": "P(Y=1 | X=0) = 0.31\nP(Y=1 | X=1) = 0.44",
    "step5": "0.44 - 0.31 = 0.13",
    "end": "0.13 > 0",
}


def question(number: int, model: int = 7, reasoning: dict[str, str] | None = REASONING, **meta: Any) -> dict[str, Any]:
    """A row with the fields of the published files."""
    return {
        "question_id": number,
        "desc_id": f"kite-mediation-ate-model{model}-spec0-q0",
        "given_info": "For houses with a kite, the probability of barking dog is 44%.",
        "question": "Will flying a kite increase the chance of barking dog?",
        "answer": "yes",
        "meta": {
            "story_id": "kite",
            "graph_id": "mediation",
            "query_type": "ate",
            "rung": 2,
            "given_info": {"p(Y | X)": [0.31, 0.44]},
            "treatment": "X",
            "outcome": "Y",
            "model_id": model,
        }
        | meta,
        "reasoning": reasoning,
    }


def story(background: str, **other: Any) -> dict[str, Any]:
    row = {"model_id": 7, "story_id": "kite", "graph_id": "mediation", "spec_id": 0, "structure": "X->V2,X->Y,V2->Y"}
    return row | {"background": background} | other


def stories_of(data: Path, questions: list[dict[str, Any]], **files: list[dict[str, Any]]) -> list[str]:
    """What stands before the first question mark of each prompt: premise, graph and what is given."""
    (data / "test-generate-easy.json").write_text(json.dumps(questions))
    for name, rows in files.items():
        (data / f"{name.replace('_', '-')}.json").write_text(json.dumps(rows))
    return [item.prompt.partition("\nQuestion: ")[0] for item in benchmarks.load("cladder", data)]


GIVEN = " For houses with a kite, the probability of barking dog is 44%."


@pytest.mark.parametrize("file", ["test_model_meta", "cladder_v1_meta_models"])
def test_the_published_story_stands_in_the_place_of_the_premise(tmp_path: Path, file: str) -> None:
    background = f"{STORY} Wind chime is unobserved."
    (told,) = stories_of(tmp_path, [question(1)], **{file: [story(background)]})
    assert told == background + GIVEN and told.count("hypothetical world") == 1


def test_a_story_without_the_premise_has_it_put_before(tmp_path: Path) -> None:
    (told,) = stories_of(tmp_path, [question(1)], test_model_meta=[story("Kites move dogs.")])
    assert told == f"{PREMISE} Kites move dogs.{GIVEN}"


def test_each_release_has_its_own_story_file(tmp_path: Path) -> None:
    files = {"test_model_meta": [story("Ours.")], "cladder_v1_meta_models": [story("The other release's.")]}
    (told,) = stories_of(tmp_path, [question(1)], **files)
    assert "Ours." in told
    (tmp_path / "test-generate-easy.json").rename(tmp_path / "cladder-v1-q-balanced.json")
    (item,) = benchmarks.load("cladder", tmp_path)
    assert "The other release's." in item.prompt


def test_the_story_of_another_model_of_that_number_is_not_told(tmp_path: Path) -> None:
    (told,) = stories_of(tmp_path, [question(1)], cladder_v1_meta_models=[story("Fish.", story_id="fish")])
    assert told == STORY + GIVEN


def test_without_a_story_file_the_graph_comes_from_the_reasoning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question on adjustment has no reasoning in the published files: another of its model tells the graph."""
    assert stories_of(tmp_path, [question(1), question(2, reasoning=None)]) == [STORY + GIVEN] * 2
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    "reasoning", [None, {"step0": "Let X = kite.", "step1": "X->Y"}, {"step0": "Let X = kite; Y = dog.", "step1": ""}]
)
def test_a_graph_that_stands_nowhere_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reasoning: dict[str, str] | None
) -> None:
    told = stories_of(tmp_path, [question(1), question(2, 8, reasoning)])
    assert told == [STORY + GIVEN, PREMISE + GIVEN]
    benchmarks.load("cladder", tmp_path)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("cladder: 1 of 2 questions are asked without their causal graph")


def test_the_story_file_is_fetched() -> None:
    folder, addresses = cladder.DOWNLOADS["cladder"]
    assert folder == "cladder" and sum(one.endswith("/data/test-model-meta.json") for one in addresses) == 1
