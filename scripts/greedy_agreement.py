"""How often two greedy evaluations of one model agree, as when it runs in two backends.

    caugym evaluate --model runs/model --benchmark caugym-base --limit 35 --temperature 0 -o runs/direct
    transformers serve runs/model --device cpu --dtype float32 --port 8000     # needs fastapi and uvicorn
    caugym evaluate --model openai:runs/model --base-url http://127.0.0.1:8000/v1 --concurrency 1 \
        --benchmark caugym-base --limit 35 --temperature 0 -o runs/served
    python scripts/greedy_agreement.py runs/direct/caugym-base runs/served/caugym-base
"""

import json
import sys
from pathlib import Path

from caugym.evaluation.evaluate import COMPLETIONS, SCORES, read_completions


def answers(folder: Path) -> dict[tuple[str, int], str | None]:
    rows = [json.loads(line) for line in (folder / SCORES).read_text(encoding="utf-8").splitlines()]
    return {(row["id"], row["run"]): row["strict"]["parsed"] for row in rows}


def main(first: str, second: str) -> None:
    """Servers may give the prompt or special tokens back as well: what must agree is the answer that is read."""
    folders = Path(first), Path(second)
    texts = [read_completions(folder / COMPLETIONS) for folder in folders]
    parsed = [answers(folder) for folder in folders]
    both = sorted(parsed[0].keys() & parsed[1].keys())
    same = [key for key in both if parsed[0][key] == parsed[1][key]]
    letters = sum(texts[0][key].text.strip() == texts[1][key].text.strip() for key in both)
    within = sum(texts[0][key].text.strip() in texts[1][key].text for key in both)
    print(f"{len(same)} of {len(both)} answers agree ({100 * len(same) / len(both):.1f}%)")
    print(f"{letters} completions are the same to the letter, {within} of the first stand whole in the second")
    for key in both:
        if key not in same:
            print(f"{key[0]}: {parsed[0][key]} and {parsed[1][key]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
