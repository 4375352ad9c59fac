"""How much memory a recipe needs on each GPU, computed from the model's shape: what the comments in the recipes quote.

    python scripts/memory.py

Counted are the weights, gradients and Adam's two moments of what is trained (fp32), the frozen weights under an adapter
(bf16, or 4 bits with a constant for every 64 weights), vLLM's own copy with its cache, and activations with
checkpointing: the input of each layer in bf16 and one layer's insides. Logits are computed in tiles and not counted,
nor is what the allocator loses and CUDA itself needs (1 to 2 GB). Nothing here was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

GB, GIB = 1e9, 2.0**30


@dataclass(frozen=True)
class Shape:
    """A decoder of the Qwen family: from its config.json."""

    layers: int
    width: int
    inner: int
    heads: int
    key_heads: int
    head: int
    vocabulary: int
    tied: bool

    def linears(self) -> list[tuple[int, int]]:
        """Inputs and outputs of the linear maps of one layer: those that target_modules all-linear adapts."""
        queries, keys = self.heads * self.head, self.key_heads * self.head
        attention = [(self.width, queries), (self.width, keys), (self.width, keys), (queries, self.width)]
        return [*attention, (self.width, self.inner), (self.width, self.inner), (self.inner, self.width)]

    def embeddings(self) -> int:
        return self.vocabulary * self.width * (1 if self.tied else 2)

    def in_layers(self) -> int:
        return self.layers * sum(a * b for a, b in self.linears())

    def parameters(self) -> int:
        """Without norms and biases."""
        return self.embeddings() + self.in_layers()

    def adapter(self, r: int) -> int:
        return self.layers * sum(r * (a + b) for a, b in self.linears())

    def activations(self, tokens: int) -> float:
        """Bytes: a checkpoint a layer; one layer's residuals, projections and their gradients, bf16."""
        inside = 2 * sum(b for _, b in self.linears()) + 6 * self.width
        return 2.0 * tokens * (self.layers * self.width + 2 * inside)

    def cache(self, tokens: int) -> float:
        """Bytes of keys and values, bf16."""
        return 2.0 * 2 * self.layers * self.key_heads * self.head * tokens


SHAPES = {
    "Qwen3-1.7B": Shape(28, 2048, 6144, 16, 8, 128, 151936, True),
    "Qwen3-4B": Shape(36, 2560, 9728, 32, 8, 128, 151936, True),
    "Qwen3-8B": Shape(36, 4096, 12288, 32, 8, 128, 151936, False),
    "R1-Distill-Qwen-14B": Shape(48, 5120, 13824, 40, 8, 128, 152064, False),
}


@dataclass(frozen=True)
class Plan:
    """``tokens`` of one forward pass (rows x longest length); ``rollout``: tokens that are generated at once without
    vLLM; ``vllm``: the share it takes of a GPU's ``size`` in GiB, ``vllm_gpus`` sharing its weights; ``reference``: the
    frozen start stands beside the trained weights."""

    recipe: str
    model: str
    size: int
    tokens: int
    r: int | None = None
    four_bits: bool = False
    rollout: int = 0
    vllm: float = 0.0
    vllm_gpus: int = 1
    gpus: int = 1
    reference: bool = False


PLANS = (
    Plan("sft-24gb", "Qwen3-1.7B", 24, 2 * 2048, r=16),
    Plan("sft-24gb", "Qwen3-4B", 24, 2 * 2048, r=16),
    Plan("sft-24gb-qlora", "Qwen3-8B", 24, 2 * 2048, r=16, four_bits=True),
    Plan("sft-80gb", "Qwen3-8B", 80, 4 * 4096, r=32),
    Plan("sft-80gb", "R1-Distill-Qwen-14B", 80, 4 * 4096, r=32),
    Plan("sft-8x80gb", "R1-Distill-Qwen-14B", 80, 2 * 4096, gpus=8),
    Plan("dpo-8x80gb", "R1-Distill-Qwen-14B", 80, 2 * 4096, gpus=8, reference=True),
    Plan("kto-8x80gb", "R1-Distill-Qwen-14B", 80, 2 * 4096, gpus=8, reference=True),
    Plan("grpo-24gb", "Qwen3-1.7B", 24, 2 * 3072, r=16, vllm=0.45),
    Plan("grpo-24gb", "Qwen3-4B", 24, 2 * 3072, r=16, vllm=0.45),
    Plan("grpo-24gb-qlora", "Qwen3-8B", 24, 2 * 3072, r=16, four_bits=True, rollout=16 * 3072),
    Plan("grpo-80gb", "Qwen3-8B", 80, 2 * 4096, r=32, vllm=0.45),
    Plan("grpo-80gb", "R1-Distill-Qwen-14B", 80, 2 * 4096, r=32, vllm=0.45),
    Plan("grpo-8x80gb", "R1-Distill-Qwen-14B", 80, 1 * 4096, gpus=8, vllm=0.35, vllm_gpus=4),
    Plan("ppo-8x80gb", "R1-Distill-Qwen-14B", 80, 1 * 4096, gpus=8, vllm=0.35, vllm_gpus=4),
)


def parts(plan: Plan) -> dict[str, float]:
    """GB on each GPU, by what takes them."""
    shape = SHAPES[plan.model]
    whole = shape.parameters()
    if plan.r is None:  # fp32 weights, gradients and two moments, split over the GPUs; two layers gathered in bf16
        found = {"weights, gradients, moments": 16.0 * whole / plan.gpus}
        found["reference"] = 4.0 * whole / plan.gpus if plan.reference else 0.0
        found["gathered layers"] = 2.0 * 2 * max(shape.in_layers() / shape.layers, shape.embeddings())
    else:
        # 4 bits and an 8-bit constant a block of 64, these quantised again: 0.127 bits a weight (Dettmers et al. 2023)
        frozen = (4 + 0.127) / 8 * shape.in_layers() + 2 * shape.embeddings() if plan.four_bits else 2.0 * whole
        found = {"weights": frozen, "adapter": 16.0 * shape.adapter(plan.r)}
    found["activations"] = shape.activations(plan.tokens)
    found["cache"] = shape.cache(plan.rollout)
    found["vLLM"] = plan.vllm * plan.size * GIB
    return {name: size / GB for name, size in found.items() if size}


def main() -> None:
    for plan in PLANS:
        found = parts(plan)
        shape = SHAPES[plan.model]
        shares = ", ".join(f"{name} {size:.1f}" for name, size in found.items())
        of = f"{sum(found.values()):.1f} of {plan.size * GIB / GB:.1f} GB"
        print(f"{plan.recipe:16} {plan.model:20} {shape.parameters() / GB:5.2f}B  {of}: {shares}")
        if plan.vllm:
            room = found["vLLM"] - 2 * shape.parameters() / plan.vllm_gpus / GB
            print(f"{'':37} vLLM's cache {room:.1f} GB, {room * GB / shape.cache(1):,.0f} tokens")


if __name__ == "__main__":
    main()
