"""Probabilities in sentences: conditions before or after, joint events, ellipsis, pairs, P(...) = 0.1234."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from caugym.gym.problem import Assignment, Given
from caugym.gym.wording.phrasing.grammar import Fields
from caugym.gym.wording.phrasing.speaker import Speaker, capital, join, plural

SLOTS: dict[str, tuple[str, ...]] = {
    "prob": ("probability", "likelihood", "chance", "probability", "probability"),
    "condition": (
        "<when> {clauses}", "<when> {clauses}", "<with> {nouns}", "<with> {nouns}", "<given> {beings}",
        "<those> with {nouns}", "<those> whose {plains}", "<those> with {beings}", "<cases> {clauses}",
    ),
    "when": (
        "when", "if", "given that", "in the case that", "provided that", "whenever", "assuming that", "assuming",
        "as long as", "supposing that", "once", "where", "on condition that", "given",
    ),
    "with": (
        "with", "given", "under", "under conditions of", "in the presence of", "at", "in case of", "conditional on",
    ),
    "given": ("given", "with", "conditional on", "in the event of"),
    "those": (
        "for those", "among those", "for individuals", "among individuals", "for people", "for cases", "among cases",
        "for instances", "for subjects", "in cases", "for units", "among people", "among units", "for observations",
    ),
    "cases": (
        "in cases where", "for cases where", "in scenarios where", "in situations where", "for instances where",
        "under conditions where", "in instances where", "under circumstances where", "for cases in which",
        "in situations in which", "in settings where", "among cases where",
    ),
    "event": ("of {beings}", "of {nouns}", "that {clauses}", "of {beings}", "of <having> {nouns}", "that {clauses}"),
    "having": ("having", "observing", "seeing", "finding", "encountering", "experiencing"),
    "is": (
        "is", "is", "is", "equals", "stands at", "amounts to", "is equal to", "comes to", "is given as",
        "is found to be", "is known to be", "turns out to be", "is measured at",
    ),
    "conditional": (
        "{condition}, the <prob> <event> <is> {p}", "{condition}, the <prob> <event> <is> {p}",
        "{condition}, the <prob> <event> <is> {p}", "the <prob> <event> <is> {p} {condition}",
        "{condition}, there is a {p} <prob> that {clauses}", "{condition}, {nouns} <occur> with <prob> {p}",
        "{condition}, {nouns} {have} a {p} <prob>", "{condition}, {clauses} with <prob> {p}",
        "with <prob> {p}, {clauses} {condition}", "the <prob> <event>, {condition}, <is> {p}",
        "{condition}, the <prob> <event> <is> {p}", "there is a <prob> of {p} that {clauses} {condition}",
        "{condition}, one finds {nouns} with <prob> {p}", "{condition}, the <prob> <event>: {p}",
    ),
    "conditional_more": (
        "{condition}, the <prob> <event> <is> {p}", "the <prob> <event> <is> {p} {condition}",
        "{condition}, the <joint_> <prob> of {beings} <is> {p}", "{condition}, there is a {p} <prob> that {clauses}",
        "the <joint_> <prob> <event>, {condition}, <is> {p}",
    ),
    "occur": ("occurs", "is observed", "is found", "arises", "appears", "is seen"),
    "marginal": (
        "the <prob> <event> <is> {p}", "the <prob> <event> <is> {p}", "the <overall> <prob> <event> <is> {p}",
        "overall, the <prob> <event> <is> {p}", "in general, the <prob> <event> <is> {p}",
        "{nouns} <occur> with <prob> {p}", "there is a {p} <prob> that {clauses}", "{clauses} with <prob> {p}",
        "{nouns} {have} a {p} <prob>", "with <prob> {p}, {clauses}", "there is a <prob> of {p} that {clauses}",
        "the <prob> <event>: {p}",
    ),
    "overall": ("overall", "baseline", "marginal", "general", "unconditional", "base", "total", "prior"),
    "joint": (
        "the <joint_> <prob> of {beings} <is> {p}", "the <joint_> <prob> of {nouns} <is> {p}",
        "the <joint_> <prob> that {clauses} <is> {p}", "the <joint_> <prob> of both {nouns} <is> {p}",
        "the <joint_> <prob> of {nouns} occurring <together> <is> {p}", "the <prob> that {clauses} <is> {p}",
        "the <prob> of both {nouns} <is> {p}", "the <prob> of {nouns} <together> <is> {p}",
        "{nouns} <together> have a {p} <prob>", "{clauses} <together> with <prob> {p}",
        "there is a {p} <prob> that {clauses}", "with <prob> {p}, {clauses} <together>",
    ),
    "joint_more": (
        "the <joint_> <prob> of {beings} <is> {p}", "the <joint_> <prob> of {nouns} <is> {p}",
        "the <joint_> <prob> that {clauses} <is> {p}", "the <prob> that {clauses} <is> {p}",
    ),
    "joint_": ("joint", "combined", "joint", "simultaneous"),
    "together": ("together", "at the same time", "simultaneously", "jointly"),
    "ellipsis": (
        "{condition}, this <prob> <is> {p}", "{condition}, this <prob> {moves} {p}", "{condition}, it <is> {p}",
        "{condition}, this <prob> {moves} {p}", "{condition}, the same <prob> <is> {p}",
        "this <prob> {moves} {p} {condition}", "this <prob> <is> {p} {condition}", "{condition}, it {moves} {p}",
        "{condition}, that <prob> <is> {p}", "{condition}, the figure <is> {p}",
    ),
    "becomes": ("becomes", "changes to", "turns into", "shifts to"),
    "rises": ("rises to", "increases to", "goes up to", "climbs to", "grows to", "becomes", "is higher, at"),
    "falls": ("drops to", "falls to", "decreases to", "goes down to", "declines to", "becomes", "is lower, at"),
    "contrast": (
        "conversely, ", "in contrast, ", "by contrast, ", "on the other hand, ", "however, ", "alternatively, ",
        "in comparison, ", "otherwise, ",
    ),
    "next": (
        "additionally, ", "furthermore, ", "moreover, ", "similarly, ", "in addition, ", "also, ", "meanwhile, ",
        "likewise, ", "besides, ", "further, ",
    ),
    "while": (", while ", ", whereas ", "; ", ", and ", ", but "),
    "two_values": (
        "the <prob> <event> <is> {p} {condition} and {q} {condition2}",
        "the <prob> <event> <is> {p} {condition}, compared with {q} {condition2}",
        "the <prob> <event> <is> {p} {condition} but {q} {condition2}",
        "the <prob> <event> <is> {p} {condition}, as opposed to {q} {condition2}",
        "the <prob> <event> <is> {p} {condition}, against {q} {condition2}",
    ),
    "symbol_condition": ("{condition}, <letter_p>({symbols}) = {p}",),
    "letter_p": ("P", "P", "Pr", "Prob", "p"),
    "given_bar": (" | ", "|", " given "),
    "equals": (" = ", "=", " is "),
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """``notation``: words, symbols (P(...) = 0.1234) or mixed; shares of what refers to the sentence before."""

    notation: str = "words"
    ellipsis: float = 0.25
    pairs: float = 0.1
    openers: float = 0.1


class Statements:
    """Writes the givens in their order; each number stands in the text once and as printed."""

    def __init__(self, speaker: Speaker, style: Style) -> None:
        self.say, self.style = speaker, style
        self.words: list[dict[tuple[str, int], str]] = []
        """Of each given that was written: its words for the values, in the text's order."""
        if style.notation == "symbols":
            self.letter, self.bar, self.equals = (speaker.write(slot) for slot in ("letter_p", "given_bar", "equals"))

    def sentences(self, givens: Sequence[Given]) -> list[str]:
        """Each without its full stop and with a capital."""
        found: list[str] = []
        before: Given | None = None
        i = 0
        while i < len(givens):
            begin = len(self.say.mentions)
            given, following = givens[i], givens[i + 1] if i + 1 < len(givens) else None
            if following and self.style.notation == "words" and self.say.chance(self.style.pairs):
                text = self._two(given, following)
                if text:
                    found.append(capital(text))
                    self._hear(given, begin, last=False)
                    self._hear(following, begin, last=True)
                    before, i = following, i + 2
                    continue
            found.append(capital(self._sentence(given, before)))
            self._hear(given, begin, last=False)
            before, i = given, i + 1
        return found

    def _hear(self, given: Given, begin: int, last: bool) -> None:
        self.words.append(self.say.heard((*given.condition, *given.event), begin, last))

    def _sentence(self, given: Given, before: Given | None) -> str:
        if self.style.notation == "symbols":
            return self._symbols(given)
        if self.style.notation == "mixed" and given.condition:
            symbols = self._equations(given.event)
            return self.say.write_with(
                "symbol_condition",
                {"condition": lambda: self._condition(given), "symbols": lambda: symbols, "p": lambda: _number(given)},
            )
        if before and _same_event(given, before) and self.say.chance(self.style.ellipsis):
            opener = self.say.write("contrast") if self.say.chance(self.style.openers * 2) else ""
            return opener + self._elliptic(given, before)
        opener = self.say.write("next") if before and self.say.chance(self.style.openers) else ""
        return opener + (self._both(given, before) or self._whole(given))

    def _both(self, given: Given, before: Given | None) -> str:
        """ "the probability of both being low is 0.2000" behind another joint probability of the same two."""
        word = self.say.common(given.event)
        same = before and [n for n, _ in before.event] == [n for n, _ in given.event]
        if not (word and same and len(given.event) == 2 and not given.condition and self._retells()):
            return ""
        self.say.hear(given.event, word)
        return self.say.write("retold_both", word=word, p=_number(given))

    def _whole(self, given: Given) -> str:
        if self._retold(given) and self._retells():
            return self.say.write_with(self._retold(given), self._fields(given))
        if given.condition:
            slot = "conditional" if len(given.event) == 1 else "conditional_more"
        else:
            slot = ("marginal", "joint")[len(given.event) - 1] if len(given.event) < 3 else "joint_more"
        return self.say.write_with(slot, self._fields(given))

    def _retold(self, given: Given) -> str:
        """The slot of its retelling; none for what is rare, three events or two under a condition."""
        if len(given.event) == 1:
            return "retold" if given.condition else "retold_marginal"
        return "retold_joint" if len(given.event) == 2 and not given.condition else ""

    def _elliptic(self, given: Given, before: Given) -> str:
        said, retold = ("retold_more", "retold_") if self._retells() else ("ellipsis", "")
        slot = "rises" if given.value > before.value else "falls" if given.value < before.value else "becomes"
        return self.say.write_with(said, {**self._fields(given), "moves": lambda: self.say.write(retold + slot)})

    def _retells(self) -> bool:
        return self.say.loosely and self.say.chance(0.5)

    def _fields(self, given: Given) -> Fields:
        node, value = given.event[0]
        many = plural(self.say.variables[node].name)
        return {
            "kind": lambda: _unowned(self.say.adjective(node, value)),
            "cnouns": lambda: self.say.nouns(given.condition),
            "cbeings": lambda: self.say.beings(given.condition),
            "cplains": lambda: join([self.say.plain(*term) for term in given.condition]),
            "name": lambda: self.say.name(node),
            "word": lambda: self.say.word(node, value),
            "be": lambda: "are" if many else "is",
            "condition": lambda: self._condition(given),
            "clauses": lambda: self.say.clauses(given.event),
            "nouns": lambda: self.say.nouns(given.event),
            "beings": lambda: self.say.beings(given.event),
            "have": lambda: "have" if many else "has",
            "p": lambda: _number(given),
        }

    def _condition(self, given: Given) -> str:
        c = given.condition
        if self._retells():
            return self._retold_condition(c)
        return self.say.write_with(
            "condition",
            {
                "clauses": lambda: self.say.clauses(c),
                "plains": lambda: join([self.say.plain(*term) for term in c]),
                "nouns": lambda: self.say.nouns(c),
                "beings": lambda: self.say.beings(c),
            },
        )

    def _retold_condition(self, c: Assignment) -> str:
        """ "when a is low despite high b", "for low-income individuals", "among those earning little"."""
        if self.say.chance(0.35) and (doing := self.say.doings(c)):
            return self.say.write("retold_doing", doing=doing)
        if len(c) == 1:
            ((node, value),) = c
            return self.say.write_with(
                "retold_single",
                {
                    "word": lambda: self.say.word(node, value),
                    "name": lambda: self.say.name(node),
                    "kind": lambda: _unowned(self.say.adjective(node, value)),
                    "bare": lambda: _unowned(self.say.name(node)),
                    "nouns": lambda: self.say.nouns(c),
                    "remain": lambda: "remain" if plural(self.say.variables[node].name) else "remains",
                },
            )
        return self.say.write_with(
            "retold_condition",
            {
                "first": lambda: self.say.clauses(c[:1]),
                "first_noun": lambda: self.say.nouns(c[:1]),
                "rest": lambda: self.say.nouns(c[1:]),
                "others": lambda: self.say.clauses(c[1:]),
            },
        )

    def _two(self, first: Given, second: Given) -> str:
        """Two statements in one sentence; empty where they do not go together."""
        if not _same_event(first, second):
            if first.condition or second.condition or not self.say.chance(0.5):
                return ""
            return self._whole(first) + self.say.write("while") + (self._both(second, first) or self._whole(second))
        if self.say.chance(0.4):
            return self._whole(first) + self.say.write("while") + self._elliptic(second, first)
        both = {"q": lambda: _number(second), "condition2": lambda: self._condition(second)}
        return self.say.write_with("two_values", {**self._fields(first), **both})

    def _symbols(self, given: Given) -> str:
        inside = self._equations(given.event)
        if given.condition:
            inside += self.bar + self._equations(given.condition)
        return f"{self.letter}({inside}) = {_number(given)}"

    def _equations(self, assignment: Assignment) -> str:
        equals = self.equals if self.style.notation == "symbols" else " = "
        return ", ".join(f"{self.say.name(node)}{equals}{self.say.word(node, value)}" for node, value in assignment)


def _same_event(one: Given, other: Given) -> bool:
    """Whether "this probability" is clear: one event under other values of the same conditions."""
    nodes = [{node for node, _ in given.condition} for given in (one, other)]
    return one.event == other.event and bool(one.condition) and nodes[0] == nodes[1]


def _unowned(name: str) -> str:
    """Without an article or an owner, as a name stands behind a hyphen: "low-income people"."""
    return re.sub(r"^(?:(?:the|an?|their|one's|[\w ]+'s) )+", "", name)


def _number(given: Given) -> str:
    return f"{given.value:.4f}"
