"""Hosts that cannot be reached while scripts run on them: nothing ends by that, and nobody else has to wait."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from computes.machines.ssh.machine import ANSWER_SECONDS
from tests.stack.base_image import PYTHON_IMAGE
from tests.stack.left_out import need
from tests.stack.linked_host import Link, linked_host
from tests.stack.parts import IP
from tests.stack.sshd import Sshd, sshd
from tests.stack.system import wait_until
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

OUTAGE_SECONDS = 50.0
"""Longer than all that notices a dead link: a question waits 15 s for its answer, TCP_USER_TIMEOUT is 20 s, and ssh
gives the tunnel of an engine up after three times 15 s. Nothing further happens in a longer outage."""
LONG = ("3000", "2.2")  # 30 pauses
SHORT = ("900", "2.2")  # 9 pauses: ends while nobody can see it


@dataclass
class Outage:
    """Three hosts: behind a link, with a login that is taken away, and with an sshd that is frozen."""

    linked: Sshd
    link: Link
    revoked: Sshd
    frozen: Sshd
    stopped: list[int] = field(default_factory=list)
    keys: str = ""

    def begin(self) -> None:
        """Cut the link, take the login away and cut the connections, freeze sshd and its connections."""
        self.link.cut()
        self.keys = (self.revoked.folder / "authorized_keys").read_text()
        (self.revoked.folder / "authorized_keys").write_text("")
        for pid in self.revoked.sessions():
            os.kill(pid, signal.SIGKILL)
        os.kill(self.frozen.pid, signal.SIGSTOP)  # first, so that no session begins after they are listed
        self.stopped = [self.frozen.pid, *self.frozen.sessions()]
        for pid in self.stopped:
            os.kill(pid, signal.SIGSTOP)

    def end(self) -> None:
        """Put all of it right again."""
        self.link.mend()
        (self.revoked.folder / "authorized_keys").write_text(self.keys)
        stopped, self.stopped = self.stopped, []
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def outage() -> Iterator[Outage]:
    need(IP)
    with ExitStack() as stack:
        linked, link = stack.enter_context(linked_host())
        revoked = stack.enter_context(sshd(kinds=("ed25519",)))
        frozen = stack.enter_context(sshd(kinds=("ed25519",)))
        made = Outage(linked, link, revoked, frozen)
        yield made
        made.end()


def test_a_host_that_freezes_as_runs_are_submitted_delays_no_other(hosts: Hosts) -> None:
    system = hosts.system
    with sshd(kinds=("ed25519",)) as host:
        for name, place in (("froze", host), ("fine", hosts.host)):
            hosts.attach(name, kind="remote", user_managed_environment=True, **hosts.ssh(place))
            hosts.assert_talked(system.submit("talk.py", "9", "0", target=name), 9, 60)
        os.kill(host.pid, signal.SIGSTOP)
        stopped = [host.pid, *host.sessions()]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        late = [system.submit("talk.py", "9", "0", target="froze") for _ in range(2)]
        wait_until(lambda: any(system.run(number)["state"] == "preparing" for number in late), 20)
        began = time.monotonic()
        hosts.assert_talked(system.submit("talk.py", "9", "0", target="fine"), 9, 60)
        assert time.monotonic() - began < ANSWER_SECONDS / 2  # both would hold the task workers for that long
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        for number in late:
            hosts.assert_talked(number, 9, 120)


def test_unreachable_hosts_end_no_run_and_delay_no_other(hosts: Hosts, outage: Outage) -> None:
    system = hosts.system
    places = {"linked": outage.linked, "linked-docker": outage.linked, "revoked": outage.revoked}
    for name, host in {**places, "frozen": outage.frozen, "neighbour": hosts.host}.items():
        container = hosts.containers(PYTHON_IMAGE) if name == "linked-docker" else {}
        kind = "remotedocker" if container else "remote"
        hosts.attach(name, kind=kind, user_managed_environment=True, **hosts.ssh(host), **container)
    runs = {name: system.submit("talk.py", *LONG, target=name) for name in (*places, "frozen")}
    for number in runs.values():
        hosts.wait_for_line(number, b"line 101 ")
    short = system.submit("talk.py", *SHORT, target="linked")  # when the others are on, else it may end before them
    hosts.wait_for_line(short, b"line 101 ")

    outage.begin()
    began = time.monotonic()
    late = [system.submit("talk.py", "9", "0", target="frozen") for _ in range(3)]
    # Each is noticed by a question of its own, whose threads wait for each other: up to 45 s on an idle machine.
    wait_until(lambda: all(system.run(number)["unreachable_since"] for number in (*runs.values(), short)), 120)
    for _ in range(3):
        number = system.submit("talk.py", "9", "0", target="neighbour")
        hosts.assert_talked(number, 9, 30)
    wait_until(lambda: "authorized_keys" in system.run(runs["revoked"])["wait_reason"], 30)
    is_long = False
    while not is_long:
        is_long = time.monotonic() > began + OUTAGE_SECONDS
        for number in (*runs.values(), short):
            run = system.run(number)
            assert (run["state"], bool(run["unreachable_since"])) == ("running", True), run
        time.sleep(1)
    outage.end()

    hosts.assert_talked(short, int(SHORT[0]))
    for number in runs.values():
        hosts.assert_talked(number, int(LONG[0]), 90)
    for number in late:
        hosts.assert_talked(number, 9)
    assert all(system.run(number)["unreachable_since"] is None for number in runs.values())
