"""What the check of a target says of GPUs, by what an nvidia-smi in PATH prints."""

import os
import time
from pathlib import Path

import pytest

from computes.contract import CheckItem
from computes.executors import gpu_check
from computes.executors.process import ProcessExecutor
from tests.computes.on_targets import Bench

TWO = "0, NVIDIA A100-SXM4-40GB, 40960 MiB, 535.54.03\n1, NVIDIA T4, 15360 MiB, 535.54.03\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is first in PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def let_it_say(programs: Path, script: str) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def gpus_of(executor: ProcessExecutor, bench: Bench) -> CheckItem:
    items = [item for item in executor.check(bench.settings()) if item.name == "GPUs"]
    assert len(items) == 1
    return items[0]


def test_gpus_are_told_with_their_numbers(executor: ProcessExecutor, bench: Bench, programs: Path) -> None:
    let_it_say(programs, f"printf '%s' '{TWO}'")
    item = gpus_of(executor, bench)
    assert (item.ok, item.remedy) == (True, "")
    assert item.detail == ("2 with driver 535.54.03: 0: NVIDIA A100-SXM4-40GB, 40960 MiB; 1: NVIDIA T4, 15360 MiB.")


def test_a_machine_without_gpus_is_in_order(
    executor: ProcessExecutor, bench: Bench, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(programs))
    item = gpus_of(executor, bench)
    assert (item.ok, item.detail, item.remedy) == (True, "There are none: nvidia-smi was not found.", "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo No devices were found; exit 6", "tells of none: No devices were found"),
        ("echo Driver/library version mismatch >&2; exit 18", "tells of none: Driver/library version mismatch"),
        ("exit 0", "it printed nothing"),
    ],
)
def test_what_keeps_gpus_from_being_seen_is_advice(
    executor: ProcessExecutor, bench: Bench, programs: Path, script: str, words: str
) -> None:
    let_it_say(programs, script)
    item = gpus_of(executor, bench)
    assert item.ok
    assert words in item.detail
    assert "driver" in item.remedy


def test_a_driver_that_hangs_delays_no_check(
    executor: ProcessExecutor, bench: Bench, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_check, "ANSWER_SECONDS", 0.5)
    let_it_say(programs, "exec sleep 60")
    began = time.monotonic()
    item = gpus_of(executor, bench)
    assert time.monotonic() - began < 30
    assert item.ok
    assert "did not answer within 0.5 s" in item.detail
