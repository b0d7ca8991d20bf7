"""The file of keys that secrets are sealed with: one Fernet key a line, the first seals, all of them open.

It lies outside the database (settings.KEY_FILE), belongs to the server's user (0600) and is made on first use.
"""

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet


class KeysUnreadable(Exception):
    """The key file is there and does not hold keys; says which file and what to do."""


def keys_in(path: Path) -> MultiFernet:
    """Return the keys of a file, making the file when it is not there. A changed file is read again.

    Raises KeysUnreadable.
    """
    if not path.exists():
        _make(path)
    facts = path.stat()
    return _read(path, facts.st_mtime_ns, facts.st_size, facts.st_ino)


def _make(path: Path) -> None:
    """Write a first key. Of several processes that start at once one wins, and nobody reads half a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was faster: its key counts
        path.hardlink_to(aside)
    aside.unlink()


@lru_cache(maxsize=8)
def _read(path: Path, _changed_at: int, _size: int, _inode: int) -> MultiFernet:
    lines = [line for line in path.read_text(encoding="ascii", errors="replace").split() if line]
    try:
        return MultiFernet([Fernet(line) for line in lines])
    except ValueError as error:
        raise KeysUnreadable(
            f"{path} does not hold keys (32 bytes in URL-safe base64, one key a line). "
            "Put the key file of this installation back from its backup."
        ) from error
