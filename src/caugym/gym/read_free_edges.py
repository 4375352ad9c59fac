"""Edges in free sentences: active, passive, grouped, chained ("which in turn"), "as does", arrows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from caugym.gym.read_free_verbs import A_DIRECT, AGAIN, PREPOSITION, plainly, undirected, verbs
from caugym.gym.read_free_words import WORLD, plain_name, same, stem

_CAUSES = re.compile(
    r"^the\s+(?:only\s+|sole\s+|two\s+|three\s+)?direct\s+(?:causes|parents)\s+of\s+(?P<y>.+?)\s+are\s+(?P<xs>.+)$",
    re.I,
)
_WHAT = re.compile(r"^what\s+directly\s+\w+\s+(?P<y>.+?)\s+is\s+(?P<xs>.+)$", re.I)
_AS_DOES = re.compile(r"(?:,?\s+as|,?\s+(?:and\s+)?so)\s+(?:does|do|has|have)\s+(?P<z>.+)$", re.I)
_AS_IS = re.compile(r"(?:,?\s+as|,?\s+(?:and\s+)?so)\s+(?:is|are)\s+(?P<z>.+)$", re.I)
_LIKE = re.compile(r"^like\s+(?P<z>.+?),\s+(?P<rest>.+)$", re.I)
_OPENER = re.compile(
    r"^(?:additionally|furthermore|moreover|in addition|also|besides|further(?=,)|likewise|at the same time|"
    r"similarly|in turn|in it|here|there|in this (?:world|model|system|setting|place)|in detail|"
    r"what is more|then|finally|lastly|last of all|first|second|third|next|last|"
    r"consequently|meanwhile|and|rule \w+),?\s+", re.I
)  # fmt: skip
_OPENINGS = (
    re.compile(r"^.*:\s+(?=\S)"),
    re.compile(
        r"^(?:consider|imagine|picture|envisage|envision|visuali[sz]e|take|assume|suppose|think|let|in|on|within|posit|"
        r"postulate|conceive|we|here|"
        r"there|presume|given)\b.*\b(?:in\s+which|where(?:in|by)?|such\s+that)\s+(?=\S)", re.I),
    re.compile(r"^(?:.*,\s+)?(?:we\s+|let\s+us\s+)?(?:assume|suppose|say|stipulate|posit|imagine|grant|presume)\s+that\s+",
               re.I),
    re.compile(
        rf"^(?:in|on|within|inside|at|for)\b[^,;]*\b{WORLD}\b[^,;]*,\s+(?:which\s+is\b[^,;]*,\s+)?", re.I),
)  # fmt: skip
"""What a premise says before its first edge: "Consider a closed world in which ..."."""
_FROM = re.compile(
    rf"^(?:the\s+|there\s+are\s+|there\s+is\s+)?(?:{A_DIRECT.split('(?:(?:both')[0]}|(?:causal\s+)?(?:arrows?|links?))"
    r"(?:run|go|lead|point|extend)?s?\s*(?=from\s)", re.I
)  # fmt: skip
_TO_FROM = re.compile(
    r"^from\s+(?P<x>[^;]+?),?\s+(?:there\s+)?(?:(?:run|go|lead)s?\s+)?(?:an?\s+)?direct\s+(?:effect|influence|link)s?\s+"
    r"(?:(?:run|go|lead)s?\s+)?to\s+(?P<ys>[^;]+)$", re.I
)  # fmt: skip
_FROM_TO = re.compile(r"from\s+(?P<x>[^;]+?)\s+to\s+(?P<y>[^;]+?)(?:(?:\s*[;,])?(?:\s+and)?\s+(?=from\s)|$)", re.I)
_WHICH = re.compile(
    r"(?:,\s*)?\b(?P<which>which|that|and\s+this|and\s+these|this|these|(?:and\s+)?the\s+latter)(?:,)?$"
)
_NO_NAME = re.compile(
    r"[.?!:;]\s|\bdepends?$|^(?:every one|all) of\b|^(?:two|three|quite)$|"
    r"\b(?:which|directly|solely|scenario|hypothetical|beyond|those|nothing|only|hidden|additional|"
    r"everything|while|whereas|latter|former|same|universe|imaginary|isolated)\b|^no\s|"
    r"^(?:it|they|this|these|that|both|each|rest|others?|one|another)$|"
    r"\bsubject to\b|\bof (?:them|these|those)$|"
    r"^(?:by|and|so|as|that|where|since|also|another|in|on|at|with|for|from|to|of|or|but|if|when|then|there|"
    r"direct|because|through|via|is|are|has|have|likewise|let|suppose|assume|imagine|consider|besides|except|again|"
    r"namely|according|first|second|impacts|affects|influences|contains|receives|says|determines?|affect|governs?|alters?|no$)(?![\w-])|"
    r"\bdirect(?:\s+causal)?\s+(?:effect|influence|impact|cause|link|consequence)|"
    r"^(?!how\b|whether\b|what\b|if\b).*\s(?:is|are|has|have|exerts?|contains?|receives?|exists?|operates?|"
    r"(?:influence|impact|cause|affect)(?!\s+of\b)|affects|influences|impacts|determines|governs)\s|"
    r"^(?:(?:exactly|just|all)\s+)?(?:one|two|three|four|five|several|many)\s+"
    r"(?:of|others?|things|factors|variables|quantities|items|more)\b",
    re.I,
)
_SERIES = re.compile(r"\s*,(?![^()]*\))\s*(?:and\s+)?|\s+and\s+(?![^()]*\))")
_POSSESSIVE = re.compile(r"'s?(?= |$)")
_IT = re.compile(r"^(?:it|they)\b(?=.*\b(?:also|too|likewise|as well)\b)", re.I)
"""The subject of the sentence before: "It also directly affects sleep." """
_CLAUSE = re.compile(r";\s+(?:and\s+)?|,\s+(?:and|while|whereas|but)\s+|\s+(?:and|while|whereas)\s+", re.I)
_LAST_COMMA = re.compile(r",\s+(?!.*(?:,|\s(?:and|or)\s))")
"""Between clauses: "a directly affects b and c, d directly affects e"."""
_PLURAL = re.compile(r"(?:\w*[^s\W]s|people|data|media|children|criteria|men|women)", re.I)

Pairs = list[tuple[str, str]]


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
        text = re.sub(r"\b(?:both|each of|all of|either)\s+(?:of\s+)?", "", undirected(text.strip(" ,;.")), flags=re.I)
        text = re.sub(r"\s+(?:as well|too|each|both|alone|also|alike)$", "", text)
        text = re.sub(
            r"(?<!gets)(?<!get)\s+(?:along|together)\s+with\s+|\s+plus\s+|\s+as\s+well\s+as\s+", " and ", text
        )
        parts = [part for part in _SERIES.split(text) if part.strip()]
        return [PREPOSITION.sub("", re.sub(r"\s+and$|^and\s+", "", part)) for part in parts]

    def read(self, sentence: str) -> bool:
        """Notes the sentence's edges; False when it states none or its parts are not clear."""
        found = self._parse(sentence.strip())
        if not found or not all(_plausible(name) for pair in found for name in pair):
            return False
        for x, y in found:
            self.pairs[self.node(x), self.node(y)] = None
        return True

    def _parse(self, text: str) -> Pairs:
        text = _OPENER.sub("", _premised(text))
        continues = bool(_IT.match(text))
        for special in (_CAUSES, _WHAT):
            if match := special.match(text):
                return [(x, y) for x in self.names(match["xs"]) for y in self.names(match["y"])]
        if match := _TO_FROM.match(text):
            return [(match["x"], y) for y in self.names(match["ys"])] if "from" not in match["ys"] else []
        if match := _FROM.match(text):
            return self._from_to(text[match.end() :])
        text = plainly(text)
        extra: list[str] = []
        done: list[str] = []
        if match := _LIKE.match(text):
            extra, text = self.names(match["z"]), match["rest"]
        if match := _AS_DOES.search(text):
            extra, text = self.names(match["z"]), text[: match.start()]
        if match := _AS_IS.search(text):
            done, text = self.names(match["z"]), text[: match.start()]
        found = verbs(text)
        if not found:
            return []
        subjects = self._subjects if continues else self.names(text[: found[0].start()])
        self._subjects = subjects
        return self._clauses(text, found, subjects, extra, done)

    def _clauses(
        self, text: str, found: list[re.Match[str]], subjects: list[str], extra: list[str], done: list[str]
    ) -> Pairs:
        """The edges of each verb; ``extra`` and ``done``: more causes, or more effects, of the last one."""
        pairs: Pairs = []
        for i, verb in enumerate(found):
            last = i + 1 == len(found)
            between = text[verb.end() : len(text) if last else found[i + 1].start()]
            following = subjects
            if not last:
                between, following = self._divide(between, subjects, found[i + 1])
            objects = self.names(AGAIN.sub(", ", between))
            if not subjects or not objects or bool(verb["passive"]) < bool(done):
                return []
            if following == ["<last>"]:
                following = _antecedent(objects, found[i + 1])
            if verb["passive"] and last and ";" in between:
                return self._gapped(pairs, subjects, between)
            if verb["passive"]:
                pairs += [(y, x) for x in [*subjects, *(done if last else ())] for y in objects]
            else:
                pairs += [(x, y) for x in [*subjects, *(extra if last else ())] for y in objects]
            subjects = following
        return pairs

    def _gapped(self, pairs: Pairs, subjects: list[str], text: str) -> Pairs:
        """ "a is affected by b; c by d and e": the verb is said once."""
        first, *others = re.split(r"\s*;\s*(?:and\s+)?", text)
        pairs = pairs + [(x, y) for y in subjects for x in self.names(first)]
        for part in others:
            effect, by, causes = part.partition(" by ")
            if not by or " by " in causes.replace(" and by ", "").replace(", by ", ""):
                return []
            pairs += [(x, y) for y in self.names(effect) for x in self.names(causes)]
        return pairs

    def _from_to(self, text: str) -> Pairs:
        """ "from a to b and c; from b to c"."""
        found = list(_FROM_TO.finditer(text))
        if "".join(match[0] for match in found) != text:
            return []
        return [(x, y) for match in found for x in self.names(match["x"]) for y in self.names(match["y"])]

    def _divide(self, between: str, subjects: list[str], verb: re.Match[str]) -> tuple[str, list[str]]:
        """The objects of one verb and the subjects of the next: what stands between the two verbs."""
        text = between.rstrip()
        if match := _WHICH.search(text):
            return text[: match.start()], ["<last>"]
        match = re.search(r"(?:[,;]\s*|\s+)(?:and\s+|but\s+)?(?:it|they)$", text, re.I)
        if match:
            return text[: match.start()], subjects
        match = re.search(r"(?:[,;]\s*|\s+)(?:and|but)$", text, re.I) or re.search(r"[,;]$", text)
        if match:
            return text[: match.start()], subjects
        cuts = list(_CLAUSE.finditer(text))
        strong = [cut for cut in cuts if cut[0].startswith((";", ",")) or "while" in cut[0] or "whereas" in cut[0]]
        comma = _LAST_COMMA.search(text)
        if not strong and comma and (" and " in text[: comma.start()] if cuts else text.count(",") == 1):
            strong = [comma]
        for cut in reversed(strong or cuts):
            if text[: cut.start()].strip():
                following = self.names(text[cut.end() :])
                return (text[: cut.start()], following) if _agrees(following, verb) else (text, [])
        return text, []


def _premised(text: str) -> str:
    """``text`` without what a premise says before its first edge."""
    found = verbs(" " + text)
    head = text[: found[0].start()] if found else text
    for opening in _OPENINGS:
        if match := opening.match(head):
            return text[match.end() :]
    return text


def _antecedent(objects: list[str], verb: re.Match[str]) -> list[str]:
    """What "which" or "this" means: the last object, or all that a plural verb needs; nothing where that is open."""
    if len(objects) == 1 or not _is_plural(verb):
        return objects[-1:]
    if re.search(r"\b(?:both|all)\b", verb[0]) and (len(objects) == 2 or "all" in verb[0]):
        return objects
    return []


def _is_plural(verb: re.Match[str]) -> bool:
    words = [word for word in verb[0].lower().split() if word not in ("directly", "both", "each", "causally", "all")]
    return bool(words) and words[0].isalpha() and not words[0].endswith("s")


def _agrees(names: list[str], verb: re.Match[str]) -> bool:
    """Whether the names can be the verb's subjects: one or several, as its form says."""
    if verb["arrow"]:
        return len(names) > 0
    if _is_plural(verb):
        head = re.split(r"\s+(?:of|in|at|on|for|per|from|with|by|to|that|who)\s+", stem(names[0]))[0] if names else ""
        return len(names) > 1 or bool(_PLURAL.fullmatch(head.split()[-1] if head.split() else ""))
    return len(names) == 1 or "each" in verb[0]


def alike(nodes: Iterable[str]) -> tuple[str, str] | None:
    """Two names of which one ends with the other or leaves out its middle, or that differ in a possessive: perhaps one
    variable."""
    plain = {node: " " + _POSSESSIVE.sub("", node) for node in nodes}
    for one, short in plain.items():
        for other, long in plain.items():
            if one != other and (long.endswith(short) or _shorter(one, other) or plain_name(one) == plain_name(other)):
                return one, other
    return None


def _shorter(one: str, other: str) -> bool:
    """Whether ``other`` is the name ``one``, perhaps with an owner before it or words between its ends."""
    short, long = plain_name(one).split(), plain_name(_OWNER.sub("", other)).split()
    return short == long or (len(short) > 1 and (short[0], short[-1]) == (long[0], long[-1]) and set(short) < set(long))


_OWNER = re.compile(r"^\S+['\u2019]s ")


def _plausible(name: str) -> bool:
    """Names are short and hold no verb of a clause."""
    words = stem(name).split()
    return 0 < len(words) <= 12 and not _NO_NAME.search(stem(name)) and not _NO_NAME.search(name.strip())
