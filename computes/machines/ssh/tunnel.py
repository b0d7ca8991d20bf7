"""A Unix socket of a host, here: an `ssh -L` beside us, with our pinned keys, renewed when it dies, ended with us.

A program of its own, because it forwards any number of streams: the 10 channels of a connection are not enough for
the containers of a busy target.
"""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from computes.contract import SshAccess
from computes.errors import HostKeyChanged, LoginRefused, TargetUnreachable
from computes.machines.ssh.backoff import Backoff
from computes.machines.ssh.host_keys import CHANGED_REMEDY, approved_fingerprints
from computes.machines.ssh.tunnel_files import TARGET, remove_keys, write_files

OPEN_SECONDS = 30.0
IDLE_SECONDS = 600.0
LONGEST_SOCKET_PATH_BYTES = 107
PREFIX = "amlweb-ssh-"
# The shell that was ssh before it became ssh leaves somebody behind who ends it when our end of the pipe closes,
# also when we are killed; a line says that ssh is gone already, and its number perhaps somebody else's.
WITH_US = 'exec 3<&0; (read line <&3 || kill $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'


class Tunnel:
    """One forwarded socket. Its path stays the same when the ssh behind it is renewed."""

    def __init__(self, access: SshAccess, remote_socket: str) -> None:
        self.access = access
        self.remote_socket = remote_socket
        self.lock = threading.Lock()
        self.backoff = Backoff()
        self.used_at = time.monotonic()
        self.process: subprocess.Popen[bytes] | None = None
        self.folder: Path | None = None

    def path(self) -> str:
        """Return the path of the local socket, somebody listening there. Raises TargetUnreachable and its kinds."""
        with self.lock:
            folder = self.folder = self.folder or new_folder()
            if self.process is None or self.process.poll() is not None:
                self.end()
                self.backoff.require_peace()
                try:
                    self.open(folder)
                except TargetUnreachable as failure:
                    self.backoff.note_failure(failure)
                    raise
                self.backoff.note_success()
            return str(folder / "s")

    def open(self, folder: Path) -> None:
        """Start ssh and wait until it listens; then it has read the keys, and they are removed."""
        (folder / "s").unlink(missing_ok=True)
        keys: list[Path] = []
        try:
            keys += write_files(folder, self.access)
            forward = f"{folder}/s:{self.remote_socket}"
            ssh = ["ssh", "-F", f"{folder}/config", "-nNT", "-L", forward, TARGET]
            with (folder / "said").open("wb") as said:
                self.process = subprocess.Popen(
                    ["/bin/sh", "-c", WITH_US, "sh", *ssh],
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                )
            self.wait(self.process, folder)
        finally:
            remove_keys(keys)

    def wait(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        """Wait until ssh listens. Raises TargetUnreachable in the words of what it said."""
        deadline = time.monotonic() + OPEN_SECONDS
        while not accepts(folder / "s"):
            if process.poll() is not None:
                text = (folder / "said").read_text(errors="replace").strip()
                self.end()
                raise self.failure(text)
            if time.monotonic() > deadline:
                self.end()
                raise self.failure("")
            time.sleep(0.02)

    def failure(self, said: str) -> TargetUnreachable:
        """Return the error for what ssh said before it ended."""
        host = self.access.host
        last = said.splitlines()[-1][:300] if said else f"no answer within {OPEN_SECONDS:g} s"
        if "Host key verification failed" in said or "no matching host key type" in said:
            return HostKeyChanged(
                f"A host key on the way to {host} has changed. Nothing was sent to that host.",
                CHANGED_REMEDY,
                approved_fingerprints(self.access),
                "",
            )
        if "Permission denied" in said:
            return LoginRefused(
                f"{host} refused the login of the tunnel: {last}",
                "Put the target's public key into the account's authorized_keys on the host.",
            )
        return TargetUnreachable(
            f"The tunnel to {host} could not be opened: {last}",
            "Run the target's check; on the host, AllowStreamLocalForwarding must not be no in sshd_config.",
        )

    def end(self) -> None:
        """End ssh; it may have ended by itself."""
        process, self.process = self.process, None
        if process is None:
            return
        assert process.stdin is not None
        if process.poll() is None:
            process.terminate()
            process.wait()
        try:
            process.stdin.write(b"gone\n")
            process.stdin.close()
        except BrokenPipeError:
            return

    def forget_in_child(self) -> None:
        """After a fork: the parent's ssh ends with the parent, whatever becomes of us."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def close(self) -> None:
        """End ssh and remove the folder."""
        with self.lock:
            self.end()
            folder, self.folder = self.folder, None
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def new_folder() -> Path:
    """Return a new folder of mode 0700 whose path is short enough for the address of a socket.

    Its name tells whose it is: folders of processes that were killed are removed, a key may still be in them.
    """
    prefix = f"{PREFIX}{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if len(os.fsencode(folder / "s.0123456789abcdef")) > LONGEST_SOCKET_PATH_BYTES:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    for other in folder.parent.glob(f"{PREFIX}*-*"):
        if not Path(f"/proc/{other.name.split('-')[2]}").exists():
            shutil.rmtree(other, ignore_errors=True)
    return folder


def accepts(path: Path) -> bool:
    """Whether somebody listens at a socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Tunnels:
    """The tunnels of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[tuple[SshAccess, str], Tunnel] = {}
        self.inherited: list[Tunnel] = []

    def to(self, access: SshAccess, remote_socket: str) -> Tunnel:
        """Return the tunnel to a socket, which need not be open yet. Those that nobody has asked for in a long time, as
        after a detachment or with an earlier login, are ended."""
        with self.lock:
            wanted, now = (access, remote_socket), time.monotonic()
            idle = [key for key, tunnel in self.known.items() if key != wanted and now - tunnel.used_at > IDLE_SECONDS]
            ended = [self.known.pop(key) for key in idle]
            tunnel = self.known.setdefault(wanted, Tunnel(access, remote_socket))
            tunnel.used_at = now
        for other in ended:
            other.close()
        return tunnel

    def close_all(self) -> None:
        """End all tunnels; the next one who needs one opens it anew."""
        with self.lock:
            tunnels = list(self.known.values())
            self.known.clear()
        for tunnel in tunnels:
            tunnel.close()

    def forget_in_child(self) -> None:
        """After a fork the tunnels belong to the parent."""
        self.lock = threading.Lock()
        self.inherited += self.known.values()
        self.known = {}
        for tunnel in self.inherited:
            tunnel.forget_in_child()


TUNNELS = Tunnels()
atexit.register(TUNNELS.close_all)
os.register_at_fork(after_in_child=TUNNELS.forget_in_child)


def forwarded_socket(access: SshAccess, remote_socket: str) -> str:
    """Return the path of a local socket that leads to a socket of the host. Raises TargetUnreachable and its kinds.

    Ask each time before you connect: a tunnel that died is renewed then, at the same path.
    """
    return TUNNELS.to(access, remote_socket).path()


def close_tunnel(access: SshAccess, remote_socket: str) -> None:
    """End the ssh of a tunnel; who asks for it next logs in anew."""
    TUNNELS.to(access, remote_socket).close()
