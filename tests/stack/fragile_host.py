"""A host that can lose its power and be switched on again: its processes are gone at once, and its boot id is another.

A PID namespace with an sshd as its first process, and a file over the kernel's boot id; only root can make them. An
engine can be started in it, whose containers die with the host, too.
"""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.stack.dockerd import Dockerd
from tests.stack.processes import accepts, free_port, wait_until
from tests.stack.sshd import Sshd, children_of, command_line, prepare, sshd_path

BOOT_ID = "/proc/sys/kernel/random/boot_id"


class FragileHost:
    """An sshd, and an engine if need be, in a PID namespace that can be ended."""

    def __init__(self, folder: Path) -> None:
        program = sshd_path()
        assert program is not None, "sshd is not installed"
        self.folder = folder
        self.port = free_port()
        public, self.access = prepare(folder, "127.0.0.1", self.port, ("ed25519",), "", "")
        (folder / "authorized_keys").write_text(f"{public}\n")
        self.argv = command_line(program, folder)
        self.process: subprocess.Popen[bytes] | None = None
        self.engine = Dockerd(inside=self.within)

    @property
    def sshd(self) -> Sshd:
        """How one logs in, as for any other host."""
        return Sshd(self.folder, self.port, self.first_process(), self.access)

    def first_process(self) -> int:
        """Return the first process of the namespace, by its number outside."""
        assert self.process is not None, "the host is off"
        (first,) = children_of(self.process.pid)
        return first

    def within(self) -> list[str]:
        """Return what begins a command line so that it runs on the host."""
        return ["nsenter", "--target", str(self.first_process()), "--pid", "--mount", "--"]

    def switch_on(self) -> None:
        """Boot the host: a new boot id, no process of the time before."""
        (self.folder / "boot_id").write_text(f"{uuid4()}\n")
        boot_id = shlex.quote(str(self.folder / "boot_id"))
        script = f'mount -t proc proc /proc && mount --bind {boot_id} {BOOT_ID} && exec "$@"'
        argv = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", "private"]
        with (self.folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, "/bin/sh", "-c", script, "sh", *self.argv],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: accepts(self.port), "sshd of the fragile host")

    def lose_power(self) -> None:
        """End everything on the host at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            wait_until(lambda: not accepts(self.port), "end of the fragile host")
        self.engine.forget_boot()


@contextmanager
def fragile_host() -> Iterator[FragileHost]:
    """Give a host that is on."""
    folder = Path(tempfile.mkdtemp(prefix="amlweb-fragile-"))
    host = FragileHost(folder)
    try:
        host.switch_on()
        yield host
    finally:
        host.lose_power()
        host.engine.remove()
        shutil.rmtree(folder, ignore_errors=True)
