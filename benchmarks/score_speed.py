"""How many completions of 2,000 tokens one core scores per second: python benchmarks/score_speed.py

Three kinds: the answer at the end, the answer after a thinking block, no answer at all (the slowest).
Seconds are CPU time, so other work on the machine changes the numbers less.
"""

import json
import time

from caugym.gym.problem import Answer
from caugym.gym.scoring import score

STEP = (
    "For those with talent being high and effort being low, the probability of success being high is 0.4358, "
    "so P(C=1|A=1,B=0) = 0.4358 and the answer needs P(B=0) = 0.5952 as well: 0.4358 * 0.5952 = 0.2594.\n"
)


def completion(kind: str, characters: int = 8_000) -> str:
    """About 2,000 tokens of English at four characters a token."""
    body = (STEP * (characters // len(STEP) + 1))[:characters]
    answer = 'Step 7: so the answer is Yes.\n{"ANSWER": "Yes", "PROB": "0.1234"}'
    return {"end": body + answer, "think": f"<think>{body}</think>\n{answer}", "none": body}[kind]


def measure(kind: str, judge: str, seconds: float = 1.0) -> float:
    texts = [completion(kind)[index:] for index in range(50)]
    key = Answer.from_text('{"ANSWER": "Yes", "PROB": "0.1234"}')
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for text in texts:
            score(text, key, judge)  # type: ignore[arg-type]
        done += len(texts)
    return done / (time.process_time() - start)


if __name__ == "__main__":
    kinds = [(judge, kind) for judge in ("strict", "published") for kind in ("end", "think", "none")]
    print(json.dumps({f"{judge} {kind}": round(measure(kind, judge)) for judge, kind in kinds}))
