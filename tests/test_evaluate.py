"""Evaluation: published files read to the letter, resumption, seeded sampling, decoding equal to generate, commands."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from caugym.cli import main
from caugym.errors import InputError
from caugym.evaluation import benchmarks
from caugym.evaluation.backends import Completion, Request, Sampling
from caugym.evaluation.evaluate import COMPLETIONS, RESULT, SCORES, Evaluation, evaluate
from caugym.evaluation.items import Item, spread
from caugym.gym.problem import Answer, Problem
from caugym.gym.scoring import score

PUBLISHED = Path(os.environ.get("CAUGYM_PUBLISHED_DATA", Path(__file__).parents[2] / "shared" / "data"))
published_data = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="published data not found")
EFFECT, BOUND = '{"ANSWER": "Yes", "PROB": "0.25"}', '{"PROB": "0.5"}'


class Scripted:
    """A backend that answers by rule and can stop after a number of batches, as if killed."""

    def __init__(self, answer: Callable[[Request], str], fail_after: int = 1000, finish: str = "stop") -> None:
        self.answer, self.fail_after, self.finish, self.asked = answer, fail_after, finish, 0

    def description(self) -> dict[str, Any]:
        return {"model": "scripted"}

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion]]:
        for start in range(0, len(requests), 4):
            batch = [request for request in requests[start : start + 4] if not done(request)]
            if self.asked >= self.fail_after:
                raise KeyboardInterrupt
            self.asked += bool(batch)
            if batch:
                yield [Completion(r.problem_id, r.run, self.answer(r), self.finish, 7) for r in batch]


def write_published(folder: Path) -> Path:
    """Files in the published form, of our own numbers."""
    (folder / "caugym").mkdir(parents=True)
    ett = {
        "problem": "Q1",
        "answer": EFFECT,
        "Type": "ETT",
        "index": 4,
        "Reason": {"Step 7": "ETT=0.25>0 so the answer is No."},
    }
    pn = {"problem": "Q2", "answer": BOUND, "Type": "PN", "index": 6, "Reason": "{'Step 1': '0.5'}"}
    (folder / "caugym" / "base_dev.json").write_text(json.dumps([ett, pn]))
    lack = {"problem": "Q3", "answer": "LACK_CONDITION", "Type": "ATE", "index": 8}
    (folder / "caugym" / "insufficient.json").write_text(json.dumps([lack]))
    (folder / "calm_lite").mkdir()
    calm = {
        "index": 1,
        "Type": "ATE",
        "given_info": "World.",
        "Background": {"data_info": "P. "},
        "Instruction": "Consider.",
        "Question": "Will it?",
        "gt_answer": 0.24999,
        "Reason": {"Step 7": "so the answer is Yes."},
    }
    (folder / "calm_lite" / "ATE-P_ATE-basic_EN.jsonl").write_text(json.dumps(calm) + "\n")
    return folder


def test_published_files(tmp_path: Path) -> None:
    data = write_published(tmp_path)
    ett, pn = benchmarks.load("published-base", data)
    assert (ett.answer.decision, ett.key("published").decision) == (False, True)
    assert pn.answer == pn.key("published") == Answer.from_text(BOUND)
    (lack,) = benchmarks.load("published-insufficient", data / "caugym")
    assert lack.answer.lacks_condition and lack.prompt.endswith('output "LACK_CONDITION" as final answer.')
    assert "\nLet's think step by step. If the condition is not enough" in lack.with_step_by_step().prompt
    (calm,) = benchmarks.load("calm-basic", data)
    assert calm.prompt.startswith("Input Info: World.\nP. \nInstruction: Consider.\nQuestion: Will it?\nProvide the")
    assert calm.answer.text() == EFFECT
    assert benchmarks.load("calm-basic", data / "calm_lite") == [calm]
    assert [item.task for item in benchmarks.load("calm-basic", data / "caugym")] == ["ETT", "PN"]


def test_missing_and_broken_data_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name their folder with --data"):
        benchmarks.load("calm-basic", None)
    with pytest.raises(InputError, match="no such folder"):
        benchmarks.load("calm-basic", tmp_path / "none")
    with pytest.raises(InputError, match=r"no CaLM basic files: expected \*-P_\*-basic_EN"):
        benchmarks.load("calm-basic", tmp_path)
    with pytest.raises(InputError, match="unknown benchmark 'x'; known: all, bbeh-causal, calm-basic"):
        benchmarks.load("x", None)
    with pytest.raises(InputError, match="limit is 0"):
        benchmarks.load("caugym-base", None, 0)
    path = tmp_path / "ATE-P_ATE-basic_EN.jsonl"
    path.write_text('{"Type": "ATE"}\n\n{"Type": \n')
    with pytest.raises(InputError, match=r"basic_EN\.jsonl:3: broken JSON"):
        benchmarks.load("calm-basic", tmp_path)
    path.write_text('{"Type": "XYZ"}\n')
    with pytest.raises(InputError, match=r"EN\.jsonl:1: field 'Type' is 'XYZ'"):
        benchmarks.load("calm-basic", tmp_path)


@published_data
def test_calm_basic_is_caugym_base_to_the_letter() -> None:
    base = {item.prompt: item for item in benchmarks.load("published-base", PUBLISHED)}
    calm = benchmarks.load("calm-basic", PUBLISHED)
    assert len(calm) == 350 and all(base[item.prompt].answer == item.answer for item in calm)
    contradicting = [item for item in base.values() if item.answer != item.key("published")]
    assert {item.task for item in contradicting} == {"ETT", "NIE"} and len(contradicting) > 30


def test_limits_spread_over_the_tasks() -> None:
    items = [Item(f"{task}-{i}", "", Answer(), task) for task in ("ATE", "PN", "PS") for i in range(5)]
    assert [item.id for item in spread(items, 4)] == ["ATE-0", "ATE-1", "PN-0", "PS-0"]
    ours = benchmarks.load("caugym-base", None, 9)
    assert len(ours) == len({item.prompt for item in ours}) == 9 and len({item.task for item in ours}) == 7
    assert benchmarks.load("caugym-base", None, 9) == ours


def test_evaluate_counts_and_resumes(tmp_path: Path) -> None:
    data = write_published(tmp_path / "data")
    evaluation = Evaluation("scripted", "published-base", data=data, runs=5)

    def answer(request: Request) -> str:
        return '{"ANSWER": "No", "PROB": "0.25"}' if request.prompt == "Q1" else BOUND * (request.run > 0)

    whole = evaluate(evaluation, tmp_path / "whole", Scripted(answer))
    strict, released = whole["judges"]["strict"], whole["judges"]["published"]
    assert strict["tasks"]["ETT"]["mean"] == released["tasks"]["ETT"]["mean"] == 1.0
    assert strict["tasks"]["PN"]["mean"] == 0.8 and strict["mean"]["mean"] == 0.9
    assert strict["reasons"] == {"correct": 9, "no_answer": 1} and strict["no_answer_share"] == 0.1
    assert whole["constant_answer"]["strict"]["mean"]["mean"] == 1.0 and whole["tokens"] == 70

    broken = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        evaluate(evaluation, broken, Scripted(answer, fail_after=1))
    assert not (broken / RESULT).exists()
    with (broken / COMPLETIONS).open("a") as file:
        file.write('{"problem_id": "published-ba')  # the last line was cut off by a kill
    rest = Scripted(answer)
    resumed = evaluate(evaluation, broken, rest)
    assert rest.asked == 2  # of three batches
    for name in (COMPLETIONS, SCORES):
        assert (broken / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert {k: v for k, v in resumed.items() if k != "wall_seconds"} == {
        k: v for k, v in whole.items() if k != "wall_seconds"
    }

    idle = Scripted(answer)
    assert evaluate(evaluation, broken, idle) == resumed and idle.asked == 0
    with pytest.raises(InputError, match=r"other settings \(runs\)"):
        evaluate(Evaluation("scripted", "published-base", data=data, runs=3), broken, idle)


def test_strict_and_published_keys_differ_on_inverted_items(tmp_path: Path) -> None:
    data = write_published(tmp_path / "data")
    result = evaluate(
        Evaluation("s", "published-base", data=data, runs=1), tmp_path / "out", Scripted(lambda r: EFFECT)
    )
    assert result["judges"]["strict"]["reasons"] == {"wrong_decision": 1, "wrong_value": 1}
    assert result["judges"]["published"]["tasks"]["ETT"]["mean"] == 1.0


def test_truncated_is_counted_and_greedy_makes_one_run(tmp_path: Path) -> None:
    data = write_published(tmp_path / "data")
    evaluation = Evaluation("s", "published-base", data=data, runs=5, sampling=Sampling(temperature=0))
    result = evaluate(evaluation, tmp_path / "out", Scripted(lambda r: "Step 1", finish="length"))
    assert result["runs"] == 1 and result["judges"]["strict"]["truncated_share"] == 1.0


@pytest.mark.parametrize(
    ("field", "value"), [("runs", 0), ("temperature", -1.0), ("top_p", 0.0), ("max_new_tokens", 0)]
)
def test_options_out_of_range(tmp_path: Path, field: str, value: float) -> None:
    options: dict[str, Any] = {"runs": value} if field == "runs" else {"sampling": Sampling(**{field: value})}
    with pytest.raises(InputError, match=field.replace("_", "-")):
        evaluate(Evaluation("s", "caugym-base", **options), tmp_path / "out", Scripted(lambda r: ""))


def test_randomness_belongs_to_the_completion() -> None:
    first = Request("a", 0, "x").randomness(1, 5)
    assert np.array_equal(first, Request("a", 0, "y").randomness(1, 9)[:5])
    assert not np.array_equal(first, Request("a", 1, "x").randomness(1, 5))
    assert not np.array_equal(first, Request("a", 0, "x").randomness(2, 5))


@pytest.fixture(scope="module")
def tiny_model() -> Any:
    torch = pytest.importorskip("torch")
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=60,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=256,
        eos_token_id=None,
        pad_token_id=0,
    )
    return Qwen3ForCausalLM(config).eval()


def test_decode_equals_generate(tiny_model: Any) -> None:
    import torch

    from caugym.evaluation.backends.decode import decode

    rng = np.random.default_rng(0)
    prompts = [rng.integers(1, 60, size=size).tolist() for size in (3, 9, 9, 17, 30, 5)]
    prompts.append(prompts[0])
    ends = {7, 8, 9, 10, 11}
    for end_ids in (set(), ends):
        decoded = decode(tiny_model, prompts, [40] * len(prompts), end_ids, pad_id=0)
        for prompt, result in zip(prompts, decoded, strict=True):
            ids = tiny_model.generate(
                torch.tensor([prompt]),
                max_new_tokens=40,
                do_sample=False,
                pad_token_id=0,
                eos_token_id=sorted(end_ids) or None,
            )[0, len(prompt) :].tolist()
            stopped = bool(end_ids) and ids[-1] in end_ids
            assert result.ids == (ids[:-1] if stopped else ids)
            assert result.finish_reason == ("stop" if stopped else "length")


def test_decode_samples_by_each_rows_randomness(tiny_model: Any) -> None:
    from caugym.evaluation.backends.decode import decode

    rng = np.random.default_rng(1)
    prompts, randomness = [[1, 2, 3], [4, 5, 6, 7, 8], [9, 10]], rng.random((3, 20), dtype=np.float32)
    together = decode(tiny_model, prompts, [20, 20, 5], {11}, 0, 1.0, 0.9, randomness)
    alone = [
        decode(tiny_model, [p], [b], {11}, 0, 1.0, 0.9, randomness[i : i + 1])[0]
        for i, (p, b) in enumerate(zip(prompts, [20, 20, 5], strict=True))
    ]
    assert together == alone and len(together[2].ids) <= 5


def test_the_most_probable_tokens_give_the_same_draws_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows from nearly certain to nearly flat, where the few most probable tokens do not reach top_p."""
    torch = pytest.importorskip("torch")
    from caugym.evaluation.backends import decode

    generator = torch.Generator().manual_seed(0)
    sharpness = torch.linspace(0.01, 6, 600)[:, None]
    logits, uniform = torch.randn(600, 500, generator=generator) * sharpness, torch.rand(600, generator=generator)
    most = (logits / 0.6).softmax(-1).topk(decode.LIKELY)[0].sum(-1)
    assert 100 < int((most < 0.95).sum()) < 500
    found = decode._choose(logits, 0.6, 0.95, uniform)
    monkeypatch.setattr(decode, "LIKELY", 500)
    assert torch.equal(found, decode._choose(logits, 0.6, 0.95, uniform))
    by_hand = []
    for row, draw in zip((logits / 0.6).softmax(-1).double().tolist(), uniform.tolist(), strict=True):
        order, total, kept = sorted(range(500), key=lambda token: -row[token]), 0.0, []
        for token in order:
            kept.append(token)
            total += row[token]
            if total >= 0.95:
                break
        target, reached = draw * total, 0.0
        for token in kept:
            reached += row[token]
            if reached > target:
                break
        by_hand.append(token)
    assert sum(a != b for a, b in zip(found.tolist(), by_hand, strict=True)) <= 2  # rounding at a token's edge


def test_sampling_keeps_to_the_nucleus() -> None:
    torch = pytest.importorskip("torch")
    from caugym.evaluation.backends.decode import _choose

    logits = torch.log(torch.tensor([[0.1, 0.5, 0.05, 0.35]])).repeat(4000, 1)
    uniform = torch.linspace(0, 0.9999, 4000)
    for top_p, expected in ((0.5, [0, 1, 0, 0]), (0.8, [0, 10 / 17, 0, 7 / 17]), (1.0, [0.1, 0.5, 0.05, 0.35])):
        counts = torch.bincount(_choose(logits, 1.0, top_p, uniform), minlength=4) / 4000
        assert counts.tolist() == pytest.approx(expected, abs=2e-3)


def test_evaluate_command_with_a_real_model(
    tiny_model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {"<pad>": 0, "<end>": 1, "<unk>": 2} | {chr(96 + i): i + 2 for i in range(1, 27)}
    plain = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    folder = tmp_path / "model"
    PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="<pad>", eos_token="<end>", unk_token="<unk>"
    ).save_pretrained(folder)
    tiny_model.save_pretrained(folder)
    options = [
        "--model",
        str(folder),
        "--benchmark",
        "published-base",
        "--data",
        str(write_published(tmp_path / "data")),
    ]
    options += ["--runs", "2", "--max-new-tokens", "8", "--device", "cpu"]
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", *options, "-o", str(tmp_path / "out")])
    assert not stop.value.code
    assert "published-base" in capsys.readouterr().out
    first = (tmp_path / "out" / "published-base" / COMPLETIONS).read_text()
    with pytest.raises(SystemExit):
        main(["evaluate", *options, "-o", str(tmp_path / "again")])
    assert (tmp_path / "again" / "published-base" / COMPLETIONS).read_text() == first
    assert len(first.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "/no/such/model"], "/no/such/model: no such model folder"),
        (["--benchmark", "nonsense"], "unknown benchmark 'nonsense'"),
        (["--benchmark", "calm-basic"], "name their folder with --data"),
        (["--benchmark", "calm-basic", "--data", "/no/such/data"], "--data /no/such/data: no such folder"),
        (["--limit", "0"], "--limit is 0"),
    ],
)
def test_evaluate_command_explains_bad_input(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "-o", str(tmp_path), *arguments])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def run_score(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["score", *arguments])
    captured = capsys.readouterr()
    return int(stop.value.code or 0), captured.out, captured.err


def test_score_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": "a", "task": "ETT", "answer": EFFECT, "completions": [EFFECT, EFFECT.replace("Yes", "No")]},
        {"id": 2, "task": "PN", "answer": BOUND, "completion": "{'prob': 1/2}"},
        {"answer": "LACK_CONDITION", "completion": "Step 1", "finish_reason": "length"},
    ]
    file, details = tmp_path / "rows.jsonl", tmp_path / "details.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    code, out, _ = run_score(capsys, str(file), "--details", str(details))
    result = json.loads(out)
    assert code == 0 and (result["problems"], result["completions"]) == (3, 4)
    assert result["accuracy"] == 0.5 and result["interval"][0] < 0.5 < result["interval"][1]
    assert result["reasons"] == {"correct": 2, "wrong_value": 0, "wrong_decision": 1, "no_answer": 0, "truncated": 1}
    assert result["tasks"]["ETT"]["mean"] == 0.5
    lines = [json.loads(line) for line in details.read_text().splitlines()]
    assert [line["reason"] for line in lines] == ["correct", "wrong_decision", "correct", "truncated"]
    code, out, _ = run_score(capsys, str(file), "--judge", "published")
    assert json.loads(out)["accuracy"] == pytest.approx(1 / 3)
    assert score("{'prob': 1/2}", BOUND, "published").reason == "no_answer"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ('{"answer": "LACK_CONDITION", "completion": "x"}\n\n{"answer": \n', ":3: broken JSON"),
        ("[1]", "item 1: expected a JSON object"),
        ('{"completion": "x"}', ":1: field 'answer' is missing"),
        ('{"answer": "perhaps", "completion": "x"}', ":1: not an answer key: 'perhaps'"),
        ('{"answer": "LACK_CONDITION"}', ":1: expected one of the fields"),
        ('{"answer": "LACK_CONDITION", "completions": [1]}', ":1: completions are texts"),
        ('{"answer": "LACK_CONDITION", "completions": []}', ":1: completions are texts"),
        ('{"answer": "LACK_CONDITION", "completion": "x", "finish_reason": ["a", "b"]}', ":1: field 'finish_reason'"),
    ],
)
def test_score_command_explains_bad_input(
    content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(content)
    code, out, error = run_score(capsys, str(file))
    assert code == 2 and not out and message in error and error.count("\n") == 1
    code, _, error = run_score(capsys, str(tmp_path / "missing.jsonl"))
    assert code == 2 and "cannot be read" in error


def test_what_was_asked_stands_beside_the_result(tmp_path: Path) -> None:
    description = Evaluation("scripted", "caugym-base", limit=7, runs=1)
    result = evaluate(description, tmp_path, Scripted(lambda request: "no"))
    items = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text().splitlines()]
    assert [Problem.from_row(item["problem"]).prompt for item in items] == [item["prompt"] for item in items]
    assert len(items) == 7 and result["hardware"]["cores"] >= 1 and result["command"]
