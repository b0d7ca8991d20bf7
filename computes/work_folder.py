"""The work folder of a target: what our names in it are, and who may say that a run is gone.

    .amlweb          marker: one installation id a line. Without ours the disk may not be mounted: nothing is known
    runs/NAME        run folders      ended/NAME  tombstones      locks/NAME  launch locks
    supervisor/SHA   the supervisor   in_run/SHA  what scripts may import
    python/HASH      a Python that we brought

NAME is `<installation id>-<run id>`, so several installations can share a folder.
"""

import re

from computes.contract import RunAddress, TargetSettings
from computes.errors import TargetUnreachable, TransferFailed
from computes.machines.contract import Machine
from computes.own_code import own_code

MARKER = ".amlweb"
HEXADECIMAL = re.compile(r"[0-9a-f]{1,64}")
RUN_ID = re.compile(r"[0-9a-f]{32}")


class WorkFolder:
    """A target's work folder on a machine. Raises TransferFailed when its path is not absolute."""

    def __init__(self, machine: Machine, settings: TargetSettings) -> None:
        self.machine = machine
        self.path = machine.expand(settings.work_folder)
        if not self.path.startswith("/"):
            raise TransferFailed(
                f"The work folder {settings.work_folder!r} is not an absolute path.",
                "Let an administrator set the target's work folder to an absolute path.",
            )

    def run_folder(self, address: RunAddress) -> str:
        """Return the path of a run's folder."""
        if not (HEXADECIMAL.fullmatch(address.installation_id) and HEXADECIMAL.fullmatch(address.run_id)):
            raise ValueError("installation and run ids are lowercase hexadecimal")
        return f"{self.path}/runs/{address.installation_id}-{address.run_id}"

    def is_marked(self, installation_id: str) -> bool:
        """Whether this is the folder that we have worked in, and not the empty place of an unmounted disk."""
        return installation_id.encode() in self.machine.read(f"{self.path}/{MARKER}", 0, 1 << 16).split()

    def open(self, installation_id: str) -> None:
        """Make the folder and our mark in it where they are missing."""
        if not self.is_marked(installation_id):
            self.machine.make_folder(self.path)
            self.machine.append_line(f"{self.path}/{MARKER}", installation_id)

    def require(self, installation_id: str) -> None:
        """Raise TargetUnreachable unless our mark is there."""
        if not self.is_marked(installation_id):
            raise TargetUnreachable(
                f"The work folder {self.path} is not there: is its disk mounted?",
                "Mount the disk of the target's work folder; nothing is decided about its runs until then.",
            )

    def supervisor(self) -> str:
        """Return the folder that holds the supervisor, placed there if it is missing."""
        return self.place_own_code("supervisor", "supervisor")

    def in_run(self) -> str:
        """Return the folder that scripts find `amlweb_run` and the `azureml` shim in, placed there if missing."""
        return self.place_own_code("in_run", "")

    def own_paths(self) -> tuple[str, str]:
        """Return the paths that `in_run` and `supervisor` return, without a look whether they are there."""
        return self.own_path("in_run", ""), self.own_path("supervisor", "supervisor")

    def place_own(self) -> None:
        """Place both, so that a stop finds the supervisor on a disk that is full by then."""
        self.in_run()
        self.supervisor()

    def own_path(self, name: str, inner: str) -> str:
        return f"{self.path}/{name}/{own_code(name, inner)[0]}"

    def place_own_code(self, name: str, inner: str) -> str:
        _, files = own_code(name, inner)
        path = self.own_path(name, inner)
        if self.machine.stat(path) is None:
            self.machine.make_folder(f"{self.path}/{name}")
            self.machine.place_folder(path, files)
        return path
