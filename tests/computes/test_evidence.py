"""What counts as the end of a run, and what does not."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from computes.contract import Condition, RunAddress, StopState, Stream
from computes.errors import TargetError
from computes.executors.process import ProcessExecutor
from computes.supervisor.files import read_state, write_state
from computes.supervisor.processes import boot_id
from tests.computes.on_targets import INSTALLATION, Bench, is_alive, wait_for, wait_for_end, wait_for_line

WAIT = "import time\nprint('ready')\nwhile not __import__('os').path.exists('go'): time.sleep(0.01)\nprint('done')\n"


def kill_supervisor(bench: Bench, address: RunAddress) -> None:
    state = read_state(str(bench.run_folder(address)))
    assert state is not None
    os.kill(state["supervisor"], signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{state['supervisor']}").exists(), "end of the supervisor")


def program_of(bench: Bench, address: RunAddress) -> int:
    state = read_state(str(bench.run_folder(address)))
    assert state is not None
    return int(state["pid"])


def start_and_orphan(executor: ProcessExecutor, bench: Bench, script: str = WAIT) -> RunAddress:
    request = bench.request(script)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    kill_supervisor(bench, request.address)
    return request.address


def test_a_program_lives_on_without_its_supervisor_and_its_code_is_lost(
    executor: ProcessExecutor, bench: Bench
) -> None:
    address = start_and_orphan(executor, bench)
    status = executor.poll(address)
    assert (status.condition, status.supervised) == (Condition.ALIVE, False)
    assert "exit code will not be known" in status.why
    (bench.run_folder(address) / "code/go").touch()
    status = wait_for_end(executor, address)
    assert status.condition is Condition.LOST
    assert "exit code is not known" in status.why
    assert executor.read(address, Stream.LOG, 0, 99) == b"ready\ndone\n"
    executor.clean_up(address)


def test_a_program_without_supervisor_is_never_started_twice(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    kill_supervisor(bench, request.address)
    executor.start(request)
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ready\n"
    assert executor.poll(request.address).supervised is False
    executor.stop(request.address, 0)
    wait_for_end(executor, request.address)


def test_a_program_without_supervisor_can_still_be_canceled(executor: ProcessExecutor, bench: Bench) -> None:
    script = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n    os.setsid()\n    open('new', 'w').write(str(os.getpid()))\n"
        "    os.rename('new', 'daemon')\n    time.sleep(60)\n"
        "while not os.path.exists('daemon'): time.sleep(0.01)\n"
        "print('ready'); time.sleep(60)\n"
    )
    address = start_and_orphan(executor, bench, script)
    assert executor.stop(address, 2).state is StopState.ENDING
    seen = []

    def ended() -> bool:
        status = executor.poll(address)
        seen.append((status.condition, status.supervised))
        return status.condition not in (Condition.ALIVE, Condition.STARTING)

    wait_for(ended, "end of the orphan")
    assert set(seen[:-1]) == {(Condition.ALIVE, False)}
    record = executor.poll(address).exit
    assert record is not None
    assert (record.code, record.signal, record.ended_by) == (None, None, "cancel")
    assert [text for text, _ in record.steps] == ["TERM", "KILL"]
    daemon = int((bench.run_folder(address) / "code/daemon").read_text())
    assert not is_alive(daemon)
    assert executor.stop(address, 0).state is StopState.GONE


def test_another_process_with_the_same_pid_is_not_the_program(executor: ProcessExecutor, bench: Bench) -> None:
    address = start_and_orphan(executor, bench)
    folder = str(bench.run_folder(address))
    state = read_state(folder)
    assert state is not None
    write_state(folder, {**state, "ticks": state["ticks"] + 1})
    assert executor.poll(address).condition is Condition.LOST
    write_state(folder, {**state, "boot_id": "another boot"})
    assert "restarted" in executor.poll(address).why
    write_state(folder, state)
    assert executor.poll(address).condition is Condition.ALIVE
    executor.stop(address, 0)
    wait_for_end(executor, address)


def test_a_new_run_on_the_empty_mount_point_does_not_lose_the_old_one(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    bench.work.rename(bench.root / "work-away")
    other = bench.request("")
    executor.start(other)
    wait_for_end(executor, other.address)
    assert executor.poll(request.address).condition is Condition.ABSENT
    shutil.rmtree(bench.work)
    (bench.root / "work-away").rename(bench.work)
    executor.stop(request.address, 0)
    wait_for_end(executor, request.address)


def test_the_mark_of_another_installation_is_not_ours(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("")
    executor.start(request)
    wait_for_end(executor, request.address)
    marker = bench.work / ".amlweb"
    shutil.rmtree(bench.run_folder(request.address))
    assert executor.poll(request.address).condition is Condition.LOST
    marker.write_text("fedcba9876543210\n")
    assert executor.poll(request.address).condition is Condition.UNREACHABLE
    marker.write_text(f"fedcba9876543210\n{INSTALLATION}\n")
    assert executor.poll(request.address).condition is Condition.LOST


def test_a_run_folder_that_somebody_removed_is_a_loss_and_is_not_started_again(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request("")
    executor.start(request)
    wait_for_end(executor, request.address)
    shutil.rmtree(bench.run_folder(request.address))
    assert "removed its run folder" in executor.poll(request.address).why
    executor.start(request)
    assert executor.poll(request.address).condition is Condition.LOST


def test_a_program_that_removes_its_run_folder_lives_on_and_can_be_canceled(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request(
        "import os, shutil, time\nfolder = os.environ['AMLWEB_RUN_FOLDER']\nwhile not os.path.exists('go'): pass\n"
        "shutil.rmtree(folder, ignore_errors=True)\ntime.sleep(600)"
    )
    executor.start(request)
    folder = bench.run_folder(request.address)
    pid = program_of(bench, request.address)
    (folder / "code/go").touch()
    wait_for(lambda: not folder.exists(), "the run folder's end")
    assert executor.poll(request.address).condition is Condition.ALIVE
    with pytest.raises(TargetError, match="alive"):
        executor.clean_up(request.address)
    executor.start(request)
    assert executor.stop(request.address, 5).state is StopState.ENDING
    wait_for(lambda: executor.poll(request.address).condition is Condition.LOST, "the program's end")
    assert not is_alive(pid)
    executor.clean_up(request.address)
    assert executor.poll(request.address).condition is Condition.ABSENT


def test_what_outlived_supervisor_and_run_folder_is_ended_by_the_clean_up(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    pid = program_of(bench, request.address)
    kill_supervisor(bench, request.address)
    shutil.rmtree(bench.run_folder(request.address))
    assert executor.poll(request.address).condition is Condition.LOST
    executor.clean_up(request.address)
    wait_for(lambda: not is_alive(pid), "the program's end")


@pytest.mark.parametrize("name", ["spec.json", "lock"])
def test_a_run_folder_without_state_is_not_started_yet(executor: ProcessExecutor, bench: Bench, name: str) -> None:
    other = bench.request("")
    executor.start(other)
    wait_for_end(executor, other.address)
    address = bench.address()
    bench.run_folder(address).mkdir()
    (bench.run_folder(address) / name).touch()
    assert executor.poll(address).condition is Condition.ABSENT


def test_an_exit_record_that_is_half_written_is_none(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("")
    executor.start(request)
    wait_for_end(executor, request.address)
    path = bench.run_folder(request.address) / "exit.json"
    path.write_bytes(path.read_bytes()[:40])
    assert executor.poll(request.address).exit is None


def test_what_a_script_puts_in_place_of_its_metrics_leads_nowhere(executor: ProcessExecutor, bench: Bench) -> None:
    secret = bench.root / "secret"
    secret.write_text("of the server")
    request = bench.request("")
    executor.start(request)
    wait_for_end(executor, request.address)
    metrics = bench.run_folder(request.address) / "metrics.jsonl"
    metrics.symlink_to(secret)
    assert executor.read(request.address, Stream.METRICS, 0, 99) == b""
    assert executor.poll(request.address).metrics_bytes == 0
    metrics.unlink()
    os.mkfifo(metrics)
    assert executor.read(request.address, Stream.METRICS, 0, 99) == b""


def test_the_log_is_linked_where_disk_and_owner_are_the_same(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("print('hello')")
    executor.start(request)
    wait_for_end(executor, request.address)
    into = bench.root / "kept.log"
    assert executor.link_log(request.address, into)
    assert executor.link_log(request.address, into)
    executor.clean_up(request.address)
    assert into.read_text() == "hello\n"
    assert not list(bench.root.glob(".kept*"))


def test_a_log_on_another_disk_or_over_a_copy_is_not_linked(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("print('hello')")
    executor.start(request)
    wait_for_end(executor, request.address)
    copied = bench.root / "copied.log"
    copied.write_text("hel")
    assert not executor.link_log(request.address, copied)
    assert copied.read_text() == "hel"
    elsewhere = Path("/dev/shm")
    if elsewhere.stat().st_dev != bench.root.stat().st_dev:
        assert not executor.link_log(request.address, elsewhere / f"amlweb-{request.address.run_id}")


@pytest.mark.parametrize("name", ["state.json", "exit.json", "lock", "cancel"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "garbage", "wrong", "gone"])
def test_whatever_a_script_does_to_its_records_a_living_run_is_not_given_up(
    executor: ProcessExecutor, bench: Bench, name: str, kind: str
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    path = bench.run_folder(request.address) / name
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(b"\x00\xff{" * 1000)
    elif kind == "wrong":
        path.write_text('{"phase": 7, "boot_id": [], "code": {}, "steps": 1, "grace_seconds": []}')
    condition = executor.poll(request.address).condition
    assert condition in (Condition.ALIVE, Condition.STARTING, Condition.UNREACHABLE) or name == "cancel"
    executor.read(request.address, Stream.SYSTEM, 0, 99)
    (bench.run_folder(request.address) / "code/go").touch()


@pytest.mark.parametrize(
    "record", ['{"a": ' + "[" * 99_999 + "]" * 99_999 + "}", "{}", '{"pid": Infinity, "boot_id": %s}']
)
def test_what_a_script_writes_over_its_state_holds_up_neither_looks_nor_removal(
    executor: ProcessExecutor, bench: Bench, record: str
) -> None:
    request = bench.request("print('done')")
    executor.start(request)
    wait_for_end(executor, request.address)
    folder = bench.run_folder(request.address)
    (folder / "exit.json").unlink()
    (folder / "state.json").write_text(record.replace("%s", json.dumps(boot_id())))
    assert executor.poll(request.address).condition in (Condition.UNREACHABLE, Condition.LOST)
    executor.clean_up(request.address)
    assert not folder.exists()
