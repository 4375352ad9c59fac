"""Checked readings: where a solution contradicts itself or its text, the text is read again, several times.

What nano misreads it seldom misreads twice alike when it samples, and a misreading seldom passes
:mod:`caugym.nano.consistency`, which looks at text and solution alone and knows no key. So the answer that most of the
readings without a contradiction give stands for a doubted one (self-consistency, Wang et al. 2023, over checked
samples only).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from caugym.nano.consistency import contradiction, unusual

READINGS, TEMPERATURES, TOP_P = 8, (0.8, 1.0, 1.0, 1.0), 0.95
"""Further readings of a doubted text at each of the temperatures, until a clear one is among them.

Temperatures of the logits as trained: those of sharpened weights (:mod:`.release`) are as much higher."""
LONGEST = 3
"""Tokens of a further reading for one of its prompt: right solutions have at most 2.8, a longer one runs in circles."""
CLEAR, UNUSUAL, CONTRADICTORY = range(3)


def rank(prompt: str, completion: str) -> int:
    """CLEAR, UNUSUAL or CONTRADICTORY."""
    if contradiction(prompt, completion):
        return CONTRADICTORY
    return UNUSUAL if unusual(prompt, completion) else CLEAR


def chosen(prompt: str, completions: Sequence[str]) -> int:
    """The place of the completion to give: the first one where nothing speaks against it or all contradict themselves.

    Else, of those that least speaks against, the first one with the answer that most of them have.
    """
    ranks = [rank(prompt, completion) for completion in completions]
    best = min(ranks)
    if ranks[0] == CLEAR or best == CONTRADICTORY:
        return 0
    answers = {place: completions[place].strip().rsplit("\n", 1)[-1] for place, of in enumerate(ranks) if of == best}
    most = Counter(answers.values()).most_common(1)[0][0]
    return next(place for place, answer in answers.items() if answer == most)
