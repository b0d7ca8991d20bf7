"""Hints between our processes: one datagram that says "look now". A lost hint costs only the next regular look."""

import os
import select
import socket
from pathlib import Path

from django.conf import settings

CONTROLLER = "controller"
WORKERS = "workers"
LONGEST_ADDRESS = 100  # a Unix socket's address holds 108 bytes


def address_of(folder: Path, name: str, descriptors: list[int]) -> str:
    """Return the socket's address; a long path is shortened through a descriptor, which the caller closes."""
    path = folder / f"{name}.sock"
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        return str(path)
    descriptors.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
    return f"/proc/self/fd/{descriptors[-1]}/{name}.sock"


def send_hint(name: str) -> None:
    """Tell whoever listens under a name to look now. Nobody listening, or a full queue, is no error."""
    folder = Path(settings.SOCKET_DIR)
    descriptors: list[int] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(b"!", address_of(folder, name, descriptors))
        except OSError:
            return
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


class HintReceiver:
    """The receiving end of hints; the newest receiver of a name gets them."""

    def __init__(self, name: str) -> None:
        folder = Path(settings.SOCKET_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{name}.sock").unlink(missing_ok=True)
        descriptors: list[int] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind(address_of(folder, name, descriptors))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def wait(self, seconds: float) -> bool:
        """Wait for a hint, at most so many seconds, and take all that have come. True when there was one."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return False
        try:
            while self.socket.recv(64):
                continue
        except BlockingIOError:
            return True
        return True

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()
