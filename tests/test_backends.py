"""Model strings: LoRA adapters through transformers, vLLM's calls, and one line for what is not there."""

import dataclasses
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from caugym import nano
from caugym.errors import InputError
from caugym.evaluation.backends import Completion, Failure, Request, Sampling, open_backend
from caugym.evaluation.backends.adapters import source_of
from caugym.evaluation.backends.opened import opened_thinking
from caugym.gym.thinking import begins_within, opening_tag

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

GREEDY = Sampling(temperature=0, max_new_tokens=12)
REQUESTS = [Request(f"p{i}", 0, f"Question: what is 0.{i}1 + 0.2?") for i in range(3)]


def completions(backend: Any) -> list[str]:
    return [made.text for batch in backend.generate(REQUESTS, GREEDY, lambda _: False) for made in batch]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of random weights on nano-base, saved as peft saves it."""
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(nano.folder("nano-base"))
    layers = ["q_proj", "v_proj", "down_proj"]
    config = peft.LoraConfig(r=4, lora_alpha=64, target_modules=layers, init_lora_weights=False, task_type="CAUSAL_LM")
    folder = tmp_path_factory.mktemp("lora")
    peft.get_peft_model(model, config).save_pretrained(folder)
    return folder


def test_an_adapter_is_added_to_its_model(adapter: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    below = nano.folder("nano-base")
    merged = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(below), adapter).merge_and_unload()
    merged.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(below).save_pretrained(tmp_path)
    names = (str(adapter), str(tmp_path), "nano-base")
    with_adapter, whole, plain = (open_backend(name, device="cpu") for name in names)
    assert completions(with_adapter) == completions(whole) != completions(plain)
    weights = {backend.description()["weights"] for backend in (with_adapter, whole, plain)}
    assert len(weights) == 3 and None not in weights


def test_an_adapter_of_nothing_is_one_line(adapter: Path, tmp_path: Path) -> None:
    assert source_of(str(adapter)).rank == 4
    settings = json.loads((adapter / "adapter_config.json").read_text())
    path = tmp_path / "adapter_config.json"
    bad = {None: "'base_model_name_or_path' is None", "/no/such": "the model below the adapter: /no/such"}
    for value, message in bad.items():
        path.write_text(json.dumps(settings | {"base_model_name_or_path": value}))
        with pytest.raises(InputError, match=message):
            open_backend(str(tmp_path))
    path.write_text("[]")
    with pytest.raises(InputError, match="no adapter configuration"):
        open_backend(str(tmp_path))


def test_vllm_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(InputError, match="vllm:nano needs a GPU and the package vllm"):
        open_backend("vllm:nano")
    with pytest.raises(InputError, match="names no model"):
        open_backend("vllm:")


@dataclasses.dataclass
class SamplingParams:
    temperature: float
    top_p: float
    max_tokens: int
    seed: int | None


@dataclasses.dataclass
class LoRARequest:
    lora_name: str
    lora_int_id: int
    lora_path: str


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """vLLM needs a GPU: a stand-in with the signatures of vllm 0.33 notes what it is given."""
    calls: list[dict[str, Any]] = []

    class LLM:
        def __init__(self, model: str, *, enable_lora: bool = False, max_lora_rank: int = 16) -> None:
            calls.append({"model": model, "enable_lora": enable_lora, "max_lora_rank": max_lora_rank})

        def get_tokenizer(self) -> Any:
            return SimpleNamespace(chat_template="x", decode="".join, added_tokens_decoder={})

        def chat(
            self,
            messages: Any,
            sampling_params: Any,
            use_tqdm: bool = True,
            lora_request: Any = None,
            chat_template: str | None = None,
        ) -> list[Any]:
            calls.append({"params": sampling_params, "lora": lora_request, "template": chat_template})
            finished = ["stop", "length", "abort"]
            return [
                SimpleNamespace(
                    prompt_token_ids=["me: ", "<think>", "\n"] if i == 1 else ["me: ", "x", "\n"],
                    outputs=[SimpleNamespace(text=m[0]["content"][-4:], token_ids=(7, 8), finish_reason=finished[i])],
                )
                for i, m in enumerate(messages)
            ]

    vllm, lora, request = ModuleType("vllm"), ModuleType("vllm.lora"), ModuleType("vllm.lora.request")
    vllm.LLM, vllm.SamplingParams, request.LoRARequest = LLM, SamplingParams, LoRARequest  # type: ignore[attr-defined]
    for name, module in (("vllm", vllm), ("vllm.lora", lora), ("vllm.lora.request", request)):
        monkeypatch.setitem(sys.modules, name, module)
    return calls


def test_vllm_is_called_as_its_signatures_say(adapter: Path, calls: list[dict[str, Any]]) -> None:
    backend = open_backend(f"vllm:{adapter}")
    (batch,) = backend.generate(REQUESTS, Sampling(0.6, 0.95, 50, seed=3), lambda _: False)
    assert batch[0] == Completion("p0", 0, "0.2?", "stop", 2, 3) and isinstance(batch[2], Failure)
    assert batch[1] == Completion("p1", 0, "<think>\n0.2?", "length", 2, 3)
    assert calls[0] == {"model": str(nano.folder("nano-base")), "enable_lora": True, "max_lora_rank": 8}
    assert calls[1]["params"] == [SamplingParams(0.6, 0.95, 50, r.own_seed(3)) for r in REQUESTS]
    assert calls[1]["lora"] == LoRARequest("adapter", 1, str(adapter)) and calls[1]["template"] is None
    (rest,) = backend.generate(REQUESTS, GREEDY, lambda r: r.problem_id != "p1")
    assert len(rest) == 1 and calls[2]["params"] == [SamplingParams(0, 1.0, 12, None)]


@pytest.mark.parametrize(("rank", "room"), [(1, 1), (2, 8), (9, 16), (12, 16), (65, 128), (257, 320), (512, 512)])
def test_vllm_gets_a_rank_that_it_takes(
    rank: int, room: int, adapter: Path, tmp_path: Path, calls: list[dict[str, Any]]
) -> None:
    open_backend(f"vllm:{of_rank(rank, adapter, tmp_path)}")
    assert calls[0]["max_lora_rank"] == room


def test_vllm_takes_no_rank_above_512(adapter: Path, tmp_path: Path, calls: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match=f"{tmp_path}: the adapter has rank 513, vLLM takes 512 at most"):
        open_backend(f"vllm:{of_rank(513, adapter, tmp_path)}")
    open_backend(f"vllm:{of_rank(None, adapter, tmp_path)}")
    assert calls[0]["max_lora_rank"] == 8


def of_rank(rank: int | None, adapter: Path, folder: Path) -> Path:
    settings = json.loads((adapter / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(settings | {"r": rank}))
    return folder


def test_thinking_that_the_chat_template_opens_stands_before_the_completion() -> None:
    backend: Any = open_backend("nano-base", device="cpu")
    texts = {}
    for end in ("", "<think>\n", "<think>\n</think>\n"):
        backend.tokenizer.chat_template = "{{ messages[0]['content'] + '<|assistant|>" + end + "' }}"
        texts[end] = completions(backend)
    assert all(text.startswith("<think>\n") for text in texts["<think>\n"])
    assert not any("think>" in text for text in texts[""] + texts["<think>\n</think>\n"])


def test_a_tag_that_is_left_out_of_texts_is_not_put_before_them() -> None:
    for special, expected in ((False, "<think>\n"), (True, "")):
        added = {7: SimpleNamespace(content="<think>", special=special)}
        tokenizer = SimpleNamespace(decode="".join, added_tokens_decoder=added)
        assert opened_thinking(tokenizer, ["me:", "<think>", "\n"]) == expected


@pytest.mark.parametrize(
    ("prompt", "tag"),
    [
        ("user: 1?\nme: <think>\n", "<think>\n"),
        ("user: 1?\nme: ◁think▷", "◁think▷"),
        ("user: 1?\nme: <reasoning> \n", "<reasoning> \n"),
        ("user: 1?\nme: <think>\n\n</think>\n\n", ""),
        ("user: write <think> first\nme: ", ""),
        ("user: 1?\nme: <|channel|>final<", ""),
        ("", ""),
    ],
)
def test_the_opening_tag_that_a_prompt_ends_in(prompt: str, tag: str) -> None:
    assert opening_tag(prompt) == tag


def test_texts_that_begin_within_thinking() -> None:
    assert begins_within("so</think>0.5", False) and begins_within("so", True)
    assert not any(begins_within(text, False) for text in ("so", "<think>so</think>0.5"))
    assert not begins_within("<think>so", True)


def test_half_a_surrogate_pair_can_be_written() -> None:
    made, failure = Completion("a", 0, "half \ud83d, whole 😀", "stop", 3), Failure("a", 0, "\udc00")
    assert (made.text, failure.error) == ("half ?, whole 😀", "?")
    with pytest.raises(TypeError):
        Completion("a", 0, None, "stop", 3)  # type: ignore[arg-type]
