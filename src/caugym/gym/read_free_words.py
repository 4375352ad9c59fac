"""Which variables and values a free text speaks of: names with their other names, words with their synonyms.

A text's own edges introduce the names. Each variable goes by every name that ``wording.phrasing.synonyms`` knows for it
and by parts of its name that no other variable shares. Values are found beside the names, by the words of the gym's
own stories, their synonyms, or two clusters of words for "little" and "much".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import combinations

from caugym.gym.read_words import _usual_pairs
from caugym.gym.wording.phrasing import carriers, synonyms
from caugym.gym.wording.vocabulary import everyday, stories


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


BEFORE = (
    r"(?:(?:the|an?|both|all|their|its|his|her|one's|someone's|any|this|these|each|(?:given\s+)?individual's|"
    r"(?:given\s+)?person's|student's|levels? of|degrees? of|extents? of|"
    r"amounts? of|variable|value of|state of|overall)\s+)*"
)
"""What may stand before a name and say nothing."""
AFTER = r"(?:\s+(?:levels?|status|time|amounts?|outcomes?|results?|quantity|conditions?)(?![\w-]))?"
"""What may stand behind it."""

WORLD = (
    r"(?:world|universe|system|setting|environment|scenario|model|domain|society|economy|community|cosmos|region|"
    r"city|town|village|island|country|district|farm|company|story|situation|case|place|lake|office|hospital|school|"
    r"population|network|realm|sphere|example|arrangement|set-up|setup|thought experiment|fable|state of affairs)s?"
)
"""What a premise calls what it speaks of."""
_PEOPLE = frozenset(("people", "person", "individual", "someone", "everyone", "one", "somebody"))

_GENERIC = _set(
        "a after amount amounts an and at before both by chance condition conditions count degree for from her his "
        "in individual individual's its level levels likelihood number of on or outcome outcomes overall per person "
        "person's price probability quality quantity rate size state status the their time to use value variable "
        "with"
)  # fmt: skip
LITTLE = _set(
        "absent bad basic cheap close cold decreased deficient diminished dissatisfied dry dull failing "
        "faint false feeble few inadequate inappropriate incompetent inefficient infrequent insufficient irregular "
        "lacking light limited little low mild minimal minor modest narrow negative no not poor rare reduced "
        "restricted scant scarce short slight slow small sparse substandard thin uncommon unemployed unfavorable "
        "unfavourable unhappy unhealthy unlikely unproductive unsatisfactory unstable unsuccessful unsuitable weak"
)  # fmt: skip
MUCH = _set(
        "abundant adequate advanced ample appropriate big common competent considerable efficient elevated employed "
        "excellent expensive extensive far fast favorable favourable frequent generous good great happy healthy "
        "heavy high hot improved increased intense large likely long many much numerous outstanding passing "
        "plentiful positive powerful present productive pronounced regular rich robust satisfactory satisfied severe "
        "sizable stable strong substantial successful sufficient suitable superb thick true warm wet wide yes"
)  # fmt: skip


ONLY_VALUES = frozenset(("low", "high", "good", "poor", "bad", "weak", "strong", "small", "large", "few", "many"))
"""Words of values that speak of nothing else: none may be left over."""


def stem(name: str) -> str:
    """A name without what stands before it."""
    return re.sub(rf"^{BEFORE}", "", name.strip(" ,;:.\"'").lower())


@cache
def _canonical() -> dict[str, tuple[str, ...]]:
    """Other name -> the gym's own names that may be meant."""
    found: dict[str, dict[str, None]] = {}
    known = [v.name for story in stories() for v in story.variables] + [v.name for v in everyday()]
    for name in dict.fromkeys([*known, *synonyms.NAMES]):
        for other in synonyms.names(name):
            found.setdefault(stem(other), {})[name] = None
    return {other: tuple(names) for other, names in found.items()}


def without_articles(name: str) -> str:
    return re.sub(r"\s+(?:the|an?|their|its|his|her)(?=\s)", "", " ".join(name.split()))


@cache
def plain_name(name: str) -> str:
    """A name as others may write it: "clicks of a reader", "the reader's click" and "number of reader clicks"."""
    name = re.sub(r"^(?:numbers?|amounts?|levels?|degree|extent|quantity|count) of ", "", stem(name))
    parts = without_articles(re.sub(r"['\u2019](?:s\b)?", "", name)).split(" of ")
    words = [word for part in reversed(parts) for word in part.split()]
    words = [re.sub(r"(?<=[^\Ws]{3})s$", "", re.sub(r"ies$", "y", word)) for word in words]
    if len(words) > 1 and words[-1] in ("level", "amount"):
        words.pop()
    return " ".join([word for word in words if word not in _PEOPLE] or words)


def same(one: str, other: str) -> bool:
    """Whether two names of edges are one variable's."""
    return one == other or plain_name(one) == plain_name(other) or bool(_spoken(one) & _spoken(other))


def _genitives(name: str) -> set[str]:
    """ "the river's flow" as "flow of the river" and "river flow", and the other way round."""
    parts = without_articles(name).split(" of ")
    if len(parts) == 2 and all(parts):
        head, owner = parts
        return {f"{owner}'s {head}", f"{owner} {head}", f"{owner}' {head}"}
    if match := re.fullmatch(r"([^']+)'s? ([^']+)", name):
        return {f"{match[2]} of {match[1]}", f"{match[1]} {match[2]}"}
    return set()


def _spoken(name: str) -> set[str]:
    """All names that a variable called ``name`` may go by."""
    found = {name, *map(stem, synonyms.names(name)), *_genitives(name)}
    for canonical in _canonical().get(name, ()):
        if canonical == name or name in map(stem, synonyms.NAMES.get(canonical, ())) or len(_canonical()[name]) == 1:
            found |= {stem(canonical), *map(stem, synonyms.names(canonical))}
    return found


def _parts(name: str) -> set[str]:
    """Shorter forms of a name of several words: its words in order, some left out."""
    words = [word for word in name.split() if word not in _GENERIC]
    if len(name.split()) < 2 or not 1 <= len(words) <= 5:
        return set()
    made = {" ".join(chosen) for size in range(1, len(words) + 1) for chosen in combinations(words, size)}
    return {part for part in made if part not in carriers() and part.rstrip("s") not in carriers()}


def forms(nodes: Iterable[str], called: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Each node's names, longest first, without those that two nodes share. ``called``: what the edges call them."""
    nodes = tuple(nodes)
    exact = {node: set().union(*(_spoken(name) for name in called[node])) for node in nodes}
    for node in nodes:
        others = set().union(*(called[other] for other in nodes if other != node), set())
        exact[node] -= others
    loose = {node: set().union(*(_parts(name) for name in exact[node]), set()) for node in nodes}
    found = {}
    for node in nodes:
        taken = set().union(*(exact[o] | loose[o] for o in nodes if o != node), set())
        clear = {name for name in exact[node] if name in called[node] or name not in taken}
        clear |= {name for name in loose[node] if name not in taken}
        plural = {name + "s" for name in clear if not name.endswith("s") and len(name) > 4}
        plural |= {name[:-1] for name in clear if name.endswith("s") and len(name) > 5}
        found[node] = tuple(sorted(clear | (plural - taken), key=len, reverse=True))
    return found


class Values:
    """The two values of one variable in this text."""

    def __init__(self, names: Iterable[str]) -> None:
        names = tuple(names)
        pairs = [pair for name in names for pair in _usual_pairs().get(name, ())]
        low = any(name in {v.name for v in everyday()} for name in names) or not pairs
        self.pairs: list[tuple[str, str]] = list(dict.fromkeys([*pairs, *([("low", "high")] if low else [])]))
        self.known = bool(pairs)
        self.said: dict[str, None] = {}

    def words(self) -> set[str]:
        """Every word that may be one of the values."""
        found = set(LITTLE | MUCH) if not self.known else set()
        for first, second in self.pairs:
            found |= {*synonyms.values(first, second), *synonyms.values(second, first)}
            found |= {f"not {first}", f"not {second}"}
        return found | (LITTLE | MUCH) - {"no", "not", "yes"}

    def pair(self, said: Iterable[str]) -> tuple[str, str] | None:
        """The first known pair that tells all the words said apart; None when there is none."""
        for pair in self.pairs:
            if all(self.side(word, pair) is not None for word in said):
                return pair
        return None

    @staticmethod
    def side(word: str, pair: tuple[str, str]) -> int | None:
        """0 or 1: which of ``pair`` the word stands for; None when that is not clear."""
        if word in pair:
            return pair.index(word)
        if word.startswith("not "):
            side = Values.side(word[4:], pair)
            return None if side is None else 1 - side
        sides = {i for i in (0, 1) if word in synonyms.values(pair[i], pair[1 - i])}
        if len(sides) == 1:
            return sides.pop()
        poles = [pole(w) for w in pair]
        if None in poles or poles[0] == poles[1] or pole(word) is None:
            return None
        return poles.index(pole(word))


def pole(word: str) -> int | None:
    """0 for a word of little, 1 for one of much; None where that is not clear."""
    words = set(word.split())
    little, much = bool(words & LITTLE), bool(words & MUCH)
    return None if little == much else int(much)
