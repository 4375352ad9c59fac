"""LACK_CONDITION as the answer, told from the word quoted on the way."""

from __future__ import annotations

import re

from caugym.gym.answer_forms import LACK, Extraction

_ONLY_AFTER = re.compile(
    r"[^\w?]*(?:true\b|as (?:the |my |our |a )?(?:final )?(?:answer|output))?(?:[^\w?]|</?[\w|]{1,20}>)*", re.IGNORECASE
)
_LABEL_BEFORE = re.compile(
    r"(?:\banswer\b[^\w\n]{0,12}(?:(?:is|must be|should be|has to be)\b)?[^\w\n]{0,12}(?:text)?[^\w\n]{0,4}"
    r"|\b(?:so|thus|therefore|hence|i|we)\b,? (?:(?:i|we|must|will|should|can only) ){0,2}"
    r"(?:output|answer|return|respond with|reply with|conclude)[^\w\n]{0,8})$",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|than|without|avoid|instead of|cannot|(?:might|may|could) be)|n['’]t)\b"
    r"\s+(?:[a-z]+\s+){0,3}[^\w\n]{0,6}$",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\W*(?:if|unless|when|whenever|in case|should the)\b|.*\bnot enough to solve the question", re.I
)
_SENTENCE_END = re.compile(r"[.!?:]\s|\n")
# "LACK_CONDITION because ...", "LACK_CONDITION: ...", "LACK_CONDITION is the answer".
_EXPLAINED_AFTER = re.compile(
    r"[\"'`*]{0,3}(?:\s*[:.;,(–—-]"
    r"|\s+(?:because|since|as|due to|given that|is (?:the|my|our) (?:final |correct |right )?answer)\b)",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:would be|is what|unless|if)\b|\bno[,.!]"
    r"|n['’]t (?:apply|hold|needed|fit)|\bnot (?:apply|hold|needed|right|correct|true)\b",
    re.IGNORECASE,
)


# "... is not enough to solve the question. LACK_CONDITION." and "Therefore, LACK_CONDITION."
_SENTENCE_OPENS = re.compile(r"(?:so|thus|therefore|hence|finally)?[\s,:\"'`*(]*", re.IGNORECASE)
_SENTENCE_CLOSES = re.compile(r"[\"'`*)]{0,4}[.!][\"'`*)]{0,4}(?:\s|$)")
# A choice or a question: "a number or LACK_CONDITION", "LACK_CONDITION or a number?".
_ALTERNATIVE_BEFORE = re.compile(r"\b(?:or|and/or)[\s\"'`*]{0,6}$", re.IGNORECASE)
_ALTERNATIVE_AFTER = re.compile(r"[\s\"'`*]{0,6}(?:or\b|and/or\b|/)|[^.!(\n]*\?", re.IGNORECASE)


def read_lack(text: str, position: int) -> Extraction | None:
    """LACK_CONDITION at ``position`` where it is the answer: at the end, opening its line, or labelled as such."""
    word = LACK.match(text, position)
    if word is None:
        return None
    before, after = text[max(0, position - 300) : position], text[word.end() : word.end() + 200]
    sentence = before[max((end.end() for end in _SENTENCE_END.finditer(before)), default=0) :]
    line_after = after.split("\n", 1)[0]
    if _NEGATED_BEFORE.search(before[-60:]) or _CONDITIONAL.match(sentence) or re.match(r"\W{0,3}\s*if\b", after):
        return None
    opens = not before.rsplit("\n", 1)[-1].strip(" \t*`\"'#>$-_.=")
    said = (
        (len(after) < 200 and _ONLY_AFTER.fullmatch(after))
        or (opens and _ONLY_AFTER.fullmatch(line_after))
        or (opens and _EXPLAINED_AFTER.match(line_after) and not _TAKEN_BACK.search(line_after[:160]))
        or _LABEL_BEFORE.search(before[-80:])
        or _is_whole_sentence(before, sentence, line_after)
    )
    alternative = said and (_ALTERNATIVE_BEFORE.search(before[-20:]) or _ALTERNATIVE_AFTER.match(line_after))
    return Extraction(lack=True, start=position) if said and not alternative else None


def _is_whole_sentence(before: str, sentence: str, after: str) -> bool:
    """Whether the word is a sentence of its own, no reply to a question and not taken back in the same line."""
    if not _SENTENCE_CLOSES.match(after) or not _SENTENCE_OPENS.fullmatch(sentence):
        return False
    asked = before[: len(before) - len(sentence)].rstrip().endswith("?")
    return not asked and not _TAKEN_BACK.search(after[:160])
