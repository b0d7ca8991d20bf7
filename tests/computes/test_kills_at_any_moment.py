"""Launcher and supervisor may be killed at any moment: the program runs at most once and the run never hangs."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from computes.contract import Condition, ExecutionRequest
from computes.executors.process import ProcessExecutor
from computes.executors.specification import specification_of, to_bytes
from computes.supervisor import BOOT
from computes.supervisor.files import read_state
from computes.work_folder import WorkFolder
from tests.computes.on_targets import Bench, wait_for_end

DYING = (
    "import json, os, signal, sys; sys.path.insert(0, sys.argv[1]);"
    "from supervisor import launch\n"
    "launch.acknowledge = lambda sender, answer: os.kill(os.getpid(), signal.SIGKILL)\n"
    "print(json.dumps(launch.start(sys.argv[2])))"
)
COUNTS = "import os\nos.close(os.open('started-%d' % os.getpid(), os.O_CREAT))\nprint('done')\n"


def placed(executor: ProcessExecutor, bench: Bench, request: ExecutionRequest) -> WorkFolder:
    """Place a run as a launch does, and start nothing."""
    folder = WorkFolder(executor.machine, request.address.settings)
    folder.open(request.address.installation_id)
    run_folder = bench.run_folder(request.address)
    (run_folder / "code").mkdir(parents=True)
    (run_folder / "code/main.py").write_text(COUNTS)
    specification = specification_of(request, executor.machine, str(run_folder), folder.in_run(), executor.program)
    (run_folder / "spec.json").write_bytes(to_bytes(specification))
    return folder


@pytest.mark.parametrize("victim", ["launcher", "supervisor"])
@pytest.mark.parametrize("seed", range(12))
def test_a_kill_at_any_moment_starts_nothing_twice(
    executor: ProcessExecutor, bench: Bench, victim: str, seed: int
) -> None:
    request = bench.request(COUNTS)
    address = request.address
    folder = placed(executor, bench, request)
    run_folder = bench.run_folder(address)
    argv = [sys.executable, "-I", "-S", "-c", BOOT, folder.supervisor(), "start", str(run_folder)]
    launcher = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if victim == "launcher":
        time.sleep(random.Random(seed).uniform(0.0, 0.03))
        launcher.kill()
    else:
        deadline = time.monotonic() + 5
        while (state := read_state(str(run_folder))) is None and time.monotonic() < deadline:
            pass
        assert state is not None
        time.sleep(random.Random(seed).uniform(0.0, 0.004))
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


def test_a_program_that_its_supervisor_let_go_has_started_though_nobody_said_so(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request(COUNTS)
    folder = placed(executor, bench, request)
    run_folder = folder.run_folder(request.address)
    argv = [sys.executable, "-I", "-S", "-c", DYING, folder.supervisor(), run_folder]
    said = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True, timeout=60).stdout)
    state = read_state(run_folder)
    assert state is not None
    assert said == {"answer": "started", "pid": state["pid"]}
    assert wait_for_end(executor, request.address).condition is Condition.LOST
    assert len(list((bench.run_folder(request.address) / "code").glob("started-*"))) == 1
