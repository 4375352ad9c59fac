"""Edges in free sentences: active, passive, grouped, chained ("which in turn"), "as does", arrows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from caugym.gym.read_free_words import same, stem

_ADVERBS = (
    r"(?:(?:also|itself|likewise|then|subsequently|each|both|independently|jointly|in turn|,|further|similarly|"
    r"causally|"
    r"additionally|themselves)\s+)*"
)
_ACTIVE = (
    rf"(?:{_ADVERBS}(?:(?:directly|causally)\s+(?:alter|change|modify|control)s?|"
    r"(?:directly\s+|causally\s+)?(?:influence|affect|impact|determine|shape|drive|govern|cause)s?|"
    r"(?:directly\s+)?contributes?\s+(?:directly\s+)?to)(?:\s+directly)?(?!\s+of\b)"
    rf"|{_ADVERBS}(?:has|have|exerts?|plays?|had)\s+(?:each\s+)?(?:an?\s+)?(?:direct(?:\s+causal)?|causal)\s+"
    r"(?:effects?|impacts?|influences?|bearing|link|relationship|role|connection|relation)\s+(?:on|to|with|in|"
    r"over|upon)"
    rf"|{_ADVERBS}(?:is|are)\s+(?:an?\s+|one\s+of\s+the\s+|among\s+the\s+)?direct\s+causes?\s+of"
    rf"|{_ADVERBS}acts?\s+directly\s+on|{_ADVERBS}directly\s+acts?\s+on|\s*(?:-+>|→|=+>)\s*)"
)
_DONE = (
    r"(?:influenced|affected|impacted|determined|shaped|driven|altered|changed|caused|governed|controlled|molded|"
    r"dependent)"
)
_PASSIVE = (
    rf"(?:{_ADVERBS}(?:is|are)\s+(?:also\s+|each\s+|both\s+)*(?:directly\s+)?{_DONE}(?:\s+directly)?\s+(?:by|on)"
    r"|(?:is|are)\s+(?:also\s+)?(?:an?\s+)?direct\s+(?:effects?|consequences?|functions?|results?)\s+of"
    rf"|{_ADVERBS}(?:directly\s+)?(?:depends?|responds?)(?:\s+directly)?\s+(?:on|to)"
    r"|(?:is|are)\s+under\s+the\s+direct\s+influence\s+of|(?:has|have)\s+these\s+direct\s+causes:)"
)
_VERBS = re.compile(rf"\s+(?P<passive>{_PASSIVE})\s+|\s*(?P<active>(?<=\s){_ACTIVE}(?=\s)|\s(?:-+>|→|=+>)\s)\s*", re.I)
_CAUSES = re.compile(r"^the\s+direct\s+(?:causes|parents)\s+of\s+(?P<y>.+?)\s+are\s+(?P<xs>.+)$", re.I)
_WHAT = re.compile(r"^what\s+directly\s+\w+\s+(?P<y>.+?)\s+is\s+(?P<xs>.+)$", re.I)
_AS_DOES = re.compile(r"(?:,?\s+as|,?\s+and\s+so)\s+(?:does|do)\s+(?P<z>.+)$", re.I)
_LIKE = re.compile(r"^like\s+(?P<z>.+?),\s+(?P<rest>.+)$", re.I)
_OPENER = re.compile(
    r"^(?:additionally|furthermore|moreover|in addition|also|besides|further|likewise|at the same time|"
    r"similarly|in turn|in it|here|there|"
    r"what is more|then|finally|lastly|last of all|first|second|third|next|"
    r"consequently|meanwhile|and|in this setting),?\s+", re.I
)  # fmt: skip
_WHICH = re.compile(
    r"(?:,\s*)?\b(?:which|that|and\s+this|and\s+these)(?:,)?(?:\s+(?:in turn|then|subsequently|"
    r"itself))?,?$"
)
_NO_NAME = re.compile(
    r"[.?!:]\s|\b(?:which|directly|solely|scenario|hypothetical|beyond|those|nothing|only|hidden|additional|"
    r"everything|while|whereas)\b|^no\s|^(?:it|they|this|these|that|both|each)$|\bsubject to\b|"
    r"\bof (?:them|these|those)$",
    re.I,
)
_POSSESSIVE = re.compile(r"'s?(?= |$)")
_IT = re.compile(r"^(?:it|they)\b(?=.*\b(?:also|too|likewise|as well)\b)", re.I)
"""The subject of the sentence before: "It also directly affects sleep." """
_PREPOSITION = re.compile(r"^(?:on|upon|of)\s+", re.I)
"""Said again before each name of a list: "on sleep and on mood"."""
_CLAUSE = re.compile(r";\s+|,\s+(?:and|while|whereas|but)\s+|\s+(?:and|while|whereas)\s+", re.I)


class Edges:
    """Collects the edges; ``called`` has every name that a sentence of theirs used for a node."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[str, str], None] = {}
        self.called: dict[str, set[str]] = {}
        self._subjects: list[str] = []

    def node(self, name: str) -> str:
        name = stem(name)
        for node, names in self.called.items():
            if name in names or any(same(name, other) for other in names):
                names.add(name)
                return node
        self.called[name] = {name}
        return name

    def names(self, text: str) -> list[str]:
        """The variables of a list; "" for one that cannot be a name."""
        text = re.sub(r"\b(?:both|each of|all of|either)\s+", "", text.strip(" ,;."), flags=re.I)
        text = re.sub(r"\s+(?:as well|too|each|both|alone|also)$", "", text)
        parts = [part for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+as\s+well\s+as\s+", text) if part.strip()]
        return [_PREPOSITION.sub("", part) for part in parts]

    def read(self, sentence: str) -> bool:
        """Notes the sentence's edges; False when it states none or its parts are not clear."""
        text = _OPENER.sub("", sentence.strip())
        found = self._parse(text)
        if not found:
            return False
        for x, y in found:
            if not _plausible(x) or not _plausible(y):
                return False
        for x, y in found:
            self.pairs[self.node(x), self.node(y)] = None
        return True

    def _parse(self, text: str) -> list[tuple[str, str]]:
        for special in (_CAUSES, _WHAT):
            if match := special.match(text):
                return [(x, y) for x in self.names(match["xs"]) for y in self.names(match["y"])]
        extra: list[str] = []
        if match := _LIKE.match(text):
            extra, text = self.names(match["z"]), match["rest"]
        if match := _AS_DOES.search(text):
            extra, text = self.names(match["z"]), text[: match.start()]
        verbs = list(_VERBS.finditer(text))
        if not verbs:
            return []
        pairs: list[tuple[str, str]] = []
        subjects = self._subjects if _IT.match(text) else self.names(text[: verbs[0].start()])
        self._subjects = subjects
        for i, verb in enumerate(verbs):
            end = verbs[i + 1].start() if i + 1 < len(verbs) else len(text)
            between = text[verb.end() : end]
            following = subjects
            if i + 1 < len(verbs):
                between, following = self._divide(between, subjects)
            objects = self.names(between)
            if not subjects or not objects:
                return []
            if following == ["<last>"]:
                following = objects[-1:]
            if verb["passive"]:
                pairs += [(y, x) for x in subjects for y in objects]
            else:
                pairs += [(x, y) for x in subjects for y in objects]
                if extra and i + 1 == len(verbs):
                    pairs += [(x, y) for x in extra for y in objects]
            subjects = following
        return pairs

    def _divide(self, between: str, subjects: list[str]) -> tuple[str, list[str]]:
        """The objects of one verb and the subjects of the next: what stands between the two verbs."""
        text = between.rstrip()
        text = re.sub(r",?\s+in\s+turn,?$", "", text)
        if match := _WHICH.search(text):
            return text[: match.start()], ["<last>"]
        match = re.search(r"(?:[,;]\s*|\s+)(?:and\s+|but\s+)?(?:it|they|this)(?:\s+also)?$", text, re.I)
        if match:
            return text[: match.start()], subjects
        match = re.search(r"(?:[,;]\s*|\s+)(?:and|but)(?:\s+also)?$", text, re.I)
        if match:
            return text[: match.start()], subjects
        cuts = list(_CLAUSE.finditer(text))
        strong = [cut for cut in cuts if cut[0].startswith((";", ",")) or "while" in cut[0] or "whereas" in cut[0]]
        for cut in reversed(strong or cuts):
            if text[: cut.start()].strip():
                return text[: cut.start()], self.names(text[cut.end() :])
        return text, []


def alike(nodes: Iterable[str]) -> tuple[str, str] | None:
    """Two names of which one ends with the other, or that differ in a possessive: perhaps one variable."""
    plain = {node: " " + _POSSESSIVE.sub("", node) for node in nodes}
    for one, short in plain.items():
        for other, long in plain.items():
            if one != other and long.endswith(short):
                return one, other
    return None


def _plausible(name: str) -> bool:
    """Names are short and hold no verb of a clause."""
    words = stem(name).split()
    return 0 < len(words) <= 12 and not _NO_NAME.search(name)
