"""Real servers on loopback for the length of a test run: free ports, waiting for them, and their end."""

import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from computes.supervisor.processes import all_pids

HELD: deque[socket.socket] = deque()
MOST_HELD = 256


def free_port() -> int:
    """Return a port on loopback that nobody listens on and that the kernel gives to nobody else, until many others were
    asked for: other tests run beside this one, and a server may be started late, or be down for a while.

    A bound socket that does not listen keeps it. Servers can have it all the same, because they set SO_REUSEADDR.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    HELD.append(probe)
    if len(HELD) > MOST_HELD:
        HELD.popleft().close()
    return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait for a condition. Raises TimeoutError that names what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.05)


def marked_processes(mark: str) -> list[int]:
    """Return the processes whose command line has a mark."""
    found = []
    for pid in all_pids():
        try:
            if mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def accepts(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether somebody listens on a port, of loopback by default."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


@contextmanager
def running(
    argv: list[str],
    log: Path,
    port: int,
    end_with: signal.Signals = signal.SIGTERM,
    user: str | None = None,
    address: str = "127.0.0.1",
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is ready when it listens on the port. Its output goes to a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, user=user, group=user
        )
        try:
            wait_until(lambda: accepts(port, address) or process.poll() is not None, f"{argv[0]} on port {port}")
            if process.poll() is not None:
                raise RuntimeError(f"{argv[0]} ended at once:\n{log.read_text(errors='replace')}")
            yield process
        finally:
            process.send_signal(end_with)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
