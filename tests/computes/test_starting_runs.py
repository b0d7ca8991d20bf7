"""One program per run, with exactly what the user asked for."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, Limits, StopState, Stream
from computes.errors import InterpreterNotFound, StartFailed, StartRefused, TargetDiskFull, TransferFailed
from computes.executors.process import ProcessExecutor
from computes.supervisor import BOOT
from computes.supervisor.files import read_state
from computes.work_folder import WorkFolder
from projects.manifest import ManifestEntry
from tests.computes.on_targets import Bench, start_in_a_process, wait_for, wait_for_end, wait_for_line

ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"
HOSTILE = [
    " ", "a b", "'", '"', "$(id)", "`id`", ";id", "&&id", "|id", "a\nb", "a\r\nb", "\\", "*", "~root", "-rf", "--",
    "", "!!", "é", "\u202e", "\t", "${IFS}", ">x", "#x", "x=1", "{a,b}", "\udcff", "\x07", "-c", "--version",
]  # fmt: skip


def test_a_launch_that_froze_before_the_supervisor_starts_nothing_after_a_stop(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request("open('ran', 'w')")
    address = request.address
    other = bench.request("print('fills the work folder')")
    executor.start(other)
    wait_for_end(executor, other.address)
    folder = WorkFolder(executor.machine, address.settings)
    (bench.run_folder(address) / "code").mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", "-c", BOOT, folder.supervisor(), "start", folder.run_folder(address)]
    launch = subprocess.Popen(["/bin/sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *argv], stdout=subprocess.PIPE)
    wait_for(lambda: ") T " in Path(f"/proc/{launch.pid}/stat").read_text(), "frozen launch")
    assert executor.stop(address, 5).state is StopState.NEVER_STARTED
    os.kill(launch.pid, signal.SIGCONT)
    output, _ = launch.communicate(timeout=20)
    assert json.loads(output)["answer"] == "refused"
    assert executor.poll(address).condition is Condition.ABSENT
    assert not bench.run_folder(address).exists()


def test_a_launch_that_froze_while_holding_its_lock_starts_nothing_after_a_stop(
    executor: ProcessExecutor, bench: Bench
) -> None:
    first = bench.request("print('places the supervisor')")
    executor.start(first)
    wait_for_end(executor, first.address)
    request = bench.request("open('ran', 'w')")
    address = request.address
    folder = WorkFolder(executor.machine, address.settings)
    run_folder = folder.run_folder(address)
    freeze = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1]);"
        "from supervisor import launch\n"
        "real = launch.read_state\n"
        "def freeze(folder):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    return real(folder)\n"
        "launch.read_state = freeze\n"
        "print(launch.start(sys.argv[2]))"
    )
    (bench.run_folder(address) / "code").mkdir(parents=True)
    launch = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", freeze, folder.supervisor(), run_folder], stdout=subprocess.PIPE
    )
    wait_for(lambda: ") T " in Path(f"/proc/{launch.pid}/stat").read_text(), "frozen launch")
    assert executor.stop(address, 5).state is StopState.ENDING
    os.kill(launch.pid, signal.SIGCONT)
    output, _ = launch.communicate(timeout=20)
    assert b"refused" in output
    assert executor.stop(address, 5).state is StopState.NEVER_STARTED


def test_a_cancel_that_comes_between_intent_and_start_is_an_end_by_cancel(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request("open('ran', 'w')")
    bench.run_folder(request.address).mkdir(parents=True)
    (bench.run_folder(request.address) / "cancel").touch()
    with pytest.raises(StartRefused):
        executor.start(request)
    status = wait_for_end(executor, request.address)  # the supervisor has answered and is about to go
    assert status.exit is not None
    assert (status.exit.code, status.exit.ended_by) == (None, "cancel")
    assert not (bench.run_folder(request.address) / "code/ran").exists()


def test_arguments_of_all_hostile_kinds_arrive_literally(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(ECHO, *HOSTILE)
    executor.start(request)
    wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
    assert json.loads(log) == HOSTILE


@pytest.mark.parametrize("name", ["", "A=B", "A\0B"])
def test_a_variable_that_cannot_be_set_is_refused_in_words(executor: ProcessExecutor, bench: Bench, name: str) -> None:
    with pytest.raises(StartFailed, match="environment variable"):
        executor.start(bench.request(ECHO, environment={name: "x"}))


def test_a_secret_with_a_nul_is_refused_without_being_shown(executor: ProcessExecutor, bench: Bench) -> None:
    with pytest.raises(StartFailed) as caught:
        executor.start(bench.request(ECHO, secrets={"TOKEN": "hu\0sh"}))
    assert "hu" not in caught.value.text


def test_a_value_that_is_too_long_for_the_system_is_explained(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(ECHO, environment={"LONG": "x" * 200_000})
    for _ in range(2):
        with pytest.raises(StartFailed, match="longer than the operating system allows"):
            executor.start(request)
    assert executor.poll(request.address).condition is Condition.ABSENT
    assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED


def test_the_environment_is_an_allow_list_and_the_runs_own(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://password@host/")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")
    bench = Bench(
        bench.root, environment={"OF_TARGET": "1", "BOTH": "target"}, native_shared_directory=f"{bench.root}/s"
    )
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    request = bench.request(script, environment={"BOTH": "run", "PYTHONPATH": "/mine"}, secrets={"TOKEN": "hush"})
    executor.start(request)
    wait_for_end(executor, request.address)
    seen = json.loads(executor.read(request.address, Stream.LOG, 0, 1 << 20))
    folder = bench.run_folder(request.address)
    assert "DATABASE_URL" not in seen
    assert (seen["OF_TARGET"], seen["BOTH"], seen["TOKEN"], seen["LC_TIME"]) == ("1", "run", "hush", "C.UTF-8")
    assert seen["PYTHONUNBUFFERED"] == "1"
    assert seen["PYTHONPATH"].startswith("/mine:")
    assert seen["AMLWEB_OUTPUTS"] == f"{folder}/code/outputs"
    assert seen["AMLWEB_METRICS"] == f"{folder}/metrics.jsonl"
    assert seen["AZUREML_NATIVE_SHARE_DIRECTORY"] == f"{bench.root}/s/iris/"
    assert Path(seen["AZUREML_NATIVE_SHARE_DIRECTORY"]).is_dir()


def test_secrets_are_nowhere_but_in_the_program_while_it_runs(executor: ProcessExecutor, bench: Bench) -> None:
    script = "import os, time; assert os.environ['TOKEN']; print('ready'); time.sleep(60)"
    request = bench.request(script, secrets={"TOKEN": "hush-hush-hush"})
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    for path in bench.work.rglob("*"):
        if path.is_file():
            assert b"hush-hush-hush" not in path.read_bytes(), path
    state = read_state(str(bench.run_folder(request.address)))
    assert state is not None
    for name in ("environ", "cmdline"):
        assert b"hush-hush-hush" not in Path(f"/proc/{state['supervisor']}/{name}").read_bytes()
    late = bench.run_folder(request.address) / "secrets.json"
    late.write_text("{}")
    wait_for(lambda: not late.exists(), "removal of secrets that a late launch wrote")
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


@pytest.mark.parametrize("python", ["no-such-python", "/no/such/python", "relative/python", "/etc/passwd"])
def test_a_missing_interpreter_names_the_key_to_change(executor: ProcessExecutor, bench: Bench, python: str) -> None:
    with pytest.raises(InterpreterNotFound) as caught:
        executor.start(Bench(bench.root, python=python).request(ECHO))
    assert "pythonLocation" in caught.value.remedy


def test_a_script_whose_name_begins_with_a_dash_is_no_option(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("", files={"-c.py": "print('ran')"})
    executor.start(replace(request, script="-c.py"))
    wait_for_end(executor, request.address)
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ran\n"


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a/../../b", "", "a//b", "a\0b", "./a"])
def test_a_path_that_leads_out_of_the_run_folder_is_refused(executor: ProcessExecutor, bench: Bench, path: str) -> None:
    request = bench.request(ECHO)
    entry = request.manifest[0]
    hostile = ManifestEntry(path, 0o644, entry.size, entry.sha256)
    with pytest.raises(TransferFailed):
        executor.start(replace(request, manifest=(hostile,)))
    assert not (bench.run_folder(request.address) / "code").exists()


def test_a_damaged_store_is_noticed(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(ECHO)
    digest = request.manifest[0].sha256
    (bench.root / "blobs" / digest[:2] / digest[2:]).write_text("short")
    with pytest.raises(TransferFailed, match="snapshot store"):
        executor.start(request)


def test_the_code_is_a_copy_with_the_modes_of_the_snapshot(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(ECHO, files={"tools/run.sh": "#!/bin/sh\n"})
    entries = tuple(replace(e, mode=0o755) if e.path == "tools/run.sh" else e for e in request.manifest)
    executor.start(replace(request, manifest=entries))
    wait_for_end(executor, request.address)
    code = bench.run_folder(request.address) / "code"
    assert (code / "tools/run.sh").stat().st_mode & 0o777 == 0o755
    assert (code / "main.py").stat().st_mode & 0o777 == 0o644
    assert (code / "main.py").stat().st_nlink == 1
    assert bench.run_folder(request.address).stat().st_mode & 0o777 == 0o700


def test_a_disk_below_the_floor_refuses_the_start(executor: ProcessExecutor, bench: Bench) -> None:
    limits = Limits(free_space_floor_bytes=1 << 60)
    with pytest.raises(TargetDiskFull):
        executor.start(bench.request(ECHO, limits=limits))


def test_the_program_is_the_first_that_the_kernel_takes_for_want_of_memory(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request("print(open('/proc/self/oom_score_adj').read())")
    executor.start(request)
    wait_for_end(executor, request.address)
    assert executor.read(request.address, Stream.LOG, 0, 9).strip() == b"500"


def test_the_program_gets_clean_signals_and_no_foreign_descriptors(executor: ProcessExecutor, bench: Bench) -> None:
    script = (
        "import os, re, sys\nstatus = open('/proc/self/status').read()\n"
        "print(re.findall('Sig(?:Blk|Ign):.(.*)', status), sorted(os.listdir('/proc/self/fd'))[:-1])"
    )
    request = bench.request(script)
    executor.start(request)
    wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 999).decode()
    blocked, ignored = log.split("'")[1], log.split("'")[3]
    assert int(blocked, 16) == 0
    by_python_or_libc = (signal.SIGPIPE, signal.SIGXFSZ, 32, 33)  # the last two belong to the C library
    assert int(ignored, 16) & ~sum(1 << (number - 1) for number in by_python_or_libc) == 0
    assert "['0', '1', '2']" in log


def test_a_run_outlives_the_process_that_started_it(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import time; time.sleep(0.5); print('done')")
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=start_in_a_process, args=(request,))
    process.start()
    process.join(30)
    began = time.monotonic()
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    assert time.monotonic() - began < 10
