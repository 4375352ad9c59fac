"""The gym's core types: variables, queries, givens, answers and problems, and their JSON form.

Every variable is binary. ``Variable.words[v]`` is the word that says "value v" in a text
("low" for 0, "high" for 1; for real-world names 0 is the undesirable word).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from caugym.causal.graph import DAG
from caugym.causal.query import BOUND_TASKS, EFFECT_TASKS, TASKS, Assignment, Query

__all__ = [
    "BOUND_TASKS",
    "EFFECT_TASKS",
    "LACK_CONDITION",
    "TASKS",
    "Answer",
    "Assignment",
    "Given",
    "Problem",
    "Query",
    "Variable",
    "format_number",
]

LACK_CONDITION = "LACK_CONDITION"


@dataclass(frozen=True)
class Variable:
    """A binary variable: its name in running text (lower case) and the words of its two values."""

    name: str
    words: tuple[str, str] = ("low", "high")


@dataclass(frozen=True)
class Given:
    """A printed probability P(event | condition) = value, four decimals in the published form."""

    event: Assignment
    condition: Assignment
    value: Decimal


@dataclass(frozen=True)
class Answer:
    """``value`` of the estimand and, for effects, the yes/no ``decision``; both None: LACK_CONDITION."""

    value: Decimal | None = None
    decision: bool | None = None

    @property
    def lacks_condition(self) -> bool:
        return self.value is None and self.decision is None

    def text(self) -> str:
        """The published answer form: ``{"ANSWER": "Yes", "PROB": "0.1234"}``, ``{"PROB": "1"}`` or LACK_CONDITION."""
        if self.value is None:
            return LACK_CONDITION
        number = format_number(self.value)
        if self.decision is None:
            return json.dumps({"PROB": number})
        return json.dumps({"ANSWER": "Yes" if self.decision else "No", "PROB": number})

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """Parse what ``text`` wrote. Raises ValueError that names the text when it is no answer key."""
        if text.strip() == LACK_CONDITION:
            return cls()
        try:
            row = json.loads(text)
            value = Decimal(str(row["PROB"]))
            if not value.is_finite():
                raise ValueError
            word = row.get("ANSWER")
            if word is not None and str(word).lower() not in ("yes", "no"):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
            raise ValueError(
                f'not an answer key: {text!r} (expected {{"ANSWER": "Yes", "PROB": "0.1234"}}, '
                f'{{"PROB": "0.1234"}} or {LACK_CONDITION})'
            ) from None
        return cls(value, None if word is None else str(word).lower() == "yes")


def format_number(value: Decimal) -> str:
    """Four decimals at most, trailing zeros stripped, never "-0" (the published effects' form)."""
    rounded = round(value, 4)
    text = f"{rounded:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True)
class Problem:
    """One question in words together with everything needed to prove its answer.

    ``prompt`` is the text shown to a model, ``solution`` the worked solution that ends with the
    answer, ``estimand`` the estimand's text over variable names, ``provenance`` the generator's
    version, split, seed and index.
    """

    id: str
    task: str
    variation: str
    query: Query
    graph: DAG
    variables: tuple[Variable, ...]
    givens: tuple[Given, ...]
    prompt: str
    solution: str
    answer: Answer
    estimand: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)

    def to_row(self) -> dict[str, Any]:
        """The problem as a JSON row: id, task, variation, prompt, answer and solution first, then the proof's parts."""
        query = asdict(self.query)
        query["mediator_values"] = [list(pair) for pair in self.query.mediator_values]
        if self.query.direction == "more":
            del query["direction"]  # rows of before there were others stay the same
        return {
            "id": self.id,
            "task": self.task,
            "variation": self.variation,
            "prompt": self.prompt,
            "answer": self.answer.text(),
            "solution": self.solution,
            "graph": {
                "nodes": list(self.graph.nodes),
                "edges": [list(edge) for edge in self.graph.edges],
                **({"latent": list(self.graph.latent)} if self.graph.latent else {}),
            },
            "query": query,
            "variables": [{"name": v.name, "words": list(v.words)} for v in self.variables],
            "givens": [
                {
                    "event": [list(pair) for pair in given.event],
                    "condition": [list(pair) for pair in given.condition],
                    "value": str(given.value),
                }
                for given in self.givens
            ],
            "estimand": self.estimand,
            "provenance": self.provenance,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Problem:
        """The problem that ``to_row`` wrote. Raises ValueError that names the field that is missing or wrong."""
        field_name = "id"
        try:
            texts = {}
            for field_name in ("id", "task", "variation", "prompt", "solution", "estimand"):
                if not isinstance(row[field_name], str):
                    raise TypeError("expected text")
                texts[field_name] = row[field_name]
            field_name = "answer"
            answer = Answer.from_text(row["answer"])
            field_name = "graph"
            shape = row["graph"]
            edges = tuple((a, b) for a, b in shape["edges"])
            graph = DAG(tuple(shape["nodes"]), edges, tuple(shape.get("latent", ())))
            field_name = "query"
            query = Query(**{**row["query"], "mediator_values": _assignment(row["query"]["mediator_values"])})
            field_name = "variables"
            variables = tuple(Variable(v["name"], (v["words"][0], v["words"][1])) for v in row["variables"])
            field_name = "givens"
            givens = tuple(
                Given(_assignment(g["event"]), _assignment(g["condition"]), Decimal(g["value"])) for g in row["givens"]
            )
        except KeyError as error:
            raise ValueError(f"problem row without {error}") from None
        except (TypeError, ValueError, IndexError, AttributeError, InvalidOperation) as error:
            raise ValueError(f"problem row with a bad {field_name!r}: {error}") from None
        return cls(
            query=query,
            graph=graph,
            variables=variables,
            givens=givens,
            answer=answer,
            provenance=dict(row.get("provenance") or {}),
            **texts,
        )


def _assignment(pairs: Iterable[Iterable[Any]]) -> Assignment:
    return tuple((str(node), int(value)) for node, value in pairs)
