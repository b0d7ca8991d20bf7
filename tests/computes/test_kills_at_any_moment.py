"""Launcher and supervisor may be killed at any moment: the program runs at most once and the run never hangs."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from computes.contract import Condition
from computes.executors.process import ProcessExecutor
from computes.executors.specification import specification_of, to_bytes
from computes.supervisor import BOOT
from computes.supervisor.files import read_state
from computes.work_folder import WorkFolder
from tests.computes.on_targets import Bench, wait_for_end

COUNTS = "import os\nos.close(os.open('started-%d' % os.getpid(), os.O_CREAT))\nprint('done')\n"


@pytest.mark.parametrize("victim", ["launcher", "supervisor"])
@pytest.mark.parametrize("seed", range(12))
def test_a_kill_at_any_moment_starts_nothing_twice(
    executor: ProcessExecutor, bench: Bench, victim: str, seed: int
) -> None:
    request = bench.request(COUNTS)
    address = request.address
    folder = WorkFolder(executor.machine, address.settings)
    folder.open(address.installation_id)
    run_folder = bench.run_folder(address)
    (run_folder / "code").mkdir(parents=True)
    (run_folder / "code/main.py").write_text(COUNTS)
    specification = specification_of(request, executor.machine, str(run_folder), folder.in_run(), executor.program)
    (run_folder / "spec.json").write_bytes(to_bytes(specification))
    argv = [sys.executable, "-I", "-S", "-c", BOOT, folder.supervisor(), "start", str(run_folder)]
    launcher = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if victim == "launcher":
        time.sleep(random.Random(seed).uniform(0.0, 0.03))
        launcher.kill()
    else:
        deadline = time.monotonic() + 60
        while (state := read_state(str(run_folder))) is None and time.monotonic() < deadline:
            pass
        assert state is not None
        time.sleep(random.Random(seed).uniform(0.0, 0.004))
        with suppress(ProcessLookupError):  # on a busy machine the moment may be one after the end
            os.kill(state["supervisor"], signal.SIGKILL)
    launcher.wait(20)
    executor.start(request)
    status = wait_for_end(executor, address)
    started = list((run_folder / "code").glob("started-*"))
    assert len(started) <= 1
    if status.condition is Condition.EXITED:
        assert len(started) == 1
    else:
        assert victim == "supervisor"
    executor.clean_up(address)
