"""The shared storage as a folder that is mounted here as well as where drivers run.

Drivers run code of users, who may put there what they like: below the folder no link is followed, and nothing but an
ordinary file is opened.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from computes.errors import TargetUnreachable, TransferFailed
from computes.machines.os_errors import explain
from computes.shared_storage.contract import Listed
from computes.supervisor.keeping import size_below
from computes.supervisor.outputs import FILE, FOLDER
from computes.supervisor.removal import remove_tree

GONE_AWAY = {errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN}
NOT_OURS = {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}  # a link, a file as a folder, a socket
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
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
        with explained(f"list {name}"), absent_is_fine(), self.folder(name) as folder, os.scandir(folder) as found:
            return frozenset(entry.name for entry in found if not entry.name.startswith("."))
        return frozenset()

    def listing(self, name: str, *, with_temporary: bool = False) -> dict[str, Listed]:
        """Return what is in a folder with what is known of it; nothing when the folder is not there."""
        found: dict[str, Listed] = {}
        with explained(f"list {name}"), absent_is_fine(), self.folder(name) as folder, os.scandir(folder) as entries:
            for entry in entries:
                if with_temporary or not entry.name.startswith("."):
                    with suppress(FileNotFoundError):
                        facts, is_folder = entry.stat(follow_symlinks=False), entry.is_dir(follow_symlinks=False)
                        found[entry.name] = Listed(facts.st_mtime, 0 if is_folder else facts.st_size, is_folder)
        return found

    def size(self, name: str, deadline: float) -> int | None:
        """Return the bytes that a folder takes on its disk; None when it is not there or there was no time."""
        with explained(f"measure {name}"), absent_is_fine(), self.folder(name):
            return size_below(str(self.path / name), deadline)
        return None

    def read(self, name: str, offset: int, limit: int) -> bytes | None:
        """Return at most `limit` bytes of a file from an offset within it; None when there is no such file."""
        with explained(f"read {name}"), absent_is_fine(), self.opened(name) as file:
            file.seek(offset)
            return file.read(limit)
        return None

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet; False when somebody has."""
        parent, _, last = name.rpartition("/")
        with explained(f"make {name}"), self.folder(parent, make=True) as folder:
            try:
                self.write(folder, last, data)
            except FileExistsError:
                return False
            return True

    def place(self, name: str, content: bytes | Path | BinaryIO) -> None:
        """Put a file under a name, where it appears whole; an earlier one is replaced."""
        parent, _, last = name.rpartition("/")
        temporary = f".{last}.{secrets.token_hex(8)}.tmp"
        with explained(f"place {name}"), self.folder(parent, make=True) as folder:
            try:
                self.write(folder, temporary, content)
                os.rename(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise

    def write(self, folder: int, name: str, content: bytes | Path | BinaryIO) -> None:
        """Write a new file in an open folder. Raises FileExistsError where there is one. On a full disk there is none
        afterwards: half of it would be taken for the whole."""
        descriptor = os.open(name, NEW_FILE, self.file_mode, dir_fd=folder)
        try:
            with open(descriptor, "wb") as file:
                os.fchmod(file.fileno(), self.file_mode)
                if isinstance(content, bytes):
                    file.write(content)
                elif isinstance(content, Path):
                    with content.open("rb") as source:
                        shutil.copyfileobj(source, file, PIECE_BYTES)
                else:
                    shutil.copyfileobj(content, file, PIECE_BYTES)
        except OSError:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            raise

    def fetch(self, name: str, into: BinaryIO, most_bytes: int) -> int:
        """Copy at most so many bytes of a file into an open file and return how many it were."""
        count = 0
        with explained(f"read {name}"), self.opened(name) as source:
            while count < most_bytes and (data := source.read(min(PIECE_BYTES, most_bytes - count))):
                into.write(data)
                count += len(data)
        return count

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents; an existing one is left as it is."""
        with explained(f"make the folder {name}"), self.folder(name, make=True):
            return

    @contextmanager
    def folder(self, name: str, *, make: bool = False) -> Iterator[int]:
        """Yield an open folder, made with its parents where that is wanted. Raises OSError, also for a link."""
        for above in [*reversed(self.path.parents), self.path] if make else []:
            if not above.is_dir():
                above.mkdir(exist_ok=True)
                above.chmod(self.folder_mode)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in Path(name).parts:
                outer, descriptor = descriptor, self.entered(descriptor, part, make=make)
                os.close(outer)
            yield descriptor
        finally:
            os.close(descriptor)

    def entered(self, folder: int, name: str, *, make: bool) -> int:
        """Return a folder of an open folder, open. Raises OSError."""
        try:
            return os.open(name, FOLDER, dir_fd=folder)
        except FileNotFoundError:
            if not make:
                raise
        with suppress(FileExistsError):
            os.mkdir(name, self.folder_mode, dir_fd=folder)
        made = os.open(name, FOLDER, dir_fd=folder)
        os.fchmod(made, self.folder_mode)
        return made

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Yield an ordinary file, open for reading. Raises OSError for anything else."""
        parent, _, last = name.rpartition("/")
        with self.folder(parent) as folder, open(os.open(last, FILE, dir_fd=folder), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.ENXIO, "it is no ordinary file")
            yield file

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all in it; what is not there is no error."""
        with explained(f"remove {name}"):
            try:
                remove_tree(str(self.path / name))
            except FileNotFoundError:
                return


@contextmanager
def absent_is_fine() -> Iterator[None]:
    """Go on behind the block where nothing is there that is ours."""
    try:
        yield
    except OSError as error:
        if not isinstance(error, FileNotFoundError) and error.errno not in NOT_OURS:
            raise


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
