"""How runs end from our side and from outside."""

import os
import signal
import zlib

import pytest

from computes.contract import Condition, ExitRecord, Limits, RunAddress, StopState, Stream
from computes.errors import TargetError
from computes.executors.process import ProcessExecutor
from computes.supervisor.files import read_state
from tests.computes.on_targets import Bench, is_alive, wait_for, wait_for_end, wait_for_line

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for kind in ("child", "daemon"):
    if os.fork() == 0:
        if kind == "daemon":
            os.setsid()
            if os.fork():
                os._exit(0)
            os.environ.clear()
        open(kind + ".new", "w").write(str(os.getpid()))
        os.rename(kind + ".new", kind)
        time.sleep(100)
        os._exit(0)
while not (os.path.exists("child") and os.path.exists("daemon")):
    time.sleep(0.01)
print("ready")
time.sleep(100)
"""
LEAVES_A_DAEMON = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("daemon", "w").write(str(os.getpid()))
    time.sleep(100)
while not os.path.exists("daemon") or not open("daemon").read():
    time.sleep(0.01)
raise SystemExit(3)
"""


def exit_of(executor: ProcessExecutor, address: RunAddress) -> ExitRecord:
    status = wait_for_end(executor, address)
    assert status.exit is not None, status
    return status.exit


def program_of(bench: Bench, address: RunAddress) -> int:
    state = read_state(str(bench.run_folder(address)))
    assert state is not None
    return int(state["pid"])


def test_a_program_that_ignores_term_forks_and_daemonises_is_ended_whole(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request(STUBBORN, limits=Limits(grace_seconds=300, free_space_floor_bytes=0))
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    code = bench.run_folder(request.address) / "code"
    pids = [int((code / name).read_text()) for name in ("child", "daemon")]
    executor.stop(request.address, 0.3)
    record = exit_of(executor, request.address)
    assert (record.code, record.signal, record.ended_by) == (137, 9, "cancel")
    names = [text for text, _ in record.steps]
    assert names[:3] == ["cancel seen, grace 0.3 s", "TERM", "KILL"]
    assert 0.25 < record.steps[2][1] - record.steps[1][1] < 30, "the grace of the stop, not that of the run"
    assert not any(is_alive(pid) for pid in pids)


def test_a_second_stop_shortens_the_grace(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(STUBBORN)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 300)
    wait_for(lambda: b"TERM" in executor.read(request.address, Stream.SYSTEM, 0, 9999), "TERM")
    executor.stop(request.address, 0)
    assert exit_of(executor, request.address).signal == 9


def test_a_program_that_ends_within_the_grace_keeps_its_own_code(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(
        "import signal, sys, time\n"
        "def save(*_):\n    print('saved'); sys.exit(5)\n"
        "signal.signal(signal.SIGTERM, save)\nprint('ready')\ntime.sleep(60)\n"
    )
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 30)
    record = exit_of(executor, request.address)
    assert (record.code, record.signal, record.ended_by) == (5, None, "cancel")
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ready\nsaved\n"


def test_daemons_are_swept_after_an_ordinary_end(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(LEAVES_A_DAEMON)
    executor.start(request)
    record = exit_of(executor, request.address)
    assert (record.code, record.ended_by) == (3, "")
    assert "swept 1 process" in [text for text, _ in record.steps]
    assert not is_alive(int((bench.run_folder(request.address) / "code/daemon").read_text()))


def test_the_time_limit_ends_a_run_with_its_own_reason(executor: ProcessExecutor, bench: Bench) -> None:
    limits = Limits(time_limit_seconds=0.5, grace_seconds=5, free_space_floor_bytes=0)
    request = bench.request("import time; time.sleep(60)", limits=limits)
    executor.start(request)
    record = exit_of(executor, request.address)
    assert (record.signal, record.ended_by) == (15, "time_limit")
    assert 0.5 <= record.duration_seconds < 3


def test_the_log_limit_ends_a_run_with_its_own_reason(executor: ProcessExecutor, bench: Bench) -> None:
    limits = Limits(log_cap_bytes=100_000, grace_seconds=5, free_space_floor_bytes=0)
    request = bench.request("while True: print('x' * 99)", limits=limits)
    executor.start(request)
    record = exit_of(executor, request.address)
    assert record.ended_by == "log_limit"
    assert record.log_bytes is not None
    assert record.log_bytes >= 100_000


def test_a_log_of_any_size_is_cut_to_its_limit(executor: ProcessExecutor, bench: Bench) -> None:
    limits = Limits(log_cap_bytes=100_000, grace_seconds=0.5, free_space_floor_bytes=0)
    request = bench.request(
        "import os, signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while True: os.truncate(sys.stdout.fileno(), 1 << 40); time.sleep(0.01)",
        limits=limits,
    )
    executor.start(request)
    record = exit_of(executor, request.address)
    assert (record.ended_by, record.log_bytes) == ("log_limit", 100_000)
    assert executor.poll(request.address).log_bytes == 100_000


def test_a_program_that_is_killed_from_outside_was_not_ended_by_us(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import time; print('ready'); time.sleep(60)")
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    os.kill(program_of(bench, request.address), signal.SIGKILL)
    record = exit_of(executor, request.address)
    assert (record.code, record.signal, record.ended_by, record.out_of_memory) == (137, 9, "", False)


def test_a_script_may_cut_its_own_log(executor: ProcessExecutor, bench: Bench) -> None:
    limits = Limits(log_cap_bytes=6000, free_space_floor_bytes=0)
    request = bench.request(
        "import os, time\nfolder = os.environ['AMLWEB_RUN_FOLDER']\n"
        "def wait_for(words):\n    while words not in open(folder + '/system.log').read(): time.sleep(0.01)\n"
        "print('x' * 5000)\nwait_for('80 % of its limit')\n"
        "os.truncate(folder + '/log', 0)\nprint('after')\nwait_for('cut its log')\n",
        limits=limits,
    )
    executor.start(request)
    record = exit_of(executor, request.address)
    assert (record.code, record.log_bytes) == (0, 6)
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"after\n"
    assert b"cut its log from 5001" in executor.read(request.address, Stream.SYSTEM, 0, 9999)


def test_the_checksum_is_that_of_the_whole_log(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import sys; sys.stdout.buffer.write(bytes(range(256)) * 20000)")
    executor.start(request)
    record = exit_of(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 30)
    assert (record.log_bytes, record.log_crc32) == (len(log), zlib.crc32(log))
    assert len(log) == 256 * 20000


def test_clean_up_leaves_a_living_run_alone(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import time; print('ready'); time.sleep(60)")
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    with pytest.raises(TargetError, match="alive"):
        executor.clean_up(request.address)
    assert executor.poll(request.address).condition is Condition.ALIVE
    assert executor.stop(request.address, 5).state is StopState.ENDING
    exit_of(executor, request.address)
