"""The name of a container's user: Java asks the system for it, and Spark does not start where there is none."""

import io
import tarfile

from computes.executors.docker.engine import Engine
from computes.executors.docker.surroundings import USER
from computes.executors.docker.tar_reading import read_part

ACCOUNTS = "/etc/passwd"
LARGEST_BYTES = 1 << 20


def make_known(engine: Engine, container: str, user: str, home: str) -> None:
    """Add "uid:gid" to the accounts of a container that was made and not started, unless its image knows it."""
    uid, gid = user.split(":")
    with engine.archive(container, ACCOUNTS) as archive:
        accounts = b"" if archive is None else read_part(archive, 0, LARGEST_BYTES)
    if any(line.split(b":")[2:3] == [uid.encode()] for line in accounts.splitlines()):
        return
    before = accounts if not accounts or accounts.endswith(b"\n") else accounts + b"\n"
    content = before + f"{USER}:x:{uid}:{gid}::{home}:/bin/sh\n".encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(ACCOUNTS.lstrip("/"))
        entry.size, entry.mode = len(content), 0o644
        tar.addfile(entry, io.BytesIO(content))
    engine.put(container, "/", buffer.getvalue())
