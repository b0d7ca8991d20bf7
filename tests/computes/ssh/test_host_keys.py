"""A host proves who it is before it is told anything."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from computes.errors import HostKeyChanged, HostKeyUnknown, LoginRefused, TargetUnreachable
from computes.machines.ssh import SshMachine, fingerprint, scan_host_keys
from computes.machines.ssh.connection import connect
from tests.computes.ssh.impostor import Impostor, impostor
from tests.stack.sshd import Sshd, sshd


@pytest.fixture
def stranger() -> Iterator[Impostor]:
    with impostor() as server:
        yield server


def test_nothing_goes_to_a_host_without_an_approved_key(stranger: Impostor) -> None:
    with pytest.raises(HostKeyUnknown) as caught:
        connect(stranger.access())
    assert "approve" in caught.value.remedy
    assert stranger.connections == 0


def test_a_host_with_another_key_hears_no_name_and_no_password(stranger: Impostor, host: Sshd) -> None:
    approved = host.access.host_keys[0]
    with pytest.raises(HostKeyChanged) as caught:
        connect(stranger.access(host_keys=(approved,)))
    assert stranger.connections == 1
    assert stranger.told == []
    assert caught.value.approved == (fingerprint(approved),)
    assert caught.value.shown == fingerprint(stranger.line)
    assert fingerprint(approved) in caught.value.text
    assert fingerprint(stranger.line) in caught.value.text


def test_the_impostor_would_have_heard_us(stranger: Impostor) -> None:
    with pytest.raises(LoginRefused):
        connect(stranger.access(host_keys=(stranger.line,)))
    assert "password alice hush-hush" in stranger.told


def test_a_host_that_lost_its_approved_type_of_key_shows_what_it_has_instead(stranger: Impostor, host: Sshd) -> None:
    rsa = host.access.host_keys[2]
    with pytest.raises(HostKeyChanged) as caught:
        connect(stranger.access(host_keys=(rsa,)))
    assert caught.value.shown == fingerprint(stranger.line)
    assert stranger.told == []


def test_a_key_of_another_host_in_front_of_a_jump_stops_there(stranger: Impostor, host: Sshd) -> None:
    jump = stranger.access(host_keys=(host.access.host_keys[0],))
    with pytest.raises(HostKeyChanged):
        connect(replace(host.access, jumps=(jump,)))
    assert stranger.told == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_type_of_key_can_be_the_only_approved_one(host: Sshd, number: int) -> None:
    connection = connect(replace(host.access, host_keys=(host.access.host_keys[number],)))
    shown = connection.transport.get_remote_server_key().get_base64()
    connection.close()
    assert shown == host.access.host_keys[number].split()[1]


def test_a_scan_returns_every_key_and_logs_in_nowhere(stranger: Impostor, host: Sshd) -> None:
    assert scan_host_keys(replace(host.access, host_keys=(), private_key="")) == list(host.access.host_keys)
    assert scan_host_keys(stranger.access()) == [stranger.line]
    assert stranger.told == []


def test_a_fingerprint_is_what_ssh_keygen_shows(host: Sshd) -> None:
    for kind, line in zip(("ed25519", "ecdsa", "rsa"), host.access.host_keys, strict=True):
        shown = subprocess.check_output(["ssh-keygen", "-lf", f"{host.folder}/host_{kind}.pub"], text=True)
        assert fingerprint(line) == shown.split()[1]
    for nonsense in ("", "ssh-ed25519", "ssh-ed25519 %%%"):
        with pytest.raises(ValueError, match="key"):
            fingerprint(nonsense)


def test_a_host_behind_a_jump_host_is_reached_and_scanned(host: Sshd) -> None:
    with sshd(kinds=("ed25519",)) as inner:
        access = replace(inner.access, jumps=(host.access,))
        connection = connect(access)
        connection.close()
        assert scan_host_keys(replace(access, host_keys=())) == list(inner.access.host_keys)
        names = [item.name for item in SshMachine(access).check_contact()]
    assert names[:4] == ["Jump host 127.0.0.1", "Connection", "Host key", "Login"]


def test_a_jump_host_that_cannot_go_on_is_named(host: Sshd) -> None:
    with pytest.raises(TargetUnreachable, match="jump host") as caught:
        connect(replace(host.access, port=1, jumps=(host.access,)))
    assert "nc -vz 127.0.0.1 1" in caught.value.remedy
