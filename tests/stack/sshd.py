"""A real sshd on loopback for the length of a test run: keys, account files and port of its own.

It lets the current user in by key, or an account of its own. As root it runs in a mount namespace of its own, where
/etc/shadow is a copy with a password that is known here: that is how logins by password are tried without touching the
machine's account.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from computes.contract import SshAccess
from computes.machines.ssh import new_key_pair
from tests.stack.processes import free_port, running
from tests.stack.ssh_accounts import OwnAccount, let_in, with_own_accounts

PASSWORD = "hush-correct-horse"
SEPARATION_FOLDER = Path("/run/sshd")
CONFIG = """\
Port {port}
ListenAddress {address}
{host_keys}
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin {root_login}
PasswordAuthentication {password}
KbdInteractiveAuthentication no
AllowStreamLocalForwarding yes
MaxSessions 10
MaxStartups 100:30:200
LogLevel VERBOSE
PidFile {folder}/sshd.pid
PrintMotd no
SetEnv {variables}
{more}
"""


def sshd_path() -> str | None:
    """Return the path of sshd, or None when the machine has none."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Sshd:
    """A running sshd and how one logs in to it."""

    folder: Path
    port: int
    pid: int
    access: SshAccess

    @property
    def home(self) -> Path:
        """The home of whoever logs in."""
        return self.folder / "home"

    def sessions(self) -> list[int]:
        """Return the processes that serve one connection each."""
        return [pid for pid in children_of(self.pid) if b"sshd" in command_line_of(pid)]

    def cut(self) -> None:
        """Kill the processes that serve connections; one that ends in this moment is cut, too."""
        for pid in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """Return what sshd has logged."""
        return (self.folder / "sshd.log").read_text(errors="replace")


def command_line_of(pid: int) -> bytes:
    """Return the command line of a process, empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and not lost."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def make_host_key(folder: Path, kind: str, name: str = "") -> str:
    """Make a host key and return it as `type base64`."""
    path = folder / f"host_{name or kind}"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


@contextmanager
def sshd(
    *,
    kinds: tuple[str, ...] = ("ed25519", "ecdsa", "rsa"),
    shell: str = "",
    more: str = "",
    path: str = "",
    address: str = "127.0.0.1",
    inside: tuple[str, ...] = (),
    own: OwnAccount | None = None,
) -> Iterator[Sshd]:
    """Run sshd and yield it. `shell` is the login shell instead of the account's own (as root only); `more` is
    configuration; `path` is the PATH of its sessions, which find our own Python first otherwise; `inside` begins the
    command line and becomes sshd itself, for a network of its own; `own` logs in instead of the current user (as root
    only)."""
    program = sshd_path()
    assert program is not None, "sshd is not installed"
    folder = Path(tempfile.mkdtemp(prefix="amlweb-sshd-"))
    try:
        port = free_port()
        public, access = prepare(folder, address, port, kinds, more, path)
        (folder / "authorized_keys").write_text(f"{public}\n")
        if own:
            access = replace(access, username=own.name)
            let_in(folder, own)
        argv = [*inside, *command_line(program, folder, shell, own)]
        with running(argv, folder / "sshd.log", port, address=address) as process:
            yield Sshd(folder, port, process.pid, access)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(
    folder: Path, address: str, port: int, kinds: tuple[str, ...], more: str, path: str
) -> tuple[str, SshAccess]:
    """Write keys and configuration into a folder; return the public key to let in, and how one logs in with it."""
    (folder / "home").mkdir()
    host_keys = [make_host_key(folder, kind) for kind in kinds]
    private, public = new_key_pair("tests")
    is_root = os.geteuid() == 0
    python = path or f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    text = CONFIG.format(
        port=port,
        address=address,
        folder=folder,
        host_keys="\n".join(f"HostKey {folder}/host_{kind}" for kind in kinds),
        root_login="yes" if is_root else "no",
        password="yes" if is_root else "no",
        variables=f"HOME={folder}/home PATH={python}",
        more=more,
    )
    (folder / "sshd_config").write_text(text)
    return public, SshAccess(address, account(), port, tuple(host_keys), private_key=private)


def account() -> str:
    """Return the name of the account that the tests run as, which is the one that logs in."""
    return pwd.getpwuid(os.geteuid()).pw_name


def command_line(program: str, folder: Path, shell: str = "", own: OwnAccount | None = None) -> list[str]:
    """Return the command line of sshd for what was prepared; as root, in a mount namespace of its own."""
    argv = [program, "-D", "-e", "-f", str(folder / "sshd_config")]
    if os.geteuid() != 0:
        return argv
    SEPARATION_FOLDER.mkdir(mode=0o755, exist_ok=True)
    return with_own_accounts(folder, own.name if own else account(), PASSWORD, shell, own, argv)
