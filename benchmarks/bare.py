"""What one would do without us: a program started by hand, and an OpenSSH client with a warm connection."""

import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.stack.processes import wait_until
from tests.stack.sshd import Sshd


def first_line_of(argv: Sequence[str], wanted: str = "") -> float:
    """Return how long a program needs from its start to its first line, or to one with those words, in seconds."""
    began = time.perf_counter()
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and wanted not in line.decode():
            continue
        seconds = time.perf_counter() - began
        process.stdout.read()
    assert line, f"{shlex.join(argv)} did not print it"
    assert process.returncode == 0, f"{shlex.join(argv)} ended with {process.returncode}"
    return seconds


def seconds_of(command: str) -> float:
    """Return how long a shell's command takes, in seconds."""
    began = time.perf_counter()
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True)
    return time.perf_counter() - began


class OpenSsh:
    """An OpenSSH client whose connection to a host is open already (ControlMaster)."""

    def __init__(self, options: list[str], destination: str) -> None:
        self.options = options
        self.destination = destination

    def argv(self, *command: str) -> list[str]:
        """Return the command line that runs a command there."""
        return ["ssh", *self.options, self.destination, shlex.join(command)]

    def shell(self) -> str:
        """Return the beginning of a command line, as rsync and pipes take it."""
        return shlex.join(["ssh", *self.options])


@contextmanager
def warm_ssh(host: Sshd) -> Iterator[OpenSsh]:
    """Give a client whose connection to a host is open."""
    access = host.access
    with tempfile.TemporaryDirectory(prefix="amlweb-ssh-") as name:
        folder = Path(name)
        (folder / "key").write_text(access.private_key)
        (folder / "key").chmod(0o600)
        known = [f"[{access.host}]:{access.port} {key}\n" for key in access.host_keys]
        (folder / "known_hosts").write_text("".join(known))
        settings = {"UserKnownHostsFile": f"{folder}/known_hosts", "ControlPath": f"{folder}/master"}
        options = ["-F", "/dev/null", "-i", f"{folder}/key", "-p", str(access.port), "-o", "BatchMode=yes"]
        options += [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        client = OpenSsh(options, f"{access.username}@{access.host}")
        master = subprocess.Popen(["ssh", *options, "-o", "ControlMaster=yes", "-N", client.destination])
        try:
            wait_until((folder / "master").exists, "the connection of ssh")
            subprocess.run(client.argv("true"), check=True)
            yield client
        finally:
            master.terminate()
            master.wait()
