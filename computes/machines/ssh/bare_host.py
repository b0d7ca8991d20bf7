"""A host without a Python that the supervisor could run on: it is asked by its shell, and given a Python of ours."""

import shlex
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from computes.contract import SshAccess
from computes.errors import TransferFailed
from computes.machines.ssh.bootstrap import OWN_HOME, PROBE
from computes.machines.ssh.connection import connect
from computes.machines.ssh.own_python import LAST_NAME
from computes.machines.ssh.shell import run_script

ASK_SECONDS = 30.0
SEND_SECONDS = 120.0
WHERE = f'IFS= read -r own; {OWN_HOME}echo "$own"'
INSTALL = (
    f"IFS= read -r own; IFS= read -r name; umask 077; {OWN_HOME}"
    "new=$own/.$name.$mark; "
    'fail() { echo "$1"; rm -rf "$new"; cat >/dev/null; return 1; }; '
    'if mkdir -p "$new" && tar -x -f - -C "$new"; then '
    f'if test -f "$new/{LAST_NAME}"; then '
    f'if "$new/bin/python3" -I -S -c "{PROBE}"; then '
    'if test -d "$own/$name"; then rm -rf "$new"; else mv "$new" "$own/$name" || fail "It could not be renamed."; fi; '
    'else fail "It does not run there."; fi; '
    'else fail "It did not arrive whole."; fi; '
    'else fail "It could not be unpacked."; fi'
)


class BareHost:
    """One host, over a connection of its own. Raises TargetUnreachable."""

    def __init__(self, access: SshAccess) -> None:
        self.access = access
        self.connection = connect(access)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def answer(self, argv: Sequence[str]) -> str:
        """Return what a command of ours prints; empty where it fails."""
        is_well, said = run_script(self.connection.transport, shlex.join(argv), (), (), ASK_SECONDS)
        return said if is_well else ""

    def python_folder(self) -> str:
        """Return the absolute path of the folder that Pythons of ours are in."""
        _, said = run_script(self.connection.transport, WHERE, (self.access.python_folder,), (), ASK_SECONDS)
        return said.rstrip("\n")

    def unpack_python(self, name: str, tar: Iterator[bytes]) -> None:
        """Unpack a Python into the folder, where it appears whole or not at all. Raises TransferFailed.

        The last file of the tar is LAST_NAME: where it is, all before it has arrived.
        """
        words = (self.access.python_folder, name)
        is_well, said = run_script(self.connection.transport, INSTALL, words, tar, SEND_SECONDS)
        if not is_well:
            raise TransferFailed(
                f"The Python that amlweb brings could not be placed on the host: {said.strip()[-400:]}",
                "See to it that the account may write to the target's work folder, that its disk allows programs to "
                "run (no noexec), has 500 MB left, and that tar is there; or install Python 3.6 or newer.",
            )
