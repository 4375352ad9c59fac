"""Models in vLLM, in this process: ``vllm:NAME``, a Hugging Face name or a folder, LoRA adapters included.

Written against vllm 0.33 (``LLM.chat``, ``SamplingParams``, ``LoRARequest``) and not run yet: vLLM needs a GPU, and
the machines on which the tests run have none. The test goes through it with a stand-in of the same signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.backends import Completion, Failure, Request, Sampling
from caugym.evaluation.backends.adapters import Source, source_fingerprint, source_of
from caugym.evaluation.backends.opened import opened_thinking
from caugym.training.run import PLAIN_CHAT_TEMPLATE, quiet

BATCH = 512
"""Completions between two writes to disk; vLLM batches within it as it likes."""
RANKS, DEFAULT_RANK = (1, 8, 16, 32, 64, 128, 256, 320, 512), 8
"""What vLLM takes as ``max_lora_rank``, and the rank of an adapter that states none: peft's own default."""


class VLLMBackend:
    """Loads the model at once. Raises InputError where vLLM is not installed or the model cannot be loaded."""

    def __init__(self, model: str, batch_size: int | None = None) -> None:
        if not model:
            raise InputError("--model vllm: names no model; write vllm:NAME")
        quiet()
        self.name, self.batch_size = model, batch_size or BATCH
        self.source: Source = source_of(model)
        try:
            import vllm
        except ImportError:
            raise InputError(f"vllm:{model} needs a GPU and the package vllm: pip install vllm") from None
        self._sampling_params: Any = vllm.SamplingParams
        options: dict[str, Any] = {}
        self._lora: Any = None
        if self.source.adapter is not None:
            from vllm.lora.request import LoRARequest

            options = {"enable_lora": True, "max_lora_rank": _max_rank(self.source)}
            self._lora = LoRARequest("adapter", 1, str(self.source.adapter))
        try:
            self._llm: Any = vllm.LLM(model=self.source.model, **options)
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(f"model {model!r} cannot be loaded by vLLM: {str(error).splitlines()[0]}") from None
        self._tokenizer: Any = self._llm.get_tokenizer()
        self._template = None if getattr(self._tokenizer, "chat_template", None) else PLAIN_CHAT_TEMPLATE

    def description(self) -> dict[str, Any]:
        return {"model": f"vllm:{self.name}", "weights": source_fingerprint(self.source)}

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion | Failure]]:
        """Batch by batch. Each completion has a seed of its own, so a resumed run samples it as the first would."""
        wanted = [request for request in requests if not done(request)]
        for start in range(0, len(wanted), self.batch_size):
            batch = wanted[start : start + self.batch_size]
            try:
                replies = self._llm.chat(
                    [[{"role": "user", "content": request.prompt}] for request in batch],
                    [self._parameters(request, sampling) for request in batch],
                    use_tqdm=False,
                    lora_request=self._lora,
                    chat_template=self._template,
                )
            except ValueError as error:  # a prompt longer than the model's window
                raise InputError(f"vllm:{self.name}: {str(error).splitlines()[0]}") from None
            yield [self._outcome(request, reply) for request, reply in zip(batch, replies, strict=True)]

    def _parameters(self, request: Request, sampling: Sampling) -> Any:
        return self._sampling_params(
            temperature=sampling.temperature,
            top_p=sampling.top_p if sampling.temperature > 0 else 1.0,
            max_tokens=sampling.max_new_tokens,
            seed=request.own_seed(sampling.seed) if sampling.temperature > 0 else None,
        )

    def _outcome(self, request: Request, reply: Any) -> Completion | Failure:
        made, prompt = reply.outputs[0], reply.prompt_token_ids
        if made.finish_reason not in ("stop", "length"):
            return Failure(request.problem_id, request.run, f"finish reason {made.finish_reason!r}")
        text = made.text if prompt is None else opened_thinking(self._tokenizer, prompt) + made.text
        prompt_tokens = None if prompt is None else len(prompt)
        return Completion(request.problem_id, request.run, text, made.finish_reason, len(made.token_ids), prompt_tokens)


def _max_rank(source: Source) -> int:
    """The smallest of vLLM's ranks that the adapter fits in. Raises InputError where it fits in none."""
    fitting = [rank for rank in RANKS if rank >= (source.rank or DEFAULT_RANK)]
    if not fitting:
        raise InputError(
            f"{source.adapter}: the adapter has rank {source.rank}, vLLM takes {RANKS[-1]} at most; "
            "evaluate the folder without vllm:"
        )
    return fitting[0]
