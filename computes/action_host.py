"""A script action on one node, over SSH: start it, look at it, end it, remove what it left. No Django.

The script lies in a folder of its own below `~/.amlweb/actions` on the node and runs under our supervisor there, in a
session of its own. The folder's name comes from the node's id, so a second start finds the first, and a start after a
stop or a removal is refused by a tombstone.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from computes.contract import Condition, RunAddress, RunFolderStatus, SshAccess, TargetSettings
from computes.errors import TargetError, TargetUnreachable
from computes.executors.answers import raise_unless_started, status_of
from computes.executors.run_placing import ask, remove_run
from computes.executors.specification import to_bytes
from computes.machines import ssh
from computes.machines.contract import PlacedRun
from computes.work_folder import WorkFolder

ACTIONS_FOLDER = "~/.amlweb/actions"
LOG_CAP_BYTES = 4 * 1024**2
READ_BYTES = 256 * 1024
GRACE_SECONDS = 10.0
FREE_SPACE_FLOOR_BYTES = 16 * 1024**2
SHELL = "/bin/sh"
BEGIN = 'chmod 0700 "$1" && exec "$1"'  # the shell, not the kernel, reads a script that begins with no #!
DAMAGED = "The records of the script's folder are damaged; the script may have written over them."


class Deed(StrEnum):
    """What is to be done on a node."""

    START = "start"
    LOOK = "look"
    STOP = "stop"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Visit:
    """One deed on one node. `log` is where its log is kept on this server, `log_bytes` how much of it is there."""

    number: int
    deed: Deed
    access: SshAccess
    installation_id: str
    run_id: str
    log: Path
    log_bytes: int
    script: bytes = field(default=b"", repr=False)
    seconds: float = 0.0


@dataclass(slots=True)
class News:
    """What came of a visit. `was_sent`: the script may have been started, whatever went wrong afterwards."""

    number: int
    deed: Deed
    log_bytes: int
    status: RunFolderStatus | None = None
    trouble: TargetError | None = None
    was_sent: bool = False
    is_clean: bool = False


def visit_node(visit: Visit) -> News:
    """Do a deed and return what came of it; what goes wrong is part of the news."""
    news = News(visit.number, visit.deed, visit.log_bytes)
    try:
        DEEDS[visit.deed](ActionHost(visit), news)
    except TargetError as error:
        news.trouble = error
    except (LookupError, TypeError, ValueError, AttributeError):
        news.trouble = TargetUnreachable(DAMAGED, "Look at the node yourself.")
    except OSError as error:
        news.trouble = TargetUnreachable(
            f"The log could not be kept on this server: {error.strerror}.", "Free disk space of the data folder."
        )
    return news


class ActionHost:
    """The folder of one script on one node."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.machine = ssh.SshMachine(visit.access)
        settings = TargetSettings(name=visit.access.host, kind="remote", work_folder=ACTIONS_FOLDER, ssh=visit.access)
        self.address = RunAddress(visit.installation_id, visit.run_id, settings)
        self.folder = WorkFolder(self.machine, settings)
        self.run_folder = self.folder.run_folder(self.address)

    def start(self, news: News) -> None:
        """Place the script and start it, unless it was started before; then look at it."""
        self.folder.open(self.visit.installation_id)
        records = {"spec.json": to_bytes(self.specification()), "script": self.visit.script}
        news.was_sent = True
        raise_unless_started(self.machine.start_run(PlacedRun(self.run_folder, (), records)), SHELL)
        self.look(news)

    def look(self, news: News) -> None:
        """See how the script is, and copy what it has printed since the last time."""
        status = status_of(self.machine.look(self.run_folder))
        if status.condition in (Condition.ABSENT, Condition.LOST):
            self.folder.require(self.visit.installation_id)
        news.log_bytes = self.copy_log(status.condition not in (Condition.STARTING, Condition.ALIVE))
        news.status = status

    def stop(self, news: News) -> None:
        """Ask for the end: TERM, the grace, KILL. A script that has not started never will."""
        self.folder.open(self.visit.installation_id)
        ask(self.folder, "stop", self.run_folder, f"{GRACE_SECONDS:g}")
        self.look(news)

    def clean(self, news: News) -> None:
        """Remove the script's folder; the tombstone stays for 30 days."""
        remove_run(self.folder, self.address)
        news.is_clean = True

    def specification(self) -> dict[str, Any]:
        """Return what the supervisor reads. The script's own text is in no argument and no variable."""
        environment = {**self.machine.environment(), "AMLWEB_RUN_FOLDER": self.run_folder}
        return {
            "argv": [SHELL, "-c", BEGIN, "script-action", f"{self.run_folder}/script"],
            "environment": environment,
            "secret_names": [],
            "working_folder": f"{self.run_folder}/code",
            "time_limit_seconds": self.visit.seconds,
            "grace_seconds": GRACE_SECONDS,
            "log_cap_bytes": LOG_CAP_BYTES,
            "free_space_floor_bytes": FREE_SPACE_FLOOR_BYTES,
        }

    def copy_log(self, to_its_end: bool) -> int:
        """Copy what is new of the log, all of it when the script has ended; return how much is here now."""
        offset = self.visit.log_bytes
        self.visit.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = os.open(self.visit.log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while offset < LOG_CAP_BYTES:
                limit = min(READ_BYTES, LOG_CAP_BYTES - offset)
                data = self.machine.read(f"{self.run_folder}/log", offset, limit)
                os.pwrite(kept, data, offset)
                offset += len(data)
                if len(data) < limit or not to_its_end:
                    break
        finally:
            os.close(kept)
        return offset


DEEDS: dict[Deed, Callable[[ActionHost, News], None]] = {
    Deed.START: ActionHost.start,
    Deed.LOOK: ActionHost.look,
    Deed.STOP: ActionHost.stop,
    Deed.CLEAN: ActionHost.clean,
}
