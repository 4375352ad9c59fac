"""Near words of the words nano knows, from WordNet's synonyms and derivations; writes a line for each word.

    python scripts/near_words.py /usr/share/wordnet -o src/caugym/gym/wording/phrasing/near.txt
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

WORDS = Path(__file__).parent.parent / "src" / "caugym" / "nano" / "words.txt"
SENSES = 2
"""Of a word's senses, which stand in the order of their frequency."""
MOST = 6
"""Near words of one word."""
PARTS = ("noun", "adj")


def senses(folder: Path, part: str) -> Iterator[tuple[str, int, list[int]]]:
    """Word, how many of its senses occur in tagged texts, and where its senses stand in the data file."""
    for line in (folder / f"index.{part}").read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            word, _, count, pointers, *rest = line.split()
            rest = rest[int(pointers) :]
            yield word, int(rest[1]), [int(place) for place in rest[2 : 2 + int(count)]]


def synset(data: bytes, place: int) -> tuple[list[str], list[int]]:
    """Words of one sense, and where nouns and adjectives derived from it stand."""
    fields = data[place : data.index(b"\n", place)].decode().split(" | ")[0].split()
    count = int(fields[3], 16)
    words = [re.sub(r"\(.*\)$", "", word).lower() for word in fields[4 : 4 + 2 * count : 2]]
    at = 5 + 2 * count
    pointers = [fields[at + 4 * k : at + 4 * k + 4] for k in range(int(fields[at - 1]))]
    return words, [(part, int(to)) for kind, to, part, _ in pointers if kind in ("+", "=")]  # type: ignore[misc]


def near(folder: Path) -> dict[str, list[str]]:
    listed = set(WORDS.read_text(encoding="utf-8").split())
    data = {part: (folder / f"data.{part}").read_bytes() for part in PARTS}
    index = {part: list(senses(folder, part)) for part in PARTS}
    common = listed | {word for part in PARTS for word, tagged, _ in index[part] if tagged}
    found: dict[str, list[str]] = {}
    for part in PARTS:
        for word, _, places in index[part]:
            if word not in listed or len(word) < 4:
                continue
            others: list[str] = []
            for place in places[:SENSES]:
                words, derived = synset(data[part], place)
                others += words
                for kind, to in derived:
                    name = {"n": "noun", "a": "adj", "s": "adj"}.get(kind)
                    others += synset(data[name], to)[0] if name else []
            known = found.setdefault(word, [])
            known += [w for w in dict.fromkeys(others) if w != word and w in common and w.isalpha() and len(w) > 3
                      and w not in known]  # fmt: skip
    return {word: others[:MOST] for word, others in sorted(found.items()) if others}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="WordNet's dictionary files")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    lines = [" ".join((word, *others)) for word, others in near(options.folder).items()]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} words")


if __name__ == "__main__":
    main()
