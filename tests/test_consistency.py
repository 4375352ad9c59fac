"""What nano's solutions say against themselves."""

from __future__ import annotations

import random
import re

import pytest

from caugym.gym.generate import generate_many
from caugym.gym.problem import LACK_CONDITION, TASKS
from caugym.nano import consistency, solutions, worked


@pytest.fixture(scope="module")
def solved():
    problems = [p for task in TASKS for p in generate_many(task, 4, seed=17, preset="published-deconfounding")]
    return [(problem.prompt, worked.solution(problem)) for problem in problems]


def test_no_reference_contradicts_itself_in_any_wording():
    rng = random.Random(4)
    for _ in range(150):
        prompt, completion = solutions.document(rng)
        assert consistency.contradiction(prompt, completion) is None


@pytest.mark.parametrize(
    ("pattern", "replacement", "named"),
    [
        (r"(\n[a-ly][-+01]\S*=\+)(\d{3})(\d)", lambda m: m[1] + m[2] + str((int(m[3]) + 1) % 10), "not those printed"),
        (r"\n\(\d+\)\n( [^\n]*\n)(\S+=\+\d{4}\S*)(?=\n\()", "", "not those printed"),
        (r"(\n[a-l]: )([^=]+)(=[a-l](?=\n|>))", r"\1other\3", "is not"),
        (r"(\nx: .*?=)[a-l] ", lambda m: m[1] + "l ", "is not"),
        (r"(\n(?:sub|add)\S+=.)(\d)", lambda m: m[1] + str((int(m[2]) + 1) % 10), "not exact"),
        (r"\n([a-l])>([a-l])\n", r"\n\1>\2\n\2>\1\n", "cycle"),
        (r"\n\{.*", "", "no answer"),
        (r"\n\{.*", f"\n{LACK_CONDITION}", "nothing lacks"),
        (r"\n(?:ate|cde|ett|nde|nie|pn|ps)(?: upper| lower)?(?=\n)", "", "no task"),
    ],
)
def test_each_kind_of_contradiction_is_found(solved, pattern, replacement, named):
    found = changed = 0
    for prompt, text in solved:
        wrong = re.sub(pattern, replacement, text, count=1)
        if wrong == text:
            continue
        changed += 1
        found += named in (consistency.contradiction(prompt, wrong) or "")
    assert found >= 8 and found >= 0.8 * changed


def test_numbers_that_do_not_sum_to_one_and_used_numbers_that_were_not_read():
    lines = ["(2)", " a=a low x-| b=b high y+", "y+|x-=+0004#1=0004", "(3)", " a=a low x-| b=b low y-"]
    lines += ["y-|x-=+0005#2=0005"]
    assert "do not sum to one" in " ".join(consistency._of_numbers([4000, 5000], lines))
    known = {"y+|x-#1=0004", "y-|x-#2=0005"}
    assert list(consistency._of_steps(["y+|x-#1=0004"], known)) == []
    for wrong in ("y+|x+#1=0004", "y+|x-#2=0004", "y+|x-#1=0005"):
        assert "was not read" in " ".join(consistency._of_steps([wrong], known))


def test_statements_are_counted_in_their_order():
    lines = [" a=a low x-| b=b high y+", "y+|x-=+0004#1=0004", " a=a high x+| b=b high y+", "y+|x+=+0005#3=0005"]
    assert "are not those read" in " ".join(consistency._of_numbers([4000, 5000], lines))
    lines[-1] = "y+|x+=+0005#2=0005"
    assert list(consistency._of_numbers([4000, 5000], lines)) == []


def test_what_is_unusual():
    assert consistency.unusual("a text", f"...\n{LACK_CONDITION}") is not None
    assert consistency.unusual(f"say {LACK_CONDITION}", f"...\n{LACK_CONDITION}") is None
    assert consistency.unusual("is 0.1234, 0.2000 and 0.3000", "a\nlink no\n{}") is not None
    assert consistency.unusual('is 0.1234, like {"PROB": "0.1234"}', "a\nlink no\n{}") is None


def test_a_doubt_is_a_contradiction_or_what_is_unusual(solved):
    prompt, right = next((p, t) for p, t in solved if t.endswith("}"))
    assert consistency.doubts(prompt, right) is None
    assert consistency.doubts(prompt, right.rpartition("\n")[0]) == "no answer"
    assert consistency.doubts("a text", f"...\n{LACK_CONDITION}") is not None
