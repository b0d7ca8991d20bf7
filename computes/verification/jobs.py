"""The tiny jobs of one verification: their requests, what is looked at, and that none of them stays."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from computes.contract import (
    Condition,
    ExecutionRequest,
    Executor,
    Framework,
    Limits,
    RunAddress,
    RunFolderStatus,
    Stream,
    TargetSettings,
)
from computes.errors import TargetError
from computes.verification.steps import NotAsExpected
from computes.verification.words import words_of
from projects.manifest import ManifestEntry, manifest_of

SCRIPT = Path(__file__).with_name("tiny_job.py")
PROJECT = "amlweb-verification"
GRACE_SECONDS = 5.0
LONGEST_REMOVAL_SECONDS = 120.0
LONGEST_LOG_BYTES = 256 * 1024
SHOWN_LOG_BYTES = 4000
Enough = Callable[[RunFolderStatus], bool]


@dataclass
class TinyJobs:
    """Makes runs of the tiny job on one target. `patience_seconds` is how long anything may take there."""

    executor: Executor
    settings: TargetSettings
    framework: Framework
    installation_id: str
    folder: Path
    patience_seconds: float = 600.0
    environment_hash: str = ""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    addresses: list[RunAddress] = field(default_factory=list)

    def request(
        self, *arguments: str, time_limit_seconds: float | None = None, variables: Mapping[str, str] | None = None
    ) -> ExecutionRequest:
        """Return a request for a new run."""
        address = RunAddress(self.installation_id, secrets.token_hex(16), self.settings)
        return ExecutionRequest(
            address=address,
            framework=self.framework,
            script="tiny_job.py",
            arguments=(str(self.framework), *arguments),
            environment=dict(variables or {}),
            secrets={"VERIFICATION_SECRET": self.secret},
            manifest=manifest_of([self.place_script()]),
            blobs=self.folder / "blobs",
            project=PROJECT,
            limits=Limits(time_limit_seconds or 2 * self.patience_seconds, GRACE_SECONDS),
            environment_hash=self.environment_hash,
        )

    def start(self, request: ExecutionRequest) -> str:
        """Make all ready and start; a second time it finds the first. From now on the run is to be removed."""
        is_first = request.address not in self.addresses
        if is_first:
            self.addresses.append(request.address)
        self.executor.prepare(request, lambda line: None)
        self.executor.start(request)
        return "spawned" if is_first else "no complaint; the log shows whether the job began twice"

    def place_script(self) -> ManifestEntry:
        """Put the script where blobs are taken from."""
        data = SCRIPT.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        blob = self.folder / "blobs" / digest[:2] / digest[2:]
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        return ManifestEntry("tiny_job.py", 0o644, len(data), digest)

    def poll_until(
        self, address: RunAddress, what: str, *conditions: Condition, enough: Enough = lambda status: True
    ) -> RunFolderStatus:
        """Return the first look that finds one of the conditions, and is enough. Raises NotAsExpected when none comes
        in time."""
        deadline = time.monotonic() + self.patience_seconds
        pause = 0.05
        while True:
            status = self.executor.poll(address)
            if status.condition in conditions and enough(status):
                return status
            if status.condition in (Condition.EXITED, Condition.LOST):
                raise NotAsExpected(f"The run has ended before there was {what}: {words_of(status)}")
            if time.monotonic() > deadline:
                raise NotAsExpected(f"No {what} in {self.patience_seconds:g} s. The last look said {words_of(status)}")
            time.sleep(pause)
            pause = min(1.0, pause * 1.3)

    def wait_for_line(self, address: RunAddress, line: str) -> str:
        """Return the log as soon as it holds a line, while the run is alive."""
        deadline = time.monotonic() + self.patience_seconds
        while line.encode() not in (log := self.executor.read(address, Stream.LOG, 0, LONGEST_LOG_BYTES)):
            status = self.executor.poll(address)
            if status.condition in (Condition.EXITED, Condition.LOST):
                raise NotAsExpected(f"The run has ended without that line: {words_of(status)}")
            if time.monotonic() > deadline:
                raise NotAsExpected(f"No such line in {self.patience_seconds:g} s; {words_of(status)}")
            time.sleep(0.1)
        return log.decode(errors="replace")

    def read_all(self, address: RunAddress, stream: Stream) -> bytes:
        """Return a whole stream of a run that has ended."""
        data = b""
        while chunk := self.executor.read(address, stream, len(data), LONGEST_LOG_BYTES):
            data += chunk
        return data

    def logs_of(self, address: RunAddress) -> str:
        """Return the ends of the system log and the log, as far as they can be had."""
        texts = []
        for stream in (Stream.SYSTEM, Stream.LOG):
            with suppress(TargetError, OSError):
                end = self.read_all(address, stream)[-SHOWN_LOG_BYTES:].decode(errors="replace").strip()
                texts.append(f"{stream}:\n{end}" if end else "")
        return "\n".join(filter(None, texts))

    def remove(self, address: RunAddress) -> None:
        """Stop a run and remove it. Raises TargetError when that does not succeed in time."""
        deadline = time.monotonic() + min(self.patience_seconds, LONGEST_REMOVAL_SECONDS)
        while True:
            try:
                self.executor.stop(address, GRACE_SECONDS)
                self.executor.clean_up(address)
            except TargetError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
            else:
                self.addresses.remove(address)
                return
