"""The published judge against a second implementation, written by hand from the prose alone.

The released CauGym scorer is not public. Its behaviour is described in words, in the docstring of ``gym/scoring.py``;
here a scanner that reads character by character, without regular expressions, judges by those words.
"""

import random
from collections import Counter

from caugym.gym.scoring import score

KEYS = (
    '{"ANSWER": "Yes", "PROB": "0.1234"}',
    '{"ANSWER": "No", "PROB": "-0.0616"}',
    '{"ANSWER": "No", "PROB": "0"}',
    '{"PROB": "0.125"}',
    '{"PROB": "1.0000"}',
    "LACK_CONDITION",
)
VALUES = {KEYS[0]: 0.1234, KEYS[1]: -0.0616, KEYS[2]: 0.0, KEYS[3]: 0.125, KEYS[4]: 1.0}


class Scanner:
    """One pass over a text: where its objects begin, and which of them are answers."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def skip(self, wanted: str) -> bool:
        """Pass over white space and then ``wanted``; False where something else stands there."""
        self.spaces()
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def quoted(self) -> str | None:
        """A text in double quotes, which holds neither braces nor quotes."""
        if not self.skip('"'):
            return None
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in '"{}':
            self.at += 1
        inside = self.text[start : self.at]
        if self.text[self.at : self.at + 1] != '"':
            return None
        self.at += 1
        return inside

    def number(self) -> str:
        """A bare number by JSON's grammar; what breaks it off stands where the object should end."""
        start = self.at
        self.one_of("-")
        if not self.one_of("0"):
            self.digits()
        if self.one_of("."):
            self.digits()
        if self.one_of("eE"):
            self.one_of("+-")
            self.digits()
        inside = self.text[start : self.at]
        return inside if inside[-1:].isdecimal() and "-." not in inside and inside[:1] != "." else "no number"

    def one_of(self, characters: str) -> bool:
        found = self.at < len(self.text) and self.text[self.at] in characters
        self.at += found
        return found

    def digits(self) -> None:
        while self.one_of("0123456789"):
            pass

    def answer(self, start: int) -> str | None:
        """The text of PROB in the object at ``start``; None where it is not one of the two published forms."""
        self.at = start
        if not self.skip("{"):
            return None
        if self.skip('"ANSWER"') and not (self.skip(":") and self.quoted() is not None and self.skip(",")):
            return None
        if not (self.skip('"PROB"') and self.skip(":")):
            return None
        self.spaces()
        value = self.quoted() if self.text[self.at : self.at + 1] == '"' else self.number()
        return value if self.skip("}") else None


def released(text: str, key: str) -> tuple[bool, bool]:
    """Whether ``text`` is right by the description, and whether it holds an answer at all."""
    if key == "LACK_CONDITION":
        return key in text, key in text
    scanner, boxed, found = Scanner(text), [], []
    for place, character in enumerate(text):
        if character == "{":
            inside = text[:place].rstrip().endswith("\\boxed") or (boxed[-1] if boxed else False)
            value = None if inside else scanner.answer(place)
            if value is not None:
                found.append(value)
            boxed.append(inside)
        elif character == "}" and boxed:
            boxed.pop()
    numbers = [number for number in map(as_number, found) if number is not None]
    return any(abs(number - VALUES[key]) <= 5e-4 for number in numbers), bool(numbers)


def as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e20 else None


def value_text(rng: random.Random, key: str) -> str:
    """The key's value in some form, near it, at the edge of what is allowed, or something else."""
    value = VALUES.get(key, 0.2)
    near = value + rng.choice([0, 0, 0, 0.0003, -0.0003, 0.0005, -0.0005, 0.00051, -0.0006, 0.1])
    forms = [f"{near:.4f}", f"{near:.6f}", f"{near:g}", f"{near:.3e}", f" {near:.4f} ", f"+{near:.5f}"]
    forms += [f"{near:.4f}".replace("0.", "."), f"{near:.0f}.", f"0{near:.4f}", f"{near:.4E}"]
    odd = [f"{100 * near:.2f}%", "1/8", f"{near:.4f}".replace("-", "−"), "nan", "inf", "1e400", "", "x", "0,1234"]
    return rng.choice(forms if rng.random() < 0.75 else odd)


def answer_text(rng: random.Random, key: str) -> str:
    """An answer, as asked for or not."""
    word, value = rng.choice(["Yes", "No", "yes", "maybe", ""]), value_text(rng, key)
    asked = [f'{{"ANSWER": "{word}", "PROB": "{value}"}}', f'{{"PROB": "{value}"}}']
    other = [
        f'{{"ANSWER":"{word}","PROB":{value}}}',
        f'{{\n  "ANSWER": "{word}",\n  "PROB": "{value}"\n}}',
        f'{{ "PROB" : {value} }}',
        f"{{'ANSWER': '{word}', 'PROB': '{value}'}}",
        f'{{"answer": "{word}", "prob": "{value}"}}',
        f'{{"PROB": "{value}", "ANSWER": "{word}"}}',
        f'{{"ANSWER": "{word}", "PROB": "{value}", "CONFIDENCE": 0.9}}',
        f'{{"note": "x", "PROB": "{value}"}}',
        f'{{"ANSWER": "{word}", "note": 1, "PROB": "{value}"}}',
        f'{{"ANSWER": {{"PROB": "{value}"}}}}',
        f'{{"ANSWER": "{word}", "PROB": "{value}",}}',
        f'{{"ANSWER": "{word}" "PROB": "{value}"}}',
        f'{{"ANSWER": "{word}", "PROB": "{value}"',
        f"ANSWER: {word}, PROB: {value}",
        f"\\boxed{{{value}}}",
        f'\\boxed{{{{"ANSWER": "{word}", "PROB": "{value}"}}}}',
        f'\\boxed {{ {{"PROB": "{value}"}} }}',
        f'\\boxed{{"ANSWER": "{word}", "PROB": "{value}"}}',
        f'\\boxed{{so it is {{"PROB": "{value}"}}}}',
        f'{{\\"ANSWER\\": \\"{word}\\", \\"PROB\\": \\"{value}\\"}}',
        f'{{{{"PROB": "{value}"}}}}',
        f'[{{"PROB": "{value}"}}, {{"PROB": "{value_text(rng, key)}"}}]',
        "LACK_CONDITION",
        "lack_condition",
        '{"ANSWER": "LACK_CONDITION"}',
    ]
    return rng.choice(asked if rng.random() < 0.4 else other)


def completion(rng: random.Random, key: str) -> str:
    """Thinking, remarks, echoes and answers in any order and number."""
    pieces = [
        "Step 1: P(Y=1 | X=1) = 0.1234, so \\frac{0.1}{0.2} = 0.5. ",
        'Provide it in JSON format, like {"ANSWER": "Yes", "PROB": "0.1234"}: ',
        'output "LACK_CONDITION" as final answer. ',
        "<think>",
        "</think>",
        "```json\n",
        "\n```",
        '"PROB": "0.1234"',
        "{",
        "}",
        '"',
        "\\boxed{",
        "Therefore: ",
        "\r\n",
        "\x00",
    ]
    made = [rng.choice(pieces) for _ in range(rng.randint(0, 4))]
    made += [answer_text(rng, key) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    if rng.random() < 0.3:
        rng.shuffle(made)
    return "".join(made)


def test_published_judge_follows_its_description() -> None:
    rng, verdicts = random.Random(5), Counter[tuple[bool, bool]]()
    for _ in range(5_000):
        key = rng.choice(KEYS)
        text = completion(rng, key)
        verdict = score(text, key, "published")
        expected = released(text, key)
        assert (verdict.correct, verdict.parsed is not None) == expected, (key, text, verdict)
        verdicts[expected] += 1
    assert min(verdicts.values()) > 500 and len(verdicts) == 3
