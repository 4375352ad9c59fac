"""The curriculum: its rule by hand, a run that climbs its levels and resumes bit-equal, options that mean nothing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from caugym.errors import InputError
from caugym.gym.generate import generate
from caugym.gym.problem import TASKS
from conftest import EFFECT_KEY, QUESTION, SAID

pytest.importorskip("trl")

import torch
from safetensors.torch import load_file

from caugym.training import rewards, rows, run
from caugym.training.curriculum import Curriculum, cut, difficulty
from caugym.training.train import TrainingRun, train

ROLLOUT = (
    "max_steps=6", "save_steps=1", "num_generations=4", "per_device_train_batch_size=8", "learning_rate=1e-3",
    "gradient_accumulation_steps=1", "max_completion_length=12", "warmup_steps=0",
)  # fmt: skip
CLIMB = ("curriculum.levels=3", "curriculum.threshold=0.1", "curriculum.window=8", "curriculum.review=0.3")


@pytest.fixture(scope="module")
def problems() -> list[rows.Example]:
    found = [rows.from_problem(generate(TASKS[i % 3], seed=5, index=i), "published") for i in range(9)]
    return [example for example in found if example is not None]


@pytest.fixture(scope="module")
def problems_file(tmp_path_factory: pytest.TempPathFactory, problems: list[rows.Example]) -> Path:
    """The problems under prompts that the started model knows, and with the key that it gives now and then."""
    key = SAID[1]
    file = tmp_path_factory.mktemp("problems") / "problems.jsonl"
    known = [{"prompt": QUESTION.format(number), "answer": key} for number in range(len(problems))]
    table = [of.problem.to_row() | new for of, new in zip(problems, known, strict=True) if of.problem is not None]
    file.write_text("".join(json.dumps(row) + "\n" for row in table))
    return file


def log_of(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / run.LOG).read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in ("seconds", "level")} for line in lines]


def levels_of(folder: Path) -> list[float]:
    return [json.loads(line)["level"] for line in (folder / run.LOG).read_text().splitlines()]


def equal(one: Path, other: Path) -> bool:
    a, b = (load_file(folder / "model.safetensors") for folder in (one, other))
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_difficulty_counts_what_the_answer_is_computed_from() -> None:
    """Talent -> income: two probabilities. With a common cause z, adjusted for: P(y | x, z) for each x and z, P(z)."""
    text = (
        "Input Info: Imagine a self-contained, hypothetical world with only the following conditions, and without any "
        "unmentioned factors or causal relationships:{edges}\n{givens}\n"
        "Instruction: Consider the average treatment effect (ATE) of talent on income.\n"
        "Question: If talent is changed to be high, will income be more likely to be high?"
    )
    plain = text.format(
        edges="Talent has a direct effect on income.",
        givens="For those with talent being high, the probability of income being high is 0.6000. "
        "For those with talent being low, the probability of income being high is 0.2000. ",
    )
    example = rows.Example("a", "ATE", plain, EFFECT_KEY, "")
    problem = rows.problem_of(example)
    assert problem is not None
    assert difficulty(problem) == (2, 2, 1)
    adjusted = plain.replace(
        "on income.\n", "on income.Luck has a direct effect on talent.Luck has a direct effect on income.\n", 1
    )
    problem = rows.problem_of(rows.Example("b", "ATE", adjusted, EFFECT_KEY, ""))
    assert problem is not None
    assert difficulty(problem) == (6, 3, 3)


def test_levels_go_from_easy_to_hard() -> None:
    assert cut([(3,), (1,), (2,), (1,), (9,)], 2) == [[1, 2, 3], [0, 4]]
    assert cut([(2,), (1,)], 1) == [[0, 1]]


def test_the_next_level_opens_at_success_alone(problems: list[rows.Example]) -> None:
    curriculum = Curriculum(problems, {"levels": 3, "threshold": 0.5, "window": 4, "review": 0}, seed=1)
    easiest = [of for of, _ in curriculum.draw(3)]
    assert sorted(easiest) == curriculum.levels[0]
    curriculum.learn([1, 1, 1])  # fewer completions than the window
    assert curriculum.level == 0
    curriculum.learn([0, 0, 0])
    assert curriculum.level == 0  # one of the last four
    curriculum.learn([1])
    assert curriculum.level == 0
    curriculum.learn([1])
    assert (curriculum.level, curriculum.recent) == (1, [])
    curriculum.learn([1] * 4)
    curriculum.learn([1] * 9)
    assert curriculum.level == 2  # the last one stays
    assert {of for of, _ in curriculum.draw(9)} == set(curriculum.levels[2])


def test_easier_problems_come_again(problems: list[rows.Example]) -> None:
    curriculum = Curriculum(problems, {"levels": 3, "threshold": 0, "window": 1, "review": 0.25}, seed=1)
    curriculum.learn([0])
    drawn = curriculum.draw(400)
    easier, present = ([of for of, now in drawn if now is which] for which in (False, True))
    assert set(easier) == set(curriculum.levels[0])
    assert set(present) == set(curriculum.levels[1])
    assert 60 < len(easier) < 140
    count = Counter(present).values()
    assert max(count) - min(count) <= 1  # pass after pass


def test_a_saved_state_goes_on_alike(problems: list[rows.Example], tmp_path: Path) -> None:
    options = {"levels": 2, "threshold": 0.5, "window": 3}
    one, other = (Curriculum(problems, options, seed=7) for _ in range(2))
    one.draw(5)
    one.learn([1, 1, 0, 1])
    one.draw(3)
    one.learn([1])
    one.save(tmp_path)
    other.load(tmp_path)
    assert other.level == 1
    assert one.draw(40) == other.draw(40)
    for curriculum in (one, other):
        curriculum.learn([0, 1])
    assert vars(one) == vars(other)


@pytest.mark.parametrize("method", ["grpo", "ppo", "rloo"])
def test_a_run_climbs_and_resumes_to_the_same_parameters(
    method: str, started: Path, problems_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run dies while it judges its fifth rollout and goes on from its fourth checkpoint."""
    description = TrainingRun(method, str(started), f"{method}-tiny", ROLLOUT + CLIMB, str(problems_file))
    train(description, tmp_path / "whole")
    levels = levels_of(tmp_path / "whole")
    assert levels == sorted(levels)
    assert levels[0] == 0 and levels[-1] > 0
    judge, calls = rewards.accuracy_reward, iter(range(100))

    def accuracy_reward(completions: list[Any], answer: list[str], **more: Any) -> list[float]:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return judge(completions, answer, **more)

    with monkeypatch.context() as patch:
        patch.setattr(rewards, "accuracy_reward", accuracy_reward)
        with pytest.raises(KeyboardInterrupt):
            train(description, tmp_path / "again")
    assert run.step_of(run.latest_checkpoint(tmp_path / "again")) == 4
    train(description, tmp_path / "again")
    assert equal(tmp_path / "again", tmp_path / "whole")
    assert log_of(tmp_path / "again") == log_of(tmp_path / "whole")
    assert levels_of(tmp_path / "again") == levels


def test_one_level_is_no_curriculum(started: Path, problems_file: Path, tmp_path: Path) -> None:
    for name, more in (("none", ()), ("one", ("curriculum.levels=1",))):
        train(TrainingRun("grpo", str(started), "grpo-tiny", ROLLOUT + more, str(problems_file)), tmp_path / name)
    assert log_of(tmp_path / "one") == log_of(tmp_path / "none")
    assert equal(tmp_path / "one", tmp_path / "none")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("curriculum.levels=10",), r"curriculum.levels 10: expected a whole number from 1 to .* \(9\)"),
        (("curriculum.threshold=70",), "curriculum.threshold 70: expected a number from 0 to 1"),
        (("curriculum.window=0",), "curriculum.window 0: expected a whole number"),
        (("curriculum.steps=3",), "curriculum has no part 'steps'"),
        (("curriculum.levels=2", "rewards=[format]", "reward_weights=null"), "goes by the accuracy reward"),
    ],
)
def test_options_that_mean_nothing(
    settings: tuple[str, ...], message: str, started: Path, problems_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        train(TrainingRun("grpo", str(started), "grpo-tiny", ROLLOUT + settings, str(problems_file)), tmp_path)


def test_a_problem_of_unknown_difficulty_is_named(started: Path, few_rows: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="problem '0' cannot be read from its prompt"):
        train(TrainingRun("grpo", str(started), "grpo-tiny", ROLLOUT + CLIMB, str(few_rows)), tmp_path)
