"""From a training run's folder to one that ships: bfloat16 weights, sharper draws.

    python -m caugym.nano.release runs/nano/last src/caugym/nano/weights/nano --mean-with src/caugym/nano/weights/nano

``--mean-with`` takes the mean of the weights with those that the run began with: it undoes part of what the high
learning rate at a run's start unlearned, and keeps part of what was learned ("model soups", Wortsman et al. 2022).

The logits are multiplied by ``--sharpen`` (the last norm's weights are, which with 2 is exact), so that a temperature
of 0.6 draws as 0.3 does of the logits as trained. Greedy answers stay the same. Reinforcement learning does as much to
a model's entropy. The config's ``sharpened`` says it: training goes on from the logits as trained
(:mod:`caugym.nano.grow`), and further readings are drawn from them (:mod:`caugym.nano.checked`).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from caugym.nano import model as nano_model

SHIPPED = ("config.json", "model.safetensors")


def release(source: Path, target: Path, sharpen: float = 2.0, mean_with: Path | None = None) -> None:
    """Write ``SHIPPED`` into ``target``, an existing model folder or a new one.

    Raises ValueError for a factor that is not positive, a folder without a model, or two models of
    different shapes or rotary positions.
    """
    import torch

    if not sharpen > 0:
        raise ValueError(f"--sharpen {sharpen}: a factor above 0 is wanted")
    model = _as_trained(source)
    with torch.no_grad():
        if mean_with is not None:
            other = _as_trained(mean_with)
            if other.config.rope_parameters != model.config.rope_parameters:
                raise ValueError(f"--mean-with {mean_with}: its rotary positions are not those of {source}")
            others = dict(other.named_parameters())
            for name, weight in model.named_parameters():
                if name not in others or others[name].shape != weight.shape:
                    raise ValueError(f"--mean-with {mean_with}: {name} is not as in {source}")
                weight.mul_(0.5).add_(others[name], alpha=0.5)
        model.model.norm.weight.mul_(sharpen)
    model.to(torch.bfloat16)
    model.config.sharpened = sharpen
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        for name in SHIPPED:
            shutil.copyfile(Path(folder) / name, target / f"{name}.tmp")
            (target / f"{name}.tmp").chmod(0o644)
    for name in SHIPPED:  # whole files only, and both at nearly the same moment
        (target / f"{name}.tmp").replace(target / name)


def _as_trained(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    config = nano_model.config_of(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=torch.float32)
    with torch.no_grad():
        model.model.norm.weight.div_(getattr(model.config, "sharpened", 1.0))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--sharpen", type=float, default=2.0, help="factor of the logits (default 2)")
    parser.add_argument("--mean-with", type=Path, help="another folder; the mean of both is written")
    options = parser.parse_args()
    try:
        release(options.source, options.target, options.sharpen, options.mean_with)
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
