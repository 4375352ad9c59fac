"""Reads problems in people's own words: the second path, tried when a text does not have the published form.

Names are matched by the other names that ``wording.phrasing.synonyms`` knows and by unshared parts of a name; values
by synonyms. Every number must end in one statement, every variable that a sentence names must have a role in it, and
the question must show one task; whatever stays unclear is a ReadError, never a guess.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from caugym.causal.estimand import P
from caugym.causal.graph import DAG
from caugym.gym.derivation import Knowledge
from caugym.gym.problem import Assignment, Given, Variable
from caugym.gym.read_free_edges import Edges, alike
from caugym.gym.read_free_lines import lines_of
from caugym.gym.read_free_mentions import Mentions, two_words
from caugym.gym.read_free_question import Asked, ask
from caugym.gym.read_free_statements import Said, statements
from caugym.gym.read_free_words import Values, forms
from caugym.gym.read_sentences import ReadError, Sentence
from caugym.gym.reading import Reading
from caugym.gym.wording.estimands import NAMED, named

_NUMBER = re.compile(r"(?<![\w.])[01]?\.[0-9]+(?!\w)")
"""A number as probabilities are printed. What else is a number is refused: ``read_free_statements``, ``_check``."""

_PREMISE = re.compile(
    r"\b(?:scenario|world|setting|system|situation|environment|case|universe|model)\b.*\b(?:isolated|"
    r"hypothetical|closed|"
    r"self-contained|theoretical|imaginary|fictional|simplified|artificial|made-up|invented|solely|only|exclusively|"
    r"entirely|purely|just|additional|other|others|limited|restricted)\b|"
    r"\b(?:isolated|hypothetical|closed|self-contained|theoretical|imaginary|fictional|simplified|artificial|made-up|"
    r"invented)\b.*\b(?:scenario|world|setting|system|situation|environment|case|universe|model)\b|"
    r"^(?:there are no|no other|nothing else|everything that|nothing is left|only what|no [\w ]+ beyond|"
    r"nothing but|only |"
    r"the only|all [\w ]+ are stated|the following)\b",
    re.I,
)
_STATES = re.compile(r"\bdirectly\b|->|→|\bdirect\b.*\bon\b|\bdirect\s+causes?\s+of\b")
"""What states an edge, though the sentence may begin with a premise."""
_LISTED = re.compile(r"(?:[\s,;()]|\band\b|\bor\b)*")
"""What stands between variables that are merely listed."""
_ASKS = re.compile(
    r"^(?:suppose|if|assume|assuming|imagine a case|consider (?:individuals|only|what)|holding|keeping|with|"
    r"when|among|for|"
    r"look at|take those|think of the units|focus|restrict|let us look|say|it was|in reality|we observed|"
    r"provided|given|"
    r"an individual had|in the event|while|had|under|fixing|conditioned)\b", re.I
)  # fmt: skip
_SUPPOSES = re.compile(
    r"^(?:suppose|assume|imagine|say|restrict|consider|look|think|take|focus|let us)\b.*\b(?:stay|remain|change|become|"
    r"turn|move|shift|respond|take|keep|were|is|are|was|set|make)s?\b", re.I
)  # fmt: skip
APART = Decimal("0.02")
"""How far two numbers may differ that the graph says are one: people print estimates."""
LONGEST, LONGEST_SENTENCE = 12_000, 1_200
"""Characters of a text, and of a sentence, that the free reader looks at."""


def read_free(text: str) -> Reading:
    """The problem that ``text`` states, as ``read.Reading``. Raises ReadError that names what is unclear."""
    if len(text) > LONGEST:
        raise ReadError(f"no published form, and too long to read freely ({len(text)} characters)", 1, text[:200])
    for number, row in enumerate(text.split("\n"), 1):
        if not all(c.isprintable() or c.isspace() or c == "\ufeff" for c in row):
            raise ReadError("a control character, which nobody can see", number, row)
    lines = lines_of(text)
    for line in lines:
        if len(line.text) > LONGEST_SENTENCE:
            raise line.error("a sentence too long to read")
    edges, premises, rest = _edges(lines)
    nodes = tuple(edges.called)
    if two := alike(nodes):
        raise ReadError(f"{two[0]!r} and {two[1]!r} may be one variable or two, use names that do not contain another,",
                        1, text)  # fmt: skip
    try:
        graph = DAG(nodes, tuple(edges.pairs))
    except ValueError as error:
        raise ReadError(f"the causal graph must be acyclic but has the {error}", 1, text) from None
    spoken = forms(nodes, edges.called)
    mentions = Mentions(spoken, {node: Values(spoken[node]) for node in nodes})
    for line in premises:
        if _relates(line.text, Mentions(spoken, mentions.values)):
            raise line.error("say in a sentence 'X directly affects Y' what this premise says of the variables")
    numbered = [line for line in rest if _NUMBER.search(line.text)]
    said = statements([(line, mentions.mark_values(_marked(line.text, mentions))) for line in numbered], mentions)
    tail = _asking(rest, numbered)
    for line in rest:
        if line not in numbered and line not in tail and "⟦" in Mentions(spoken, mentions.values).mark(line.text):
            raise line.error("a sentence about the variables that is no edge and no probability")
    task, instruction = _named(tail)
    asked = ask(tail, task, instruction, mentions)
    words: dict[str, list[str]] = {node: [] for node in nodes}
    for mention in mentions.found:
        words[mention.node].append(mention.word)
    pairs = {node: two_words(node, mentions.values[node], words[node], text) if words[node] else
             (mentions.values[node].pairs or [("low", "high")])[0] for node in nodes}  # fmt: skip
    pairs = _coded(pairs, asked)
    givens = tuple(_given(one, pairs) for one in said)
    _check(said, givens)
    _agree(graph, givens, text)
    variables = tuple(Variable(node, pairs[node]) for node in nodes)
    return Reading(graph, variables, givens, asked.query(lambda node, word: _code(node, word, pairs)))


def _edges(lines: list[Sentence]) -> tuple[Edges, list[Sentence], list[Sentence]]:
    """The edges, the premises before them, and the other sentences; numbers may come before the edges."""
    edges, started = Edges(), False
    premises: list[Sentence] = []
    rest: list[Sentence] = []
    before = 0
    for line in lines:
        text = line.text.rstrip(".:")
        done = started and any(_is_task(r.text) for r in rest[before:])
        if done or _NUMBER.search(text) or "?" in text or (started and _asks(text)) or _names(text):
            rest.append(line)
            continue
        premise = not started and bool(_PREMISE.search(text)) and not _STATES.search(text)
        if edges.read(text.partition(": ")[2] if premise else text):
            if not started:
                started, before = True, len(rest)
        elif premise:
            premises.append(line)
        else:
            rest.append(line)
    if not edges.pairs:
        raise (
            lines[0].error("not a causal problem, no sentence says what influences what")
            if lines
            else ReadError("no problem here, the text is empty", 1, "")
        )
    return edges, premises, rest


def _relates(text: str, mentions: Mentions) -> bool:
    """Whether more is said of two variables than that there are both: perhaps an edge, in words that are not known."""
    marks = list(re.finditer(r"⟦([na])(\d+)⟧", marked := mentions.mark(text)))
    nodes = [mentions.names[int(m[2])] if m[1] == "n" else mentions.found[int(m[2])].node for m in marks]
    between = [marked[one.end() : other.start()] for one, other in pairwise(marks)]
    return any(x != y and not _LISTED.fullmatch(words) for (x, y), words in zip(pairwise(nodes), between, strict=True))


def _asking(rest: list[Sentence], numbered: list[Sentence]) -> list[Sentence]:
    """The lines of instruction and question: behind the last number, or where nothing is, before the first."""
    if not numbered:
        return rest[next((i for i, line in enumerate(rest) if _is_task(line.text)), 0) :]
    return rest[rest.index(numbered[-1]) + 1 :] or rest[: rest.index(numbered[0])]


def _is_task(text: str) -> bool:
    """Whether the edges end here: a number, a question or the beginning of one, an instruction."""
    return bool(_NUMBER.search(text) or "?" in text or _asks(text)) or _names(text)


def _asks(text: str) -> bool:
    """Whether a question begins here; "Holding time affects profit" is an edge."""
    if _SUPPOSES.match(text) and not _PREMISE.search(text):
        return True
    if re.search(r"\bdirect(?:ly)?\b", text) and not re.search(r"\b(?:would|will|does|do|had)\b", text):
        return False
    return bool(
        _ASKS.match(text) and re.search(r"\b(?:would|will|does|do|what|had|was|were|is|are|with|whose)\b|,", text)
    )


def _names(text: str) -> bool:
    return bool(named(text))


def _marked(text: str, mentions: Mentions) -> str:
    """Numbers as marks, P(a = low | b = high) as words."""

    def symbols(match: re.Match[str]) -> str:
        parts = [_series(part) for part in re.split(r"\s*\|\s*|\s+given\s+", match[1].replace("=", " = "))]
        return f"the probability of {' given '.join(parts)} is "

    text = re.sub(r"\b(?:P|Pr|Prob|p)\(([^()]*)\)\s*(?:=|is|:)\s*", symbols, text)

    def number(match: re.Match[str]) -> str:
        mentions.numbers.append(match[0])
        return f"⟦p{len(mentions.numbers) - 1}⟧"

    return _NUMBER.sub(number, text)


def _series(text: str) -> str:
    """ "a, b, c" as "a, b, and c"."""
    items = re.split(r"\s*,\s*", text.strip())
    return " and ".join(items) if len(items) < 3 else ", ".join(items[:-1]) + ", and " + items[-1]


def _named(tail: list[Sentence]) -> tuple[str | None, str]:
    """The task that an instruction names, and what it says behind that name."""
    found = {task: match for line in tail for task, pattern in NAMED.items() for match in pattern.finditer(line.text)}
    if len(found) > 1:
        raise tail[0].error(f"two estimands are named: {' and '.join(sorted(found))}")
    for task, match in found.items():
        return task, match.string[match.end() :]
    return None, ""


def _code(node: str, word: str, pairs: dict[str, tuple[str, str]]) -> int:
    side = Values.side(word, pairs[node])
    if side is None:
        raise ReadError(f"{word!r} is neither of the values {' and '.join(pairs[node])} of {node!r}", 1, word)
    return side


def _coded(pairs: dict[str, tuple[str, str]], asked: Asked) -> dict[str, tuple[str, str]]:
    """PN observes the values coded 1, PS those coded 0: turns the pairs of words where they say otherwise."""
    if asked.task not in ("PN", "PS"):
        return pairs
    codes = [_code(node, word, pairs) for node, word in asked.observed]
    if asked.task == "PN" and not asked.named and codes == [0, 0]:
        asked.task = "PS"
    wanted = int(asked.task == "PN")
    turned = dict(pairs)
    for (node, _), code in zip(asked.observed, codes, strict=True):
        if code != wanted:
            turned[node] = (pairs[node][1], pairs[node][0])
    return turned


def _given(said: Said, pairs: dict[str, tuple[str, str]]) -> Given:
    def coded(mentions: list[tuple[str, str]]) -> Assignment:
        return tuple((node, _code(node, word, pairs)) for node, word in mentions)

    return Given(coded(said.event), coded(said.condition), Decimal(said.number))


def _agree(graph: DAG, givens: tuple[Given, ...], text: str) -> None:
    """Numbers that contradict the graph show that a name was taken for another variable's, or for a new one's."""
    known = Knowledge(givens, graph)
    for term, printed in known.printed.items():
        for derived in known.equal(term):
            if abs(derived.value - printed) > APART:
                names = [P(tuple(sorted(t.event)), tuple(sorted(t.condition))).text() for t in (term, *derived.sources)]
                raise ReadError(f"the graph as it is read makes {' and '.join(names)} equal, not the text", 1, text)


def _check(said: list[Said], givens: tuple[Given, ...]) -> None:
    known: dict[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]], Decimal] = {}
    for one, given in zip(said, givens, strict=True):
        if given.value > 1:
            raise one.line.error(f"the probability {one.number} is outside [0, 1]")
        key = frozenset(given.event), frozenset(given.condition)
        if known.setdefault(key, given.value) != given.value:
            raise one.line.error(f"the same probability is {known[key]} elsewhere and {given.value} in")
        if {node for node, _ in given.event} & {node for node, _ in given.condition}:
            raise one.line.error("a variable stands in the event and in its condition")
        other = (frozenset((node, 1 - value) for node, value in given.event), key[1])
        if len(given.event) == 1 and other in known and abs(known[other] + given.value - 1) > Decimal("0.00011"):
            total = known[other] + given.value
            raise one.line.error(f"the probabilities of both values add up to {total}, not to 1, with")
