"""A host behind a network link of its own that can be cut: nothing is reset then, packets just vanish.

A network namespace and a pair of virtual links; only root can make them. Unix sockets pass such borders, so containers
of an engine outside can be reached through the host.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.stack.sshd import Sshd, sshd


def ip_path() -> str | None:
    """Return the path of `ip`, or None when the machine has none."""
    return shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@dataclass(frozen=True)
class Link:
    """The way to a network namespace, as the machine outside sees it."""

    namespace: str
    outside: str
    address: str

    def cut(self) -> None:
        """Let all packets vanish."""
        ip("link", "set", self.outside, "down")

    def mend(self) -> None:
        """Let packets pass again."""
        ip("link", "set", self.outside, "up")

    def remove(self) -> None:
        """End what still runs behind the link, and remove it. A connection that broke while the link was cut goes on
        there for hours, and the namespace with it."""
        for pid in ip("netns", "pids", self.namespace).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        with suppress(subprocess.CalledProcessError):  # it may not have been made
            ip("link", "delete", self.outside)
        ip("netns", "delete", self.namespace)


def ip(*words: str) -> str:
    """Run one command of `ip` and return what it prints. Raises CalledProcessError."""
    program = ip_path()
    assert program is not None, "iproute2 is not installed"
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


@contextmanager
def link() -> Iterator[Link]:
    """Give a network namespace and the link to it. Its addresses derive from our process id, as its names do."""
    pid = os.getpid()
    network, block = pid % 254, pid // 254 % 63 * 4
    there = f"10.251.{network}.{block + 2}"
    made = Link(f"amlweb{pid}", f"amlweb{pid}o", there)
    ip("netns", "add", made.namespace)
    try:
        ip("link", "add", made.outside, "type", "veth", "peer", "name", "inside", "netns", made.namespace)
        ip("address", "add", f"10.251.{network}.{block + 1}/30", "dev", made.outside)
        ip("-n", made.namespace, "address", "add", f"{there}/30", "dev", "inside")
        for device in ("lo", "inside"):
            ip("-n", made.namespace, "link", "set", device, "up")
        made.mend()
        yield made
    finally:
        made.remove()


@contextmanager
def linked_host() -> Iterator[tuple[Sshd, Link]]:
    """Run an sshd behind a link that can be cut."""
    program = ip_path()
    assert program is not None, "iproute2 is not installed"
    with link() as made:
        inside = (program, "netns", "exec", made.namespace)
        with sshd(kinds=("ed25519",), address=made.address, inside=inside) as host:
            yield host, made
