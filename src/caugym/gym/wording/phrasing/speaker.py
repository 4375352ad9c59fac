"""Says the variables and values of one problem: the names and words that are clear enough, in phrases and clauses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from caugym.gym.problem import Assignment, Variable
from caugym.gym.wording.phrasing import lexicon, loose, synonyms
from caugym.gym.wording.phrasing.grammar import Fields, Grammar, held_out

SLOTS: dict[str, tuple[str, ...]] = {
    "of_name": ("{name}", "the level of {name}", "the variable {name}", "the value of {name}", "the state of {name}"),
    "person": ("an individual's ", "a person's ", "someone's ", "one's ", "a given person's "),
    "is_value": ("{name} {be} {word}", "{name} {be} {word}", "{name} {remain} {word}", "{name} {be} {word}"),
    "is_negated": ("{name} {be} not {other}",),
    "being_value": ("{name} being {word}",),
    "level_value": (
        "a {word} level of {name}", "a {word} {name}", "{word} levels of {name}", "a {word} value of {name}",
    ),
    "both_are": ("both {names} are {word}", "{names} are both {word}", "{names} are {word}"),
    "all_are": ("all of {names} are {word}", "{names} are all {word}", "{names} are {word}"),
    "both_being": ("{names} both being {word}", "both {names} being {word}"),
}  # fmt: skip

PERSONAL = re.compile(
    r"^(?:income|education|educational|stress|blood pressure|health|exercise|sleep|job|talent|appearance|heart rate|"
    r"memory|coffee|calor\w+|reading time|savings rate|happiness|salary|earnings)\b"
)
_PREDICATE_ONLY = re.compile(
    r"^(?:yes|no|none|off|on|due|present|absent|often|rarely|usually|never|daily|true|false|enough|gain|loss|failure|"
    r"success)$| |\d"
)
_SENTENCE_NAME = re.compile(r"^(?:whether|being|having|if|how) ", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?|one's|someone's|their) |\w's ", re.IGNORECASE)
_SINGULAR_S = re.compile(r"(?:ss|us|is|ics|news)$")


def join(parts: Sequence[str], comma: bool = True) -> str:
    """ "a", "a and b", "a, b, and c"."""
    if len(parts) < 3:
        return " and ".join(parts)
    return ", ".join(parts[:-1]) + (", and " if comma else " and ") + parts[-1]


def plural(name: str) -> bool:
    """Whether a verb after ``name`` stands in the plural: by the last word before " of "."""
    head = re.split(r" (?:of|in|on|for|from|to|with|among) ", name.lower())[0].split()[-1]
    return head.endswith("s") and not _SINGULAR_S.search(head) and not (len(head) == 4 and name.lower() == head)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class Speaker:
    """Names of the problem's variables and words of their values, drawn anew at each call.

    ``other_names`` and ``other_words`` in [0, 1] are the chances that a mention is not the variable's own name or word.
    ``loosely`` adds the forms of :mod:`.loose`. ``mentions``: each value and its word, in the text's order.
    """

    def __init__(
        self,
        variables: Mapping[str, Variable],
        grammar: Grammar,
        rng: np.random.Generator,
        split: str,
        other_names: float,
        other_words: float,
        loosely: bool = False,
    ) -> None:
        self.variables, self.grammar, self.rng, self.split = variables, grammar, rng, split
        self.other_names, self.other_words, self.loosely = other_names, other_words, loosely
        self._names = {node: self._clear_names(node) for node in variables}
        self._words = {
            (node, value): self._drawable(f"value_{word}", synonyms.values(word, v.words[1 - value]))
            for node, v in variables.items()
            for value, word in enumerate(v.words)
        }
        self._nouns: dict[tuple[str, int], tuple[str, ...]] = {}
        self._clauses: dict[tuple[str, int], tuple[str, ...]] = {}
        self._doing: dict[tuple[str, int], tuple[str, ...]] = {}
        self.mentions: list[tuple[tuple[str, int], str]] = []
        if loosely:
            self._loosen()
        self.favourite = {node: self._pick(names) for node, names in self._names.items()}

    def _loosen(self) -> None:
        for node, variable in self.variables.items():
            others = [name for other, names in self._names.items() if other != node for name in names]
            self._names[node] += loose.forms(variable.name, others, self.rng)
            for value, word in enumerate(variable.words):
                self._words[node, value] += loose.words(word, variable.words[1 - value], self.rng)
            if entry := lexicon.entries().get(variable.name):
                self._names[node] += loose.clear(entry.names, others, self.rng, 4)
                for value, said in enumerate(entry.values):
                    opposite = (*self._words[node, 1 - value], *entry.values[1 - value].words)
                    self._words[node, value] += tuple(word for word in said.words if word not in opposite)
                    self._nouns[node, value] = loose.clear(said.nouns, others, self.rng, 2)
                    self._clauses[node, value] = loose.clear(said.clauses, others, self.rng, 2)
                    self._doing[node, value] = loose.clear(said.doing, others, self.rng, 2)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def write(self, slot: str, **fields: str) -> str:
        return self.write_with(slot, {key: (lambda text=text: text) for key, text in fields.items()})  # type: ignore[misc]

    def write_with(self, slot: str, fields: Fields) -> str:
        return self.grammar.write(slot, self.rng, self.split, fields)

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def _drawable(self, slot: str, options: tuple[str, ...]) -> tuple[str, ...]:
        if self.split == "test":
            return options
        return tuple(option for option in options if option not in held_out(slot, options))

    def _clear_names(self, node: str) -> tuple[str, ...]:
        """Names that no other variable goes by, and that no other variable's name is part of."""
        name = self.variables[node].name
        taken = {bare(alias) for other in self.variables if other != node for alias in synonyms.names(other)}
        options = [a for a in synonyms.names(name) if a == name or bare(a) not in taken]
        return self._drawable(f"name_{name}", tuple(options))

    def names_of(self, node: str) -> tuple[str, ...]:
        """Every name the variable may bear in this text, its own first."""
        return tuple(dict.fromkeys((self.variables[node].name, *self._names[node])))

    def name(self, node: str) -> str:
        """The variable's name, or sometimes another one for it."""
        if self.chance(self.other_names):
            return self._pick(self._names[node]) if self.chance(0.3) else self.favourite[node]
        return self.variables[node].name

    def full(self, node: str) -> str:
        """The name as a noun phrase: "the level of talent", "an individual's income"."""
        name = self.name(node)
        if _SENTENCE_NAME.match(name) or _ARTICLE.match(name):
            return name
        if PERSONAL.search(name) and self.chance(0.3):
            return self.write("person") + name
        if self.chance(0.08) and not re.search(r"level|quantity|amount|number|count", name) and not plural(name):
            return self.write("of_name", name=name)
        if self.chance(0.06) and " " in name:
            return f"the {name}"
        return name

    def word(self, node: str, value: int) -> str:
        words = self._words[node, value]
        word = self._pick(words) if self.chance(self.other_words) else words[0]
        self.hear(((node, value),), word)
        return word

    def _attributive(self, node: str, value: int) -> str:
        """A word that can stand before a noun."""
        word = self.word(node, value)
        if _PREDICATE_ONLY.search(word):
            word = self.variables[node].words[value]
            self.mentions[-1] = ((node, value), word)
        return word

    def adjective(self, node: str, value: int) -> str:
        """ "low income"; "income being yes" where the word cannot stand before a noun."""
        word, name = self._attributive(node, value), self.name(node)
        if _PREDICATE_ONLY.search(word) or _SENTENCE_NAME.match(name) or _ARTICLE.search(name):
            return f"{name} being {word}"
        return f"{word} {name}"

    def noun(self, node: str, value: int) -> str:
        """The value as a noun phrase: "low income", "a low level of income", "modest earners"."""
        if phrase := self._phrase(self._nouns, node, value):
            return phrase
        word, name = self._attributive(node, value), self.name(node)
        plain = word in ("low", "high") and not re.search(r"level|quantity|amount|number|of ", name)
        if plain and not plural(name) and not _ARTICLE.search(name) and self.chance(0.12):
            return self.write("level_value", word=word, name=name)
        self.mentions.pop()  # the adjective draws its own
        return self.adjective(node, value)

    def being(self, node: str, value: int) -> str:
        return self.write("being_value", name=self.full(node), word=self.word(node, value))

    def is_(self, node: str, value: int) -> str:
        """The value as a clause: "income is low"; now and then "income is not high" or "people earn little"."""
        if phrase := self._phrase(self._clauses, node, value):
            return phrase
        name = self.full(node)
        many = plural(name)
        fields = {"name": name, "be": "are" if many else "is", "remain": "remain" if many else "remains"}
        if self.chance(self.other_words * 0.1):
            other = self.variables[node].words[1 - value]
            self.hear(((node, value),), f"not {other}")
            return self.write("is_negated", other=other, **fields)
        return self.write("is_value", word=self.word(node, value), **fields)

    def _phrase(self, phrases: Mapping[tuple[str, int], tuple[str, ...]], node: str, value: int) -> str:
        """One of the phrases that say name and value at once, or nothing."""
        found = phrases.get((node, value), ())
        if not found or not self.chance(0.3):
            return ""
        phrase = self._pick(found)
        self.hear(((node, value),), phrase)
        return phrase

    def short(self, node: str) -> str:
        """The name as the questions say it: rarely with a determiner, never "the level of ..."."""
        name = self.name(node)
        if _SENTENCE_NAME.match(name) or _ARTICLE.search(name) or not self.chance(0.12):
            return name
        return self.write("person") + name if PERSONAL.search(name) else f"the {name}" if " " in name else name

    def plain(self, node: str, value: int) -> str:
        """After "whose": "income is low"."""
        name = self.name(node)
        return f"{re.sub(r'^(?:the|an?) ', '', name)} {'are' if plural(name) else 'is'} {self.word(node, value)}"

    def clauses(self, assignment: Assignment) -> str:
        """ "a is low, b is high, and c is low"; "both a and b are low" where all words are one."""
        word = self.common(assignment)
        if word and self.chance(0.4):
            self.hear(assignment, word)
            slot = "both_are" if len(assignment) == 2 else "all_are"
            return self.write(slot, names=join([self.name(node) for node, _ in assignment]), word=word)
        return join([self.is_(*term) for term in assignment], self.chance(0.85))

    def beings(self, assignment: Assignment) -> str:
        word = self.common(assignment)
        if word and len(assignment) == 2 and self.chance(0.4):
            self.hear(assignment, word)
            return self.write("both_being", names=join([self.name(node) for node, _ in assignment]), word=word)
        return join([self.being(*term) for term in assignment], self.chance(0.85))

    def nouns(self, assignment: Assignment) -> str:
        return join([self.noun(*term) for term in assignment], self.chance(0.85))

    def doings(self, assignment: Assignment) -> str:
        """ "earning little but sleeping well"; empty where one of the values has no such phrase."""
        if not all(self._doing.get(term) for term in assignment):
            return ""
        said = [self._pick(self._doing[term]) for term in assignment]
        for term, phrase in zip(assignment, said, strict=True):
            self.hear((term,), phrase)
        return " but ".join(said) if len(said) == 2 and self.chance(0.4) else join(said)

    def hear(self, assignment: Assignment, word: str) -> None:
        """``word`` was said of each of these values."""
        self.mentions += [(pair, word) for pair in assignment]

    @property
    def spoken(self) -> dict[tuple[str, int], list[str]]:
        """The words said so far of each value, in order."""
        said: dict[tuple[str, int], list[str]] = {pair: [] for pair in self._words}
        for pair, word in self.mentions:
            said[pair].append(word)
        return said

    def heard(self, assignment: Assignment, begin: int, last: bool) -> dict[tuple[str, int], str]:
        """The word said of each pair since ``mentions`` had the length ``begin``, in the order of the text.

        The first one, or the ``last``. A pair of which nothing was said ("this probability") stands behind the others,
        with the word before or the variable's own.
        """
        found: dict[tuple[str, int], str] = {}
        for pair, word in self.mentions[begin:]:
            if pair in assignment and (last or pair not in found):
                found.pop(pair, None)
                found[pair] = word
        before = dict(self.mentions)
        for node, value in assignment:
            if (node, value) not in found:
                found[node, value] = before.get((node, value), self.variables[node].words[value])
        return found

    def common(self, assignment: Assignment) -> str | None:
        """The word that all the values have in common, of two variables or more."""
        words = {self.variables[node].words[value] for node, value in assignment}
        return words.pop() if len(words) == 1 and len(assignment) > 1 else None


def bare(name: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", name)
