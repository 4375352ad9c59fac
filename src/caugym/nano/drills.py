"""Pre-training documents: fragments of solving a problem, never a whole solution.

Each document is a pair (question, completion). Kinds:

* calculation: one difference, sum, product, quotient, comparison or answer line;
* read: a problem's edges, roles and statements, then numbers looked up and combined at random;
* edges: the edges of a text, each name with its letter;
* roles: the search and the sets, from edges and statements in letters alone;
* labels: a text's statements alone; the completion copies each and says it in letters;
* lookup: statements in letters, many of them alike; the completion looks numbers up by their labels.

Which numbers a task needs, in which order, and what follows from them is left to the cold start.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import product

from caugym.gym.problem import EFFECT_TASKS
from caugym.nano import arithmetic, told, worked
from caugym.nano.arithmetic import UNIT, ColumnOverflowError, Number
from caugym.nano.numbered import numbered, starts
from caugym.nano.printed import Statement
from caugym.nano.tokenizer import NODES, STATEMENTS
from caugym.nano.worlds import World, identified_of, world

Document = tuple[str, str]
ASKED = re.compile(r"([xymnopq]): .*?=([a-l]) ")
EDGES = re.compile(r"[a-l](?:>[a-l])+|[a-l]: | |\(")
"""What a line among the edges is or begins with; the first one that does not names the task."""


def read(rng: random.Random) -> Document:
    """A problem read into letters; then numbers found and combined as the worked form does."""
    while True:
        made = world(rng)
        written = _begun(made)
        written.graph()
        written.header()
        if not made.identified.no_effect:
            written.statements()
            written.choice()
            try:
                _program(rng, written, [(given.event, given.condition) for given in made.problem.givens])
            except ColumnOverflowError:
                continue
        return numbered(made.problem.prompt) + "\nread", written.text


def _begun(made: World) -> worked.Worked:
    return worked.Worked(made.problem, made.identified, made.places)


def _program(rng: random.Random, w: worked.Worked, terms: list[Statement]) -> None:
    if not terms:
        return

    def single() -> Number:
        return w.read(*rng.choice(terms))

    def gap() -> Number:
        first, second = rng.sample(terms, 2) if len(terms) > 1 else terms * 2
        return w.do(arithmetic.subtract, w.read(*first), w.read(*second))

    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.3:
            for term in rng.sample(terms, min(len(terms), rng.randint(1, 4))):
                w.read(*term)
        elif kind < 0.6:
            gap()
        else:
            part = gap if rng.random() < 0.6 else single
            first, second = part(), part()
            if kind < 0.7:
                w.do(arithmetic.multiply, second, w.to(first))
                continue
            spread = w.do(arithmetic.subtract, w.use(first), w.to(second))
            share = single()
            if kind < 0.95:
                w.do(arithmetic.add, w.do(arithmetic.multiply, spread, share), w.to(second))


def _text(rng: random.Random) -> World:
    """A world, or the problem of a retelling."""
    if rng.random() < told.SHARE:
        problem, places = told.draw(rng)
        if identified := identified_of(problem.graph, problem.query, rng):
            return World(problem, identified, (), places)
    return world(rng)


def edges(rng: random.Random) -> Document:
    """The edges of a problem's text, which ends behind the last of them."""
    made = _text(rng)
    written = _begun(made)
    written.graph()
    text = made.problem.prompt
    ends = [*starts(text), len(text)]
    text = text[: ends[max(written.places.edges)]].rstrip()
    return f"{numbered(text)}\nread>", written.text


def roles(rng: random.Random) -> Document:
    """From edges and statements in letters to the search, the link, the mediators and the adjustment set."""
    made = world(rng)
    written = _begun(made)
    written.graph()
    written.header()
    if not made.identified.no_effect:
        written.statements()
        written.choice()
    question, answer = in_letters(written.text)
    return f"roles{question}", answer


def in_letters(text: str) -> Document:
    """A worked text without names and words, cut in two: edges, what is asked and the statements; then all the rest."""
    question, answer, task, copied = "", "", False, False
    for line in text.strip("\n").split("\n"):
        if asked := ASKED.match(line):
            question += f"\n{asked[1]}:={asked[2]}"
        elif not task:
            task = not EDGES.match(line)
            question += f"\n{line}" * (task or EDGES.fullmatch(line) is not None)
        elif not line.startswith((" ", "(")):
            question, answer = (question + f"\n{line}", answer) if copied else (question, answer + f"\n{line}")
        copied = task and line.startswith(" ")
    return question, answer


def labels(rng: random.Random) -> Document:
    """What is asked, the other variables' letters and the sentences with statements: each copied and in letters."""
    while True:
        made = _text(rng)
        written = _begun(made)
        if made.identified.no_effect or not made.problem.givens or 0 in written.places.givens:
            continue
        written.graph()
        written.text = ""
        written.header()
        task, *lines = written.text[1:].split("\n")
        asked = [line for line in lines if ASKED.match(line)]
        letters = {match[2] for line in asked if (match := ASKED.match(line))}
        others = [f"{letter}: {written.name(node)}={letter}"
                  for node, letter in written.letters.items() if letter not in letters]  # fmt: skip
        sentences = re.split(r"\n\((\d+)\) ", numbered(made.problem.prompt))[1:]
        said = [f"({number}) {text}" for number, text in zip(sentences[::2], sentences[1::2], strict=True)
                if int(number) in written.places.givens]  # fmt: skip
        written.text, written.sentence = "", 0
        written.statements()
        return "\n".join(["labels", task, *asked, *others, *(text.rstrip("\n") for text in said)]), written.text


def lookup(rng: random.Random) -> Document:
    """Statements in letters, most of them in all signs of a few variables; then some of them, and some that lack."""
    said: list[str] = []
    while len(said) < 4:
        for _ in range(rng.choice((1, 2, 2, 3, 4))):
            said += (label for label in _alike(rng) if label not in said and rng.random() < 0.9)
    said = said[: rng.randint(6, 40)]
    if rng.random() < 0.6:
        rng.shuffle(said)
    first = rng.randint(1, 3) if rng.random() < 0.5 else rng.randint(1, STATEMENTS + 1 - len(said))
    # Numbers of few digits are alike, so that a digit must be fetched by its place and not by the digits before it.
    digits = rng.sample("0123456789", rng.choice((2, 3, 10)))
    statements, found = "", {}
    for place, label in enumerate(said, start=first):
        value = int("".join(rng.choices(digits, k=4))[::-1])
        statements += f"\n{label}{arithmetic.number(value)}{arithmetic.printed(place, value)}"
        found[label] = f"\n{label}{arithmetic.printed(place, value)}"
    asked = []
    for label in rng.choices(said, k=rng.randint(6, 24)):
        flipped = rng.choice(re.findall(r"[a-z][-+01]", label))
        other = label.replace(flipped, flipped[0] + {"+": "-", "-": "+", "0": "1", "1": "0"}[flipped[1]])
        asked.append(found.get(other, f"\n{other}=?") if rng.random() < 0.4 else found[label])
    return f"lookup{statements}", "".join(asked)


def _alike(rng: random.Random) -> list[str]:
    """Labels of one event, or its complement, under all values of its conditions."""
    others = sorted(rng.sample(NODES[: rng.randint(4, len(NODES))], rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))))
    event = ["y"] if rng.random() < 0.7 else others[-rng.choice((1, 1, 2)) :] or ["x"]
    candidates = ["x", *others] if rng.random() < 0.85 else others
    condition = [name for name in candidates if name not in event]
    usual = "-+".index(rng.choice("+-"))

    def terms(names: list[str], values: tuple[int, ...]) -> str:
        said = zip(names, values, strict=True)
        return "".join(name + ("-+" if name in "xy" else "01")[value] for name, value in said)

    labels = []
    for values in product((0, 1), repeat=len(condition)):
        happens = list(product((0, 1), repeat=len(event)))
        if event == ["y"]:
            happens = [(1 - usual,) if rng.random() < 0.1 else (usual,)]
        given = "|" + terms(condition, values) if condition else ""
        labels += [terms(event, signs) + given for signs in happens]
    return labels


def _size(rng: random.Random) -> Number:
    return rng.randint(0, 9999) if rng.random() < 0.75 else rng.randint(0, 10 ** rng.randint(1, 4) - 1)


def calculation(rng: random.Random, kind: str | None = None) -> Document:
    """One arithmetic fragment: question with its operands, completion with rows and result."""
    kind = kind or rng.choices(("sub", "add", "mul", "div", "reverse", "answer", "compare"), (4, 3, 5, 16, 1, 1, 4))[0]
    while True:
        sign = lambda: rng.choice((1, 1, -1))  # noqa: E731
        a, b = sign() * _size(rng), sign() * _size(rng)
        try:
            match kind:
                case "sub" | "add":
                    if rng.random() < 0.25:
                        b = max(-9999, min(9999, a + rng.randint(-30, 30)))
                    if rng.random() < 0.3:
                        a, b = abs(a), abs(b)
                    text = (arithmetic.subtract if kind == "sub" else arithmetic.add)(a, b)[0]
                case "mul":
                    text = arithmetic.multiply(a, b)[0]
                case "div":
                    c = rng.randint(1000, 9999)
                    a, b = rng.randint(0, c - 1), c
                    text, quotient = arithmetic.divide(a, b, rng, 0.04)
                    if rng.random() < 0.5:
                        text += f'\n{{"PROB": "0.{quotient:04d}"}}'
                case "compare":
                    a, b = abs(a), abs(b)
                    if rng.random() < 0.3:
                        a = max(0, min(9999, b + rng.randint(-300, 300)))
                    text = "\nge"
                    if a < b:
                        numerator, denominator = arithmetic.scaled(a, b)
                        text = f"\nlt\nuse{arithmetic.number(numerator)}\nto{arithmetic.number(denominator)}"
                        text += arithmetic.divide(numerator, denominator, rng, 0.04)[0] if rng.random() < 0.3 else ""
                    return f"calc\nuse{arithmetic.number(a)}\ny+x+{arithmetic.printed(rng.randint(1, 12), b)}", text
                case "reverse":
                    return f"reverse {abs(a) / UNIT:.4f}", arithmetic.number(abs(a))
                case _:
                    task = rng.choice(EFFECT_TASKS)
                    yes = abs(a) >= 10 and (a < 0 if task == "ETT" else a > 0)
                    shown = f"{'-' if a < 0 else ''}0.{abs(a):04d}"
                    return (
                        f"answer\n{task.lower()}\nto{arithmetic.number(a)}",
                        f'\n{{"ANSWER": "{"Yes" if yes else "No"}", "PROB": "{shown}"}}',
                    )
            # The operation stands in the question: which one a solution needs is not for a fragment to say.
            operation, rows = text[:4], text[4:]
            return f"calc\nuse{arithmetic.number(a)}\nto{arithmetic.number(b)}{operation}", rows
        except ColumnOverflowError:
            continue


KINDS: dict[str, Callable[[random.Random], Document]] = {
    "calculation": calculation,
    "read": read,
    "edges": edges,
    "roles": roles,
    "labels": labels,
    "lookup": lookup,
}
