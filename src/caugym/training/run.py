"""What every training run shares: its folder, its checkpoints, its log and its manifest.

A run's folder is a Hugging Face model folder when it is finished. ``settings.json`` is written first,
``log.jsonl`` grows with the run, ``checkpoint-N`` are what an interrupted run resumes from, and
``manifest.json`` is written last: a folder without it is not finished.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import caugym
from caugym.errors import InputError
from caugym.training.weights import BEST, save_model

MANIFEST, SETTINGS, LOG = "manifest.json", "settings.json", "log.jsonl"
_PASSWORD = re.compile(r"(://)[^/?#\s]+@")
_QUERY = re.compile(r"(://[^?#\s]*\?)([^#\s]+)")
_QUERY_VALUE = re.compile(r"([^&=]+=)?[^&]+")
COMPLETE = "complete"
"""Marks a checkpoint as written to its end."""
NANO_MODELS = ("nano", "nano-base")
PLAIN_CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}\n"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
)
"""For base models that have none: the texts, one after the other."""

QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "TQDM_DISABLE": "1",
}


def quiet() -> None:
    """Set what must stand in the environment before torch and transformers are imported."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def resolve_model(name: str) -> str:
    """A model's folder, or its name on the Hugging Face hub. Raises InputError for a folder that is none."""
    if name in NANO_MODELS:
        from caugym import nano

        return str(nano.folder(name))
    path = Path(name)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise InputError(f"{name}: not a model folder, it has no config.json (an unfinished run?)")
        return str(path)
    if path.exists() or path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise InputError(f"{name}: no such model folder")
    return name


def load_tokenizer(model: str) -> Any:
    """The model's tokenizer, with a padding token and a chat template. Raises InputError where there is none."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
    except (OSError, ValueError) as error:
        raise InputError(
            f"unknown model {model!r}: neither nano, nano-base, a model folder nor a Hugging Face model that can be "
            f"loaded here ({str(error).splitlines()[0]})"
        ) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None:
        tokenizer.chat_template = PLAIN_CHAT_TEMPLATE
    return tokenizer


def writable_folder(path: Path) -> Path:
    """``path``, made at need. Raises InputError where nothing can be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.write_text("")
        probe.unlink(missing_ok=True)  # another process may have been here
    except OSError as error:
        raise InputError(f"cannot write to the output folder {path}: {error.strerror or error}") from None
    return path


def is_main_process() -> bool:
    """Of several processes (torchrun, accelerate launch) one alone writes."""
    return os.environ.get("RANK", "0") == "0"


def is_finished(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def begin(folder: Path, settings: dict[str, Any]) -> None:
    """Open a run's folder. Raises InputError where it holds another run or a broken one."""
    writable_folder(folder)
    if not is_main_process():
        return
    file = folder / SETTINGS
    settings = json.loads(json.dumps(settings))
    if file.is_file():
        try:
            before = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            before = None
        if not isinstance(before, dict):
            raise InputError(f"{file}: holds no settings (broken JSON); choose another output folder or remove it")
        if before != settings:
            raise InputError(
                f"{folder} holds a run with other settings ({difference(before, settings)}); "
                "choose another output folder or remove it"
            )
    else:
        write_json(file, settings)


def difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    """The first setting in which two runs differ, in words."""
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old != new:
            if isinstance(old, dict) and isinstance(new, dict):
                return difference(old, new)
            return f"{key} was {old!r}, now {new!r}"
    return "nothing"


def write_json(path: Path, value: Any) -> None:
    """Written aside, then moved: a killed process leaves the old file or the new one, never half of one."""
    aside = path.with_name(path.name + ".part")
    aside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(aside, path)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """JSON lines, as :func:`write_json` writes."""
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    os.replace(aside, path)


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; half-written ones are removed."""
    found: Path | None = None
    for path in sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2])):
        if (path / COMPLETE).is_file():
            found = path
        elif is_main_process():
            shutil.rmtree(path)
    return found


def step_of(checkpoint: Path | None) -> int:
    return 0 if checkpoint is None else int(checkpoint.name.rpartition("-")[2])


def keep_log(folder: Path, step: int) -> list[dict[str, Any]]:
    """Cut the log back to ``step``: what was logged after the checkpoint happens again."""
    file = folder / LOG
    lines = []
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                break
            if row["step"] > step:
                break
            lines.append(row)
    if not is_main_process():
        return lines
    aside = file.with_name(file.name + ".part")
    aside.write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    os.replace(aside, file)
    return lines


def finish(folder: Path, trainer: Any, tokenizer: Any, settings: dict[str, Any]) -> None:
    """Save the model (an adapter merged into it) and its tokenizer, then the manifest, then drop the checkpoints.

    Every process calls this: where weights are split over them, all take part in putting them together.
    """
    save_model(trainer, folder, settings["model"])
    if not trainer.is_world_process_zero():
        return
    tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # the trainer's empty card, which knows not what was trained
    write_json(folder / MANIFEST, manifest(settings) | {"steps": trainer.state.global_step})
    tidy(folder)


def tidy(folder: Path) -> None:
    """Remove what a finished run needs no more; also where it was killed right after its manifest."""
    for path in folder.glob("checkpoint-*"):
        shutil.rmtree(path)
    (folder / BEST).unlink(missing_ok=True)


def manifest(settings: dict[str, Any]) -> dict[str, Any]:
    """What is needed to run a step again: settings, versions, git revision."""
    return {
        "settings": settings,
        "versions": versions(),
        "revision": revision(),
        "hardware": hardware(),
        "command": command(),
    }


def hardware() -> dict[str, Any]:
    """What the run was made on: system, processor, cores this process may use, memory in GiB, accelerators."""
    system = f"{platform.system()} {platform.machine()}"
    found: dict[str, Any] = {"system": system, "processor": _processor(), "cores": cores()}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_gib"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        found["accelerators"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return found


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = (line.partition(":")[2].strip() for line in file if line.startswith("model name"))
            return next(named, platform.processor())
    except OSError:
        return platform.processor()


def command() -> str:
    """The command line that is running, as one could type it; without passwords and keys that an address holds."""
    program = Path(sys.argv[0]).name
    arguments = [_without_secrets(argument) for argument in sys.argv[1:]]
    return shlex.join(["caugym" if program in ("caugym", "__main__.py") else program, *arguments])


def _without_secrets(argument: str) -> str:
    """An argument whose addresses hold ``***`` for the password and for every value of the query."""
    masked = _PASSWORD.sub(r"\1***@", argument)
    return _QUERY.sub(lambda found: found[1] + _QUERY_VALUE.sub(r"\1***", found[2]), masked)


def versions() -> dict[str, str]:
    names = ("numpy", "torch", "transformers", "trl", "accelerate", "datasets", "peft")
    found = {"caugym": caugym.__version__, "python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def revision() -> str | None:
    """The source's git revision, or None where the package is not run from a checkout."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    result = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True)
    return result.stdout.strip() or None


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
