"""A host whose sessions find no Python: each runs in a mount namespace where ours are hidden. Only root can do that."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.stack.left_out import leave_out
from tests.stack.sshd import Sshd, sshd


@contextmanager
def bare_host() -> Iterator[Sshd]:
    """Run its sshd."""
    if os.geteuid() != 0:
        leave_out("only root can hide Python from a session")
    empty = tempfile.mkdtemp(prefix="amlweb-empty-")
    try:
        hidden = [f"mount --bind {shlex.quote(empty)} /usr/local/bin", "mount --bind /dev/null /usr/bin/python3"]
        script = f'{"; ".join(hidden)}; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
        jail = f"unshare --mount --propagation private /bin/sh -c {shlex.quote(script)}"
        with sshd(path="/bin", more=f"ForceCommand {jail}") as running:
            yield running
    finally:
        shutil.rmtree(empty)
