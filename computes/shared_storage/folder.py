"""The shared storage as a folder that is mounted here as well as where drivers run."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from computes.errors import TargetUnreachable, TransferFailed
from computes.machines.os_errors import explain
from computes.supervisor.removal import remove_tree

GONE_AWAY = {errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN}
PIECE_BYTES = 1 << 20


class FolderStorage:
    """Files below a folder. `is_for_group`: drivers run under another account of the same group."""

    def __init__(self, path: str, *, is_for_group: bool = False) -> None:
        if not path.startswith("/"):
            raise TransferFailed(
                f"The work folder {path!r} is neither an absolute path nor the address of WebHDFS.",
                "Let an administrator set it to the folder that is mounted here, or to https://…/webhdfs/v1/….",
            )
        self.path = Path(path)
        self.file_mode = 0o660 if is_for_group else 0o600
        self.folder_mode = 0o770 if is_for_group else 0o700

    def names(self, name: str) -> frozenset[str]:
        """Return what is in a folder, temporary files left out; nothing when it is not there."""
        with explained(f"list {name}"):
            try:
                return frozenset(found.name for found in (self.path / name).iterdir() if not found.name.startswith("."))
            except FileNotFoundError:
                return frozenset()

    def read(self, name: str, offset: int, limit: int) -> bytes | None:
        """Return at most `limit` bytes of a file from an offset within it; None when there is no such file."""
        with explained(f"read {name}"):
            try:
                with open(self.path / name, "rb") as file:
                    file.seek(offset)
                    return file.read(limit)
            except FileNotFoundError:
                return None

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet; False when somebody has."""
        self.make_folder(str(Path(name).parent))
        with explained(f"make {name}"):
            try:
                with open(self.path / name, "xb") as file:
                    os.fchmod(file.fileno(), self.file_mode)
                    file.write(data)
            except FileExistsError:
                return False
            return True

    def place(self, name: str, content: bytes | Path) -> None:
        """Put a file under a name, where it appears whole; an earlier one is replaced."""
        path = self.path / name
        self.make_folder(str(Path(name).parent))
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        with explained(f"place {name}"):
            try:
                with open(temporary, "xb") as file:
                    os.fchmod(file.fileno(), self.file_mode)
                    if isinstance(content, bytes):
                        file.write(content)
                    else:
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, file, PIECE_BYTES)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)

    def fetch(self, name: str, into: BinaryIO, most_bytes: int) -> int:
        """Copy at most so many bytes of a file into an open file and return how many it were."""
        count = 0
        with explained(f"read {name}"), open(self.path / name, "rb") as source:
            while count < most_bytes and (data := source.read(min(PIECE_BYTES, most_bytes - count))):
                into.write(data)
                count += len(data)
        return count

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents; an existing one is left as it is."""
        path = self.path if name == "." else self.path / name
        with explained(f"make the folder {name}"):
            for folder in [*reversed(path.parents), path]:
                if not folder.is_dir():
                    folder.mkdir(exist_ok=True)
                    folder.chmod(self.folder_mode)

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all in it; what is not there is no error."""
        with explained(f"remove {name}"):
            try:
                remove_tree(str(self.path / name))
            except FileNotFoundError:
                return


@contextmanager
def explained(deed: str) -> Iterator[None]:
    """Turn an OSError into an error of ours: a mount that does not answer says nothing about runs."""
    try:
        yield
    except OSError as error:
        if error.errno in GONE_AWAY:
            raise TargetUnreachable(
                f"The shared folder does not answer: {error.strerror}.",
                "Look at the mount of the target's work folder; nothing is decided about its runs until it answers.",
            ) from error
        raise explain(error, deed) from error
