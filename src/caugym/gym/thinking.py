"""Where a completion's thinking ends: the judge reads what follows."""

from __future__ import annotations

import re

# The tags of the common reasoning models, and the channels of the "harmony" format.
_TAG = re.compile(
    r"[<\[◁](?:(?P<close>/(?:think(?:ing)?|seed:think|thought|reasoning|analysis|scratchpad)|\|end_of_thought\|)"
    r"|(?P<think>think(?:ing)?|seed:think|thought|\|begin_of_thought\||\|channel\|>(?:analysis|commentary))"
    r"|(?P<written>reasoning|analysis|scratchpad)|(?P<final>\|channel\|>final))[>\]▷<]",
    re.IGNORECASE,
)
_MESSAGE, _ANSWER = "<|message|>", re.compile("<answer>", re.IGNORECASE)


def lower_case(text: str) -> str:
    """Lower case of the same length: U+0130 is the one character whose lower case is longer."""
    return text.lower() if text.isascii() else text.replace("İ", "I").lower()


def final_text(completion: str) -> str | None:
    """What follows the last thinking block; None where a block was opened and never closed.

    An ``<answer>`` tag ends a block that a prompt asked for (reasoning, analysis, scratchpad) and that is not closed.
    """
    tag = _last_tag(completion)
    if tag is None:
        return _after_bare_channels(completion)
    if tag["close"]:
        return completion[tag.end() :]
    if tag["final"]:
        message = completion.find(_MESSAGE, tag.start())
        return completion[message + len(_MESSAGE) if message >= 0 else tag.end() :]
    answer = _ANSWER.search(completion, tag.end()) if tag["written"] else None
    return completion[answer.start() :] if answer else None


def opening_tag(prompt: str) -> str:
    """The opening tag that ``prompt`` ends in, with the white space behind it; "" where it ends in none.

    The chat templates of some reasoning models end so, and a completion then begins within the thinking.
    """
    end = len(prompt.rstrip())
    tag = _last_tag(prompt[:end])
    if tag is None or tag.end() < end or not (tag["think"] or tag["written"]):
        return ""
    return prompt[tag.start() :]


def begins_within(text: str, cut_off: bool) -> bool:
    """Whether ``text`` of a model that always thinks begins within thinking that a prompt opened.

    It does where its first tag closes a block, and where it holds no tag and was cut off.
    """
    first = _TAG.search(text)
    return cut_off if first is None else first["close"] is not None


def _last_tag(text: str) -> re.Match[str] | None:
    """The last tag decides. Searched backwards by its first character, at memory speed."""
    last: re.Match[str] | None = None
    for bracket in "<[◁":
        place = text.rfind(bracket)
        while place > (last.start() if last else -1):
            if match := _TAG.match(text, place):
                last = match
                break
            place = text.rfind(bracket, 0, place)
    return last


def _after_bare_channels(completion: str) -> str:
    """The final channel of the "harmony" format whose special tokens were left out of the text."""
    said = "assistantfinal"
    if completion[:8].lower() != "analysis" or said not in completion:
        return completion
    return completion[completion.rfind(said) + len(said) :]
