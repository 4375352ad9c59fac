"""caugym-nano's architecture: a small Qwen3 (rotary positions, query-key norm with a learnable gain, SwiGLU).

The slow rotary angles are YaRN's (Peng et al. 2024, arXiv 2309.00071): most texts are short, and the plain angles of
a thousand tokens and more were hardly ever seen (docs/nano.md, "Positions"). Weights from before have the plain ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES = {
    # hidden, layers, heads, head_dim, intermediate
    "1m": (128, 6, 4, 32, 384),
    "2m": (128, 8, 4, 32, 384),
    "3m": (192, 7, 6, 32, 576),
    "5m": (192, 8, 6, 32, 576),
    "8m": (256, 8, 8, 32, 768),
    "10m": (320, 8, 10, 32, 960),
}


def shape(size: str) -> tuple[int, int, int, int, int]:
    """A size's row of ``SIZES``. Raises ValueError for an unknown one."""
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}; one of {', '.join(SIZES)}")
    return SIZES[size]


def config_of(folder: Path) -> Any:
    """The config of the model in ``folder``. Raises ValueError where none is there."""
    from transformers import AutoConfig

    if not (folder / "config.json").is_file():
        raise ValueError(f"{folder} is no model folder: no config.json in it")
    return AutoConfig.from_pretrained(folder)


def build(size: str, tokenizer: Any) -> Any:
    """A freshly initialised model. Raises ValueError for an unknown size."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    hidden, layers, heads, head_dim, intermediate = shape(size)
    vocab = -(-len(tokenizer) // 32) * 32
    config = Qwen3Config(
        vocab_size=vocab,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        head_dim=head_dim,
        intermediate_size=intermediate,
        max_position_embeddings=8192,
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": 10_000.0,
            "factor": 4.0,
            "original_max_position_embeddings": 2048,
        },
        tie_word_embeddings=True,
        initializer_range=hidden**-0.5 * 0.5,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    return Qwen3ForCausalLM(config)
