"""Hard links between a target's folder and the server's."""

import os
import secrets
import stat
from pathlib import Path


def link_file(source: Path, into: Path) -> bool:
    """Make `into` a second name of an ordinary file of our own account; True when it is one now or was before.

    False on another disk, for another owner's file and when `into` already holds something else. An empty file in
    its place is replaced.
    """
    try:
        facts = source.lstat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid():
            return False
        if into.exists():
            if into.samefile(source):
                return True
            if into.stat().st_size:
                return False
        temporary = into.with_name(f".{into.name}-{secrets.token_hex(8)}.tmp")
        os.link(source, temporary, follow_symlinks=False)
        temporary.replace(into)
    except OSError:
        return False
    return into.samefile(source)
