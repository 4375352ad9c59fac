"""Writes the question in many forms a task, and the instruction that names the estimand (not in "omitted")."""

from __future__ import annotations

import re
from collections.abc import Callable

from caugym.causal.graph import DAG
from caugym.causal.query import Query
from caugym.gym.wording.estimands import OTHER_NAMES
from caugym.gym.wording.phrasing import loose, retold_questions
from caugym.gym.wording.phrasing.grammar import Fields
from caugym.gym.wording.phrasing.speaker import Speaker, capital, join, plural
from caugym.gym.wording.published import ESTIMAND_NAMES


class Question:
    """Writes instruction and question of ``query``; the graph says what the mediators are called."""

    def __init__(self, speaker: Speaker, graph: DAG, query: Query) -> None:
        self.say, self.graph, self.query = speaker, graph, query
        self.fields = self._fields()

    def instruction(self) -> str:
        return self.say.write_with("retold_instruction" if self._retells() else "instruction", self.fields)

    def _retells(self) -> bool:
        return self.say.loosely and self.say.chance(0.5)

    def question(self, focus: bool = False) -> str:
        """With ``focus``, the estimand's name stands at its beginning ("Focusing on the ...")."""
        slot = self.query.task if self.query.direction == "more" else f"{self.query.task}_less"
        if f"retold_{slot}" in retold_questions.SLOTS and self._retells():
            slot = f"retold_{slot}"
        text = self.say.write_with(slot, self.fields)
        if self.say.loosely:
            said = self.say.spoken[self.query.treatment, self.query.treatment_value]
            # In NIE it is the mediator that changes, and nobody knows which way.
            text = loose.asked(text, said[-1], self.say.rng) if said and self.query.task != "NIE" else text
            text = _tidy(text)
        if focus:
            return self.say.write_with("focus", self.fields) + text[:1].lower() + text[1:]
        return sentence_case(text)

    def _fields(self) -> Fields:
        say, query = self.say, self.query
        x, y = query.treatment, query.outcome
        x1, x0, y1 = query.treatment_value, query.control_value, query.outcome_value
        fixed = query.mediator_values
        fields: dict[str, Callable[[], str]] = {
            "x": lambda: say.short(x), "y": lambda: say.short(y), "x_short": lambda: say.name(x),
            "y_short": lambda: say.name(y),
            "x1": lambda: say.word(x, x1), "x0": lambda: say.word(x, x0),
            "y1": lambda: say.word(y, y1), "y0": lambda: say.word(y, 1 - y1),
            "x_be": lambda: "are" if plural(say.variables[x].name) else "is",
            "y_be": lambda: "are" if plural(say.variables[y].name) else "is",
            "event": lambda: say.being(y, y1) if say.chance(0.5) else say.noun(y, y1),
            "x1ed": lambda: say.noun(x, x1), "x_it": lambda: "they" if plural(say.variables[x].name) else "it",
            "xed": lambda: say.noun(x, x0), "x_is": lambda: say.is_(x, x0), "x_plain": lambda: say.plain(x, x0),
            "x_poss": lambda: possessive(say.name(x)),
            "affects": lambda: say.write("affect" if plural(say.variables[x].name) else "affects"),
            "seen": lambda: say.nouns(((x, x1), (y, y1))),
            "fixed_beings": lambda: say.beings(fixed), "fixed_is": lambda: say.clauses(fixed),
            "fixed_nouns": lambda: say.nouns(fixed),
            "fixed_held": lambda: self._fixed("held_at"), "fixed_const": lambda: self._fixed("const_at"),
            "fixed_at": lambda: self._fixed("at_value"),
            "the_mediator": self._the_mediator, "named": self._named,
            "bound": lambda: str(query.bound), "limit": lambda: str(query.bound),
            "extreme": lambda: say.write(f"{query.bound}_extreme"),
            "far": lambda: self._by_bound("low", "high"), "edge": lambda: self._by_bound("floor", "ceiling"),
            "at_end": lambda: self._by_bound("at the least", "at the most"),
            "estimand": self._estimand,
        }  # fmt: skip
        return fields

    def _by_bound(self, lower: str, upper: str) -> str:
        return lower if self.query.bound == "lower" else upper

    def _fixed(self, slot: str) -> str:
        say = self.say
        parts = []
        for node, value in self.query.mediator_values:
            words = say.write(slot)
            if slot == "held_at" and plural(say.variables[node].name):
                words = {"is": "are", "remains": "remain", "stays": "stay"}.get(words, words.replace("is ", "are ", 1))
            parts.append(f"{say.short(node)} {words} {say.word(node, value)}")
        return join(parts)

    def _mediators(self) -> tuple[str, ...]:
        return self.graph.mediators(self.query.treatment, self.query.outcome)

    def _named(self) -> str:
        """ " (stress level)" now and then; loosely also a variable on no way from treatment to outcome."""
        mediators = self._mediators()
        if not mediators and self.say.loosely:
            mediators = tuple(n for n in self.graph.nodes if n not in (self.query.treatment, self.query.outcome))[:1]
        if mediators and self.say.chance(0.35):
            return f" ({join([self.say.name(node) for node in mediators])})"
        return ""

    def _the_mediator(self) -> str:
        mediators = self._mediators()
        if len(mediators) == 1 and self.say.chance(0.25):
            return f"{self.say.name(mediators[0])} (the mediator)"
        return "the mediator" + self._named()

    def _estimand(self) -> str:
        task = self.query.task
        names = (ESTIMAND_NAMES[task], *OTHER_NAMES.get(task, ()))
        long = names[int(self.say.rng.integers(len(names)))]
        return self.say.write("estimand_form", long=long, short=task)


def possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _tidy(text: str) -> str:
    """One article or owner before a name, as a loose name may bring its own; capitals behind a first question."""
    text = re.sub(r"\b(?:the|their) (?=(?:the|their|an?|one's|\w+'s|an? (?:\w+ )?(?:person|individual)'s) )", "", text)
    return re.sub(r"(?<=[.?] )[a-z]", lambda match: match[0].upper(), text)


def sentence_case(text: str) -> str:
    """Capitals after each full stop that ends a sentence."""
    return ". ".join(capital(part) for part in text.split(". "))
