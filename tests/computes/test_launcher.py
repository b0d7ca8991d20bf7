"""Runs on this machine are started by one process that has loaded the supervisor, and lives only while it is asked."""

import os
import signal
import sys

from computes.contract import Condition, Stream
from computes.executors.process import ProcessExecutor
from computes.machines.launcher import LAUNCHERS, Launcher
from computes.supervisor.files import read_state
from computes.supervisor.launcher import REST_SECONDS
from computes.supervisor.processes import process_facts
from tests.computes.on_targets import Bench, wait_for, wait_for_end

HELLO = "print('hello')"


def launcher() -> Launcher:
    """Return the launcher of this process."""
    return LAUNCHERS.kept[os.getpid()]


def test_two_runs_are_started_by_one_process(executor: ProcessExecutor, bench: Bench) -> None:
    first, second = bench.request(HELLO), bench.request(HELLO)
    executor.start(first)
    pid = launcher().process.pid
    executor.start(second)
    assert launcher().process.pid == pid
    for request in (first, second):
        assert wait_for_end(executor, request.address).condition is Condition.EXITED


def test_a_supervisor_is_no_child_of_it_and_has_a_session_of_its_own(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import sys, time; print('on', flush=True); time.sleep(60)")
    executor.start(request)
    state = read_state(str(bench.run_folder(request.address)))
    assert state is not None
    facts = process_facts(state["supervisor"])
    assert facts is not None
    assert facts[1] != launcher().process.pid
    assert os.getsid(state["supervisor"]) != os.getsid(launcher().process.pid)
    os.kill(launcher().process.pid, signal.SIGKILL)
    executor.stop(request.address, 5)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"


def test_one_that_was_killed_is_replaced(executor: ProcessExecutor, bench: Bench) -> None:
    executor.start(first := bench.request(HELLO))
    wait_for_end(executor, first.address)
    os.kill(launcher().process.pid, signal.SIGKILL)  # not waited for: it may still look alive
    executor.start(second := bench.request(HELLO))
    wait_for_end(executor, second.address)
    assert executor.read(second.address, Stream.LOG, 0, 99) == b"hello\n"


def test_one_that_is_asked_nothing_ends(executor: ProcessExecutor, bench: Bench) -> None:
    executor.start(first := bench.request(HELLO))
    wait_for_end(executor, first.address)
    process = launcher().process
    wait_for(lambda: process.poll() is not None, "end of the launcher", REST_SECONDS + 60)
    assert process.returncode == -signal.SIGALRM
    executor.start(second := bench.request(HELLO))
    assert launcher().process.pid != process.pid
    wait_for_end(executor, second.address)


def test_a_forked_process_has_one_of_its_own(executor: ProcessExecutor, bench: Bench) -> None:
    executor.start(first := bench.request(HELLO))
    ours = launcher()
    child = os.fork()
    if child == 0:
        theirs = LAUNCHERS.of_ours(sys.executable)
        different = theirs.process.pid != ours.process.pid
        LAUNCHERS.close()
        os._exit(0 if different else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ours.process.poll() is None
    wait_for_end(executor, first.address)


def test_it_sees_nothing_of_the_servers_variables(executor: ProcessExecutor, bench: Bench) -> None:
    os.environ["AMLWEB_TEST_SECRET"] = "hush"
    try:
        LAUNCHERS.close()
        executor.start(request := bench.request(HELLO))
        with open(f"/proc/{launcher().process.pid}/environ", "rb") as file:
            assert b"hush" not in file.read()
    finally:
        del os.environ["AMLWEB_TEST_SECRET"]
    wait_for_end(executor, request.address)
