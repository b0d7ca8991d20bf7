"""Logging in: by key or password, with nothing else tried and nothing secret said."""

import os
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from computes.contract import SshAccess
from computes.errors import KeyUnreadable, LoginRefused, TargetUnreachable
from computes.machines.ssh import SshMachine, install_public_key, new_key_pair, public_line, read_private_key
from computes.machines.ssh.connection import connect
from computes.machines.ssh.private_keys import UsableKey
from tests.stack.left_out import leave_out
from tests.stack.sshd import PASSWORD, Sshd


@pytest.fixture
def by_password(host: Sshd) -> SshAccess:
    if os.geteuid() != 0:
        leave_out("only root can give sshd a password of its own")
    return replace(host.access, private_key="", password=PASSWORD)


MAKERS: list[Callable[[], UsableKey]] = [
    ed25519.Ed25519PrivateKey.generate,
    lambda: ec.generate_private_key(ec.SECP256R1()),
    lambda: ec.generate_private_key(ec.SECP521R1()),
    lambda: rsa.generate_private_key(65537, 2048),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("style", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_keys_of_all_types_with_a_passphrase_log_in(
    host: Sshd, make: Callable[[], UsableKey], style: PrivateFormat
) -> None:
    locked = make().private_bytes(Encoding.PEM, style, BestAvailableEncryption(b"hush")).decode()
    with pytest.raises(KeyUnreadable, match="passphrase"):
        read_private_key(locked)
    with pytest.raises(KeyUnreadable, match="passphrase is wrong"):
        read_private_key(locked, "hash")
    private = read_private_key(locked.replace("\n", "\r\n"), "hush")
    assert public_line(read_private_key(private, "needless")) == public_line(private)
    with (host.folder / "authorized_keys").open("a") as file:
        file.write(f"{public_line(private)}\n")
    connect(replace(host.access, private_key=private)).close()


def test_a_new_key_pair_fits_together() -> None:
    private, line = new_key_pair("amlweb for\nlab 1")
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" amlweb for lab 1")
    assert public_line(private, "amlweb for lab 1") == line


def test_a_key_whose_file_begins_with_a_byte_order_mark_is_read() -> None:
    private, line = new_key_pair("")
    assert public_line(read_private_key(f"\ufeff{private}")) == line


def weak_key() -> str:
    key = rsa.generate_private_key(65537, 1024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def old_key() -> str:
    key = dsa.generate_private_key(2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def curve_of_no_ssh_key() -> str:
    key = ec.generate_private_key(ec.SECP256K1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public_pem() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: "", "does not begin"),
        (lambda: "hush", "does not begin"),
        (lambda: "PuTTY-User-Key-File-3: ssh-ed25519\nhush", "PuTTY"),
        (lambda: new_key_pair("")[1], "public key"),
        (lambda: new_key_pair("")[0][:200], "damaged"),
        (lambda: "-----BEGIN OPENSSH PRIVATE KEY-----\nhush\n-----END OPENSSH PRIVATE KEY-----", "damaged"),
        (weak_key, "1024 bits"),
        (old_key, "not used"),
        (curve_of_no_ssh_key, "not used"),
        (public_pem, "public key"),
        (lambda: "---- BEGIN SSH2 PUBLIC KEY ----\nhush\n---- END SSH2 PUBLIC KEY ----", "public key"),
    ],
)
def test_what_is_no_usable_key_is_refused_in_words(make: Callable[[], str], words: str) -> None:
    text = make()
    with pytest.raises(KeyUnreadable, match=words) as caught:
        read_private_key(text)
    assert caught.value.remedy
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_a_password_logs_in(by_password: SshAccess) -> None:
    connect(by_password).close()


def test_a_public_key_is_installed_once_with_the_modes_that_sshd_wants(host: Sshd, by_password: SshAccess) -> None:
    _, line = new_key_pair("first")
    _, other = new_key_pair("second")
    keys = host.home / ".ssh" / "authorized_keys"
    assert install_public_key(by_password, line)
    keys.write_text(keys.read_text().rstrip("\n"))
    assert install_public_key(by_password, other)
    assert not install_public_key(by_password, line)
    assert keys.read_text() == f"{line}\n{other}\n"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(ValueError, match="one line"):
        install_public_key(by_password, f"{line}\n{other}")


@pytest.mark.parametrize(
    "credential",
    [
        {"private_key": new_key_pair("not known there")[0]},
        {"private_key": "", "password": "hush-hush"},
        {"private_key": ""},
        {"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nhush-hush"},
    ],
)
def test_a_refused_login_says_what_to_do_and_nothing_secret(host: Sshd, credential: dict[str, str]) -> None:
    access = replace(host.access, **credential)
    with pytest.raises((LoginRefused, KeyUnreadable)) as caught:
        connect(access)
    said = "".join(traceback.format_exception(caught.value)) + repr(access) + caught.value.remedy
    assert caught.value.remedy
    assert "hush-hush" not in said
    for line in credential["private_key"].splitlines()[1:-1]:
        assert line not in said


def test_secrets_are_in_no_representation_of_a_machine(host: Sshd) -> None:
    machine = SshMachine(replace(host.access, password="hush-hush"))
    for thing in (machine, machine.access, machine.route, machine.route.crew()):
        text = repr(thing) + repr(getattr(thing, "__dict__", ""))
        assert "hush-hush" not in text
        assert host.access.private_key.splitlines()[1] not in text


def test_the_way_to_a_host_fails_in_words(host: Sshd) -> None:
    for changes, words in (({"port": 1}, "refused"), ({"host": "no-such-host.invalid"}, "not found")):
        with pytest.raises(TargetUnreachable, match=words) as caught:
            connect(replace(host.access, **changes))
        assert caught.value.remedy
