"""Write the merges of nano's tokenizer: the pieces that listed words are most often made of.

    python scripts/nano_merges.py 320
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

FOLDER = Path(__file__).parents[1] / "src" / "caugym" / "nano"


def main(count: int) -> None:
    words = [f" {word}" for word in (FOLDER / "words.txt").read_text(encoding="utf-8").split()]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    letters = sorted({letter for word in words for letter in word})
    trainer = trainers.BpeTrainer(vocab_size=len(letters) + count, show_progress=False)
    tokenizer.train_from_iterator(words, trainer)
    pairs = json.loads(tokenizer.to_str())["model"]["merges"]
    (FOLDER / "merges.txt").write_text("".join(f"{first} {second}\n" for first, second in pairs), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]))
