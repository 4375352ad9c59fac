"""Loose speech: any name said in other forms, and any word of a pole for a value, as people vary them unasked.

A form keeps a word that no other variable of the problem bears, so that a reader who attends to it cannot be misled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from caugym.gym.wording.phrasing import lexicon

_SMALL_WORDS = """
a an the of in on for and or to with by from at as is are whether their its eg among into per
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_GENERIC = ("level", "status", "amount", "quantity", "condition", "outcome", "availability", "quality", "situation")
_HEADS = ("{} level", "{} levels", "{} status", "{} outcomes", "{} quantity", "{} conditions", "{} amount",
          "level of {}", "the level of {}", "the amount of {}", "the state of {}", "the degree of {}")  # fmt: skip
_OWNERS = ("their {}", "an individual's {}", "a person's {}", "the {}", "overall {}", "the person's {}", "one's {}",
           "the individual's {}", "{} in general", "current {}", "general {}")  # fmt: skip

_LOW = """
low poor bad weak small minor slight little few scarce limited insufficient inadequate reduced minimal
diminished restricted constrained unfavorable adverse unsuitable deficient substandard unsatisfactory scant
meager short negative lower basic lacking unhealthy sparse slim thin mild light lowered modest
"""
LOW = tuple(_LOW.split())
_HIGH = """
high good great strong large major considerable substantial many plentiful abundant ample sufficient adequate
elevated increased extensive favorable suitable excellent outstanding superior satisfactory long positive
higher advanced generous healthy dense intense heavy severe raised robust big
"""
HIGH = tuple(_HIGH.split())
"""Two poles. Where a variable's two words lie at different poles, any word of a pole says its value."""


_NEAR = """
income earnings pay wages
salary pay earnings compensation
education schooling learning
educational academic scholastic
performance results effectiveness productivity output achievement
job work employment
employee worker staff personnel
sales selling
market marketplace
demand need appetite
satisfaction contentment fulfillment happiness
stress tension strain pressure
level degree extent amount
quality standard
teaching instruction tuition
talent ability giftedness
appearance looks attractiveness
policies regulations rules
government governmental state
congestion jams density
traffic vehicle vehicles
severity intensity seriousness
respiratory breathing pulmonary
illnesses diseases ailments disorders
weather climate
condition conditions situation state
humidity moisture dampness
temperature heat warmth
atmospheric air barometric
speed velocity pace
rainfall precipitation rain
crop harvest agricultural
yield output production harvest
physical bodily
mental psychological emotional
health well-being wellness fitness
exercise workout training
amount quantity volume
campaign effort drive
advertising promotion promotional
customer client consumer
feedback reviews responses
product item goods
company firm corporate business
reputation image standing
student pupil learner
academic scholastic educational
family household home
support help assistance backing
availability accessibility supply access
transport transit transportation
price pricing cost
fuel gasoline petrol
study studying learning
hours time duration
exam test examination
grade mark score
diet nutrition eating
sleep rest
risk danger threat
disease illness sickness
cardiovascular heart cardiac
pollution contamination
irrigation watering
river stream
soil ground land
pest insect
farmer grower
profit profits gain earnings
growth expansion development
economic financial
experience history background
skills abilities competence
decision choice
status state standing
team group crew
director head manager
outcome result
network circle
forecast prediction outlook
spending expenditure investment
flight plane
delay lateness
accident crash collision
recovery recuperation healing
treatment therapy care
symptoms signs
medical clinical health
teacher instructor educator
environment surroundings setting
opportunities chances prospects
motivation enthusiasm
forest woodland
fire blaze
strategy plan approach
revenue income turnover
usage use consumption
intake consumption
capacity volume
number count quantity
lifestyle habits
success achievement
"""
NEAR: dict[str, tuple[str, ...]] = {}
"""Words of names -> words that a retelling may put in their place."""
for _line in _NEAR.split("\n"):
    for _word in _line.split():
        NEAR[_word] = tuple(dict.fromkeys((*NEAR.get(_word, ()), *(w for w in _line.split() if w != _word))))

_MOVES = {
    True: (("raising", "increasing", "improving", "elevating", "boosting"),
           ("is raised", "increases", "rises", "improves", "is increased", "goes up")),
    False: (("reducing", "lowering", "decreasing", "diminishing", "cutting"),
            ("is reduced", "decreases", "falls", "deteriorates", "is lowered", "goes down", "drops")),
}  # fmt: skip
_CHANGING = re.compile(r"\b(?:changing|setting|shifting|switching|moving|bringing)\b(?=[^.?]* to )")
_CHANGES = re.compile(r"\b(?:is (?:changed|set|altered|switched|brought)|changes|shifts|moves)\b(?= (?:from|to) )")
_TO_WORD = r"(?<= to )({word})(?=[ ,.?]|$)"


def asked(question: str, word: str, rng: np.random.Generator) -> str:
    """``question`` with its change said as a rise or fall where ``word``, the value it leads to, lies at a pole."""
    if word not in HIGH and word not in LOW:
        return question
    doing, done = _MOVES[word in HIGH]
    if rng.random() < 0.5:
        question = _CHANGING.sub(lambda _: _pick(doing, rng), question, count=1)
        question = _CHANGES.sub(lambda _: _pick(done, rng), question, count=1)
    if rng.random() < 0.25:
        level = _pick(("a {} level", "{} levels", "a {} value", "a {} state", "a {} status"), rng).format(word)
        question = re.sub(_TO_WORD.format(word=re.escape(word)), level, question, count=1)
    return question


def content(name: str) -> list[str]:
    """The words of ``name`` that carry meaning, in lower case."""
    return [word for word in re.findall(r"[a-z]+", name.lower()) if len(word) > 1 and word not in _SMALL]


def stem(word: str) -> str:
    """Without the ending of the plural."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def forms(name: str, others: Iterable[str], rng: np.random.Generator, count: int = 3) -> tuple[str, ...]:
    """Up to ``count`` other forms of ``name`` that cannot be taken for one of the ``others``."""
    taken = {stem(word) for other in others for word in content(other)} | set(_GENERIC)
    words = content(name)
    own = [word for word in words if stem(word) not in taken]
    if not own:
        return ()
    made: list[str] = []
    for _ in range(count):
        kind = rng.random()
        if rng.random() < 0.05:
            text = _misspelt(name.lower(), rng)
        elif kind < 0.4:
            text = _renamed(name.lower(), taken, rng)
        elif len(words) < 2 or kind < 0.5:
            text = _dressed(name.lower(), rng)
        elif kind < 0.7:
            text = _some(words, own, rng)
        elif kind < 0.85:
            text = _turned(name.lower(), words, rng)
        else:
            text = _number(name.lower(), rng)
        if rng.random() < 0.15 and len(words) > 1:
            text = _dressed(text, rng)
        if text != name and text not in made:
            made.append(text)
    return tuple(made)


def clear(said: Iterable[str], others: Iterable[str], rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """Up to ``count`` of the phrases ``said`` that hold a word which none of the ``others`` holds."""
    taken = {stem(word) for other in others for word in content(other)}
    own = [text for text in said if any(stem(word) not in taken for word in content(text))]
    return tuple(own[i] for i in rng.permutation(len(own))[:count])


def _pick(options: tuple[str, ...] | list[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _dressed(name: str, rng: np.random.Generator) -> str:
    """With an owner, an article or a general noun."""
    owned = re.match(r"(?:the|an?|their|one's) |\w+'s |whether ", name)
    return name if owned else _pick(_OWNERS if rng.random() < 0.5 else _HEADS, rng).format(name)


def _some(words: list[str], own: list[str], rng: np.random.Generator) -> str:
    """Some of the words in their order, one of the variable's own among them."""
    kept = _pick(own, rng)
    return " ".join(word for word in words if word == kept or rng.random() < 0.4)


def _renamed(name: str, taken: set[str], rng: np.random.Generator) -> str:
    """With a near word in the place of one of its own, or of several."""
    parts = name.split(" ")
    for place in rng.permutation(len(parts))[: 1 if rng.random() < 0.7 else 3]:
        known = NEAR.get(parts[place], ()) if rng.random() < 0.5 else lexicon.near().get(parts[place], ())
        near = [word for word in known if stem(word) not in taken]
        if near:
            parts[place] = _pick(near, rng)
    return " ".join(parts)


def _misspelt(name: str, rng: np.random.Generator) -> str:
    """With a letter of one long word lost, doubled or in its neighbour's place."""
    parts = name.split(" ")
    long = [place for place, word in enumerate(parts) if re.fullmatch(r"[a-z]{6,}", word)]
    if not long:
        return name
    place = long[int(rng.integers(len(long)))]
    word, at = parts[place], int(rng.integers(1, len(parts[place]) - 2))
    lost, doubled = word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]
    parts[place] = _pick((lost, doubled, word[:at] + word[at + 1] + word[at] + word[at + 2 :]), rng)
    return " ".join(parts)


def _turned(name: str, words: list[str], rng: np.random.Generator) -> str:
    """ "severity of illnesses" -> "illness severity"; "stress level" -> "level of stress"."""
    head, of, rest = name.partition(" of ")
    if of:
        return f"{' '.join(stem(word) for word in content(rest))} {head.removeprefix('the ')}"
    *first, last = words
    return f"{last} of {'the ' if rng.random() < 0.4 else ''}{' '.join(first)}"


def _number(name: str, rng: np.random.Generator) -> str:
    """One of its last words in the plural, or without its plural."""
    parts = name.split(" ")
    place = len(parts) - 1 if rng.random() < 0.7 else int(rng.integers(len(parts)))
    word = parts[place]
    if not re.fullmatch(r"[a-z]{3,}", word) or word in _SMALL:
        return name
    parts[place] = stem(word) if stem(word) != word else word + "s"
    return " ".join(parts)


def words(word: str, other: str, rng: np.random.Generator, count: int = 4) -> tuple[str, ...]:
    """Up to ``count`` words of the same pole where ``other`` lies at the other one, else none."""
    for pole, opposite in ((LOW, HIGH), (HIGH, LOW)):
        if word in pole and other in opposite:
            return tuple(pole[i] for i in rng.choice(len(pole), count, replace=False))
    return ()
