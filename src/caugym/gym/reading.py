"""What a reader found in a text."""

from __future__ import annotations

from dataclasses import dataclass

from caugym.causal.graph import DAG
from caugym.gym.problem import Answer, Given, Problem, Query, Variable
from caugym.gym.read_sentences import Sentence


@dataclass(frozen=True)
class Reading:
    """What a text says. Nodes are the variables' names in lower case, ``variables`` in the order of ``graph.nodes``.

    ``letters`` holds the letters of the annotated form ("market demand being low (C=0)"), as far as printed.
    ``damaged`` holds fragments of statements ("lightning) being harmful (D=0) is 0.5198" in published redundant
    198): leaving one out can cost the answer but never make a wrong one.
    """

    graph: DAG
    variables: tuple[Variable, ...]
    givens: tuple[Given, ...]
    query: Query
    letters: tuple[tuple[str, str], ...] = ()
    damaged: tuple[Sentence, ...] = ()

    @classmethod
    def of(cls, problem: Problem, letters: tuple[tuple[str, str], ...] = ()) -> Reading:
        """What a problem's text says, without reading it."""
        return cls(problem.graph, problem.variables, problem.givens, problem.query, letters)

    def problem(self, prompt: str, answer: Answer, name: str = "", variation: str = "", solution: str = "") -> Problem:
        """The problem that ``prompt``, the text read here, states; ``name`` is its id."""
        return Problem(
            id=name,
            task=self.query.task,
            variation=variation,
            query=self.query,
            graph=self.graph,
            variables=self.variables,
            givens=self.givens,
            prompt=prompt,
            solution=solution,
            answer=answer,
        )
