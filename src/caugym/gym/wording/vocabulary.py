"""Names for variables, in three styles: real (a story's own words), everyday (a fixed pool) and nonsense.

``stories.json`` holds our own small stories: a field and its variables in causal order, each with its
words for the values 0 (the undesirable one) and 1. ``everyday.json`` is a pool of everyday names whose
values are low and high. Nonsense names are four random letters.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np

from caugym.gym.problem import Variable

STYLES = ("REAL", "RANDOM", "FAKE")
"""Real-world, everyday and nonsense names; the labels are those of the published data."""

ENGLISH = frozenset(
    "able also area army away baby back ball band bank base bear beat been bill bird blow blue boat body bone book "
    "born both busy call calm came camp card care case cash cell city club coal coat code cold come cook cool copy "
    "corn cost crew crop dark data date dead deal dear debt deep does done door down draw drop duty each earn ease "
    "east easy edge else even ever evil exit face fact fail fair fall farm fast fear feed feel fell felt file fill "
    "film find fine fire firm fish five flat flow folk food foot form four free from fuel full fund gain game gate "
    "gave gift girl give glad goal goes gold golf gone good grew grow half hall hand hang hard hate have head hear "
    "heat held help here hero hide high hill hold hole holy home hope host hour huge hung hunt hurt idea into iron "
    "item join joke jump jury just keen keep kept kick kill kind king knew know lack lady lake land last late lead "
    "left less life lift like line link list live load loan long look lord lose loss lost love luck made mail main "
    "make male many mark mass math meal mean meat meet menu mere mile milk mind mine miss mode mood moon more most "
    "move much must name near neck need news next nice nine none note okay once only onto open over pace pack page "
    "paid pain pair palm park part pass past path peak pick pile pink plan play plot plus poem poet pole pool poor "
    "port post pull pure push race rail rain rank rare rate read real rear rely rent rest rice rich ride ring rise "
    "risk road rock role roll roof room root rose rule rush safe said sake sale salt same sand save seat seed seek "
    "seem seen self sell send sent ship shop shot show shut sick side sign silk site size skin slip slow snow soft "
    "soil sold sole some song soon sort soul spot star stay step stop such suit sure take tale talk tall tank tape "
    "task team tell tend term test text than that them then they thin this thus till time tiny told tone took tool "
    "tour town tree trip true turn type unit upon used user vast very vice view vote wage wait wake walk wall want "
    "warm wash wave weak wear week well went were west what when whom wide wife wild will wind wine wing wise wish "
    "with wood word work yard yeah year your zero zone".split()
)
"""English words that a nonsense name must not be."""


@cache
def stories() -> tuple[tuple[str, tuple[Variable, ...]], ...]:
    """Each story's field and variables, causes before effects."""
    rows = json.loads(_read("stories.json"))
    return tuple((row["field"], tuple(Variable(v["name"], tuple(v["words"])) for v in row["variables"])) for row in rows)


@cache
def everyday() -> tuple[Variable, ...]:
    return tuple(Variable(name) for name in json.loads(_read("everyday.json")))


def _read(name: str) -> str:
    return resources.files("caugym.gym.wording").joinpath(name).read_text(encoding="utf-8")


def draw_variables(style: str, count: int, rng: np.random.Generator) -> tuple[Variable, ...]:
    """``count`` variables with distinct names, in the order in which they stand in the graph.

    A real story gives a random selection in its own causal order. Raises ValueError for an unknown
    style or more variables than it can give.
    """
    if style == "FAKE":
        return _nonsense(count, rng)
    if style == "RANDOM":
        pool = everyday()
        if count > len(pool):
            raise ValueError(f"{count} everyday names wanted, there are {len(pool)}")
        return tuple(pool[i] for i in rng.choice(len(pool), count, replace=False))
    if style == "REAL":
        fitting = [variables for _, variables in stories() if len(variables) >= count]
        if not fitting:
            raise ValueError(f"{count} variables of one story wanted, the longest story is shorter")
        chosen = fitting[rng.integers(len(fitting))]
        return tuple(chosen[i] for i in sorted(rng.choice(len(chosen), count, replace=False)))
    raise ValueError(f"unknown name style {style!r} (expected one of {', '.join(STYLES)})")


def _nonsense(count: int, rng: np.random.Generator) -> tuple[Variable, ...]:
    names: list[str] = []
    while len(names) < count:
        name = "".join(chr(97 + i) for i in rng.integers(26, size=4))
        if name not in ENGLISH and name not in names:
            names.append(name)
    return tuple(Variable(name) for name in names)
