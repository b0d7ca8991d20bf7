"""A disk that fills up costs no exit code."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.contract import Limits, Stream
from computes.errors import TargetDiskFull
from computes.executors.process import ProcessExecutor
from tests.computes.on_targets import Bench, wait_for, wait_for_end
from tests.stack.left_out import leave_out

FILL = """
import os, sys
with open("big", "wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * 4096)
    except OSError:
        pass
    sys.exit(9)
"""


@pytest.fixture
def small_disk(bench: Bench) -> Iterator[Path]:
    """Mount a disk of 1 MB as the work folder."""
    if os.geteuid() != 0:
        leave_out("only root may mount a small disk")
    bench.work.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "amlweb-test", bench.work], check=False)
    if mounted.returncode:
        leave_out("this machine does not let root mount a tmpfs")
    yield bench.work
    subprocess.run(["umount", "--lazy", bench.work], check=True)


def test_the_exit_code_survives_a_full_disk(executor: ProcessExecutor, bench: Bench, small_disk: Path) -> None:
    request = bench.request(FILL)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert os.statvfs(small_disk).f_bavail == 0
    assert status.exit is not None
    assert (status.exit.code, status.exit.ended_by) == (9, "")


def test_a_disk_below_the_floor_ends_the_run_with_its_own_reason(
    executor: ProcessExecutor, bench: Bench, small_disk: Path
) -> None:
    script = FILL.replace("sys.exit(9)", "__import__('time').sleep(60)")
    request = bench.request(script, limits=Limits(free_space_floor_bytes=300_000, grace_seconds=5))
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.signal, status.exit.ended_by) == (15, "disk_full")
    assert any("bytes of disk are free" in text for text, _ in status.exit.steps)


def test_a_run_on_a_full_disk_can_be_canceled_and_cleaned_up(
    executor: ProcessExecutor, bench: Bench, small_disk: Path
) -> None:
    request = bench.request(FILL.replace("sys.exit(9)", "__import__('time').sleep(60)"))
    executor.start(request)
    wait_for(lambda: os.statvfs(small_disk).f_bavail == 0, "full disk")
    executor.stop(request.address, 1)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"
    executor.clean_up(request.address)
    assert not bench.run_folder(request.address).exists()


def test_code_that_does_not_fit_is_a_full_target(executor: ProcessExecutor, bench: Bench, small_disk: Path) -> None:
    request = bench.request("", files={"data.csv": "x" * 2_000_000})
    with pytest.raises(TargetDiskFull):
        executor.start(request)
    assert executor.read(request.address, Stream.LOG, 0, 9) == b""
