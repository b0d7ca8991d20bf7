"""What the ssh program is given for a tunnel: a configuration, the pinned host keys, and keys that do not stay."""

import contextlib
import os
from pathlib import Path

from computes.contract import SshAccess
from computes.errors import LoginRefused, TargetUnreachable
from computes.machines.ssh.host_keys import ALGORITHMS, algorithms_of
from computes.machines.ssh.private_keys import read_private_key

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:@+")
TARGET = "amlweb-target"
FOR_ALL = """\
Host *
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
  CheckHostIP no
  IdentitiesOnly yes
  IdentityAgent none
  PasswordAuthentication no
  KbdInteractiveAuthentication no
  ConnectTimeout 10
  TCPKeepAlive yes
  ServerAliveCountMax 3
  ExitOnForwardFailure yes
  StreamLocalBindUnlink yes
  StreamLocalBindMask 0177
  ControlMaster no
  ControlPath none
  ForwardAgent no
  ForwardX11 no
  PermitLocalCommand no
  LogLevel ERROR
"""


def write_files(folder: Path, access: SshAccess) -> list[Path]:
    """Write all files into a folder of mode 0700; return the keys, to be removed when ssh has read them.

    Raises TargetUnreachable for what cannot be said in such a file, LoginRefused where there is no key.
    """
    hops = [*access.jumps, access]
    aliases = [*(f"amlweb-jump-{number}" for number in range(len(access.jumps))), TARGET]
    config = [FOR_ALL.format(folder=quoted(folder))]
    known: list[str] = []
    keys: list[Path] = []
    for number, (alias, hop) in enumerate(zip(aliases, hops, strict=True)):
        key = folder / f"key-{number}"
        keys.append(key)
        write_private(key, key_of(hop))
        known += [f"{alias} {' '.join(line.split()[:2])}" for line in hop.host_keys if line.split()[0] in ALGORITHMS]
        config.append(section(alias, hop, key, aliases[:number]))
    write_private(folder / "known_hosts", "\n".join(known) + "\n")
    write_private(folder / "config", "\n".join(config))
    return keys


def section(alias: str, hop: SshAccess, key: Path, before: list[str]) -> str:
    """Return how one host is reached. Its key is looked up under our own name for it, whatever its address."""
    lines = [
        f"Host {alias}",
        f"  HostName {plain(hop.host, 'address').replace('%', '%%')}",
        f"  HostKeyAlias {alias}",
        f"  Port {hop.port}",
        f"  User {plain(hop.username, 'user name')}",
        f"  HostKeyAlgorithms {','.join(algorithms_of(hop))}",
        f"  IdentityFile {quoted(key)}",
        f"  ServerAliveInterval {hop.keep_alive_seconds}",
    ]
    if before:
        lines.append(f"  ProxyJump {before[-1]}")
    return "\n".join(lines) + "\n"


def key_of(access: SshAccess) -> str:
    """Return the private key's text without a passphrase: ssh could ask nobody for it."""
    if not access.private_key:
        raise LoginRefused(
            f"A tunnel to {access.host} needs a private key; a password is not enough.",
            "Give the target a key pair and put its public key into the account's authorized_keys.",
        )
    return read_private_key(access.private_key)


def plain(text: str, what: str) -> str:
    """Return a word of a configuration file. Raises TargetUnreachable for characters that could say more there."""
    if not text or text.startswith("-") or not PLAIN.issuperset(text.replace("%", "")):
        raise TargetUnreachable(
            f"The {what} {text[:80]!r} has characters that ssh does not take.", f"Correct the target's {what}."
        )
    return text


def quoted(path: Path) -> str:
    """Return a path as ssh reads it from its configuration."""
    return '"' + str(path).replace("%", "%%") + '"'


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)


def remove_keys(keys: list[Path]) -> None:
    """Remove the keys; they may be gone already."""
    for key in keys:
        with contextlib.suppress(FileNotFoundError):
            key.unlink()
