"""caugym-nano's tokenizer: single digits, the gym's phrases and words as whole tokens, bytes for the rest.

Text is lower-cased, except for the answer pieces, so that a capitalised sentence head is the same token as
the name inside a sentence. A word that is not in ``words.txt`` is read letter by letter, a long one (seven letters
and more) in pieces, and anything else byte by byte: nothing is unknown. Tokens of the worked form (labels, column
pairs ``[47]``) are whole tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from caugym.gym.wording import published as wording
from caugym.nano import numbered

EOS, USER, ASSISTANT, PAD = "<|end|>", "<|user|>", "<|assistant|>", "<|pad|>"
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}<|assistant|>{% generation %}{{ message['content'] }}<|end|>"
    "{% endgeneration %}{%- else -%}<|user|>" + numbered.TEMPLATE + "{%- endif -%}"
    "{%- endfor -%}{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)
# Written in the case that a judge reads, so they are matched before lower-casing.
ANSWER_TOKENS = ('{"ANSWER": "Yes", "PROB": "', '{"ANSWER": "No", "PROB": "', '{"PROB": "', '"}', "LACK_CONDITION")

NODES = "abcdefghijkl"
"""Letters of the nodes in the worked form, in the order in which the text mentions them."""
ROLES = "xymnopqzwv"
STATEMENTS = 99
"""Places of statements that are tokens: ``#1=`` to ``#99=``."""

LONG = 7
"""Letters of a word that is read in pieces where it is not listed; in single letters it would be copied wrongly."""

LABELS = [
    *(f"\n{task}" for task in ("ate", "cde", "ett", "nde", "nie", "pn", "ps")),
    *(f"\n{role}:" for role in ROLES), *(f"={node}" for node in NODES),
    *(f"{start}{node}{end}" for start in ("\n", ">") for node in NODES for end in ("", ":")),
    "\nlink yes", "\nlink no", "=?", " upper", " lower",
    "\ny+|", "\ny-|", "\ny+", "\ny-", "x+", "x-", "\nx+", "\nx-",
    *(f"{start}{node}{k}" for start in ("\n", "", " ") for node in NODES for k in (0, 1)), " x+", " x-", " y+", " y-",
    "y+", "y-", "|", "=+", "=-", "\nsub", "\nadd", "\nmul", "\ndiv", "\nneg", "\nlt", "\nge", "x",
    "\nreverse", "\nuse", "\nto", "\ncalc", "\nanswer", "\nread", "\nroles", "\nlabels", "lookup",
    *(f"#{place}=" for place in range(1, STATEMENTS + 1)),
]  # fmt: skip

_LET_US, _LACK = wording.STEP_BY_STEP, wording.LACK_HINT
PHRASES = [
    " " + wording.PREMISE, " " + _LET_US, _LET_US, " " + _LACK,
    # The example answers inside the requests are answer tokens, so only what stands before them is a phrase.
    wording.EFFECT_REQUEST.split("{")[0], wording.BOUND_REQUEST.split("{")[0],
    "Input Info:", "Instruction: Consider the", "Question:", " If", " Given that", " Question:", " Instruction:",
    "Instruction:", *(f" ({task}) of" for task in wording.ESTIMAND_NAMES),
    *(f" {name}" for name in wording.ESTIMAND_NAMES.values()),
    " has a direct effect on", "For those with", " For those with", " the probability of", "The probability of",
    " The probability of", " being", " is", " and", " was", " If", " is changed to be", " changed to be", ", will",
    " if their", " if the", " had been", ", would the", ", would", " have been", " more likely to be",
    "Conditioned on", " Conditioned on", " Suppose the mediator keeps constant when", " Suppose",
    " is held constant and the mediator changes to whatever value it would have attained under", " changing to be",
    *(f", what is the {bound} bound of the probability {word}" for bound in ("lower", "upper")
      for word in ("of the", "that")),
    " would have been",
]  # fmt: skip


SPACING = (
    (r"\n(?=[A-Z])", "\n "),
    (r"(?<=[\"'*_/\[\u201c\u2018-])(?=[A-Za-z]{2})", " "),
    (r"\((?=[A-Za-z]{2})", "( "),
)
"""A word is one token only behind a space: it gets one at a line's start and behind quotes, hyphens and brackets."""


def spaced(text: str) -> str:
    """``text`` with the spaces of :data:`SPACING`: what a decoded text has, whether or not the original had them."""
    for pattern, to in SPACING:
        text = re.sub(pattern, to, text)
    return text


def vocabulary() -> tuple[list[str], list[str]]:
    """Multi-character pieces (longest first) and words, all in lower case."""
    words = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split()
    pieces = {spaced(phrase).lower() for phrase in PHRASES}
    pieces |= {f"[{pair:02d}]" for pair in range(100)} | {" 0.", " 1.", "0.", "1.", "-0."}
    pieces |= {" " + piece.lstrip() for piece in pieces if piece[0].isalpha()}
    pieces |= set(LABELS)
    pieces |= {f"\n({n})" for n in range(1, numbered.LIMIT + 1)}
    pieces |= {f" ({letter}={value})" for letter in "abcdefghijkl" for value in "01"}
    pieces |= {f" {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
    pieces -= {f" {word}" for word in words}
    return sorted(pieces, key=lambda piece: (-len(piece), piece)), [f" {word}" for word in sorted(words)]


def _pattern(pieces: list[str], words: list[str]) -> str:
    """The longest piece, else a listed word, else a long word, a letter behind its space, or one character.

    A piece or word that ends in a letter must end at a word's end.
    """
    spelled = [piece for piece in pieces if not re.fullmatch(r" [a-z]", piece)]
    return f"{_longest(spelled)}|{_longest(words)}| [a-z]{{{LONG},}}| [a-z]|(?m:.)"


def _longest(texts: Iterable[str]) -> str:
    """A pattern for the longest of ``texts``, as a tree of their letters: one after the other is many times slower."""
    tree: dict[str, Any] = {}
    for text in texts:
        branch = tree
        for letter in text:
            branch = branch.setdefault(letter, {})
        branch[""] = r"(?![a-z])" if text[-1].isalpha() else ""

    def write(branch: dict[str, Any]) -> str:
        ways = [re.escape(letter) + write(rest) for letter, rest in branch.items() if letter]
        ways += [branch[""]] if "" in branch else []
        return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"

    return write(tree)


def merges() -> list[tuple[str, str]]:
    """Pairs of pieces that are joined in a long word which is not listed, the most frequent in listed words first."""
    lines = (Path(__file__).parent / "merges.txt").read_text(encoding="utf-8").splitlines()
    return [(first, second) for first, second in (line.split(" ") for line in lines)]


def build() -> Any:
    """The tokenizer as a ``PreTrainedTokenizerFast`` with chat template."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces, words = vocabulary()
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    encode = lambda text: byte_level.pre_tokenize_str(text)[0][0]  # noqa: E731
    vocab: dict[str, int] = {}
    for symbol in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocab.setdefault(symbol, len(vocab))
    for text in pieces + words:
        vocab.setdefault(encode(text), len(vocab))
    joined = merges()
    for first, second in joined:
        vocab.setdefault(first + second, len(vocab))
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=joined, ignore_merges=True))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("\r\n", "\n"),
            normalizers.Replace("relationships:", "relationships: "),
            normalizers.Replace(Regex(r"(?<=[a-z])\.(?=[A-Za-z])"), ". "),
            *(normalizers.Replace(Regex(pattern), to) for pattern, to in SPACING),
            normalizers.Replace(Regex(r" +(?=\n)"), ""),
            normalizers.Replace(Regex(r" {2,}"), " "),
            normalizers.Lowercase(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_pattern(pieces, words)), "isolated"), byte_level]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=False) for token in ANSWER_TOKENS])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=EOS,
        pad_token=PAD,
        additional_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
        padding_side="left",
        model_max_length=8192,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
