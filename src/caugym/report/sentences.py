"""Sentences made from numbers. None claims what its interval does not show."""

from __future__ import annotations

from collections.abc import Sequence

from caugym.evaluation.statistics import Difference, Estimate
from caugym.report.tables import bounds


def listed(names: Sequence[str]) -> str:
    """a; a and b; a, b and c; with semicolons where a name holds an "and" of its own."""
    separator = "; " if any(" and " in name for name in names) else ", "
    last = "; " if separator == "; " else " and "
    return last.join([separator.join(names[:-1]), names[-1]] if len(names) > 1 else names)


def compared(benchmark: str, first: str, second: str, found: Difference) -> str:
    """Second against first on the same problems."""
    size = f"{100 * abs(found.mean):.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
    if found.low > 0:
        return f"On {benchmark}, {second} is more accurate than {first} by {size}."
    if found.high < 0:
        return f"On {benchmark}, {second} is less accurate than {first} by {size}."
    return (
        f"On {benchmark}, these results show no difference between {second} and {first}: "
        f"{100 * found.mean:+.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}]."
    )


def compared_all(benchmark: str, found: Sequence[tuple[str, str, Difference]]) -> list[str]:
    """A sentence for every difference (first, second, second minus first) that is shown, and one for all others."""
    shown = [one for one in found if one[2].low > 0 or one[2].high < 0]
    others = [one for one in found if one not in shown]
    said = [compared(benchmark, *one) for one in shown]
    if len(others) == 1:
        said.append(compared(benchmark, *others[0]))
    elif others:
        texts = [
            f"{second} and {first} ({100 * one.mean:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}])"
            for first, second, one in others
        ]
        said.append(f"On {benchmark}, these results show no difference between {listed(texts)}.")
    return said


def against_published(benchmark: str, model: str, found: dict[str, float], name: str, published: float) -> str:
    """A published accuracy beside our interval; the published one has no interval of its own."""
    mean, low, high = bounds(found)
    ours = f"{mean:.1f} [{low:.1f}, {high:.1f}]"
    if low > 100 * published:
        return f"On {benchmark}, {model} ({ours}) lies above the published {name} ({100 * published:.1f})."
    if high < 100 * published:
        return f"On {benchmark}, {model} ({ours}) lies below the published {name} ({100 * published:.1f})."
    return (
        f"On {benchmark}, the published {name} ({100 * published:.1f}) lies within the interval of {model} ({ours}): "
        "these results do not tell them apart."
    )


def trends(what: str, found: dict[str, dict[int, Estimate]]) -> list[str]:
    """Each model's smallest against its largest size of something. The problems differ: only intervals that do not
    meet tell them apart."""
    said, others = [], []
    for model, sizes in found.items():
        (small, first), *_, (large, last) = sizes.items()
        texts = [f"{one.mean * 100:.1f} [{one.low * 100:.1f}, {one.high * 100:.1f}]" for one in (first, last)]
        if last.high < first.low or last.low > first.high:
            direction = "less" if last.high < first.low else "more"
            said.append(f"{model} is {direction} accurate at {large} {what} ({texts[1]}) than at {small} ({texts[0]}).")
        else:
            others.append(model)
    if others:
        said.append(f"No trend with the {what} is shown for {listed(others)}: the intervals at both ends overlap.")
    return said
