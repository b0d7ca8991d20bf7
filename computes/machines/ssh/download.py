"""Bringing outputs home: each file under a temporary name until it is whole and its size and sha256 are right."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from computes.contract import Collected
from computes.errors import CollectionFailed
from computes.machines.collection import temporary_beside
from computes.machines.contract import CollectionLimits
from computes.machines.placing import checked
from computes.machines.ssh.agent import Agent, Header
from computes.supervisor.frames import BrokenFrame

COLLECT_SECONDS = 60.0


def collect(agent: Agent, path: str, into: Path, limits: CollectionLimits) -> list[Collected]:
    """Copy what the walk on the host lets through. The time counts anew with all that arrives.

    Raises CollectionFailed, ContactLost; what has arrived whole stays.
    """
    found: list[Collected] = []
    with agent.within(COLLECT_SECONDS):
        limit = [limits.files, limits.file_bytes, limits.total_bytes]
        agent.send({"deed": "collect", "path": path, "limits": limit})
        while "path" in (answer := next_frame(agent)[0]):
            if answer["skipped"]:
                found.append(Collected(str(answer["path"]), int(answer["size"]), "", str(answer["skipped"])))
            else:
                found.append(receive_file(agent, str(answer["path"]), into))
        if "end" not in answer:
            raise BrokenFrame("outputs that do not end")
    return found


def receive_file(agent: Agent, path: str, into: Path) -> Collected:
    """Take one file in. Raises CollectionFailed when it is not what the host says, or when it cannot be kept."""
    destination = into / checked(path)
    temporary = temporary_beside(destination)
    digest, size = hashlib.sha256(), 0
    try:
        with our_disk():
            destination.parent.mkdir(parents=True, exist_ok=True)
            temporary.touch(mode=0o600, exist_ok=False)
        while "sha256" not in (frame := next_frame(agent))[0]:
            digest.update(frame[1])
            size += len(frame[1])
            with our_disk(), temporary.open("ab") as copy:
                copy.write(frame[1])
        if (size, digest.hexdigest()) != (frame[0]["size"], frame[0]["sha256"]):
            raise CollectionFailed(f"{path} did not arrive as it was sent.", "The outputs are fetched again by itself.")
        with our_disk():
            temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
    return Collected(path=path, size=size, sha256=digest.hexdigest())


def next_frame(agent: Agent) -> tuple[Header, bytes]:
    """Return what comes next. Raises CollectionFailed when the host cannot read the outputs."""
    frame = agent.receive()
    agent.prolong(COLLECT_SECONDS)
    if "trouble" in frame[0]:
        _, text, name = frame[0]["trouble"]
        raise CollectionFailed(
            f"The outputs could not be read on the target: {text} ({name or 'no path'}).",
            "Let an administrator check the disk of the target's work folder.",
        )
    return frame


@contextlib.contextmanager
def our_disk() -> Iterator[None]:
    """Tell the errors of the server's disk from those of the wire. Raises CollectionFailed."""
    try:
        yield
    except OSError as error:
        raise CollectionFailed(
            f"The outputs could not be copied: {error.strerror} ({error.filename}).",
            "Free disk space in the server's data folder; the outputs stay on the target and are fetched again.",
        ) from error
