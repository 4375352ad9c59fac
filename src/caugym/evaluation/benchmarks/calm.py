"""CaLM (Chen et al. 2024, arXiv 2405.00622), Lite and full, English and Chinese: basic, hard and natural problems.

``calm-basic`` is the set of the paper's main table (arXiv 2602.06337): seven tasks of 100. Reads CaLM's files, such as
``ATE-P_ATE-basic_EN.jsonl``, from --data or its folder ``calm_lite``, or from a clone of OpenCausaLab/CaLM; for the
``calm-full-...`` sets from the folder ``calm_full`` or ``calm``, folders below it included. For ``calm-basic`` CauGym's
``base*.json``, which holds the same problems verbatim, serves as well.

Basic and hard ask for a value: ``gt_answer`` rounded to four places; the strict judge's yes/no is the worked
solution's. Natural asks for yes or no alone. The request, which the files do not hold, is the published one; for
natural and for the Chinese files it is ours. The judge ``published`` does for natural what CaLM's script does: it
compares with the file's own word, which in Chinese is 是 or 否, while our request asks for "Yes" or "No".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caugym.errors import InputError
from caugym.evaluation.benchmarks.caugym_published import load_caugym
from caugym.evaluation.items import YES_NO_REQUEST, Item, spread, yes_no
from caugym.evaluation.published_files import find_files, keys, read_rows, task_of, text_field
from caugym.gym.problem import BOUND_TASKS, EFFECT_TASKS
from caugym.gym.released_words import CHINESE_WORDS, Released
from caugym.gym.wording.published import request

LICENCE = "Apache-2.0 (OpenCausaLab/CaLM)"
NEEDS_DATA = True
FOLDERS = {"calm": ("calm_lite",), "calm-full": ("calm_full", "calm")}
CLONED = ("calm_lite", "calm_lite_dataset", "CaLM/calm_lite_dataset")
"""Where CaLM Lite's files may lie one or two folders down, as in ``intervention/average_treatment_effect``."""
FORMS = {"basic": "P", "hard": "P", "natural": "B"}
NAMES = tuple(f"{collection}-{form}{language}" for collection in FOLDERS for form in FORMS for language in ("", "-cn"))
_LITE = "https://raw.githubusercontent.com/OpenCausaLab/CaLM/HEAD/calm_lite_dataset"
_TASK_FOLDERS = {
    "ATE": "intervention/average_treatment_effect",
    "CDE": "intervention/controlled_direct_effect",
    "ETT": "counterfactual/effect_of_the_treatment_on_the_treated",
    "NDE": "counterfactual/natural_direct_effect",
    "NIE": "counterfactual/natural_indirect_effect",
    "PN": "counterfactual/probability_of_necessity",
    "PS": "counterfactual/probability_of_sufficiency",
}
DOWNLOADS = {
    f"calm-{form}{language}": (
        "calm_lite",
        tuple(
            f"{_LITE}/{folder}/{task}-{letter}_{task}-{form}_{'CN' if language else 'EN'}.json"
            for task, folder in _TASK_FOLDERS.items()
            if form != "natural" or task in EFFECT_TASKS
        ),
    )
    for form, letter in FORMS.items()
    for language in ("", "-cn")
}


@dataclass(frozen=True)
class Labels:
    """What stands before the parts of a prompt, and the request below them."""

    info: str
    instruction: str
    question: str
    effect: str | None = None
    bound: str | None = None
    natural: str = YES_NO_REQUEST


ENGLISH = Labels("Input Info: ", "Instruction: ", "Question: ")
CHINESE = Labels(
    "输入信息：",
    "指令：",
    "问题：",
    '请以JSON格式给出四位小数的计算结果和最终的判断（是为"Yes"，否为"No"），例如{"ANSWER": "Yes", "PROB": "0.1234"}：',
    '请以JSON格式给出四位小数的计算结果，例如{"PROB": "0.1234"}：',
    '请以JSON格式给出最终的判断（是为"Yes"，否为"No"），例如{"ANSWER": "Yes"}：',
)


def load(name: str, data: Path | None, limit: int | None) -> list[Item]:
    """Raises InputError where the folder holds no file of the set, or a broken one."""
    assert data is not None
    collection = "calm-full" if name.startswith("calm-full") else "calm"
    form, _, chinese = name.removeprefix(f"{collection}-").partition("-")
    pattern = f"*-{FORMS[form]}_*-{form}_{'CN' if chinese else 'EN'}*.json*"
    if collection == "calm-full":
        files = sorted(path for folder in FOLDERS[collection] for path in (data / folder).rglob(pattern))
    else:
        files = find_files(data, FOLDERS[collection], (pattern,)) or _cloned(data, pattern)
    if not files:
        if name == "calm-basic" and (base := _caugym_base(data)):
            return spread(load_caugym(base, name), limit)
        raise InputError(_missing(name, collection, form, pattern.removesuffix(".json*") + ".jsonl", data))
    labels = CHINESE if chinese else ENGLISH
    return spread(_items(files, name, form, labels), limit)


def load_calm(files: Sequence[Path], name: str) -> list[Item]:
    """The items of English CaLM files whose answer is a value, their ids prefixed with ``name``."""
    return _items(files, name, "basic", ENGLISH)


def _items(files: Sequence[Path], name: str, form: str, labels: Labels) -> list[Item]:
    return [
        _item(name, form, labels, row, place, number)
        for path in files
        for number, (place, row) in enumerate(read_rows(path))
    ]


def _item(name: str, form: str, labels: Labels, row: dict[str, Any], place: str, number: int) -> Item:
    task = task_of(row, place)
    item_id = f"{name}-{task}-{row.get('index', number)}"
    lines = _question_lines(labels, row, place)
    if form == "natural":
        released: Released = "calm-cn" if str(row.get("gt_answer")).strip() in CHINESE_WORDS.values() else "calm"
        return Item(item_id, f"{lines}\n{labels.natural}", yes_no(row, "gt_answer", place, released), task)
    answer, published = keys(task, row.get("gt_answer"), None, row, place)
    asked = labels.bound if task in BOUND_TASKS else labels.effect
    return Item(item_id, f"{lines}\n{asked or request(task)}", answer, task, published)


def _question_lines(labels: Labels, row: dict[str, Any], place: str) -> str:
    """Premise, statements, instruction and question; the request that follows them differs from set to set."""
    background = row.get("Background")
    if not isinstance(background, dict):
        raise InputError(f"{place}: field 'Background' is missing")
    return "\n".join(
        (
            labels.info + text_field(row, "given_info", place),
            text_field(background, "data_info", place),
            labels.instruction + text_field(row, "Instruction", place),
            labels.question + text_field(row, "Question", place),
        )
    )


def _cloned(data: Path, pattern: str) -> list[Path]:
    for place in (data, *(data / folder for folder in CLONED)):
        found = sorted({*place.glob(f"*/{pattern}"), *place.glob(f"*/*/{pattern}")})
        found = [path for path in found if path.relative_to(data).parts[0] not in FOLDERS["calm-full"]]
        if found:
            return found
    return []


def _caugym_base(data: Path) -> Path | None:
    files = find_files(data, ("caugym",), ("base.json", "base_dataset.json", "base_dev.json", "base*.json"))
    return files[0] if files else None


def _missing(name: str, collection: str, form: str, pattern: str, data: Path) -> str:
    places = " or in ".join(str(data / folder) for folder in FOLDERS[collection])
    if collection == "calm-full":
        return f"--data {data}: no files of {name}: expected {pattern} in {places}"
    also = f", or CauGym's base*.json there or in {data / 'caugym'}" if name == "calm-basic" else ""
    chinese = " Chinese" if name.endswith("-cn") else ""
    return f"--data {data}: no{chinese} CaLM {form} files: expected {pattern} there or in {places}{also}"
