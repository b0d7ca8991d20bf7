"""Bringing outputs back out of a volume. The script is not trusted, and neither is the tar that its files make."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from computes.contract import Collected
from computes.errors import CollectionFailed
from computes.executors.docker.names import CODE
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.docker.tar_reading import open_tar
from computes.machines.collection import collect_tree, kept
from computes.machines.contract import CollectionLimits
from computes.supervisor.outputs import LONGEST_PATH_BYTES, left

TOO_MUCH = "it is too much with it: this one and the rest were left"


def collect_copied(run: RunInContainer, into: Path, limits: CollectionLimits) -> list[Collected]:
    """Copy `outputs/` out of a container. Unpacks aside first, then collects as on a machine."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with (
        run.engine.archive(run.name, f"{CODE}/outputs") as archive,
        tempfile.TemporaryDirectory(prefix=".outputs-", dir=into.parent) as aside,
    ):
        if archive is None:
            return []
        try:
            refused = list(unpack(archive, Path(aside), into, limits))
            return sorted([*collect_tree(f"{aside}/outputs", into, limits), *refused], key=lambda entry: entry.path)
        except (OSError, tarfile.TarError) as error:
            raise CollectionFailed(
                f"The outputs could not be copied: {error}.",
                "Free disk space in the server's data folder; the outputs stay on the target and are fetched again.",
            ) from error


def unpack(archive: Iterator[bytes], aside: Path, into: Path, limits: CollectionLimits) -> Iterator[Collected]:
    """Unpack folders and ordinary files; yield what was left, and why. Stops where the limits are passed.

    What is left counts as files do, and folders by themselves: a script can make millions of each. A folder that is
    left is named alone, without what is in it.
    """
    files, folders, total, left_folder = 0, 0, 0, "\0"
    with open_tar(archive) as tar:
        for member in tar:
            path = member.name.removeprefix("outputs/")
            files, folders = files + (not member.isdir()), folders + member.isdir()
            if max(files, folders) > limits.files:
                yield kept(left(path, member.size, TOO_MUCH), into)
                return
            if path.startswith(left_folder):
                continue
            if reason := reason_against(member, path):
                left_folder = f"{path}/" if member.isdir() else left_folder
                yield kept(left(path, 0, reason), into)
                continue
            place = aside / member.name
            if member.isdir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            total += member.size
            if total > limits.total_bytes or member.size > limits.file_bytes:
                yield kept(left(path, member.size, TOO_MUCH), into)
                return
            source = tar.extractfile(member)
            if source is not None:
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)


def reason_against(member: tarfile.TarInfo, path: str) -> str:
    """Return why a member of the tar is not unpacked, empty when it is."""
    parts = member.name.split("/")
    if parts[0] != "outputs" or any(part in ("", ".", "..") for part in parts):
        return "its name leads out of the outputs"
    if len(path.encode("utf-8", "surrogateescape")) > LONGEST_PATH_BYTES:
        return f"its path is longer than {LONGEST_PATH_BYTES} bytes"
    if member.issym():
        return "it is a link"
    if member.islnk():
        return "it has more than one name (hard link)"
    if not (member.isdir() or member.isreg()):
        return "it is not an ordinary file"
    return ""
