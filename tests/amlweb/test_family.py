"""Real processes under one parent, which is itself a process of its own here."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.processes import wait_until

PARENT = """
import sys, time
from pathlib import Path
from amlweb.supervising import family
from amlweb.supervising.child import ChildCommand
from amlweb.supervising.watchdog import Watchdog
folder = Path(sys.argv[1])
family.WATCHDOG_EVERY_SECONDS = 0.2
watchdog = Watchdog(lambda: set((folder / "working").read_text().split()))
sleeper = "import os, sys, subprocess, time; " \\
    "helper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); " \\
    "open(sys.argv[1], 'a').write(f'{os.getpid()} {helper.pid}\\\\n'); time.sleep(600)"
commands = [
    ChildCommand("steady one", (sys.executable, "-c", sleeper, str(folder / "steady")), part="workers"),
    ChildCommand("failing one", (sys.executable, "-c", "raise SystemExit(3)")),
]
family.Family(commands, watchdog, 2).run_until_asked_to_end(lambda: True, lambda: family.announce('ready'))
"""


DIES_WITH_THE_START = """
import os
from amlweb.supervising.child import Child
start = Child.start
def start_and_die(child, *arguments):
    start(child, *arguments)
    (folder / "started").write_text(str(child.group))
    os.kill(os.getpid(), 9)
Child.start = start_and_die
"""


def is_running(process_id: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Parent:
    """The parent process and what its children noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "working").write_text("database controller workers")
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], stdout=output)
        wait_until(lambda: len(self.generations()) == 1, "the first start")

    def generations(self) -> list[tuple[int, int]]:
        """Return (process, helper) of each start of the steady child."""
        noted = self.folder / "steady"
        lines = noted.read_text().splitlines() if noted.exists() else []
        return [(int(line.split()[0]), int(line.split()[1])) for line in lines]

    def says(self, text: str) -> bool:
        """Return whether the parent has said something on its standard output."""
        return text in self.output.read_text()


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    """Start a parent; whatever the test left of the family is killed."""
    parent = Parent(tmp_path)
    yield parent
    parent.process.kill()
    parent.process.wait()
    for leader, _ in parent.generations():
        try:
            os.killpg(leader, signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_a_killed_child_is_started_again_without_its_orphans(parent: Parent) -> None:
    child, helper = parent.generations()[0]
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: len(parent.generations()) == 2, "the second start")
    assert parent.says("steady one was ended by SIGKILL; it starts again in 0.5 s")
    wait_until(lambda: not is_running(helper), "the end of the orphan")


def test_a_child_that_fails_is_started_with_growing_pauses(parent: Parent) -> None:
    wait_until(lambda: parent.says("failing one ended with exit code 3; it starts again in 2 s"), "the third pause")
    assert parent.says("starts again in 0.5 s")
    assert parent.says("starts again in 1 s")


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asking_the_parent_to_end_ends_everybody(parent: Parent, asked: signal.Signals) -> None:
    child, helper = parent.generations()[0]
    parent.process.send_signal(asked)
    assert parent.process.wait(10) == 0
    assert not is_running(child)
    wait_until(lambda: not is_running(helper), "the end of the helper")  # it was killed, and dying takes a moment
    assert parent.says("ending the server; runs go on")


def test_killing_the_parent_leaves_nobody_behind(parent: Parent) -> None:
    child, helper = parent.generations()[0]
    parent.process.kill()
    parent.process.wait()
    wait_until(lambda: not is_running(child) and not is_running(helper), "the guardian's work", seconds=15)


def test_a_parent_that_is_killed_in_the_moment_of_a_start_leaves_nobody_behind(tmp_path: Path) -> None:
    dying = PARENT.replace("commands = [", DIES_WITH_THE_START + "commands = [")
    (tmp_path / "working").write_text("database controller workers")
    parent = subprocess.Popen([sys.executable, "-c", dying, str(tmp_path)], stdout=subprocess.DEVNULL)
    assert parent.wait(30) == -signal.SIGKILL
    child = int((tmp_path / "started").read_text())
    wait_until(lambda: not is_running(child), "the guardian's work", seconds=15)


def test_a_child_that_only_looks_alive_is_ended_with_its_group_and_started_again(parent: Parent) -> None:
    _, helper = parent.generations()[0]
    (parent.folder / "working").write_text("database controller")
    wait_until(lambda: len(parent.generations()) >= 2, "the second start")  # it looks no more alive
    said = re.search(r"steady one has shown no sign of life for (\d+) s; it is ended", parent.output.read_text())
    assert said is not None
    assert int(said[1]) >= 2
    wait_until(lambda: not is_running(helper), "the end of the helper")
