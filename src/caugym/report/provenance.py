"""Where the numbers come from: revision, versions, hardware, seeds, data checksums, commands and descriptions."""

from __future__ import annotations

import json
from typing import Any

from caugym.report.results import Results
from caugym.report.tables import Table


def provenance(results: Results) -> list[Table]:
    found = [one.result for evaluated in results.evaluations.values() for one in evaluated.values()]
    manifests = [model.manifest for model in results.models.values() if model.manifest]
    made = [*found, *manifests]
    rows = [
        ("git revision", _distinct(one.get("revision") for one in made)),
        ("versions", _distinct(_pairs(one["versions"]) for one in made if one.get("versions"))),
        ("hardware", _distinct(_pairs(one["hardware"]) for one in made if one.get("hardware"))),
        ("command", _distinct(one["command"] for one in made if one.get("command"))),
        ("sampling", _distinct(_pairs(one["sampling"]) for one in found)),
        ("training seeds", _distinct(model.seed for model in results.models.values() if model.log)),
    ]
    rows += [(f"left out: {name}", reason) for name, reason in results.left_out.items()]
    rows += [(f"failed: {name}", reason) for name, reason in results.failures.items()]
    rows += [(f"description of {name}", json.dumps(config)) for name, config in results.configs.items() if config]
    sets = []
    for benchmark, evaluated in results.evaluations.items():
        first = next(iter(evaluated.values())).result
        sums = _distinct(one.result["items"] for one in evaluated.values())
        sets.append((benchmark, str(first["problems"]), str(first["runs"]), sums, str(first["licence"])))
    weights = [
        (name, benchmark, str(one.result.get("weights") or "–"), str(one.result.get("wall_seconds", "–")))
        for benchmark, evaluated in results.evaluations.items()
        for name, one in evaluated.items()
    ]
    return [
        Table("provenance", "How this was made", ("what", "value"), tuple(rows)),
        Table("data", "Sets", ("set", "problems", "runs", "SHA-256 of its items", "licence"), tuple(sets)),
        Table("weights", "Models as evaluated", ("model", "set", "checksum of the weights", "seconds"), tuple(weights)),
    ]


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _distinct(values: Any) -> str:
    return "; ".join(dict.fromkeys(str(value) for value in values if value is not None)) or "unknown"
