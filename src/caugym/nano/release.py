"""From a training run's folder to one that ships: bfloat16 weights, sharper draws.

    python -m caugym.nano.release runs/nano/last src/caugym/nano/weights/nano

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

SHIPPED = ("config.json", "model.safetensors")


def release(source: Path, target: Path, sharpen: float = 2.0) -> None:
    """Write ``SHIPPED`` into ``target``, an existing model folder or a new one.

    Raises ValueError for a factor that is not positive, or a source that is sharpened already.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if not sharpen > 0:
        raise ValueError(f"--sharpen {sharpen}: a factor above 0 is wanted")
    model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16)
    if getattr(model.config, "sharpened", 1.0) != 1.0:
        raise ValueError(f"{source} is sharpened already")
    with torch.no_grad():
        model.model.norm.weight.mul_(sharpen)
    model.config.sharpened = sharpen
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        for name in SHIPPED:
            shutil.copyfile(Path(folder) / name, target / name)
            (target / name).chmod(0o644)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--sharpen", type=float, default=2.0, help="factor of the logits (default 2)")
    options = parser.parse_args()
    release(options.source, options.target, options.sharpen)


if __name__ == "__main__":
    main()
