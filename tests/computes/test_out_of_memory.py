"""Out of memory is the kernel's word: a real memory group with a small limit."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.executors.process import ProcessExecutor
from tests.computes.on_targets import Bench, MachineWithPython, wait_for, wait_for_end
from tests.stack.left_out import leave_out

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


def test_a_program_that_the_kernel_ended_ran_out_of_memory(
    executor: ProcessExecutor, bench: Bench, memory_group: Path
) -> None:
    request = bench.request(GREEDY)
    wrapper = bench.root / "python-in-group"
    wrapper.write_text(f'#!/bin/sh\necho $$ > {memory_group}/cgroup.procs\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    ProcessExecutor(MachineWithPython(str(wrapper))).start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.signal, status.exit.ended_by) == (137, 9, "")
    assert status.exit.out_of_memory
