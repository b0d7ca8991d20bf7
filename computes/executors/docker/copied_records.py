"""Reading a run folder that is a volume: by the supervisor inside while the container runs, else out of an archive."""

import json
import tempfile
from pathlib import Path
from typing import Any

from computes.errors import TargetUnreachable
from computes.executors.docker.names import SUPERVISOR, run_folder_inside
from computes.executors.docker.run_in_container import RunInContainer, is_running
from computes.executors.docker.tar_reading import read_part, size_in
from computes.supervisor import BOOT
from computes.supervisor.look import STREAMS, status

RECORD_BYTES = 1 << 20
RECORDS = ("state.json", "exit.json")


class CopiedRecords:
    """The engine has the run folder."""

    def __init__(self, run: RunInContainer) -> None:
        self.run = run
        self.inside = run_folder_inside(run.address)

    def read(self, name: str, offset: int, limit: int) -> bytes:
        """Read inside; an ended container gives its files as archives."""
        facts = self.run.inspect()
        if is_running(facts):
            found = self.execute(facts or {}, "read", self.inside, name, str(offset), str(limit))
            if found is not None:
                return found
        return self.read_remains(name, offset, limit)

    def read_remains(self, name: str, offset: int, limit: int) -> bytes:
        """Read out of an archive of the file."""
        with self.run.engine.archive(self.run.name, f"{self.inside}/{name}") as archive:
            return b"" if archive is None else read_part(archive, offset, limit)

    def look(self) -> dict[str, Any]:
        """Look inside, or at what an ended container left; without a container the machine knows if there was one."""
        facts = self.run.inspect()
        if facts is None or facts["State"]["Status"] == "created":
            return self.run.machine.look(self.run.run_folder)
        said = self.execute(facts, "status", self.inside) if is_running(facts) else None
        try:
            return dict(json.loads(said or b""))
        except (ValueError, TypeError) as error:
            if is_running(self.run.inspect()):
                raise TargetUnreachable("The container did not answer.", "It is asked again by itself.") from error
            return self.look_at_remains()

    def look_at_remains(self) -> dict[str, Any]:
        """Copy the records of an ended container and look at them here."""
        with tempfile.TemporaryDirectory(prefix="amlweb-records-") as work:
            folder = Path(work, "runs", self.inside.rpartition("/")[2])
            folder.mkdir(parents=True)
            for name in RECORDS:
                if data := self.read_remains(name, 0, RECORD_BYTES):
                    (folder / name).write_bytes(data)
            answer = status(str(folder))
        for key, name in STREAMS:
            with self.run.engine.archive(self.run.name, f"{self.inside}/{name}") as archive:
                answer[key] = 0 if archive is None else size_in(archive)
        return answer

    def stop(self, grace_seconds: float) -> None:
        """Leave the cancel inside, where the supervisor sees it."""
        if facts := self.run.inspect():
            self.execute(facts, "cancel", self.inside, f"{grace_seconds:g}")

    def execute(self, facts: dict[str, Any], *words: str) -> bytes | None:
        """Return what one verb of the supervisor prints in the running container; None when it has just ended."""
        argv = [facts["Config"]["Entrypoint"][0], "-I", "-S", "-c", BOOT, SUPERVISOR, *words]
        return self.run.engine.execute(self.run.name, argv, facts["Config"]["User"])
