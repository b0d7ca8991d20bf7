"""Verifying a run from its start to its outputs: what the tiny job was given arrives, what it leaves comes back."""

import json
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from computes.contract import Condition, ExecutionRequest, ExitRecord, Framework, Stream
from computes.verification.jobs import TinyJobs
from computes.verification.steps import NotAsExpected, Steps
from computes.verification.tiny_job import OUTPUT
from computes.verification.words import words_of

ARGUMENTS = ("two words", "é", "$HOME", "")
VARIABLE = 'of "tiny" job'


@dataclass
class WholeRun:
    """The steps of one run that does all there is to do, and what it told of the target."""

    jobs: TinyJobs
    steps: Steps
    facts: dict[str, Any] = field(default_factory=dict)
    record: ExitRecord | None = None

    def verify(self, after: bool) -> bool:
        """Do the steps; return whether the run started."""
        jobs, attempt = self.jobs, self.steps.attempt
        request = jobs.request("facts", *ARGUMENTS, variables={"VERIFICATION": VARIABLE})
        address = request.address

        def log() -> str:
            return jobs.logs_of(address)

        started = attempt("Placing and start", "the program is spawned", lambda: jobs.start(request), log, after)
        attempt("Second start", "finds the first", lambda: jobs.start(request), log, started)
        ended = attempt("Exit code 0", "code 0, ended by itself", lambda: self.end(request), log, started)
        attempt("Log", "every byte that the program wrote, once", lambda: self.whole_log(request), log, ended)
        attempt("Metrics", "1, 4, 9", lambda: self.metrics(request), log, ended)
        had = attempt("Outputs", f"facts.json and {OUTPUT}", lambda: self.outputs(request), log, ended)
        attempt("Arguments", repr(ARGUMENTS), lambda: same(self.facts["arguments"], list(ARGUMENTS)), log, had)
        attempt("Variable", VARIABLE, lambda: same(self.facts["variable"], VARIABLE), log, had)
        secret = len(jobs.secret)
        attempt("Secret variable", f"{secret} letters", lambda: same(self.facts["secret_length"], secret), log, had)
        attempt("Interpreter", "version and packages", lambda: self.described(request), log, ended)
        if jobs.framework is Framework.PYSPARK:
            attempt("Executors' Python", "the driver's minor version", self.executors, log, had)
        return started

    def end(self, request: ExecutionRequest) -> str:
        """The run ends well."""
        status = self.jobs.poll_until(request.address, "end", Condition.EXITED, Condition.LOST)
        self.record = status.exit
        if self.record is None or self.record.code != 0 or self.record.ended_by:
            raise NotAsExpected(words_of(status))
        return f"code 0 after {self.record.duration_seconds:.1f} s"

    def whole_log(self, request: ExecutionRequest) -> str:
        """The log has the length and the checksum that the exit record says, and the job began once."""
        record, log = self.record, self.jobs.read_all(request.address, Stream.LOG)
        if record is None or b"verification: told\n" not in log:
            raise NotAsExpected(f"{len(log)} bytes without the last line of the job")
        if record.log_bytes not in (None, len(log)) or record.log_crc32 not in (None, zlib.crc32(log)):
            raise NotAsExpected(f"{len(log)} bytes where the exit record says {record.log_bytes}, or other ones")
        if (times := log.count(b"verification: started\n")) != 1:
            raise NotAsExpected(f"the job began {times} times")
        return f"{len(log)} bytes; the job began once"

    def metrics(self, request: ExecutionRequest) -> str:
        """The metrics come back in their order."""
        lines = self.jobs.read_all(request.address, Stream.METRICS).splitlines()
        return same([json.loads(line).get("value") for line in lines], [1, 4, 9])

    def outputs(self, request: ExecutionRequest) -> str:
        """The outputs come back as they were left."""
        with tempfile.TemporaryDirectory(dir=self.jobs.folder) as folder:
            into = Path(folder)
            found = self.jobs.executor.collect(request.address, into)
            names = sorted(each.path for each in found if not each.skipped)
            if names != ["facts.json", OUTPUT] or (into / OUTPUT).read_text() != "left by the tiny job\n":
                raise NotAsExpected(f"{[(each.path, each.skipped) for each in found]}")
            self.facts = json.loads((into / "facts.json").read_text())
        return f"{len(names)} files, {sum(each.size for each in found)} bytes"

    def described(self, request: ExecutionRequest) -> str:
        """The interpreter is described."""
        record = self.jobs.executor.describe(request.address)
        if not record.version:
            raise NotAsExpected("no version of the interpreter")
        self.facts["interpreter"] = record.version
        return f"Python {record.version}, {len(record.packages)} packages"

    def executors(self) -> str:
        """The executors run the minor version of Python that the driver has."""
        versions = sorted({version for version, _ in self.facts["executors"]})
        hosts = {host for _, host in self.facts["executors"]}
        places = "1 host" if len(hosts) == 1 else f"{len(hosts)} hosts"
        seen = f"Python {', '.join(versions) or 'unknown'} on {places}"
        if {minor(each) for each in versions} != {minor(self.facts["python"])}:
            raise NotAsExpected(seen, "Give the project conda dependencies, or install one Python on all nodes.")
        return seen


def same(found: object, wanted: object) -> str:
    """Return what was found where it is what was wanted."""
    if found != wanted:
        raise NotAsExpected(repr(found))
    return str(found)


def minor(version: str) -> str:
    """Return the first two numbers of a version."""
    return ".".join(version.split(".")[:2])
