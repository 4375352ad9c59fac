"""The question in free words: which task, which variables, which values, and which direction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from caugym.causal.query import Query
from caugym.gym.read_free_mentions import CHANGE, HOLD, OUTCOME, PLAIN, SET, Mention, Mentions
from caugym.gym.read_free_words import ONLY_VALUES, pole
from caugym.gym.read_sentences import ReadError
from caugym.gym.wording.phrasing import carriers

_BOUND = re.compile(
    r"\b(?:(?P<lower>lower|minimum|smallest|lowest|minimal|least)|(?P<upper>upper|maximum|largest|highest|"
    r"maximal|greatest))"
    r"\s+(?:possible\s+)?(?:bound|limit|value|probability|likelihood|chance)"
)
_MEDIATOR = re.compile(r"\bmediat|\bintermedia")
_SHIFTS = re.compile(
    r"\b(?:it|they)\s+would\b|whatever\s+(?:value|level|state)|potential\s+(?:value|state)|what\s+it\s+would|"
    r"\bas\s+(?:though|if)\b|\bbehav|"
    r"\bwould\s+it\b(?!\s+(?:have\s+been|be|become)\s+(?:more|less)\b)|would\s+have\s+attained|value\s+that\s+it|"
    r"\b(?:only|solely|purely|entirely|exclusively)\s+(?:through|via|by\s+way\s+of)\b"
)
_RESTRICTS = re.compile(
    r"\b(?:look(?:ing)?\s+(?:only\s+)?at|among|restrict\w*|whose|(?:for|of|in)\s+(?:those|people|units|cases|individuals)|"
    r"actual|actually|really|in\s+reality|in\s+fact|focus\w*)\b"
)
"""What picks out those with one value, as the effect of treatment on the treated does."""
_STAYS = re.compile(
    r"\b(?:inter)?media\w+\b[^.?]{0,60}\b(?:stay|stays|stayed|staying|remain|remains|remained|remaining|keeps?|keeping|"
    r"kept|holds?|holding|held|unchanged|natural|naturally|fixed|constant|same|retain\w*|preserv\w*|unaffected|untouched|untreated|"
    r"not|no|left|leav\w*|maintain\w*|undisturbed|as\s+it\s+(?:is|was)|was|is|frozen|intact|steady|had)\b|"
    r"\b(?:keep|hold|leav|fix|freez|maintain|preserv|kept|held|left|natural|unchanged|without|not|untouched|same|usual|"
    r"constant)\w*\b[^.?⟦]{0,40}\b(?:mediat|intermedia)"
)
_MORE = (
    r"\b(?:more\s+(?:likely|probable|often)|increases?|increased|rises?|risen|go\s+up|gone\s+up|grow|grown|"
    r"climb|higher|"
    r"greater|larger|bigger|elevated?|raises?|raised|enhances?|enhanced|boosts?|boosted|lift|lifted|push(?:es|"
    r"ed)?\s+up|"
    r"heightens?|heightened|improve|improves|improved)\b"
)
_LESS = (
    r"\b(?:less\s+(?:likely|probable|often)|decreases?|decreased|falls?|fallen|drops?|dropped|lower|smaller|"
    r"reduces?|reduced|"
    r"diminish(?:es|ed)?|lowers?|lowered|shrink|go\s+down|gone\s+down|decline[sd]?)\b"
)
_FEWER = (
    r"(?:decreases?|decreased|falls?|fallen|drops?|dropped|declines?|declined|go\s+down|gone\s+down|"
    r"(?:become|be|been|get)\s+(?:lower|smaller|less)|reduces?|reduced|lowers?|lowered|diminish(?:es|ed)?|cuts?|"
    r"lessens?|lessened|(?:brings?|brought|push(?:es|ed)?)\s+down)"
)
_LESS_ASKED = re.compile(
    r"(?<!\bno )(?<!\bnot )\bless\s+(?:likely|probable|often)\b|"
    rf"\b{_FEWER}\s+(?:the|their|its)\s+(?:probability|likelihood|chance|odds)\b|"
    rf"\b(?:probability|likelihood|chance|odds)\s+(?:of|that)\s+(?:[\w']+\s+){{0,4}}⟦a\d+⟧\s+(?:have\s+)?{_FEWER}\b|"
    r"\ba\s+(?:smaller|lesser)\s+(?:probability|likelihood|chance|odds)\b"
)
"""What alone asks for less: "reduced" may also be a value, "lower" a bound."""
_DIRECTIONS = frozenset(("increased", "elevated", "likely", "probable", "improved", "increase", "present", "the case"))
"""Words of values that a question can hold without a variable."""
_PROB = r"(?:probability|likelihood|chance|odds)"
_OUTCOME = (
    re.compile(
        r"\b(?:more|less)\s+(?:likely|probable)\s+(?:for|that(?:\s+there\s+(?:is|are|was|were|will\s+be|would\s+be|would\s+have\s+been))?|to\s+(?:have|show|see|experience))\s+⟦a(\d+)⟧"
    ),
    re.compile(
        rf"\b{_PROB}\s+(?:of|that|for)\s+(?:(?:observing|having|seeing|obtaining|achieving|being|the|"
        rf"in)\s+)*⟦a(\d+)⟧"
    ),
    re.compile(r"\b(?:make|makes|made)\s+⟦a(\d+)⟧\s+(?:more|less)\s+(?:likely|probable)"),
    re.compile(r"⟦a(\d+)⟧[^⟦]{0,60}?\b(?:more|less)\s+(?:likely|probable|often)\b(?!\s+that\b)"),
    re.compile(r"\bof\s+⟦a(\d+)⟧\s+(?:increase|rise|be higher)"),
    re.compile(
        rf"⟦a(\d+)⟧\s+with\s+an?\s+(?:higher|greater|larger|bigger|increased|elevated|smaller|lesser)\s+{_PROB}"
    ),
    re.compile(r"\bsee\s+⟦a(\d+)⟧\s+(?:more|less)\s+often"),
)


class Place(Protocol):
    @property
    def text(self) -> str: ...

    def error(self, message: str) -> ReadError: ...


@dataclass
class Asked:
    """The question in the text's words. ``observed``: PN's and PS's treatment and outcome as observed."""

    task: str
    treatment: str
    outcome: str
    to: str
    value: str
    fixed: tuple[tuple[str, str], ...] = ()
    bound: Literal["lower", "upper"] | None = None
    named: bool = False
    observed: list[tuple[str, str]] = field(default_factory=list)
    direction: Literal["more", "less"] = "more"

    def query(self, code: Callable[[str, str], int]) -> Query:
        to = code(self.treatment, self.to)
        return Query(
            self.task,
            self.treatment,
            self.outcome,
            to,
            1 - to,
            code(self.outcome, self.value),
            tuple((node, code(node, word)) for node, word in self.fixed),
            self.bound,
            self.direction,
        )


def ask(lines: Sequence[Place], task: str | None, instruction: str, mentions: Mentions) -> Asked:
    """Raises ReadError when task, variables or values do not follow from the words."""
    if not lines:
        raise ReadError("the text ends without a question", 1, "")
    where = lines[-1]
    text = " ".join(line.text for line in lines)
    instructed = _instructed(instruction, mentions)
    marked = _had_it(_attach(mentions.mark_values(_prepare(text)), mentions), mentions)
    loose = [mentions.said[int(number)] for number in re.findall(r"⟦v(\d+)⟧", marked)]
    if any(word in ONLY_VALUES or (word not in _DIRECTIONS and not set(word.split()) <= carriers()) for word in loose):
        raise where.error(f"{' and '.join(loose)} without its variable in")
    marked = mentions.restore(marked)
    bound = _BOUND.search(marked)
    if bound:
        if task not in (None, "PN", "PS"):
            raise where.error(f"{task} is named but a bound is asked for")
        return _bound(where, marked, task, "lower" if bound["lower"] else "upper", mentions)
    if task in ("PN", "PS"):
        raise where.error(f"{task} is named but no bound is asked for")
    return _effect(where, marked, task, instructed, mentions)


_CONTRAST = re.compile(
    r"\b(?:instead of|rather than|in place of|as opposed to)\s+[\w -]+?(?=[,.?]|\s+(?:while|when|with|without|and|"
    r"would|raises?|increases?|decreases?|reduces?|lowers?|diminish(?:es)?|cuts?|bring|lessens?|have|make|enhances?|boosts?|"
    r"lift|push|pushes|elevate|heightens?|improve|but|given|holding|keeping|under|if|does|will|is)\b|$)",
    re.I,
)


def _prepare(text: str) -> str:
    """Takes out what repeats a contrast: "instead of high", "rather than high", "compared to its high state".

    What is "set to" a value behind "with" is held, not changed.
    """
    text = re.sub(r"\bwith\b(?:(?!\b(?:if|had|would|does|is|will)\b)[^?.])*", _held, text, flags=re.I)
    text = re.sub(r"\bhow\s+(?:sufficient|necessary)\b", "how", text, flags=re.I)
    text = re.sub(r"\bhad it been the case that (.+?) was\b", r"if \1 had been", text, flags=re.I)
    text = re.sub(r"\b(?:is|are)\s+([\w -]{1,20}?)\s+(instead of|rather than|in place of)\b", r"becomes \1 \2", text)
    text = _CONTRAST.sub("", text)
    return re.sub(r"\s+compared to its [\w ]+? state", "", text, flags=re.I)


def _held(match: re.Match[str]) -> str:
    return re.sub(r"\bset to\b", "held at", match[0])


_BOUND_OUTCOME = re.compile(rf"\b{_PROB}\s+(?:of\s+|that\s+there\s+would\s+have\s+been\s+)⟦a(\d+)⟧")
_APART = tuple(
    (re.compile(rf"⟦n(?P<n>\d+)⟧(?P<between>{between})(?P<negated>not\s+)?⟦v(?P<v>\d+)⟧{after}"), kind)
    for between, after, kind in (
        (r"[^⟦?.]*?\b(?:more|less)\s+(?:likely|probable|⟦v\d+⟧)\s+to\s+be\s+", "", OUTCOME),
        (r"[^⟦?.]*?\s(?:⟦v\d+⟧|higher|greater|larger|bigger|lower|smaller|lesser)\s+\w+\s+of\s+being\s+", "", OUTCOME),
        (r"[^⟦?.,]*?\b(?:be|been)\s+", r"(?=\s+with\s+an?)", OUTCOME),
        (r"\s+(?:would|will)\s+(?:instead\s+)?have\s+(?:instead\s+)?been\s+", "", OUTCOME),
        (r"\s+would\s+be\s+", "", OUTCOME),
        (r"\s+having\s+been\s+", "", OUTCOME),
        (r"\s+(?:\w+\s+){0,3}(?:at|to|into)\s+", "", CHANGE),
    )
)


_HAD_IT = re.compile(
    r"^(?P<head>[^⟦]*(?:⟦n\d+⟧[^⟦]*)*⟦a(?P<a>\d+)⟧[^⟦]*)(?P<had>\bhad\s+(?:it|they|this)\s+(?:instead\s+)?been\s+|"
    r"\bif\s+(?:it|they|this)\s+had\s+(?:instead\s+)?been\s+)(?:an?\s+)?⟦v(?P<v>\d+)⟧"
)


def _had_it(marked: str, mentions: Mentions) -> str:
    """ "Look at cases with high a. Had it been low, ...": what had another value is the one variable named before."""
    match = _HAD_IT.match(marked)
    if match is None:
        return marked
    before, word = mentions.found[int(match["a"])], mentions.said[int(match["v"])]
    poles = pole(before.word), pole(word)
    if None in poles or poles[0] == poles[1] or not mentions.takes(before.node, word):
        return marked
    mentions.found.append(Mention(before.node, word, CHANGE))
    return f"{match['head']}⟦a{len(mentions.found) - 1}⟧{marked[match.end() :]}"


def _attach(marked: str, mentions: Mentions) -> str:
    """Joins a bare name with a value that stands apart from it: "⟦n0⟧ be more likely to be low"."""
    for pattern, kind in _APART:
        marked = pattern.sub(lambda m, kind=kind: f"{mentions.join(m, kind)}{m['between']}", marked)  # type: ignore[misc]
    return marked


def _terms(marked: str, mentions: Mentions) -> list[tuple[int, Mention]]:
    return [(m.start(), mentions.found[int(m[1])]) for m in re.finditer(r"⟦a(\d+)⟧", marked)]


def _instructed(instruction: str, mentions: Mentions) -> tuple[str, str] | None:
    """Treatment and outcome behind the estimand's name: "of x on y", "for x's impact on y"."""
    marks = re.findall(r"⟦([na])(\d+)⟧", mentions.mark(instruction)) if instruction else []
    nodes = [mentions.names[int(number)] for kind, number in marks[:2] if kind == "n"]
    return (nodes[0], nodes[1]) if len(nodes) == 2 and nodes[0] != nodes[1] else None


def _bound(where: Place, marked: str, task: str | None, bound: Literal["lower", "upper"], mentions: Mentions) -> Asked:
    terms = [mention for _, mention in _terms(marked, mentions)]
    outcome = [m for m in terms if m.kind == OUTCOME] or [
        mentions.found[int(i)] for i in _BOUND_OUTCOME.findall(marked) if mentions.found[int(i)].kind == PLAIN
    ]
    changed = [m for m in terms if m.kind == CHANGE]
    if len(changed) == 2 and outcome and changed[0].node == changed[1].node and changed[0].word != changed[1].word:
        first, asked, second = (terms.index(m) for m in (changed[0], outcome[0], changed[1]))
        changed = changed[1:] if first < asked < second else changed  # "given that sales were low, ..." observes
    if len({m.node for m in outcome}) != 1 or len({(m.node, m.word) for m in changed}) != 1:
        raise where.error("cannot tell treatment and outcome of the bound in")
    y, x = outcome[0].node, changed[0].node
    seen = {m.node: m.word for m in reversed(terms) if m not in outcome and m not in changed}
    if set(seen) != {x, y} or x == y:
        raise where.error("cannot tell what was observed in")
    return Asked(task or "PN", x, y, seen[x], seen[y], (), bound, task is not None, [(x, seen[x]), (y, seen[y])])


def _effect(
    where: Place,
    marked: str,
    task: str | None,
    instructed: tuple[str, str] | None,
    mentions: Mentions,
) -> Asked:
    more, less = bool(re.search(_MORE, marked)), bool(re.search(_LESS, marked))
    turned = not more and bool(_LESS_ASKED.search(marked)) and not re.search(r"\bmore\b", marked)
    if not turned and (less or not more or re.search(r"\bless\b", marked)):
        raise where.error("the question asks neither whether something is more likely nor whether it is less likely")
    terms = _terms(marked, mentions)
    event = _outcome(where, marked, terms, mentions)
    rest = [mention for _, mention in terms if mention is not event and mention.node != event.node]
    mediated = bool(_MEDIATOR.search(marked))
    if mediated:
        if bool(_SHIFTS.search(marked)) == bool(_STAYS.search(marked)) and not _SHIFTS.search(marked):
            raise where.error("cannot tell whether the mediator stays or moves in")
        shown = "NIE" if _SHIFTS.search(marked) else "NDE"
    else:
        nodes = {m.node for m in rest}
        shown = "CDE" if len(nodes) > 1 else "ETT" if len({(m.node, m.word) for m in rest}) > 1 else "ATE"
    if task not in (None, shown):
        raise where.error(f"{task} is named but the question reads as {shown}")
    x = instructed[0] if instructed else _treatment(where, rest)
    if instructed and instructed[1] != event.node:
        raise where.error("the instruction and the question name different outcomes")
    of_x = [m for m in rest if m.node == x]
    changed = [m for m in of_x if m.kind in (CHANGE, SET)] or [m for m in of_x if m.kind != HOLD] or of_x
    if shown == "ATE" and _RESTRICTS.search(marked) and not any(m.kind in (CHANGE, SET) for m in changed):
        raise where.error("a group is spoken of, and not how it is changed, in")
    if len({m.word for m in changed}) != 1:
        raise where.error(f"cannot tell to which value {x!r} is changed in")
    bare = {mentions.names[int(number)] for number in re.findall(r"⟦n(\d+)⟧", marked)} - {x, event.node}
    if bare and not mediated:
        raise where.error(f"{' and '.join(sorted(bare))} without a value in")
    fixed = {m.node: m.word for m in rest if m.node != x}
    if fixed and shown != "CDE":
        raise where.error("a third variable has a value in")
    return Asked(shown, x, event.node, changed[0].word, event.word, tuple(fixed.items()), None, task is not None,
                 direction="less" if turned else "more")  # fmt: skip


def _outcome(where: Place, marked: str, terms: list[tuple[int, Mention]], mentions: Mentions) -> Mention:
    spread = [mention for _, mention in terms if mention.kind == OUTCOME]
    for pattern in _OUTCOME:
        spread += [mentions.found[int(i)] for i in pattern.findall(marked)] if not spread else []
    if len({(m.node, m.word) for m in spread}) != 1:
        raise where.error("cannot tell the outcome asked about in")
    if spread[0].kind in (CHANGE, SET, HOLD):
        raise where.error("what is asked about is what is changed in")
    return spread[0]


def _treatment(where: Place, rest: list[Mention]) -> str:
    for kinds in ((CHANGE,), (CHANGE, SET), (CHANGE, SET, PLAIN), (CHANGE, SET, PLAIN, HOLD)):
        nodes = list(dict.fromkeys(m.node for m in rest if m.kind in kinds))
        if len(nodes) == 1:
            return nodes[0]
        if len(nodes) > 1:
            break
    raise where.error("cannot tell which variable is changed in")
