"""VolumePlace: environments in named volumes of a container engine.

A volume `amlweb-env-<hash>` is seen at /opt/env/<hash>. Files get in and out through a container of the base image that
is made and never started; programs run in one that is started and thrown away. A prefix is whole when `.complete` is
in it. No installation is in its name: who shares an engine may use what another installation has built, and a label
says whose it is before it is begun anew or removed.
"""

import io
import posixpath
import shlex
import tarfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from computes.contract import ContainerSettings, Network, TargetSettings
from computes.environments.contract import LogLine, PlaceRun, Platform
from computes.environments.stopping import ShouldStop, never
from computes.errors import PreparationFailed, TargetError
from computes.executors.docker.container_config import plain_config, volume
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_errors import Conflict
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.image_platform import platform_of
from computes.executors.docker.images import pull_if_missing
from computes.executors.docker.names import ENVIRONMENT, INSTALLATION, KIND, environment_volume, prefix_of
from computes.executors.docker.run_in_container import base_of
from computes.executors.docker.silent_engines import open_engine
from computes.executors.docker.tar_reading import read_part
from computes.executors.docker.throw_away import made, run_to_end
from computes.machines.contract import Machine

COMPLETE = ".complete"
VARIABLES = "amlweb-variables"
BUILDERS = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
WITH_VARIABLES = f'set -a; . /{VARIABLES}; set +a; rm -f /{VARIABLES}; exec "$@"'
LAST_LINES = 200
SMALL_BYTES = 64 * 1024**2


def no_cuda() -> str:
    """The answer for containers that get no GPUs."""
    return ""


def volume_place(
    settings: TargetSettings, machine: Machine, installation_id: str, cuda: Callable[[], str] = no_cuda
) -> "VolumePlace":
    """Return the place of a target on a machine. Raises TargetError; StartFailed for one that has no base image."""
    engine = open_engine(machine, settings, engine_socket(settings))
    return VolumePlace(engine, base_of(settings), installation_id, cuda)


class VolumePlace:
    """The volumes of one installation in one engine. Raises TargetError; TargetUnreachable when it does not answer.

    Programs run with the network of the target's containers, or the engine's default where those have none. `cuda` is
    asked for the newest one that containers can use.
    """

    def __init__(
        self, engine: Engine, container: ContainerSettings, installation_id: str, cuda: Callable[[], str] = no_cuda
    ) -> None:
        self.cuda = cuda
        self.engine = engine
        self.container = container
        self.image = container.image
        self.installation_id = installation_id
        self.network = Network.DEFAULT if container.network == Network.NONE else container.network

    def make_ready(self, log: LogLine, should_stop: ShouldStop = never) -> None:
        """Pull the base image where it is missing."""
        pull_if_missing(self.engine, self.container, log, should_stop)

    def platform(self) -> Platform:
        """Measure the base image: packages must fit that, not the machine. Only the driver of GPUs is the machine's."""
        return replace(platform_of(self.engine, self.image, self.labels("platform")), cuda=self.cuda())

    def prefix_of(self, hash: str) -> str:
        """The same path in every container."""
        return prefix_of(hash)

    def is_complete(self, hash: str) -> bool:
        """Look for the mark."""
        if self.engine.volume(environment_volume(hash)) is None:
            return False
        with self.archive(hash, COMPLETE) as archive:
            return archive is not None

    def begin(self, hash: str) -> None:
        """Remove what an earlier build left, and make an empty volume. Raises PreparationFailed where another
        installation has begun one of that name: it may still be at work."""
        self.refuse_anothers(hash)
        self.remove(hash)
        self.engine.create_volume(environment_volume(hash), self.labels("environment", hash))
        self.refuse_anothers(hash)  # the engine leaves one that was made meanwhile as it is

    def folder_here(self, hash: str) -> Path | None:
        """Volumes are the engine's."""
        return None

    def unpack(self, hash: str, tar: Iterator[bytes]) -> None:
        """Unpack in the volume; modes and owners are those of the tar."""
        with self.beside(hash) as container:
            self.engine.put(container, prefix_of(hash), tar)

    def run(
        self, hash: str, argv: Sequence[str], environment: Mapping[str, str], on_line: LogLine, deadline_seconds: float
    ) -> PlaceRun:
        """Run a program as the container's root without capabilities beyond files, with the prefix to write to.

        Variables may be secret: they come in a file that is removed before the program starts, not in Docker's own.
        """
        last: deque[str] = deque(maxlen=LAST_LINES)

        def hear(line: bytes) -> None:
            text = line.decode(errors="replace")
            last.append(text)
            on_line(text)

        command = ["/bin/sh", "-c", WITH_VARIABLES, "sh", *argv]
        with self.beside(hash, command, self.network) as container:
            self.engine.put(container, "/", tar_of({VARIABLES: variables_file(environment)}, 0o600))
            code = run_to_end(self.engine, container, hear, deadline_seconds)
        return PlaceRun(code, "\n".join(last))

    def put(self, hash: str, files: Mapping[str, bytes]) -> None:
        """Write into the volume, for its builders alone: logins may be among them. Missing folders are made."""
        with self.beside(hash) as container:
            self.engine.put(container, prefix_of(hash), tar_of(files, 0o600))

    def fetch(self, hash: str, path: str) -> bytes:
        """Read out of the volume. Raises TargetError when the file is not there."""
        with self.archive(hash, path) as archive:
            if archive is None:
                raise TargetError(f"{path} is not in the environment.", "Prepare the environment again.")
            return read_part(archive, 0, SMALL_BYTES)

    def deliver(self, hash: str, log: LogLine, should_stop: ShouldStop) -> None:
        """It was built where it is used."""

    def complete(self, hash: str) -> None:
        """Leave the mark."""
        self.put(hash, {COMPLETE: b""})

    def remove(self, hash: str) -> None:
        """Remove the volume and the containers that a dead build left; another installation's volume stays. Raises
        TargetError while a run uses it."""
        for container in self.engine.containers({INSTALLATION: self.installation_id, ENVIRONMENT: hash}):
            self.engine.remove(container["Id"], force=True)
        if self.is_anothers(hash):
            return
        try:
            self.engine.remove_volume(environment_volume(hash))
        except Conflict as error:
            raise TargetError("The environment is in use by a run.", "Try again when the run has ended.") from error

    def is_anothers(self, hash: str) -> bool:
        """Return whether the volume is there and carries the label of another installation."""
        facts = self.engine.volume(environment_volume(hash)) or {}
        labels = facts.get("Labels") or {}
        return str(labels.get(INSTALLATION, self.installation_id)) != self.installation_id

    def refuse_anothers(self, hash: str) -> None:
        """Raise PreparationFailed for the volume of another installation."""
        if self.is_anothers(hash):
            raise PreparationFailed(
                "Another installation of amlweb is building this environment on the target, or has left it half-built.",
                "Try again when it is done. If nobody builds there any more, remove what is left: "
                f"docker volume rm {environment_volume(hash)}",
            )

    def sizes(self) -> Mapping[str, int]:
        """Ask the engine, which counts the bytes of every volume: that takes its time."""
        return self.engine.volume_sizes({INSTALLATION: self.installation_id, KIND: "environment"}, ENVIRONMENT)

    def labels(self, kind: str, hash: str = "") -> dict[str, str]:
        """Return the labels by which our things are found again."""
        labels = {INSTALLATION: self.installation_id, KIND: kind}
        return {**labels, ENVIRONMENT: hash} if hash else labels

    @contextmanager
    def archive(self, hash: str, path: str) -> Iterator[Iterator[bytes] | None]:
        """Give the tar of a file of the prefix, None when it is not there."""
        with (
            self.beside(hash) as container,
            self.engine.archive(container, f"{prefix_of(hash)}/{path}") as archive,
        ):
            yield archive

    @contextmanager
    def beside(
        self, hash: str, command: Sequence[str] = ("/bin/true",), network: Network = Network.NONE
    ) -> Iterator[str]:
        """Give a container of the base image with the volume at its path, not started."""
        if self.engine.volume(environment_volume(hash)) is None:
            raise PreparationFailed("The environment is not on the target.", "Prepare it again.")
        mounts = [volume(environment_volume(hash), prefix_of(hash))]
        config = plain_config(self.image, "0:0", command, mounts, self.labels("build", hash), network)
        config["HostConfig"]["CapAdd"] = BUILDERS
        with made(self.engine, config) as container:
            yield container


def tar_of(files: Mapping[str, bytes], mode: int) -> bytes:
    """Return a tar of small files that belong to root, with the folders on the way to them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            if path.startswith("/") or ".." in path.split("/"):
                raise PreparationFailed(f"{path!r} leads out of the environment.", "Tell the administrator.")
            for folder in parents_of(path):
                entry = tarfile.TarInfo(folder)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def parents_of(path: str) -> list[str]:
    """Return the folders on the way to a path, the outermost first."""
    found = []
    while path := posixpath.dirname(path):
        found.append(path)
    return found[::-1]


def variables_file(environment: Mapping[str, str]) -> bytes:
    """Return assignments for a shell."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in environment.items()]
    return "".join(lines).encode("utf-8", "surrogateescape")
