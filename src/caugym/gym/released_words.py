"""How the released scripts of benchmarks find an answer of one word: what the judge ``published`` does for a ``Word``.

Each rule reads the whole completion, thinking included, as its script does; nothing is evaluated, and all is linear in
time. What a script would stop at with an error is no answer. The rules and their sources:

``causalprobe``
    Haoang97/CausalProbe-2024, ``compute_results_from_json.py`` and ``multiple_choice_match`` in ``metrics.py``: the
    first digit of the output, whatever it belongs to.
``calm``, ``calm-cn``
    OpenCausaLab/CaLM, ``calm/evaluation/labeling/Natural.py`` and ``accuracy/choice.py``, as for the prompt styles
    without a chain of thought: "answer" in the first {...} that holds it, in lower case, is the word of the file. The
    Chinese files say 是 and 否, so "yes" is wrong there.
``cladder``
    causalNLP/cladder, ``causalbenchmark/eval/run_gpt_v1.5.py``: the output begins with "yes" or "no", as "now" does,
    but not with "none ".
``bbeh``
    google-deepmind/bbeh, ``bbeh/evaluate.py``: the line behind the last "The answer is:" or one of its kin (without
    it the first line) is the word, but for case, asterisks, single quotes, brackets, a full stop or a question mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, get_args

Released = Literal["causalprobe", "calm", "calm-cn", "cladder", "bbeh"]
RELEASED: tuple[Released, ...] = get_args(Released)

CHINESE_WORDS = {"yes": "是", "no": "否"}
_ASCII_DIGIT = re.compile(r"[0-9]")
_BRACED = re.compile(r"\{[^}]*+\}++")
_UNQUOTED = re.compile(r"(?<=[:,])\s*+(\w++)\s*+(?=[,:\]})])")
_QUOTES = str.maketrans("“”'", '"""')
_DECODER = json.JSONDecoder(parse_int=float)  # int refuses more than 4,300 digits; no number is right anyway
_PREFIXES = ("The answer is:", "The final answer is ", "The final answer is: ", "The answer is ")
_WRAPPERS = ("boxed{", "text{", "texttt{")


def read_released_word(text: str, options: tuple[str, ...], released: Released) -> str | None:
    """The one of ``options`` that the released script takes for the answer; None for any other answer, or none."""
    return _READERS[released](text, options)


def released_text(word: str, released: Released) -> str:
    """A completion that the released script takes for ``word``."""
    if released == "cladder":
        return word
    if released == "bbeh":
        return f"The answer is: {word}"
    return json.dumps({"ANSWER": CHINESE_WORDS[word.lower()] if released == "calm-cn" else word}, ensure_ascii=False)


def _first_digit(text: str, options: tuple[str, ...]) -> str | None:
    match = _ASCII_DIGIT.search(text)
    before = text if match is None else text[: match.start()]
    others = () if before.isascii() else [sign for sign in set(before) if sign.isdigit()]
    digit = min(others, key=before.index) if others else match[0] if match else ""
    # str.isdigit also accepts the numerals of other scripts, which int reads, and "²", at which the script stops.
    digit = str(int(digit)) if digit.isdecimal() else ""
    return digit if digit in options else None


def _answer_field(text: str, options: tuple[str, ...], words: Mapping[str, str]) -> str | None:
    """``words`` are the file's own for the options where it has others."""
    text = text.strip().lower() + "}"  # as the script, for an object that was cut off
    for braced in _BRACED.findall(text):
        # Of the many braces in a completion (LaTeX) hardly any hold the name, unless its letters are escaped.
        if ("answer" in braced or "\\u" in braced) and (value := _object(braced).get("answer")) is not None:
            return next((option for option in options if words.get(option.lower(), option.lower()) == value), None)
    return None


def _object(braced: str) -> dict[str, object]:
    """The JSON object in braces that may be doubled, and quotes that may be missing or others; else an empty one."""
    doubled = braced.startswith("{{")
    closing = len(braced) - len(braced.rstrip("}"))
    single = braced[doubled : len(braced) - min(closing - 1, 1 + doubled)]
    if single.lstrip("{ \t\r\n")[:1] not in "\"'“”":  # no name begins here, and failing takes longer
        return {}
    try:
        return _decoded(single)
    except RecursionError:  # here the script stops
        return {}
    except ValueError:
        pass
    try:
        return _decoded(_UNQUOTED.sub(r' "\1" ', single).translate(_QUOTES))
    except (ValueError, RecursionError):
        return {}


def _decoded(text: str) -> dict[str, object]:
    decoded: dict[str, object] = _DECODER.decode(text)
    return decoded


def _beginning(text: str, options: tuple[str, ...]) -> str | None:
    start = text.lower().strip().strip('"')
    if start.startswith("none "):
        return None
    return next((option for option in options if start.startswith(option.lower())), None)


def _after_prefix(text: str, options: tuple[str, ...]) -> str | None:
    text = text.strip()
    for prefix in _PREFIXES:
        _, found, after = text.rpartition(prefix)
        text = after.strip() if found else text
    text = text.removesuffix(".")
    if text.startswith("$") and text.endswith("$"):
        text = text[1:-1]
    for wrapper in _WRAPPERS:
        if wrapper in text and text.endswith("}"):
            text = text[:-1].split(wrapper, 2)[1]
    line = text.split("\n", 1)[0].lower().replace(", ", ",").replace("**", "").removesuffix(".")
    return next((option for option in options if _is_alike(line, option.lower())), None)


def _is_alike(given: str, word: str) -> bool:
    # The script also compares numbers and letters in parentheses, and no option is one.
    return given in (word, f"[{word}]", f"{word}?") or given.replace("'", "") == word.replace("'", "")


_READERS: dict[Released, Callable[[str, tuple[str, ...]], str | None]] = {
    "causalprobe": _first_digit,
    "calm": partial(_answer_field, words={}),
    "calm-cn": partial(_answer_field, words=CHINESE_WORDS),
    "cladder": _beginning,
    "bbeh": _after_prefix,
}
