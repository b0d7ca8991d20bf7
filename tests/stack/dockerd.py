"""A Docker engine of our own, in a temporary folder: no bridge, no firewall rules, nothing of the machine's own engine.

Containers have the network none or host there.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import APIClient

from computes.supervisor.processes import all_pids
from tests.stack.processes import wait_until

DRIVERS = ("overlay2", "vfs")


def dockerd_path() -> str | None:
    """Return the path of the engine, or None when the machine has none."""
    return shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Dockerd:
    """An engine that can be stopped and started again; its containers and images are kept meanwhile.

    `inside` returns what begins its command line, for an engine in namespaces of its own.
    """

    def __init__(self, live_restore: bool = False, inside: Callable[[], list[str]] = list) -> None:
        self.inside = inside
        self.folder = Path(tempfile.mkdtemp(prefix="amlweb-dockerd-"))
        self.socket = str(self.folder / "docker.sock")
        self.store = self.folder / "data"
        self.live_restore = live_restore
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the engine and wait until it answers."""
        for driver in DRIVERS:
            if self.try_to_start(driver):
                return
        raise RuntimeError(f"dockerd does not start:\n{(self.folder / 'log').read_text(errors='replace')[-3000:]}")

    def try_to_start(self, driver: str) -> bool:
        """Start with a storage driver; False when the engine ends at once."""
        program = dockerd_path()
        assert program is not None, "Docker is not installed"
        argv = [*self.inside(), program, "-H", f"unix://{self.socket}", "--data-root", str(self.store)]
        argv += ["--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "pid")]
        argv += ["--bridge=none", "--iptables=false", "--ip6tables=false", f"--storage-driver={driver}"]
        argv += ["--log-level=warn", "--shutdown-timeout=8", *(["--live-restore"] if self.live_restore else [])]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                argv, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: self.answers() or process.poll() is not None, "dockerd", 60)
        if process.poll() is not None:
            return False
        self.process = process
        return True

    def answers(self) -> bool:
        """Return whether the engine answers on its socket. The client leaves a socket open that nobody listens on."""
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(self.socket) != 0:
                return False
        client = APIClient(base_url=f"unix://{self.socket}", version="1.40", timeout=10)
        try:
            return bool(client.ping())
        except OSError:
            return False
        finally:
            client.close()

    def stop(self) -> None:
        """Stop the engine in an orderly way."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def forget_boot(self) -> None:
        """Remove what would be gone after a reboot of the machine, when the engine was ended with it."""
        if self.process is not None:
            self.process.wait(40)
            self.process = None
        (self.folder / "pid").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "exec", ignore_errors=True)

    def remove(self) -> None:
        """Stop the engine, end what it left running, unmount its folders and remove them."""
        self.stop()
        deadline = time.monotonic() + 10
        while (left := self.leftovers()) and time.monotonic() < deadline:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith(str(self.folder))), reverse=True):
            subprocess.run(["umount", "-l", mount], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def leftovers(self) -> list[int]:
        """Return the processes that name our folder: containerd and its shims outlive an engine that was killed."""
        found = []
        for pid in all_pids():
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if bytes(self.folder) in line and pid != os.getpid() and b"containerd" in line:
                found.append(pid)
        return found


@contextmanager
def dockerd(live_restore: bool = False, store_mebibytes: int | None = None) -> Iterator[Dockerd]:
    """Give a running engine; with a size, its images and containers are on a disk of that size."""
    engine = Dockerd(live_restore)
    try:
        if store_mebibytes is not None:
            engine.store.mkdir()
            size = f"size={store_mebibytes}m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(engine.store)], check=True)
        engine.start()
        yield engine
    finally:
        engine.remove()
