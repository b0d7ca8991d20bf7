"""Carrying a growing file to the shared storage, in parts."""

import os
import zlib

from .layout import LONGEST_PART_BYTES, part_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from ..in_run.amlweb_cluster.masking import Masker
    from .storage import Storage


class Parts:
    """The parts of one run, numbered over all its streams in the order in which they went out."""

    def __init__(self, storage: "Storage", folder: str, scratch: str, number: int) -> None:
        self.storage = storage
        self.folder = folder
        self.scratch = scratch
        self.number = number

    def send(self, stream: str, offset: int, data: bytes) -> None:
        """Send one part. Raises OSError; sending it again is safe, because it has its place by its name."""
        local = os.path.join(self.scratch, "part")
        with open(local, "wb") as file:
            file.write(data)
        name = "%s/%s" % (self.folder, part_path(self.number, stream, offset, len(data)))
        if not self.storage.exists(name):
            self.storage.make_folder(os.path.dirname(name))
            self.storage.place(local, name)
        self.number += 1


class Shipment:
    """One growing file. `sent` counts what is in the storage, from the beginning of the stream there.

    A file that the script has cut is sent again from its beginning, behind what went out before.
    """

    def __init__(self, stream: str, path: str, parts: Parts, masker: "Masker", sent: int, most_bytes: int) -> None:
        self.stream = stream
        self.path = path
        self.parts = parts
        self.masker = masker
        self.sent = sent
        self.most_bytes = most_bytes
        self.position = 0
        self.crc32 = 0
        self.pending = b""

    def advance(self, is_final: bool, beat: "Callable[[], None]") -> bool:
        """Send what is new; return whether anything was. `is_final`: to the last byte. `beat` is called in between.

        A part that may or may not have arrived is sent again as it was.
        """
        has_sent = False
        while self.sent < self.most_bytes:
            self.pending = self.pending or self.next_part(is_final)
            if not self.pending:
                break
            self.parts.send(self.stream, self.sent, self.pending)
            self.crc32 = zlib.crc32(self.pending, self.crc32)
            self.sent += len(self.pending)
            self.position += len(self.pending)
            self.pending = b""
            has_sent = True
            beat()
        return has_sent

    def next_part(self, is_final: bool) -> bytes:
        """Return what can go out next, masked."""
        data = self.peek()
        count = len(data)
        if not is_final or count == LONGEST_PART_BYTES:
            count = self.masker.settled(data) or (count if count == LONGEST_PART_BYTES else 0)
        return self.masker.mask(data)[: min(count, self.most_bytes - self.sent)]

    def peek(self) -> bytes:
        """Return the next bytes of the file."""
        try:
            with open(self.path, "rb") as file:
                if os.fstat(file.fileno()).st_size < self.position:
                    self.position = 0
                file.seek(self.position)
                return file.read(LONGEST_PART_BYTES)
        except FileNotFoundError:
            return b""
