"""The data folder: ours alone, writable, and the same one for all our processes."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from amlweb.installation import REMEDY, mismatch


@register("amlweb")
def check_data_folder(**facts: Any) -> list[CheckMessage]:
    """Refuse a data folder that cannot be written, or that everybody on the machine can read."""
    folder = Path(settings.DATA_DIR)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return [
            Error(
                f"The data folder {folder} cannot be written by this user.",
                hint="Give it to the server's user, or set AMLWEB_DATA_DIR to another folder.",
                id="amlweb.E021",
            )
        ]
    if stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        return [
            Error(
                f"The data folder {folder} is open to every user of this machine.",
                hint=f"It holds keys, code and logs. Close it: chmod o-rwx {folder}",
                id="amlweb.E022",
            )
        ]
    return []


@register("amlweb")
def check_key_file(**facts: Any) -> list[CheckMessage]:
    """Refuse a key file that others than its owner can read."""
    file = Path(settings.KEY_FILE)
    if not file.is_file() or not stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    return [
        Error(
            f"The key file {file} can be read by others.",
            hint=f"Whoever reads it can read every stored secret. Close it: chmod 600 {file}",
            id="amlweb.E023",
        )
    ]


@register(Tags.database, "amlweb")
def check_same_installation(*, databases: Sequence[str] | None = None, **facts: Any) -> list[CheckMessage]:
    """Refuse a data folder that is not the one this database belongs to."""
    if not databases:
        return []
    problem = mismatch()
    return [Error(problem, hint=REMEDY, id="amlweb.E024")] if problem else []
