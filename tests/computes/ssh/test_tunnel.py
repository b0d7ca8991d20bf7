"""A socket of a host is reached through a tunnel that is renewed when it dies and ends with us."""

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import SshAccess
from computes.errors import HostKeyChanged, HostKeyUnknown, LoginRefused, TargetUnreachable
from computes.machines.ssh import forwarded_socket, new_key_pair
from computes.machines.ssh.tunnel import IDLE_SECONDS, PREFIX, TUNNELS
from tests.computes.on_targets import is_alive, wait_for
from tests.computes.ssh.impostor import impostor
from tests.stack.sshd import Sshd, sshd


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(self.rfile.readline().upper())


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[str]:
    """A server at a Unix socket that shouts back."""
    with socketserver.ThreadingUnixStreamServer(f"{tmp_path}/echo", Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"{tmp_path}/echo"
        server.shutdown()
        thread.join(20)


@pytest.fixture(autouse=True)
def tunnels_end() -> Iterator[None]:
    yield
    TUNNELS.close_all()


def shout(path: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(path)
        connection.sendall(b"hello\n")
        return connection.makefile("rb").readline()


def process_of(access: SshAccess, remote: str) -> int:
    process = TUNNELS.to(access, remote).process
    assert process is not None
    return process.pid


def test_a_tunnel_leads_to_the_socket_and_keeps_no_key(host: Sshd, echo: str) -> None:
    path = forwarded_socket(host.access, echo)
    assert [shout(path) for _ in range(14)] == [b"HELLO\n"] * 14
    assert forwarded_socket(host.access, echo) == path
    folder = Path(path).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(path)) < 108
    secret = host.access.private_key.splitlines()[2]
    assert not [file for file in folder.iterdir() if file.is_file() and secret in file.read_text()]
    assert secret not in Path(f"/proc/{process_of(host.access, echo)}/cmdline").read_text()
    TUNNELS.close_all()
    assert not folder.exists()


def test_a_tunnel_that_was_killed_is_renewed_at_the_same_path(host: Sshd, echo: str) -> None:
    path = forwarded_socket(host.access, echo)
    first = process_of(host.access, echo)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_alive(first), "end of the tunnel")
    assert forwarded_socket(host.access, echo) == path
    assert process_of(host.access, echo) != first
    assert shout(path) == b"HELLO\n"


def test_a_tunnel_that_nobody_asks_for_any_more_is_ended_when_another_one_is(host: Sshd, echo: str) -> None:
    earlier = replace(host.access, keep_alive_seconds=host.access.keep_alive_seconds + 1)
    folder, first = Path(forwarded_socket(earlier, echo)).parent, process_of(earlier, echo)
    assert shout(forwarded_socket(host.access, echo)) == b"HELLO\n"
    assert is_alive(first)
    TUNNELS.to(earlier, echo).used_at -= IDLE_SECONDS + 1
    assert shout(forwarded_socket(host.access, echo)) == b"HELLO\n"
    wait_for(lambda: not is_alive(first), "end of the tunnel")
    assert not folder.exists()
    assert len(TUNNELS.known) == 1


def test_a_tunnel_goes_through_jump_hosts(host: Sshd, echo: str) -> None:
    with sshd(kinds=("ed25519",)) as inner:
        access = replace(inner.access, jumps=(host.access,))
        assert shout(forwarded_socket(access, echo)) == b"HELLO\n"
        TUNNELS.close_all()
        with pytest.raises(HostKeyChanged):
            forwarded_socket(replace(access, host_keys=host.access.host_keys[:1]), echo)


def test_a_tunnel_tells_nothing_to_a_host_with_another_key(host: Sshd, echo: str) -> None:
    with impostor() as stranger:
        access = stranger.access(private_key=host.access.private_key, host_keys=host.access.host_keys[:1])
        with pytest.raises(HostKeyChanged) as caught:
            forwarded_socket(access, echo)
        assert stranger.told == []
        assert caught.value.approved
        with pytest.raises(HostKeyUnknown):
            forwarded_socket(replace(access, host_keys=()), echo)
        assert stranger.connections == 1


def test_a_tunnel_that_cannot_be_opened_says_why(host: Sshd, echo: str) -> None:
    wrong = replace(host.access, private_key=new_key_pair("")[0])
    with pytest.raises(LoginRefused, match="refused the login"):
        forwarded_socket(wrong, echo)
    with pytest.raises(LoginRefused, match="needs a private key"):
        forwarded_socket(replace(host.access, private_key=""), echo)
    with pytest.raises(TargetUnreachable, match="refused"):
        forwarded_socket(replace(host.access, port=1), echo)
    for changes in ({"host": "a\nProxyCommand id"}, {"username": "-oProxyCommand=id"}, {"host": 'a" b'}):
        with pytest.raises(TargetUnreachable, match="characters"):
            forwarded_socket(replace(host.access, **changes), echo)


HOLDS_A_TUNNEL = """
import json, sys, time
from computes.contract import SshAccess
from computes.machines.ssh.tunnel import TUNNELS
facts = json.loads(sys.stdin.readline())
access = SshAccess(**{**facts, "host_keys": tuple(facts["host_keys"])})
TUNNELS.to(access, "/nowhere").path()
print(TUNNELS.to(access, "/nowhere").process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for temporary files where no other process cleans up; short, because it is in addresses of sockets."""
    with tempfile.TemporaryDirectory(prefix="aml-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)
        TUNNELS.close_all()


def test_a_tunnel_ends_when_its_process_is_killed(host: Sshd, own_temporary_folder: Path) -> None:
    names = ("host", "port", "username", "host_keys", "private_key")
    facts = json.dumps({name: getattr(host.access, name) for name in names})
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_TUNNEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(f"{facts}\n")
        holder.stdin.flush()
        ssh = int(holder.stdout.readline())
        assert is_alive(ssh)
        holder.kill()
    wait_for(lambda: not is_alive(ssh), "end of the tunnel")
    left = list(own_temporary_folder.glob(f"{PREFIX}{holder.pid}-*"))
    assert left
    forwarded_socket(host.access, "/nowhere")
    assert not any(folder.exists() for folder in left)
