"""A connection may break or freeze at any moment; runs do not notice, and nobody waits for ever."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, Stream
from computes.errors import TargetUnreachable
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import Bench, wait_for, wait_for_end, wait_for_line
from tests.stack.sshd import Sshd

TALKS = """
import sys, time
for number in range(20_000):
    print("line %d " % number + "x" * (number % 97), file=(sys.stdout, sys.stderr)[number % 2])
    if number % 200 == 0:
        time.sleep(0.01)
"""


def test_a_log_is_byte_equal_when_the_connection_is_reset_again_and_again(
    host: Sshd, executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request(TALKS)
    executor.start(request)
    copy, resets = b"", 0
    while True:
        status = executor.poll(request.address)
        if status.condition is not Condition.UNREACHABLE:
            while len(copy) < status.log_bytes:
                try:
                    copy += executor.read(request.address, Stream.LOG, len(copy), 50_000)
                except TargetUnreachable:
                    break
                if resets < 5 and len(copy) > resets * 100_000:
                    resets += 1
                    host.cut()
            if status.condition is Condition.EXITED and len(copy) == status.log_bytes:
                break
        assert status.condition in (Condition.ALIVE, Condition.EXITED, Condition.UNREACHABLE)
    assert resets == 5
    assert copy == (bench.run_folder(request.address) / "log").read_bytes()
    assert copy.count(b"\n") == 20_000


def test_a_run_goes_on_when_sshd_is_gone(host: Sshd, executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import time\nprint('ready')\ntime.sleep(0.5)\nprint('done')")
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    host.cut()
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ready\ndone\n"


def test_a_frozen_host_is_given_up_in_time_and_found_again(host: Sshd, machine: SshMachine, tmp_path: Path) -> None:
    hasty = SshMachine(host.access, answer_seconds=1.0)  # over the same connection
    (tmp_path / "file").write_text("content")
    assert machine.read(f"{tmp_path}/file", 0, 99) == b"content"
    frozen = host.sessions()
    try:
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(TargetUnreachable, match="did not answer within 1 s"):
            hasty.read(f"{tmp_path}/file", 0, 99)
        assert time.monotonic() - began < 15
        assert machine.read(f"{tmp_path}/file", 0, 99) == b"content"
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: not set(frozen) & set(host.sessions()), "end of the sessions that were given up")


def test_a_frozen_command_is_given_up_and_delays_no_look(host: Sshd, machine: SshMachine) -> None:
    ended: list[Exception] = []

    def run() -> None:
        try:
            machine.run(["/bin/sleep", "60"], environment={}, deadline_seconds=4)
        except TargetUnreachable as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    looks = 0
    while thread.is_alive():
        assert machine.stat("/") is not None
        looks += 1
    thread.join()
    assert looks > 20
    assert "did not answer within 4 s" in str(ended[0])


def test_many_threads_share_one_connection(host: Sshd, machine: SshMachine) -> None:
    POOL.close_all()
    wait_for(lambda: not host.sessions(), "end of earlier sessions")
    found: list[bytes] = []

    def work(number: int) -> None:
        argv = ["/bin/sh", "-c", "sleep 0.1; echo $0", str(number)]
        found.append(machine.run(argv, environment=machine.environment(), deadline_seconds=30).output)
        assert machine.stat("/") is not None

    threads = [threading.Thread(target=work, args=(number,)) for number in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == sorted(b"%d\n" % number for number in range(14))
    assert len(host.sessions()) == 1


def test_an_agent_that_was_killed_is_replaced_on_the_same_connection(host: Sshd, machine: SshMachine) -> None:
    machine.stat("/")
    (session,) = host.sessions()
    os.kill(int(machine.hello()["pid"]), signal.SIGKILL)
    assert machine.stat("/") is not None
    assert host.sessions() == [session]


def test_a_connection_that_nobody_needs_any_more_is_ended(
    host: Sshd, machine: SshMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    POOL.close_all()
    other = SshMachine(replace(host.access, keep_alive_seconds=14))
    other.stat("/")
    machine.stat("/")
    wait_for(lambda: len(host.sessions()) == 2, "two connections")
    monkeypatch.setattr("computes.machines.ssh.pool.IDLE_SECONDS", 0.0)
    machine.stat("/")
    wait_for(lambda: len(host.sessions()) == 1, "end of the idle connection")
    assert other.stat("/") is not None


def test_a_dead_host_is_not_hammered(host: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        calls = 0

        def hang_up() -> None:
            nonlocal calls
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                calls += 1
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        machine = SshMachine(replace(host.access, port=port))
        began = time.monotonic()
        refusals = 0
        while time.monotonic() - began < 1.2 or refusals <= 100:
            with pytest.raises(TargetUnreachable, match="handshake failed"):
                machine.stat("/")
            refusals += 1
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(20)
    assert 1 <= calls <= 4, f"{calls} of {refusals} questions went to the host"


FORKS = """
import json, os, sys
from computes.contract import SshAccess
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
facts = json.load(sys.stdin)
machine = SshMachine(SshAccess(**{**facts, "host_keys": tuple(facts["host_keys"])}))
mine = machine.hello()["pid"]
child = os.fork()
if child == 0:
    theirs = machine.hello()["pid"]
    POOL.close_all()
    os._exit(0 if theirs != mine else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert machine.ask({"deed": "hello"})[0]["pid"] == mine
print("apart")
"""


def test_after_a_fork_each_process_has_a_connection_of_its_own(host: Sshd) -> None:
    import json

    names = ("host", "port", "username", "host_keys", "private_key")
    facts = json.dumps({name: getattr(host.access, name) for name in names})
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS], input=facts, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "apart\n", done.stderr
