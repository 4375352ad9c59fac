"""The shipped accelerate configurations are read by accelerate's own loader and set what they are named after."""

from __future__ import annotations

from importlib.resources import files

import pytest

pytest.importorskip("accelerate")

from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file

FOLDER = files("caugym.training") / "accelerate"
KINDS = {"ddp": "MULTI_GPU", "fsdp2": "FSDP", "zero3": "DEEPSPEED"}


@pytest.mark.parametrize("name", KINDS)
def test_accelerate_reads_it(name: str) -> None:
    config = load_config_from_file(str(FOLDER / f"{name}.yaml"))
    assert isinstance(config, ClusterConfig)
    assert str(config.distributed_type).rpartition(".")[2] == KINDS[name]
    assert (config.num_processes, config.mixed_precision) == (8, "bf16")
    if name == "fsdp2":
        assert config.fsdp_config["fsdp_version"] == 2
    if name == "zero3":
        assert config.deepspeed_config["zero_stage"] == 3


def test_every_shipped_configuration_is_tested() -> None:
    assert {file.name.removesuffix(".yaml") for file in FOLDER.iterdir()} == set(KINDS)
