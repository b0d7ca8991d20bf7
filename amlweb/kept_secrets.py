"""Secrets that the installation makes for itself once and keeps in files that only its own user can read."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def new_secret_key() -> str:
    """Return a fresh key for Django's signatures."""
    return secrets.token_urlsafe(50)


def new_installation_id() -> str:
    """Return a fresh name for this installation: 12 hexadecimal characters."""
    return secrets.token_hex(6)


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """Return the text of a file, making it first if it is not there.

    Several processes may start at once: the text is written aside and linked into place, so that one text wins and
    nobody reads half of it. The file is readable by its owner only.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(make())
        with suppress(FileExistsError):  # another process was faster: its text counts
            path.hardlink_to(aside)
        aside.unlink()
    return path.read_text(encoding="utf-8").strip()
