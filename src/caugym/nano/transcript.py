"""What a worked solution of nano's reads before it computes: edges in letters, the search, roles, labels of statements.

The form is that of ``caugym.nano.worked``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from caugym.causal.identify import Identified
from caugym.gym.problem import BOUND_TASKS, Assignment, Given, Problem
from caugym.nano import arithmetic, numbered
from caugym.nano.arithmetic import UNIT, Number, clamp
from caugym.nano.numbered import Places
from caugym.nano.tokenizer import NODES, STATEMENTS

MEDIATOR_ROLES, ADJUSTMENT_ROLES = "mnopq", "zwv"


class NotWritableError(ValueError):
    """The problem has no worked form (overflow, a needed number that is not printed as such, too many roles)."""


class Transcript:
    """Writes what a problem says: edges, roles and statements.

    Edges and givens of the problem stand in the order in which the text mentions them, ``places`` says in which
    sentences; without it they are looked for in the published words.
    """

    def __init__(self, problem: Problem, identified: Identified, places: Places | None = None) -> None:
        mediators = () if identified.no_effect else identified.mediators
        adjustment = identified.adjustment_set
        if len(mediators) > len(MEDIATOR_ROLES) or len(adjustment) > len(ADJUSTMENT_ROLES):
            raise NotWritableError(f"{len(mediators)} mediators, {len(adjustment)} adjustment variables")
        if len(problem.graph.nodes) > len(NODES):
            raise NotWritableError(f"{len(problem.graph.nodes)} nodes")
        self.query = problem.query
        found = places or numbered.places(problem.prompt, problem.graph, problem.givens)
        if found is None or max((*found.edges, *found.givens)) >= numbered.LIMIT:
            raise NotWritableError("its sentences are not found in the prompt")
        self.edges, self.places, self.sentence = problem.graph.edges, found, 0
        self.variables = {variable.name: variable for variable in problem.variables}
        self.givens = problem.givens
        if len(problem.givens) > STATEMENTS:
            raise NotWritableError(f"{len(problem.givens)} statements")
        self.printed = {(frozenset(g.event), frozenset(g.condition)): (place, g)
                        for place, g in enumerate(problem.givens, start=1)}  # fmt: skip
        self.letters: dict[str, str] = {}
        self.first = self._first_values()
        self.mediators, self.adjustment, self.no_effect = mediators, adjustment, identified.no_effect
        self.text = ""

    def _first_values(self) -> dict[str, int]:
        """The value called 0 of each variable: that of CDE's question, else the one the statements mention first."""
        first = dict(self.query.mediator_values)
        for given in self.givens:
            for node, value in (*given.condition, *given.event):
                first.setdefault(node, value)
        return first

    def zero(self, node: str) -> int:
        return self.first.get(node, 0)

    def _at(self, sentence: int) -> bool:
        """Write the sentence's number where it is another one than before."""
        moved = sentence != self.sentence
        if moved:
            self.text += f"\n({sentence})"
        self.sentence = sentence
        return moved

    def graph(self) -> None:
        """The edges; those of one sentence with one tail share a line, and stand again in letters below it."""
        said = ""
        for (a, b), sentence in zip(self.edges, self.places.edges, strict=True):
            if sentence != self.sentence or said[:1] != self.letters.get(a):
                self.text += f"\n{said}" if said else ""
                self._at(sentence)
                self.text += "\n" + self._node(a)
                said = self.letters[a]
            self.text += ">" + self._node(b)
            said += f">{self.letters[b]}"
        self.text += f"\n{said}" if said else ""

    def _node(self, node: str) -> str:
        """Name and letter; a new node is then declared: letter, name, letter."""
        start = f" {self.name(node)}"
        if node not in self.letters:
            self.letters[node] = NODES[len(self.letters)]
            start += f"\n{self.letters[node]}: {self.name(node)}"
        return f"{start}={self.letters[node]}"

    def name(self, node: str) -> str:
        return self.places.names.get(node, node).replace(numbered.EXAMPLE, numbered.PLAIN_EXAMPLE)

    def word(self, node: str, value: int, asked: bool = False) -> str:
        """The value's word as the text says it first; with ``asked`` last, as the question does."""
        said = self.places.words.get((node, value))
        return said[-1 if asked else 0] if said else self.variables[node].words[value]

    def header(self) -> None:
        """The task, treatment, outcome and what is held fixed, the way between them, and the mediators."""
        query = self.query
        x, y, fixed = query.treatment, query.outcome, dict(query.mediator_values)
        if not {x, y, *self.mediators, *self.adjustment, *fixed} <= set(self.letters):
            raise NotWritableError("a variable of the question stands in no edge")
        self.text += f"\n{query.task.lower()}" + (f" {query.bound}" if query.bound else "")
        asked = {x: query.treatment_value, y: query.outcome_value} | fixed
        for (node, value), role in zip(asked.items(), "xy" + MEDIATOR_ROLES, strict=False):
            word = self.word(node, value, asked=True)
            self.text += f"\n{role}: {self.name(node)}={self.letters[node]} {word} {self.term((node, value))}"
        if query.task not in BOUND_TASKS:
            self.reach(fixed)
        self.text += "\nlink no" if self.no_effect else "\nlink yes"
        self._choose(MEDIATOR_ROLES, [node for node in self.mediators if node not in fixed])

    def choice(self) -> None:
        """The adjustment set, when all statements stand in letters: ``z:=a``."""
        self._choose(ADJUSTMENT_ROLES, self.adjustment)

    def _choose(self, roles: str, nodes: Collection[str]) -> None:
        for role, node in zip(roles, nodes, strict=False):
            self.text += f"\n{role}:={self.letters[node]}"

    def reach(self, fixed: Collection[str]) -> None:
        """A line for each node that the treatment reaches: its letter and its children's; behind the bar what is left.

        Left are the letters reached so far that have no line yet, from a to l, so that the first of them is next, and
        the search is over where there is none. ``y`` stands before them where the outcome is a child: there it ends,
        except where mediators are asked for, and NDE's ends where the treatment's own line has no ``y``. Nothing is
        reached through ``fixed``.
        """
        x, y, task = self.query.treatment, self.query.outcome, self.query.task
        left, done = {x}, {y, *fixed}
        while left:
            node = min(left, key=self.letters.__getitem__)
            children = {head for tail, head in self.edges if tail == node}
            done.add(node)
            left = (left | children) - done
            self.text += f"\n{self.letters[node]}" + "".join(f">{letter}" for letter in self._sorted(children)) + "|"
            self.text += " y" * (y in children) + "".join(f" {letter}" for letter in self._sorted(left))
            if (y in children and task not in ("NDE", "NIE")) or (y not in children and task == "NDE" and node == x):
                return

    def _sorted(self, nodes: Collection[str]) -> list[str]:
        return sorted(self.letters[node] for node in nodes)

    def statements(self) -> None:
        """Every statement in the text's order: a copy with its words' meanings; label, number, number by its place."""
        for place, (given, sentence) in enumerate(zip(self.givens, self.places.givens, strict=True)):
            self._at(sentence)
            said = self.places.given_words[place] if self.places.given_words else self._published_words(given)
            self._copy(given, said)
            label, value = self.label(given.event, given.condition), units(given)
            self.text += f"\n{label}{arithmetic.number(value)}{arithmetic.printed(place + 1, value)}"

    def _copy(self, given: Given, said: Mapping[tuple[str, int], str]) -> None:
        """`` talent=a low a0| stress level=c high y+``: the statement's variables in its order.

        Behind those of the condition stands a bar.
        """
        self.text += "\n"
        for pair, word in said.items():
            if pair[0] not in self.letters:
                raise NotWritableError("a statement's variable stands in no edge")
            self.text += f" {self.name(pair[0])}={self.letters[pair[0]]} {word} {self.term(pair)}"
            self.text += "|" * (pair in given.condition)

    def _published_words(self, given: Given) -> dict[tuple[str, int], str]:
        return {pair: self.variables[pair[0]].words[pair[1]] for pair in (*given.condition, *given.event)}

    def label(self, event: Assignment, condition: Assignment) -> str:
        """``y+|x-a0``: outcome first, then treatment, then the others by their letters."""
        order = self.letters | {self.query.outcome: "", self.query.treatment: " "}
        terms = ["".join(self.term(pair) for pair in sorted(part, key=lambda pair: order[pair[0]]))
                 for part in (event, condition)]  # fmt: skip
        return "|".join(terms) if condition else terms[0]

    def term(self, pair: tuple[str, int]) -> str:
        """``x+``, ``x-``, ``y+``, ``y-``, or the letter and 0 or 1."""
        node, value = pair
        query = self.query
        if node == query.treatment:
            return "x+" if value == query.treatment_value else "x-"
        if node == query.outcome:
            return "y+" if value == query.outcome_value else "y-"
        return self.letters[node] + ("0" if value == self.zero(node) else "1")


def units(given: Given) -> Number:
    return clamp(int(given.value * UNIT))
