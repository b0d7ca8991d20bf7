"""Accounts that only a host of the tests knows: it reads files of its own instead of the machine's /etc/passwd.

Only root can do that, with a mount namespace.
"""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OwnAccount:
    """An account that is not root, in a group of its own and in no other."""

    name: str = "trainer"
    number: int = 4321


def with_own_accounts(
    folder: Path, user: str, password: str, shell: str, own: OwnAccount | None, argv: list[str]
) -> list[str]:
    """Return a command line that runs another where `user` has our password and shell, and only there.

    `own` is added as a further account, whose home is the folder's.
    """
    fields = {
        "passwd": {6: shell} if shell else {},
        "shadow": {1: password_hash(password)},
        "group": {},
    }
    added = {} if own is None else lines_of(own, folder / "home")
    for name, changes in fields.items():
        before = [*Path(f"/etc/{name}").read_text().splitlines(), *added.get(name, ())]
        lines = [changed(line, user, changes) for line in before]
        (folder / name).write_text("\n".join(lines) + "\n")
        (folder / name).chmod(0o600 if name == "shadow" else 0o644)
    binds = [f"mount --bind {shlex.quote(str(folder / name))} /etc/{name}" for name in fields]
    script = f'{" && ".join(binds)} && exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh", *argv]


def lines_of(own: OwnAccount, home: Path) -> dict[str, list[str]]:
    """Return what the account adds to each file."""
    return {
        "passwd": [f"{own.name}:x:{own.number}:{own.number}::{home}:/bin/sh"],
        "shadow": [f"{own.name}:*:19000:0:99999:7:::"],
        "group": [f"{own.name}:x:{own.number}:"],
    }


def changed(line: str, user: str, changes: dict[int, str]) -> str:
    """Return a line of such a file with other fields, when it is the user's."""
    fields = line.split(":")
    if fields[0] == user:
        fields = [changes.get(number, field) for number, field in enumerate(fields)]
    return ":".join(fields)


def password_hash(password: str) -> str:
    """Return the entry of /etc/shadow for a password."""
    asked = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, capture_output=True)
    return asked.stdout.strip()


def let_in(folder: Path, own: OwnAccount) -> None:
    """Give the account its home, and the way to it, to the keys and to nothing else."""
    folder.chmod(0o711)
    os.chown(folder / "home", own.number, own.number)
