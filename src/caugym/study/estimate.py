"""What a cell will take: tokens, seconds and money, roughly, from counts and a model's size.

Training costs 6 operations a parameter and token, generation 2 (Kaplan et al. 2020, arXiv 2001.08361, section 2.1).
The rates below are what small models reached on two cores, and half of what is usual on one large GPU.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caugym.study.description import Resources

CPU_RATE, GPU_TRAINING_RATE, GPU_GENERATION_RATE = 2.0e10, 2.0e14, 2.0e13
"""Operations per second: of one core, of one GPU in training, and in generation, which memory bounds."""
TOKENS_PER_PROBLEM, CHARACTERS_PER_TOKEN, SHARE_OF_LONGEST = 500, 4, 0.8
OVERHEAD = 8.0
"""Seconds to load a model and to write its results."""
UNKNOWN_SIZE = 1e9


@dataclass(frozen=True)
class Cost:
    seconds: float = 0.0
    tokens: int = 0
    price: float | None = None

    def __add__(self, other: Cost) -> Cost:
        price = None if self.price is None and other.price is None else (self.price or 0.0) + (other.price or 0.0)
        return Cost(self.seconds + other.seconds, self.tokens + other.tokens, price)


def parameters(model: str) -> float:
    """From the weights in a folder (four bytes each), or from a name such as DeepSeek-R1-Distill-Qwen-14B."""
    size = sum(file.stat().st_size for file in Path(model).glob("*.safetensors")) if Path(model).is_dir() else 0
    if size:
        return size / 4
    named = re.search(r"(\d+(?:\.\d+)?)\s*([BM])\b", model.upper())
    return float(named[1]) * (1e9 if named[2] == "B" else 1e6) if named else UNKNOWN_SIZE


def training_cost(recipe: dict[str, Any], problems: int, size: float, resources: Resources) -> Cost:
    """Of one training by a recipe with its defaults. Online methods write ``num_generations`` completions a problem;
    those that learn from samples write them all before."""
    steps = recipe.get("max_steps") or -1
    rows = recipe.get("per_device_train_batch_size", 8) * recipe.get("gradient_accumulation_steps", 1)
    epochs = recipe.get("num_train_epochs", 1)
    if "num_generations" in recipe:
        completions = steps * rows if steps > 0 else problems * recipe["num_generations"] * epochs
        written = int(completions * recipe.get("max_completion_length", 256) * SHARE_OF_LONGEST)
        trained = written + int(completions * TOKENS_PER_PROBLEM / recipe["num_generations"])
    else:
        trained, written = int((steps * rows if steps > 0 else problems * epochs) * TOKENS_PER_PROBLEM), 0
    sampled = sampled_before(recipe, problems)
    seconds = OVERHEAD + 6 * size * trained / _rate(resources, GPU_TRAINING_RATE)
    seconds += 2 * size * (written + sampled) / _rate(resources, GPU_GENERATION_RATE)
    return _priced(seconds, trained + sampled, resources)


def sampled_before(recipe: dict[str, Any], problems: int) -> int:
    """Tokens of the completions that RFT, and DPO and KTO on the model's own, sample before they train."""
    from caugym.training.samples import checked
    from caugym.training.spent import COMPLETIONS

    pairs_are_worked = "negatives" in recipe and "model" not in (recipe["negatives"], recipe["chosen"])
    if "sampling" not in recipe or pairs_are_worked:
        return 0
    sampling = checked(recipe["sampling"])
    limit = (recipe.get("budget") or {}).get(COMPLETIONS, math.inf)
    return int(min(problems * sampling["runs"], limit) * sampling["max_new_tokens"] * SHARE_OF_LONGEST)


def evaluation_cost(completions: int, characters: int, longest: int, size: float, resources: Resources) -> Cost:
    """``characters`` of all prompts once; ``completions`` in all, each up to ``longest`` tokens."""
    tokens = int(completions * longest * SHARE_OF_LONGEST) + characters // CHARACTERS_PER_TOKEN
    return _priced(OVERHEAD / 4 + 2 * size * tokens / _rate(resources, GPU_GENERATION_RATE), tokens, resources)


def _rate(resources: Resources, gpu: float) -> float:
    from caugym.training.run import cores

    return gpu * resources.gpus if resources.gpus else CPU_RATE * (resources.cpus or cores())


def _priced(seconds: float, tokens: int, resources: Resources) -> Cost:
    hourly = resources.price_per_hour
    return Cost(seconds, tokens, None if hourly is None else seconds / 3600 * hourly)


def duration(seconds: float) -> str:
    """About how long, in words short enough for a table."""
    if seconds < 90:
        return f"{max(1, math.ceil(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"
