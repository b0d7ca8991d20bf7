"""Several starts of one run at once: one of them starts the program, the others find it."""

import multiprocessing
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from computes.contract import Condition, ExecutionRequest, StopState, Stream, TargetSettings
from computes.errors import InterpreterNotFound, TargetUnreachable
from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from computes.machines.os_errors import explain
from computes.work_folder import WorkFolder
from tests.computes.on_targets import Bench, start_in_a_process, wait_for, wait_for_end, wait_for_line


def test_twenty_starts_at_once_start_one_program(executor: ProcessExecutor, bench: Bench) -> None:
    script = "import os, time\nos.open('started-%d' % os.getpid(), os.O_CREAT)\nprint('ready')\ntime.sleep(60)\n"
    request = bench.request(script, secrets={"TOKEN": "hush"})
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=start_in_a_process, args=(request,)) for _ in range(20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 20
    wait_for_line(executor, request.address, b"ready\n")
    folder = bench.run_folder(request.address)
    assert len(list((folder / "code").glob("started-*"))) == 1
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ready\n"
    assert not list(folder.glob("*secrets*"))
    assert not list(folder.glob(".*"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


class OvertakenMachine(LocalMachine):
    """A machine on which another start of the same run wins just before the secrets are given their name."""

    def __init__(self, request: ExecutionRequest) -> None:
        self.request = request

    def write(self, path: str, data: bytes) -> None:
        if not path.endswith("/secrets.json"):
            super().write(path, data)
            return
        temporary = Path(path).with_name(".secrets.json-late.tmp")
        temporary.write_bytes(data)
        start_in_a_process(self.request)
        try:
            temporary.replace(path)
        except OSError as error:
            raise explain(error, "write secrets.json") from error


def test_a_start_that_is_overtaken_while_it_places_the_secrets_finds_the_first(
    executor: ProcessExecutor, bench: Bench
) -> None:
    request = bench.request("import time; print('ready'); time.sleep(60)", secrets={"TOKEN": "hush"})
    ProcessExecutor(OvertakenMachine(request)).start(request)
    wait_for_line(executor, request.address, b"ready\n")
    assert not list(bench.run_folder(request.address).glob("*secrets*"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


PAUSE = (
    "import os, sys, time; sys.path.insert(0, sys.argv[1]);"
    "from supervisor import launch\n"
    "real = launch.remove_secrets\n"
    "def pause(folder):\n    real(folder)\n    while not os.path.exists(folder + '/go'): time.sleep(0.01)\n"
    "launch.remove_secrets = pause\n"
    "launch.start(sys.argv[2])"
)


def start_that_pauses(machine: LocalMachine, settings: TargetSettings, run_folder: Path) -> "subprocess.Popen[bytes]":
    """Begin a start of a run that was placed; its supervisor waits for the file `go` before it spawns the program."""
    supervisor = WorkFolder(machine, settings).supervisor()
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", PAUSE, supervisor, str(run_folder)])


class BeatenMachine(LocalMachine):
    """A machine on which another start of the same run takes the secrets away, and pauses at that."""

    winner: subprocess.Popen[bytes]

    def __init__(self, settings: TargetSettings) -> None:
        self.settings = settings

    def write(self, path: str, data: bytes) -> None:
        super().write(path, data)
        if not path.endswith("/secrets.json"):
            return
        temporary = Path(path).with_name(".secrets.json-late.tmp")
        temporary.write_bytes(data)
        self.winner = start_that_pauses(self, self.settings, temporary.parent)
        wait_for(lambda: not temporary.exists(), "winner that removes the secrets")
        try:
            temporary.replace(path)
        except OSError as error:
            raise explain(error, "write secrets.json") from error

    def launch(self, run_folder: str) -> dict[str, Any]:
        Path(run_folder, "go").touch()
        return super().launch(run_folder)


def test_a_start_whose_secrets_another_one_removes_finds_that_one(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("import time; print('ready'); time.sleep(60)", secrets={"TOKEN": "hush"})
    machine = BeatenMachine(request.address.settings)
    ProcessExecutor(machine).start(request)
    assert machine.winner.wait(20) == 0
    wait_for_line(executor, request.address, b"ready\n")
    assert not list(bench.run_folder(request.address).glob("*secrets*"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


class BrokenOffMachine(LocalMachine):
    """A machine on which a launch is killed while the supervisor that it forked is about to spawn the program."""

    killed: subprocess.Popen[bytes] | None = None

    def __init__(self, settings: TargetSettings) -> None:
        self.settings = settings

    def launch(self, run_folder: str) -> dict[str, Any]:
        if self.killed is None:
            self.killed = start_that_pauses(self, self.settings, Path(run_folder))
            wait_for(Path(run_folder, "state.json").exists, "supervisor that is about to start the program")
            raise TargetUnreachable("The launch was killed.", "")
        Path(run_folder, "go").touch()
        return super().launch(run_folder)


def test_a_start_that_finds_another_one_half_way_says_how_that_ends(bench: Bench) -> None:
    python = bench.root / "python"
    python.write_text("#!/no/such/interpreter\n")
    python.chmod(0o700)
    bench = replace(bench, python=str(python))
    request = bench.request("print('never')")
    machine = BrokenOffMachine(request.address.settings)
    executor = ProcessExecutor(machine)
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    assert executor.poll(request.address).condition is Condition.STARTING
    with pytest.raises(InterpreterNotFound):
        executor.start(request)
    assert machine.killed is not None
    assert machine.killed.wait(20) == 0
    assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED


def test_a_start_that_finds_another_one_half_way_finds_its_program(bench: Bench) -> None:
    request = bench.request(
        "import os, time; print('ready', os.environ['TOKEN'] == 'hush'); time.sleep(60)", secrets={"TOKEN": "hush"}
    )
    machine = BrokenOffMachine(request.address.settings)
    executor = ProcessExecutor(machine)
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    executor.start(request)
    assert executor.poll(request.address).condition is Condition.ALIVE
    assert wait_for_line(executor, request.address, b"ready True\n") == b"ready True\n"
    assert not list(bench.run_folder(request.address).glob("*secrets*"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)
    assert machine.killed is not None
    assert machine.killed.wait(20) == 0
