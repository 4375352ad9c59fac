"""Hugging Face models by name or folder, LoRA adapters included, batched, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np

from caugym.errors import InputError
from caugym.evaluation.backends import CALCULATOR_SUFFIX, CHECKED_SUFFIX, Completion, Request, Sampling
from caugym.evaluation.backends.adapters import source_fingerprint, source_of
from caugym.evaluation.backends.opened import opened_thinking
from caugym.evaluation.backends.side_by_side import even_size, side_by_side, threads_for
from caugym.training.run import load_tokenizer, quiet

CPU_BATCH, GPU_BATCH = 56, 64


class TransformersBackend:
    """Loads the model at once. Raises InputError for an unknown one, naming what it tried."""

    def __init__(self, model: str, batch_size: int | None = None, device: str | None = None) -> None:
        quiet()
        self.name = model
        self.checked, calculates = model.endswith(CHECKED_SUFFIX), model.endswith(CALCULATOR_SUFFIX)
        self.source = source_of(model.removesuffix(CHECKED_SUFFIX if self.checked else CALCULATOR_SUFFIX))
        import torch
        from transformers import AutoModelForCausalLM

        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        on_gpu = self.device.startswith("cuda")
        self.batch_size = batch_size or (GPU_BATCH if on_gpu else CPU_BATCH)
        self.tokenizer = load_tokenizer(self.source.tokenizer)
        try:
            loaded = AutoModelForCausalLM.from_pretrained(
                self.source.model, dtype=torch.bfloat16 if on_gpu else torch.float32
            )
        except (OSError, ValueError) as error:
            raise InputError(f"model {model!r} cannot be loaded: {str(error).splitlines()[0]}") from None
        if self.source.adapter is not None:
            loaded = _with_adapter(loaded, str(self.source.adapter))
        self.model = loaded.to(self.device).eval()
        calculator = _calculator(model, self.tokenizer) if self.checked or calculates else None
        self.calculator = calculator if calculates else None
        # The calculator's tokenizer is not for several threads.
        self.threads = 1 if self.calculator else threads_for(self.model, self.device)

    def description(self) -> dict[str, Any]:
        return {"model": self.name, "weights": source_fingerprint(self.source)}

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, done: Callable[[Request], bool]
    ) -> Iterator[list[Completion]]:
        """Batches of prompts of like length, longest first, so that memory runs out at the start or not at all."""
        prompts = {prompt: self._tokens(prompt) for prompt in dict.fromkeys(request.prompt for request in requests)}
        order = sorted(requests, key=lambda request: -len(prompts[request.prompt]))
        size = even_size(len(order), self.batch_size, self.threads)
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        # A batch that was cut short is made again as a whole: the same rows give the same bits.
        unfinished = [batch for batch in batches if not all(map(done, batch))]

        def complete(batch: list[Request], stop: Event) -> list[Completion]:
            tokens = [prompts[request.prompt] for request in batch]
            made = self._complete(batch, tokens, sampling, stop)
            return self._checked(batch, tokens, made, sampling, stop) if self.checked else made

        for batch, made in zip(unfinished, side_by_side(complete, unfinished, self.threads), strict=True):
            yield [completion for request, completion in zip(batch, made, strict=True) if not done(request)]

    def _tokens(self, prompt: str) -> list[int]:
        messages = [{"role": "user", "content": prompt}]
        ids = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        return list(ids)

    def _complete(
        self, batch: list[Request], prompts: list[list[int]], sampling: Sampling, stop: Event
    ) -> list[Completion]:
        from caugym.evaluation.backends.decode import decode

        window = getattr(self.model.config, "max_position_embeddings", None) or 1 << 30
        for request, prompt in zip(batch, prompts, strict=True):
            if len(prompt) >= window:
                raise InputError(
                    f"{request.problem_id}: the prompt has {len(prompt)} tokens, {self.name} reads {window} at most"
                )
        sampled = sampling.temperature > 0
        decoded = decode(
            self.model,
            prompts,
            budgets=[min(sampling.max_new_tokens, window - len(prompt)) for prompt in prompts],
            end_ids=self._end_ids(),
            pad_id=self.tokenizer.pad_token_id or 0,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            randomness=np.stack([r.randomness(sampling.seed, sampling.max_new_tokens) for r in batch])
            if sampled
            else None,
            calculator=self.calculator,
            stop=stop,
        )
        return [
            Completion(
                request.problem_id,
                request.run,
                opened_thinking(self.tokenizer, prompt) + self.tokenizer.decode(result.ids, skip_special_tokens=True),
                result.finish_reason,
                len(result.ids),
            )
            for request, prompt, result in zip(batch, prompts, decoded, strict=True)
        ]

    def _checked(
        self, batch: list[Request], prompts: list[list[int]], made: list[Completion], sampling: Sampling, stop: Event
    ) -> list[Completion]:
        """The completions with doubted ones read again (caugym.nano.checked); ``tokens`` counts all readings."""
        from caugym.nano import checked

        def clear(place: int, completion: Completion) -> bool:
            return checked.rank(batch[place].prompt, completion.text) == checked.CLEAR

        doubted = [place for place, completion in enumerate(made) if not clear(place, completion)]
        readings = {place: [made[place]] for place in doubted}
        sharpened = getattr(self.model.config, "sharpened", 1.0)
        for again, temperature in enumerate(checked.TEMPERATURES):
            rows = [(place, number) for place in doubted for number in range(checked.READINGS)]
            for start in range(0, len(rows), self.batch_size):
                part = rows[start : start + self.batch_size]
                longest = checked.LONGEST * max(len(prompts[place]) for place, _ in part)
                most = min(sampling.max_new_tokens, longest)
                drawn = Sampling(temperature * sharpened, checked.TOP_P, most, sampling.seed)
                # Draws of their own for each reading.
                asked = [replace(batch[of], problem_id=f"{batch[of].problem_id}\0{again}.{n}") for of, n in part]
                more = self._complete(asked, [prompts[place] for place, _ in part], drawn, stop)
                for (place, _), completion in zip(part, more, strict=True):
                    readings[place].append(completion)
            doubted = [of for of in doubted if not any(clear(of, one) for one in readings[of][-checked.READINGS :])]
        result = list(made)
        for place, found in readings.items():
            taken = found[checked.chosen(batch[place].prompt, [completion.text for completion in found])]
            tokens = sum(completion.tokens for completion in found)
            result[place] = replace(taken, problem_id=batch[place].problem_id, tokens=tokens)
        return result

    def _end_ids(self) -> set[int]:
        configured = self.model.generation_config.eos_token_id
        ids = configured if isinstance(configured, list) else [configured]
        return {int(token) for token in [*ids, self.tokenizer.eos_token_id] if token is not None}


def _with_adapter(model: Any, folder: str) -> Any:
    """The model with a LoRA adapter added to its weights."""
    try:
        from peft import PeftModel
    except ImportError:
        hint = "in the project's folder: pip install -e '.[evaluate]'"
        raise InputError(f"{folder} is a LoRA adapter; it needs peft; {hint}") from None
    try:
        return PeftModel.from_pretrained(model, folder).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"the adapter {folder} does not fit its model: {str(error).splitlines()[0]}") from None


def _calculator(model: str, tokenizer: Any) -> Any:
    from caugym.nano.calculator import Calculator

    try:
        return Calculator(tokenizer)
    except KeyError:
        raise InputError(f"{model}: that mode is for models with nano's tokenizer") from None
