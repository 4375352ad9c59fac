"""CLadder (Jin et al. 2023, arXiv 2312.04350): yes/no questions on the three rungs of causation.

Reads ``test-generate-*.json`` or ``cladder-v1-q-*.json`` from --data or its folder ``cladder``. The stories that tell
the causal graph behind the questions stand in ``test-model-meta.json`` (``cladder-v1-meta-models.json`` beside the
files of version 1). Without that file they are put together from the variables and edges in the rows' ``reasoning``, in
the published sentences; which variables are unobserved does not stand there. The released script, which the judge
``published`` follows, wants yes or no at the beginning; our request does not ask for it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.items import YES_NO_REQUEST, Item, spread, yes_no
from caugym.evaluation.published_files import find_files, read_rows, text_field
from caugym.gym.wording.published import PREMISE

NAMES = ("cladder",)
LICENCE = "MIT (causalNLP/cladder)"
NEEDS_DATA = True
FILES = ("test-generate-*.json", "cladder-v1-q-*.json")
STORIES = ("test-model-meta.json", "cladder-v1-meta-models.json")
"""Each beside the questions of the same place in FILES: the two number their models differently."""
_FOLDER = "https://raw.githubusercontent.com/causalNLP/cladder/HEAD/data"
_PARTS = ("anti", "det", "easy", "hard", "non")
DOWNLOADS = {
    "cladder": (
        "cladder",
        (*(f"{_FOLDER}/test-generate-{part}.json" for part in _PARTS), f"{_FOLDER}/{STORIES[0]}"),
    )
}
_OPENING = "Imagine a self-contained, hypothetical world"


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no such file, or a broken one.

    Questions whose graph stands nowhere are asked without it, and a line on standard error counts them.
    """
    assert data is not None
    files = find_files(data, ("cladder",), FILES)
    if not files:
        raise InputError(f"--data {data}: no CLadder files: expected {FILES[0]} there or in {data / 'cladder'}")
    rows = [(path, n, place, row) for path in files for n, (place, row) in enumerate(read_rows(path))]
    published = _published_stories(data, files[0])
    edges = {model: told for _, _, _, row in rows if (model := _model(row)) and (told := _edges(row))}
    items, missing = [], 0
    for path, number, place, row in rows:
        story = _story(row, published, edges)
        missing += story is None
        items.append(_item(name, path, number, row, place, story or PREMISE))
    if missing:
        _say(
            f"{name}: {missing} of {len(items)} questions are asked without their causal graph: {data} holds no story "
            f"of theirs; put {STORIES[0]} of causalNLP/cladder beside the questions, or use --download"
        )
    return spread(items, limit)


def _item(name: str, path: Path, number: int, row: dict[str, Any], place: str, story: str) -> Item:
    meta = row.get("meta")
    if not isinstance(meta, dict) or meta.get("rung") not in (1, 2, 3):
        raise InputError(f"{place}: field 'meta' holds no 'rung' of 1, 2 or 3")
    told = f"{story} {text_field(row, 'given_info', place).strip()}".strip()
    prompt = f"{told}\nQuestion: {text_field(row, 'question', place)}\n{YES_NO_REQUEST}"
    item_id = f"{name}-{path.stem}-{row.get('question_id', number)}"
    return Item(item_id, prompt, yes_no(row, "answer", place, "cladder"), f"rung {meta['rung']}")


def _story(row: dict[str, Any], published: Mapping[str, dict[str, Any]], edges: Mapping[str, str]) -> str | None:
    """The premise and the causal graph that a question is about; None where nothing tells the graph."""
    found = published.get(_model(row))
    if found is not None and found.get("story_id", _field(row, "story_id")) == _field(row, "story_id"):
        background = str(found["background"]).strip()
        return background if background.startswith(_OPENING) else f"{PREMISE} {background}"
    told = _edges(row) or edges.get(_model(row))
    return f"{PREMISE} {told}" if told else None


def _published_stories(data: Path, questions: Path) -> dict[str, dict[str, Any]]:
    """Model -> its row in the story file, of the same release as the questions where both releases lie there."""
    names = STORIES if questions.match(FILES[0]) else STORIES[::-1]
    rows = [row for path in find_files(data, ("cladder",), names) for _, row in read_rows(path)]
    return {str(row["model_id"]): row for row in rows if row.get("background") and row.get("model_id") is not None}


def _edges(row: dict[str, Any]) -> str:
    """The graph in the sentences of the published stories; empty where the row's ``reasoning`` does not hold it.

    ``step0`` is such as "Let X = husband; V2 = wife; Y = alarm clock.", ``step1`` such as "X->V2,X->Y,V2->Y".
    """
    reasoning = row.get("reasoning")
    if not isinstance(reasoning, dict):
        return ""
    variables = str(reasoning.get("step0", "")).strip().removeprefix("Let ").removesuffix(".").split(";")
    names = {symbol.strip(): name.strip() for symbol, _, name in (one.partition("=") for one in variables)}
    effects: dict[str, list[str]] = {}
    for edge in str(reasoning.get("step1", "")).split(","):
        cause, _, effect = (part.strip() for part in edge.partition("->"))
        if not names.get(cause) or not names.get(effect):
            return ""
        effects.setdefault(names[cause], []).append(names[effect])
    return " ".join(
        f"{cause[0].upper()}{cause[1:]} has a direct effect on {_listed(found)}." for cause, found in effects.items()
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _model(row: dict[str, Any]) -> str:
    """The graph and its numbers, which several questions share; empty where the row does not name them."""
    model = _field(row, "model_id")
    return "" if model is None else str(model)


def _field(row: dict[str, Any], name: str) -> Any:
    meta = row.get("meta")
    return meta.get(name) if isinstance(meta, dict) else None


@cache
def _say(line: str) -> None:
    """Once: a command loads its benchmarks twice, to count the problems and to ask them."""
    print(line, file=sys.stderr)
