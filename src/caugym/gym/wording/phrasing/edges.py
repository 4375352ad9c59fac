"""The causal graph in sentences: edges one by one, grouped by head or tail, passive, chained, or as arrows."""

from __future__ import annotations

from dataclasses import dataclass

from caugym.causal.graph import DAG
from caugym.gym.wording.phrasing.speaker import Speaker, capital, join, plural

SLOTS: dict[str, tuple[str, ...]] = {
    "verb_one": (
        "directly influences", "directly affects", "directly impacts", "has a direct effect on",
        "has a direct impact on", "has a direct influence on", "has a direct causal effect on",
        "exerts a direct influence on", "has a direct causal influence on", "directly determines", "directly shapes",
        "is a direct cause of", "has a direct causal impact on", "exerts a direct effect on", "directly drives",
        "has a direct bearing on", "directly alters", "has direct effects on", "acts directly on",
        "has a direct causal link to", "directly changes", "has a direct causal relationship with", "influences",
        "affects", "impacts", "is one of the direct causes of", "plays a direct role in", "directly contributes to",
    ),
    "verb_many": (
        "directly influence", "directly affect", "directly impact", "have a direct effect on",
        "have a direct impact on", "have a direct influence on", "have a direct causal effect on",
        "exert a direct influence on", "directly determine", "directly shape", "have direct effects on",
        "are direct causes of", "each directly influence", "each have a direct effect on", "each directly affect",
        "each have a direct impact on", "directly drive", "each independently affect", "act directly on", "influence",
        "affect", "impact", "jointly affect", "contribute directly to", "are among the direct causes of",
    ),
    "passive": (
        "directly influenced by", "directly affected by", "directly impacted by", "directly determined by",
        "directly shaped by", "directly driven by", "influenced directly by", "affected directly by",
        "a direct effect of", "a direct consequence of", "directly dependent on", "directly caused by",
        "influenced by", "affected by",
    ),
    "depends": ("depends directly on", "directly depends on", "responds directly to", "is a direct function of"),
    "causes_of": (
        "the direct causes of {y} are {xs}",
        "the direct parents of {y} are {xs}", "what directly influences {y} is {xs}",
        "{y} is under the direct influence of {xs}",
    ),
    "opener": (
        "Additionally, ", "Furthermore, ", "Moreover, ", "In addition, ", "Also, ", "Besides, ", "Further, ",
        "Likewise, ", "At the same time, ", "Similarly, ", "In turn, ", "What is more, ", "Then, ",
    ),
    "in_turn": (
        "{x}{verb} {ys}, which in turn {verb2} {zs}", "{x}{verb} {ys}, which then {verb2} {zs}",
        "{x}{verb} {ys}, and {ys} {verb2} {zs}", "{x}{verb} {ys}, which subsequently {verb2} {zs}",
        "{x}{verb} {ys}, which itself {verb2} {zs}", "{x}{verb} {ys}; {ys}, in turn, {verb2} {zs}",
    ),
    "as_does": ("{x}{verb} {y}, as {does} {z}", "{x}{verb} {y}, and so {does} {z}", "like {z}, {x}{verb} {y}"),
    "and_also": (
        "{x}{verb} {ys} and also {verb2} {zs}", "{x}{verb} {ys} and {verb2} {zs}",
        "{x}{verb} {ys}; {it} also {verb2} {zs}", "{x}{verb} {ys}, and {it} {verb2} {zs} as well",
    ),
    "arrow": (" -> ", " → ", " --> ", " => ", " causes "),
    "also": (" also", " itself", " likewise"),
}  # fmt: skip

_CONJUGATED = ("influences", "affects", "impacts", "determines", "shapes", "drives", "alters", "acts", "changes",
               "exerts", "plays", "contributes", "depends", "responds", "feeds", "governs", "sways", "bears", "adjusts",
               "steers", "informs", "leaves", "makes", "molds", "triggers", "produces")  # fmt: skip


Edge = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """How the edges stand: sentences or one a line, each its own, grouped, or arrows."""

    grouping: str
    bullets: bool
    openers: float


def for_many(verb: str) -> str:
    """The verb phrase of one head as that of several: "directly affects" -> "directly affect"."""
    words = verb.split()
    for i, word in enumerate(words):
        if word in _CONJUGATED:
            words[i] = word[:-1]
        elif word in ("has", "is"):
            words[i] = {"has": "have", "is": "are"}[word]
        else:
            continue
        break
    return " ".join(words)


class Edges:
    """Writes the edges of ``graph``, each once, in the graph's order of heads or in another one."""

    def __init__(self, speaker: Speaker, graph: DAG, layout: Layout) -> None:
        self.say, self.graph, self.layout = speaker, graph, layout
        self.favourite = self._fresh("verb_one")  # a favourite, so that a text has a voice
        self.said: list[list[Edge]] = []
        """The edges of each sentence, in the order in which they are written."""

    def sentences(self) -> list[str]:
        """Each without its full stop and with a capital."""
        made = {"single": self._single, "heads": self._heads, "tails": self._tails, "arrows": self._arrows}
        clauses = made[self.layout.grouping]()
        found = []
        for i, clause in enumerate(clauses):
            opener = self.say.write("opener") if i and self.say.chance(self.layout.openers) else ""
            found.append(opener + clause if opener else capital(clause))
        return found

    def _children(self) -> list[tuple[str, list[str]]]:
        order = {node: i for i, node in enumerate(self.graph.topological_order())}
        heads: dict[str, list[str]] = {}
        for x, y in sorted(self.graph.edges, key=lambda edge: order[edge[0]]):
            heads.setdefault(x, []).append(y)
        return list(heads.items())

    def _verb(self, many: bool = False) -> str:
        verb = self.favourite if self.say.chance(0.35) else self._fresh("verb_one")
        return for_many(verb) if many else verb

    def _fresh(self, slot: str) -> str:
        retold = self.say.loosely and self.say.chance(0.5)
        return self.say.write(f"retold_{slot}" if retold else slot)

    def _head(self, x: str) -> tuple[str, bool]:
        name = self.say.full(x)
        return name, plural(name)

    def _active(self, x: str, ys: list[str], also: bool = False) -> str:
        self.said.append([(x, y) for y in ys])
        name, many = self._head(x)
        extra = self.say.write("also") if also else ""
        before = self.said[-2] if len(self.said) > 1 else []
        if self.say.loosely and not also and any(x == y for _, y in before) and self.say.chance(0.3):
            extra = ", in turn,"
        return f"{name}{extra} {self._verb(many)} {self._targets(ys)}"

    def _targets(self, nodes: list[str]) -> str:
        text = join([self.say.full(node) for node in nodes], self.say.chance(0.9))
        return f"both {text}" if len(nodes) == 2 and self.say.chance(0.35) else text

    def _passive(self, y: str, xs: list[str]) -> str:
        self.said.append([(x, y) for x in xs])
        name, many = self._head(y)
        if self.say.chance(0.15):
            verb = self.say.write("depends")
            return f"{name} {for_many(verb) if many else verb} {self._targets(xs)}"
        if self.say.chance(0.12) and len(xs) > 1:
            return self.say.write("causes_of", y=name, xs=self._targets(xs))
        return f"{name} {'are' if many else 'is'} {self.say.write('passive')} {self._targets(xs)}"

    def _single(self) -> list[str]:
        found, said = [], ""
        for x, ys in self._children():
            for y in ys:
                if self.say.chance(0.08):
                    found.append(self._passive(y, [x]))
                else:
                    found.append(self._active(x, [y], also=said == x and self.say.chance(0.5)))
                said = x
        return found

    def _heads(self) -> list[str]:
        """Grouped by head, some of them chained, split over two verbs or joined."""
        left = self._children()
        found = []
        while left:
            x, ys = left.pop(0)
            following = left[0] if left else None
            if following and following[0] == ys[-1] and self.say.chance(0.3):
                left.pop(0)
                found.append(self._chain(x, ys, following[1]))
            elif len(ys) > 1 and self.say.chance(0.25):
                found.append(self._split(x, ys))
            elif following and following[1] == ys and self.say.chance(0.5):
                left.pop(0)
                found.append(self._together([x, following[0]], ys))
            elif self.say.chance(0.2) and len(ys) > 1:
                found += [self._active(x, ys[:1]), self._active(x, ys[1:], also=True)]
            else:
                found.append(self._active(x, ys))
        return found

    def _chain(self, x: str, ys: list[str], zs: list[str]) -> str:
        """The last of ``ys`` is the cause of ``zs``; a chain speaks of one middle only, others come first."""
        self.said.append([(x, y) for y in ys] + [(ys[-1], z) for z in zs])
        name, many = self._head(x)
        it = "they" if many else "it"
        start = f"{name} {self._verb(many)} {self._targets(ys[:-1])}, and {it} also" if len(ys) > 1 else name
        middle = self.say.name(ys[-1])
        return self.say.write(
            "in_turn",
            x=f"{start} ",
            verb=self._verb(many),
            ys=middle,
            verb2=self._verb(plural(middle)),
            zs=self._targets(zs),
        )

    def _split(self, x: str, ys: list[str]) -> str:
        self.said.append([(x, y) for y in ys])
        name, many = self._head(x)
        cut = 1 + int(self.say.rng.integers(len(ys) - 1))
        verb = self._verb(many)
        second = self._verb()
        return self.say.write(
            "and_also", x=f"{name} ", verb=verb, verb2=for_many(second) if many else second,
            it="they" if many else "it", ys=self._targets(ys[:cut]), zs=self._targets(ys[cut:]),
        )  # fmt: skip

    def _together(self, xs: list[str], ys: list[str]) -> str:
        self.said.append([(x, y) for x in xs for y in ys])
        names = [self.say.full(x) for x in xs]
        if len(ys) == 1 and self.say.chance(0.4):
            x, z = names
            return self.say.write(
                "as_does", x=f"{x} ", verb=self._verb(plural(x)), y=self.say.full(ys[0]), z=z,
                does="do" if plural(z) else "does",
            )  # fmt: skip
        both = f"both {join(names)}" if self.say.chance(0.4) else join(names)
        verb = self._fresh("verb_many")
        return f"{both} {verb.removeprefix('each ') if both.startswith('both') else verb} {self._targets(ys)}"

    def _tails(self) -> list[str]:
        """Grouped by effect: passive, or several causes with one verb."""
        order = {node: i for i, node in enumerate(self.graph.topological_order())}
        causes: dict[str, list[str]] = {}
        for x, y in sorted(self.graph.edges, key=lambda edge: (order[edge[1]], order[edge[0]])):
            causes.setdefault(y, []).append(x)
        found = []
        for y, xs in causes.items():
            if len(xs) == 2 and self.say.chance(0.35):
                found.append(self._together(xs, [y]))
            elif len(xs) == 1 and self.say.chance(0.4):
                found.append(self._active(xs[0], [y]))
            else:
                found.append(self._passive(y, xs))
        return found

    def _arrows(self) -> list[str]:
        arrow = self.say.write("arrow")
        if self.say.chance(0.5):
            pairs = [(x, [y]) for x, ys in self._children() for y in ys]
        else:
            pairs = self._children()
        self.said += [[(x, y) for y in ys] for x, ys in pairs]
        return [f"{self.say.name(x)}{arrow}{', '.join(self.say.name(y) for y in ys)}" for x, ys in pairs]
