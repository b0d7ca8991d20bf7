"""Out of memory is the kernel's word: a real memory group with a small limit."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import ExitRecord
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import Bench, MachineWithPython, wait_for, wait_for_end
from tests.stack.left_out import leave_out, need
from tests.stack.parts import SSHD
from tests.stack.sshd import sshd

LIMIT_BYTES = 128 * 1024**2
GREEDY = "print('ready', flush=True)\nhoard = []\nwhile True:\n    hoard.append(bytearray(8 << 20))\n"


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """Make a memory group with a limit, below our own where the kernel lets us."""
    line = next((line for line in Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in line), None)
    if line is None or os.geteuid() != 0:
        leave_out("needs root and the first version of memory groups")
    group = Path("/sys/fs/cgroup/memory" + line.split(":", 2)[2]) / f"amlweb-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(LIMIT_BYTES))
    except OSError:
        leave_out("this machine does not let us make a memory group")
    yield group
    wait_for(lambda: not (group / "cgroup.procs").read_text(), "end of the group's processes")
    group.rmdir()


def test_a_program_that_the_kernel_ended_ran_out_of_memory(bench: Bench, memory_group: Path) -> None:
    wrapper = bench.root / "python-in-group"
    wrapper.write_text(f'#!/bin/sh\necho $$ > {memory_group}/cgroup.procs\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    end = end_of_the_greedy(ProcessExecutor(MachineWithPython(str(wrapper))), bench)
    assert (end.code, end.signal, end.ended_by, end.out_of_memory) == (137, 9, "", True)


def test_a_program_that_the_kernel_of_a_host_over_ssh_ended_ran_out_of_memory(bench: Bench, memory_group: Path) -> None:
    need(SSHD)
    with sshd(kinds=("ed25519",)) as host:
        (memory_group / "cgroup.procs").write_text(str(host.pid))
        end = end_of_the_greedy(ProcessExecutor(SshMachine(host.access)), replace(bench, kind="remote"))
        POOL.close_all()
    assert (end.code, end.signal, end.ended_by, end.out_of_memory) == (137, 9, "", True)


def end_of_the_greedy(executor: ProcessExecutor, bench: Bench) -> ExitRecord:
    request = bench.request(GREEDY)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    return status.exit
