"""The driver's own folder on the local disk: our code out of the program file, and the run folder."""

import os
import shutil
import tempfile
import time
import zipfile


class LocalFiles:
    """A folder of ours that is gone with the driver. In YARN it lies in the container's own."""

    def __init__(self, name: str) -> None:
        parent = os.getcwd() if os.environ.get("CONTAINER_ID") else None
        self.path = tempfile.mkdtemp(prefix="amlweb-", dir=parent)
        self.program = os.path.join(self.path, "program")
        self.scratch = os.path.join(self.path, "scratch")
        self.run_folder = os.path.join(self.path, "work", "runs", name)
        for folder in (self.program, self.scratch, self.run_folder):
            os.makedirs(folder, 0o700)

    def unpack_program(self, program_file: str) -> None:
        """Unpack our own code, for the supervisor and for what scripts may import."""
        with zipfile.ZipFile(program_file) as archive:
            archive.extractall(self.program)

    def file(self, name: str) -> str:
        """Return the path of one of the run's files."""
        return os.path.join(self.run_folder, name)

    def note(self, text: str) -> None:
        """Add a line to the run's system log, time in UTC. A full disk loses the line, never the run."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        line = "%s.%03dZ %s\n" % (stamp, int(now % 1 * 1000), text)
        try:
            with open(self.file("system.log"), "ab", buffering=0) as file:
                file.write(line.encode("utf-8", "replace"))
        except OSError:
            return

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)
