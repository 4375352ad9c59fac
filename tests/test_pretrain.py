"""nano's pre-training loop: a killed run goes on to the same weights; several processes train one model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from caugym.nano import attention, model, muon, pretrain, stream, together, tokenizer  # noqa: E402


def start(out: Path, *more: str, err: int | None = None) -> subprocess.Popen[bytes]:
    options = ["--out", str(out), "--steps", "8", "--tokens", "1000", "--exam", "2", "--dtype", "float32",
               "--save-every", "0", *more]  # fmt: skip
    command = [sys.executable, "-m", "caugym.nano.pretrain", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CAUGYM_TEST_RUN": str(out)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=err)


def weights(out: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(out / "last" / "model.safetensors")


def same(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait(timeout=300) == 0
    run = start(killed)
    checkpoint, deadline = killed / "checkpoint.pt", time.time() + 300
    while time.time() < deadline and not (checkpoint.exists() and saved(checkpoint) >= 2):
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    while time.time() < deadline and workers(killed):
        time.sleep(0.5)
    assert not workers(killed)
    assert 2 <= saved(checkpoint) < 8
    assert start(killed).wait(timeout=300) == 0
    assert same(whole, killed)
    row = json.loads((killed / "log.jsonl").read_text().splitlines()[-1])
    assert row["step"] == 8 and row["held_out"].keys() >= {"solution", "div"}


def workers(out: Path) -> list[str]:
    """Processes of a run that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"CAUGYM_TEST_RUN={out}".encode() in entry.read_bytes():
                found.append(entry.parent.name)
    return found


def saved(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, weights_only=True)["step"])


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    assert start(tmp_path, "--processes", "2", "--steps", "3").wait(timeout=300) == 0
    assert saved(tmp_path / "checkpoint.pt") == 3 and not same_as_initial(tmp_path)


def wait_for(file: Path, run: subprocess.Popen[bytes]) -> None:
    deadline = time.time() + 300
    while time.time() < deadline and not file.exists() and run.poll() is None:
        time.sleep(0.1)
    assert file.exists()


@pytest.mark.parametrize(("processes", "told"), [("1", signal.SIGTERM), ("2", signal.SIGINT)])
def test_a_run_that_is_told_to_stop_saves_first(processes: str, told: signal.Signals, tmp_path: Path) -> None:
    endless = ("--steps", "100000", "--tokens", "400", "--save-every", "100000")
    run = start(tmp_path, "--processes", processes, *endless, err=subprocess.PIPE)
    wait_for(tmp_path / "log.jsonl", run)
    run.send_signal(told)
    _, said = run.communicate(timeout=300)
    step = saved(tmp_path / "checkpoint.pt")
    assert run.returncode == 1 and step >= 100
    assert said.decode().splitlines()[-1] == f"stopped and saved behind step {step} of 100000; the same command goes on"
    assert "Traceback" not in said.decode()


def test_where_one_process_is_killed_the_other_says_so(tmp_path: Path) -> None:
    run = start(tmp_path, "--processes", "2", "--steps", "100000", err=subprocess.PIPE)
    wait_for(tmp_path / "checkpoint.pt", run)
    children = [int(pid) for pid in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()]
    os.kill(max(children), signal.SIGKILL)  # the trainer is begun behind the data worker
    _, said = run.communicate(timeout=300)
    assert run.returncode == 1 and "another of the processes has ended" in said.decode().splitlines()[-1]
    assert "Traceback" not in said.decode()


def same_as_initial(out: Path) -> bool:
    torch.manual_seed(1)
    fresh = model.build("1m", tokenizer.build()).state_dict()
    return all(torch.equal(fresh[name], value) for name, value in weights(out).items() if name in fresh)


def orthogonalised(meeting: together.Meeting, source: None, out: Path, stack: torch.Tensor) -> None:
    torch.save(meeting.divided(muon.orthogonalise, stack), out / f"{meeting.rank}.pt")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_two_processes_share_the_work_of_muon(dtype: torch.dtype, tmp_path: Path) -> None:
    stack = torch.randn(5, 8, 12, generator=torch.Generator().manual_seed(1)).to(dtype)
    threads = torch.get_num_threads()
    together.run(orthogonalised, 2, tmp_path / "rendezvous", [None, None], (tmp_path, stack))
    torch.set_num_threads(threads)
    alone = muon.orthogonalise(stack)
    for rank in (0, 1):
        assert torch.equal(torch.load(tmp_path / f"{rank}.pt", weights_only=True), alone)


def test_batches_can_be_shared_by_two_processes_evenly() -> None:
    made = list(stream.batches(tokenizer.build(), 3, 0, 20, 4096, "polish"))
    assert len(made) == 20 and all(len(batch) % 2 == 0 for batch in made)
    assert all(len(batch) * max(len(ids) for ids, _ in batch) <= 4096 or len(batch) == 2 for batch in made)


def test_half_of_the_documents_have_gaps_in_their_positions() -> None:
    ids = torch.zeros((400, 50), dtype=torch.long)
    found = pretrain.positions(ids, torch.Generator().manual_seed(1))
    steps = found.diff(dim=1)
    assert (found[:, 0] == 0).all() and (steps >= 1).all()
    assert pretrain.SPAN * 0.8 < found.max() < pretrain.SPAN
    assert 0.4 < (steps > 1).any(dim=1).float().mean() < 0.6
    assert ((steps > 1).sum(dim=1) <= pretrain.GAPS).all()
    assert torch.equal(found, pretrain.positions(ids, torch.Generator().manual_seed(1)))
    longer = torch.zeros((4, pretrain.SPAN + 10), dtype=torch.long)
    assert (pretrain.positions(longer, torch.Generator().manual_seed(1)).diff(dim=1) == 1).all()


@pytest.mark.parametrize("kernel", ["sdpa", attention.NAME])
def test_a_text_with_gaps_is_still_read_as_one(kernel: str) -> None:
    torch.manual_seed(1)
    small = model.build("1m", tokenizer.build()).eval()
    ids = torch.randint(5, 900, (2, 12))
    where = torch.arange(12).expand(2, 12) + 300 * (torch.arange(12) >= 5)
    places = torch.tensor([3, 8, 11, 20, 23])
    small.set_attn_implementation(kernel)
    with torch.no_grad():
        loss = pretrain.predicted(small)(ids, where, places)
        small.set_attn_implementation("eager")
        later = torch.full((12, 12), float("-inf")).triu(1).expand(2, 1, 12, 12)
        logits = small(input_ids=ids, attention_mask=later, position_ids=where, use_cache=False).logits
    wanted = torch.nn.functional.cross_entropy(logits.flatten(0, 1)[places - 1], ids.flatten()[places])
    assert torch.allclose(loss, wanted, atol=1e-5)
