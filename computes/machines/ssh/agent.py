"""Our end of a channel to a supervisor that serves: requests and answers, each before its deadline."""

import contextlib
import errno
import time
from collections.abc import Iterator
from typing import Any, Protocol

import paramiko

from computes.errors import TargetUnreachable
from computes.supervisor.frames import LENGTHS, BrokenFrame, header_in, lengths_in, packed

READ_BYTES = 1 << 20
# What OpenSSH takes in one packet, without its header. `sendall` copies all that is left after each packet (measured).
PACKET_BYTES = 32 * 1024 - 64
Header = dict[str, Any]


class Wire(Protocol):
    """A stream of bytes in both directions: a channel of SSH, or a socket."""

    def recv(self, nbytes: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def settimeout(self, timeout: float | None, /) -> None: ...
    def close(self) -> None: ...


class ContactLost(TargetUnreachable):
    """The channel broke. `is_late`: nothing came before the deadline, so the host or its disk may be frozen."""

    def __init__(self, text: str, is_late: bool) -> None:
        super().__init__(text, "It is tried again by itself; run the target's check to see where the way ends.")
        self.is_late = is_late


class Agent:
    """One supervisor that serves. Used by one thread at a time; what goes wrong on the wire closes it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.deadline = 0.0
        self.seconds = 0.0
        self.is_open = True
        self.pending = bytearray()

    def close(self) -> None:
        """Let the supervisor end; it may be called twice."""
        self.is_open = False
        self.wire.close()

    def has_ended(self) -> bool:
        """Whether the supervisor is known to have ended, so that nothing needs to be asked in vain."""
        return not self.is_open or (isinstance(self.wire, paramiko.Channel) and bool(self.wire.eof_received))

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Allow so many seconds for what is done inside. Raises ContactLost, and closes, when the wire breaks."""
        self.prolong(seconds)
        try:
            yield
        except TimeoutError as error:
            self.close()
            raise ContactLost(f"The host did not answer within {self.seconds:g} s.", is_late=True) from error
        except (OSError, EOFError, paramiko.SSHException, BrokenFrame) as error:
            self.close()
            raise ContactLost("The connection to the host broke off.", is_late=False) from error
        except BaseException:
            self.close()
            raise

    def prolong(self, seconds: float) -> None:
        """Count the time anew: something has arrived."""
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds

    def ask(self, request: Header, data: bytes = b"", *, seconds: float) -> tuple[Header, bytes]:
        """Send a request and return its answer. Raises OSError for what the host's system refused, ContactLost."""
        with self.within(seconds):
            self.send(request, data)
            answer, received = self.receive()
        return without_trouble(answer), received

    def send(self, header: Header, data: bytes = b"") -> None:
        """Send a frame, inside `within`."""
        self.write(packed(header, data))

    def receive(self) -> tuple[Header, bytes]:
        """Return the next frame, inside `within`."""
        header, data = lengths_in(self.read(LENGTHS.size))
        return header_in(self.read(header)), self.read(data)

    def write(self, data: bytes) -> None:
        """Send bytes before the deadline."""
        view = memoryview(data)
        while view:
            self.wire.settimeout(self.time_left())
            self.wire.sendall(bytes(view[:PACKET_BYTES]))
            view = view[PACKET_BYTES:]

    def read(self, length: int) -> bytes:
        """Return exactly so many bytes."""
        while len(self.pending) < length:
            self.pending += self.more()
        found = bytes(self.pending[:length])
        del self.pending[:length]
        return found

    def read_until(self, end: bytes, other_end: bytes, limit: int) -> bytes:
        """Return what comes up to one of two ends, or all when the channel ends before or too much comes."""
        while len(self.pending) < limit:
            found = min(
                (at + len(mark) for mark in (end, other_end) if (at := self.pending.find(mark)) >= 0), default=None
            )
            if found is not None:
                return self.read(found)
            try:
                self.pending += self.more()
            except EOFError:
                break
        return self.read(len(self.pending))

    def more(self) -> bytes:
        """Return the bytes that come next. Raises EOFError at the end, TimeoutError at the deadline."""
        self.wire.settimeout(self.time_left())
        data = self.wire.recv(READ_BYTES)
        if not data:
            raise EOFError
        return data

    def time_left(self) -> float:
        """Return the seconds until the deadline. Raises TimeoutError behind it."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def without_trouble(answer: Header) -> Header:
    """Return an answer. Raises the OSError that it tells of; ValueError for records that make no sense."""
    if "nonsense" in answer:
        raise ValueError(str(answer["nonsense"]))
    if "trouble" in answer:
        number, text, name = answer["trouble"]
        raise OSError(number or errno.EIO, str(text), name)
    return answer
