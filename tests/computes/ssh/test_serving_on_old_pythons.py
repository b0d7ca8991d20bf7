"""What serves on a host works with every Python from 3.6 on that this machine has."""

import json
import os
import shlex
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from computes.contract import StopState
from computes.errors import TargetDiskFull, TargetError, TransferFailed
from computes.executors.process import ProcessExecutor
from computes.machines.contract import CollectionLimits, Owner, PlacedFile
from computes.machines.ssh.agent import Agent, ContactLost, Header
from computes.machines.ssh.bootstrap import LOADER, greet
from computes.machines.ssh.crew import Crew
from computes.machines.ssh.machine import ServedMachine
from computes.supervisor import BOOT
from computes.supervisor.files import read_state
from computes.supervisor.frames import LENGTHS
from computes.work_folder import WorkFolder
from tests.computes.on_targets import INSTALLATION, Bench, wait_for_end
from tests.computes.python_scripts import WAIT
from tests.computes.test_starting_runs import ECHO, HOSTILE
from tests.computes.test_supervisor_on_old_pythons import find_pythons
from tests.stack.sshd import children_of


class PipedRoute:
    """A way to agents that are children of ours."""

    def __init__(self, python: str) -> None:
        self.python = python
        self.children: list[subprocess.Popen[bytes]] = []
        self.agents: list[Agent] = []
        self.kept = Crew(self.hire)

    def hire(self) -> Agent:
        ours, theirs = socket.socketpair()
        with theirs:
            argv = [self.python, "-I", "-S", "-c", LOADER]
            self.children.append(subprocess.Popen(argv, stdin=theirs, stdout=theirs, env={"LANG": "C.UTF-8"}))
        agent, _ = greet(ours)
        self.agents.append(agent)
        return agent

    def crew(self) -> Crew:
        return self.kept

    def drop(self, crew: Crew) -> None:
        self.kept = Crew(self.hire)


@pytest.fixture(params=find_pythons())
def route(request: pytest.FixtureRequest) -> Iterator[PipedRoute]:
    found = PipedRoute(str(request.param))
    yield found
    for agent in found.agents:
        agent.close()
    assert [child.wait(20) for child in found.children] == [0] * len(found.children)


def targets_of(folder: Path) -> list[str]:
    """Return where the links in a folder lead; some may go while one looks."""
    found = []
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):
            found.append(str(entry.readlink()))
    return found


def test_a_container_is_admitted_unless_its_run_was_stopped(route: PipedRoute, bench: Bench) -> None:
    machine = ServedMachine(route)
    run_folder, placed = str(bench.work / "runs" / "one"), str(bench.work / "runs" / ".one-placed")
    kept, readable = str(bench.work / "share"), str(bench.work / "code")
    for folder in (placed, kept, readable):
        machine.make_folder(folder)
    machine.write(f"{placed}/spec.json", b"{}")
    owner = Owner("", "65534:65534", [kept], [readable])
    answer = machine.admit(run_folder, placed, owner)
    assert (answer["answer"], answer["user"].split(":")[0]) == ("admitted", str(os.geteuid() or 65534))
    facts = [Path(path).stat() for path in (f"{run_folder}/spec.json", kept, readable)]
    assert [found.st_uid for found in facts[:2]] == [int(answer["user"].split(":")[0])] * 2
    assert facts[2].st_mode & 0o777 == 0o755
    machine.make_folder(f"{bench.work}/ended")
    machine.write(f"{bench.work}/ended/one", b"{}")
    machine.make_folder(placed)
    assert machine.admit(run_folder, placed, owner)["answer"] == "refused"
    assert not Path(run_folder).exists()
    assert not Path(placed).exists()


def test_a_run_is_placed_started_followed_collected_and_removed(route: PipedRoute, bench: Bench) -> None:
    machine = ServedMachine(route)
    executor = ProcessExecutor(machine)
    assert all(item.ok for item in executor.check(bench.settings()))
    script = f"{ECHO}\nopen('outputs/größe', 'w').write('x')"
    request = bench.request(script, *HOSTILE, files={"data/é.txt": "é", "exec.sh": "#!/bin/sh\n"})
    executor.start(request)
    status = wait_for_end(executor, request.address)
    folder = bench.run_folder(request.address)
    assert json.loads(machine.read(f"{folder}/log", 0, 1 << 20)) == HOSTILE
    assert status.exit is not None
    assert (folder / "code/data/é.txt").read_text() == "é"
    assert [entry.path for entry in executor.collect(request.address, bench.root / "kept")] == ["größe"]
    found = machine.survey(str(bench.work), INSTALLATION, 30)
    assert [(run["name"], run["condition"]) for run in found["runs"]] == [(folder.name, "exited")]
    assert found["runs"][0]["bytes"] > 0
    assert (found["processes"], found["environments"]) == ([], [])
    assert found["blobs"]["files"] > 0
    executor.clean_up(request.address)
    assert not folder.exists()
    assert machine.survey(str(bench.work), INSTALLATION, 30)["runs"] == []
    assert machine.end_processes(str(folder)) == 0
    assert machine.sweep(str(bench.work), 0) == 0


def test_a_start_leaves_nothing_of_it_in_the_process_that_serves(route: PipedRoute, bench: Bench) -> None:
    executor = ProcessExecutor(ServedMachine(route))
    executor.start(first := bench.request("print('x')"))
    wait_for_end(executor, first.address)
    serving = [Path("/proc") / str(child.pid) for child in route.children]
    before = [len(list((process / "fd").iterdir())) for process in serving]
    executor.start(request := bench.request(WAIT, secrets={"TOKEN": "hush"}))
    assert [len(list((process / "fd").iterdir())) for process in serving] == before
    assert [children_of(child.pid) for child in route.children] == [[]] * len(serving)
    state = read_state(str(bench.run_folder(request.address)))
    assert state is not None
    supervisor = Path("/proc") / str(state["supervisor"])
    assert os.getsid(state["supervisor"]) not in [os.getsid(child.pid) for child in route.children]
    assert [str((supervisor / "fd" / str(number)).readlink()) for number in range(3)] == ["/dev/null"] * 3
    assert (supervisor / "cwd").readlink() == Path("/")
    assert not [target for target in targets_of(supervisor / "fd") if "socket" in target]
    assert executor.stop(request.address, 5).state is StopState.ENDING
    assert len(route.children) == len(serving)
    wait_for_end(executor, request.address)


def test_what_the_system_refuses_becomes_an_error_and_the_channel_goes_on(route: PipedRoute, tmp_path: Path) -> None:
    machine = ServedMachine(route)
    (tmp_path / "file").write_text("x")
    refused: list[str] = []
    for deed in (
        lambda: machine.make_folder(f"{tmp_path}/file"),
        lambda: machine.write(f"{tmp_path}/none/file", b""),
        lambda: machine.append_line("/proc/none", "x"),
        lambda: machine.run(["/no/such/program"], environment={}, deadline_seconds=5),
        lambda: machine.free_bytes("/no/such/folder"),
        lambda: machine.place_folder("/proc/none/folder", [PlacedFile("a", 0o644, b"x")]),
        lambda: machine.read(f"{tmp_path}/file/below", 0, 9),
    ):
        with pytest.raises(TargetError) as caught:
            deed()
        refused.append(caught.value.text)
        assert caught.value.remedy
    assert len(refused) == 7
    with pytest.raises(TargetDiskFull):
        machine.append_line("/dev/full", "x")
    assert machine.read(f"{tmp_path}/file", 0, 9) == b"x"
    assert machine.read(f"{tmp_path}/none", 0, 9) == b""
    assert machine.stat(f"{tmp_path}/none") is None
    assert machine.expand("~/there").endswith("/there")
    assert machine.expand("~other") == "~other"
    assert machine.find_program("sh") in ("/bin/sh", "/usr/bin/sh")
    assert machine.find_program("no-such-program") is None
    with pytest.raises(TransferFailed):
        machine.place_folder(f"{tmp_path}/one", [PlacedFile("a/../b", 0o644, b"x")])
    assert machine.download_tree(f"{tmp_path}/none", tmp_path / "kept", CollectionLimits()) == []
    assert len(route.children) == 2


def test_the_supervisor_that_was_placed_serves_too(route: PipedRoute, bench: Bench) -> None:
    machine = ServedMachine(route)
    placed = WorkFolder(machine, bench.settings()).supervisor()
    ours, theirs = socket.socketpair()
    with theirs:
        argv = [route.python, "-I", "-S", "-c", BOOT, placed, "serve"]
        child = subprocess.Popen(argv, stdin=theirs, stdout=theirs)
    agent = Agent(ours)
    assert agent.ask({"deed": "hello"}, seconds=20)[0]["pid"] == child.pid
    agent.close()
    assert child.wait(20) == 0


def answer_to(agent: Agent, data: bytes) -> tuple[Header, bytes]:
    with agent.within(20):
        agent.write(data)
        return agent.receive()


def test_nonsense_on_the_wire_ends_the_channel(route: PipedRoute) -> None:
    for nonsense in (LENGTHS.pack(1 << 31, 1 << 40), LENGTHS.pack(3, 0) + b"[1]", LENGTHS.pack(3, 0) + b"---"):
        agent = route.hire()
        with pytest.raises(ContactLost):
            answer_to(agent, nonsense)


def test_the_command_line_that_starts_it_needs_no_quoting_rules_of_a_certain_shell() -> None:
    from computes.machines.ssh.bootstrap import COMMAND

    assert shlex.split(COMMAND)[:2] == ["/bin/sh", "-c"]
    assert COMMAND.count("'") == 2
    assert not set("!\\\n`") & set(COMMAND)
