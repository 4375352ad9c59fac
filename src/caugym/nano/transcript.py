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
from caugym.nano.tokenizer import NODES

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
        self.printed = {(frozenset(g.event), frozenset(g.condition)): g.value for g in problem.givens}
        self.stated_values = {pair for given in problem.givens for pair in (*given.event, *given.condition)}
        self.letters: dict[str, str] = {}
        self.roles = dict(zip(mediators, MEDIATOR_ROLES, strict=False)) | dict(
            zip(adjustment, ADJUSTMENT_ROLES, strict=False)
        )
        self.known = {*self.roles, self.query.treatment, self.query.outcome}
        """The variables with a role."""
        self.first = {node: self._first_value(node) for node in self.roles}
        self.mediators, self.adjustment, self.no_effect = mediators, adjustment, identified.no_effect
        self.text = ""

    def _first_value(self, node: str) -> int | None:
        """The value called 0: that of CDE's question, else the one the statements mention first."""
        fixed = dict(self.query.mediator_values)
        mentioned = (dict((*g.event, *g.condition)).get(node) for g in self.givens)
        return fixed.get(node, next((value for value in mentioned if value is not None), None))

    def zero(self, node: str) -> int:
        return self.first[node] or 0

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
        """The task, treatment, outcome and what is held fixed, the way between them, and the other roles."""
        query = self.query
        x, y, fixed = query.treatment, query.outcome, dict(query.mediator_values)
        if not {x, y, *self.roles, *fixed} <= set(self.letters):
            raise NotWritableError("a variable of the question stands in no edge")
        self.text += f"\n{query.task.lower()}" + (f" {query.bound}" if query.bound else "")
        for role, node, value in (("x", x, query.treatment_value), ("y", y, query.outcome_value)):
            self._asked(role, node, value, "+-")
        for (node, value), role in zip(fixed.items(), MEDIATOR_ROLES, strict=False):
            self._asked(role, node, value, "01")
        if query.task not in BOUND_TASKS:
            self.reach(fixed)
        self.text += "\nlink no" if self.no_effect else "\nlink yes"
        for node, role in self.roles.items():
            if node in fixed:
                continue
            self.text += f"\n{role}:={self.letters[node]} {self.name(node)}"
            first = self.first[node]
            if first is not None:
                self._words(role, node, first, self.word(node, first), "01")

    def _asked(self, role: str, node: str, value: int, signs: str) -> None:
        """A variable of the question with the word that is asked about: ``x: rainfall=b low x+=b high x-``."""
        self.text += f"\n{role}: {self.name(node)}"
        self._words(role, node, value, self.word(node, value, asked=True), signs)

    def _words(self, role: str, node: str, value: int, word: str, signs: str) -> None:
        """``=b low x+=b high x-``: the letter, a word and what it means; the other word where a statement says it.

        Where a statement says "rainfall=b high" below, what follows has stood here.
        """
        self.text += f"={self.letters[node]} {word} {role}{signs[0]}"
        if (node, 1 - value) in self.stated_values:
            self.text += f"={self.letters[node]} {self.word(node, 1 - value)} {role}{signs[1]}"

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

    def idle(self) -> None:
        """``=d skip``: the letters of the variables without a role."""
        letters = [letter for node, letter in self.letters.items() if node not in self.known]
        self.text += "\n" * bool(letters) + "".join(f"={letter} skip" for letter in letters)

    def statements(self) -> None:
        for place, (given, sentence) in enumerate(zip(self.givens, self.places.givens, strict=True)):
            self._at(sentence)
            said = self.places.given_words[place] if self.places.given_words else self._published_words(given)
            if self._copy(given, said):
                self.text += "\n" + self.label(given.event, given.condition) + arithmetic.number(units(given))

    def _copy(self, given: Given, said: Mapping[tuple[str, int], str]) -> bool:
        """`` talent=a low z0| stress level=c high y+``: the statement's variables in its order.

        Behind those of the condition stands a bar. It ends with the first variable without a role, and is then false.
        """
        self.text += "\n"
        for (node, value), word in said.items():
            if node not in self.letters:
                raise NotWritableError("a statement's variable stands in no edge")
            self.text += f" {self.name(node)}={self.letters[node]}"
            if node not in self.known:
                self.text += " skip"
                return False
            self.text += f" {word} {self._term((node, value))}" + "|" * ((node, value) in given.condition)
        return True

    def _published_words(self, given: Given) -> dict[tuple[str, int], str]:
        return {pair: self.variables[pair[0]].words[pair[1]] for pair in (*given.condition, *given.event)}

    def label(self, event: Assignment, condition: Assignment) -> str:
        """``y+|x-z0``: outcome first, then treatment, mediators, adjustment variables."""
        order = {self.query.outcome: 0, self.query.treatment: 1}
        order |= {node: rank for rank, node in enumerate(self.roles, start=2)}
        terms = ["".join(self._term(pair) for pair in sorted(part, key=lambda pair: order[pair[0]]))
                 for part in (event, condition)]  # fmt: skip
        return "|".join(terms) if condition else terms[0]

    def _term(self, pair: tuple[str, int]) -> str:
        node, value = pair
        query = self.query
        if node == query.treatment:
            return "x+" if value == query.treatment_value else "x-"
        if node == query.outcome:
            return "y+" if value == query.outcome_value else "y-"
        return self.roles[node] + ("0" if value == self.zero(node) else "1")


def units(given: Given) -> Number:
    return clamp(int(given.value * UNIT))
