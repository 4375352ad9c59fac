"""The shipped checkpoints load offline, and nano solves held-out problems that no constant answer does."""

from __future__ import annotations

from pathlib import Path

import pytest

from caugym import nano
from caugym.errors import InputError

pytest.importorskip("transformers")


@pytest.mark.parametrize("name", nano.MODELS)
def test_a_checkpoint_loads_from_its_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model = AutoModelForCausalLM.from_pretrained(nano.folder(name))
    tokenizer = AutoTokenizer.from_pretrained(nano.folder(name))
    assert 1e6 < sum(p.numel() for p in model.parameters()) < 15e6
    assert tokenizer.chat_template and len(tokenizer) <= model.config.vocab_size


def test_nano_beats_every_constant_answer(tmp_path: Path) -> None:
    from caugym.evaluation.backends import Sampling
    from caugym.evaluation.evaluate import Evaluation, evaluate

    greedy = Sampling(temperature=0, max_new_tokens=360)
    result = evaluate(Evaluation("nano", "caugym-base", limit=42, runs=1, sampling=greedy), tmp_path)
    assert result["judges"]["strict"]["mean"]["mean"] > 0.55


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(InputError, match="nano-large"):
        nano.folder("nano-large")
