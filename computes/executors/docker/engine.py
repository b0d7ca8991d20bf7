"""Engine: the few things that are asked of a container engine, with errors of ours."""

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from docker import APIClient

from computes.executors.docker.engine_errors import Conflict, NotThere, explained
from computes.executors.docker.engine_streams import PIECE_BYTES, frames_of, heard, request_archive

ANSWER_SECONDS = 60
END_OF_COMMAND_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.005


class Engine:
    """A container engine behind a socket of this machine. Raises TargetUnreachable while it does not answer.

    `remove`, `remove_volume` and `kill` are content when there is nothing to do.
    """

    def __init__(self, path: str) -> None:
        with explained("answer"), socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(ANSWER_SECONDS)
            probe.connect(path)  # says why not, and leaves nothing open
            self.api = APIClient(base_url=f"unix://{path}", version="auto", timeout=ANSWER_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def version(self) -> dict[str, Any]:
        """Return what the engine says of itself."""
        with explained("say its version"):
            return dict(self.api.version())

    def info(self) -> dict[str, Any]:
        """Return the engine's state and settings."""
        with explained("describe itself"):
            return dict(self.api.info())

    def create(self, name: str | None, config: Mapping[str, Any]) -> str:
        """Create a container and return its id. Raises Conflict when the name is taken, NotThere without the image."""
        with explained("create the container"):
            made: dict[str, Any] = self.api.create_container_from_config(dict(config), name)  # type: ignore[no-untyped-call]
            return str(made["Id"])

    def start(self, container: str) -> None:
        """Start a container; one that runs is left as it is."""
        with explained("start the container"):
            self.api.start(container)

    def inspect(self, container: str) -> dict[str, Any] | None:
        """Return what the engine knows of a container, None when it is not there."""
        with suppress(NotThere), explained("look at the container"):
            return dict(self.api.inspect_container(container))
        return None

    def containers(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the containers with these labels, running or not."""
        with explained("list containers"):
            return list(self.api.containers(all=True, filters={"label": [f"{k}={v}" for k, v in labels.items()]}))

    def kill(self, container: str) -> None:
        """End a container at once, also a paused one."""
        facts = self.inspect(container)
        if facts is None or not facts["State"]["Running"]:
            return
        with suppress(NotThere, Conflict):
            if facts["State"]["Paused"]:
                with explained("unpause the container"):
                    self.api.unpause(container)
            with explained("kill the container"):
                self.api.kill(container)

    def remove(self, container: str, force: bool = False) -> None:
        """Remove a container. Raises Conflict for a running one, unless `force` is given."""
        with suppress(NotThere), explained("remove the container"):
            self.api.remove_container(container, force=force, v=True)

    def rename(self, container: str, name: str) -> None:
        """Give a container another name. Raises Conflict when that is taken."""
        with explained("rename the container"):
            self.api.rename(container, name)

    def said(self, container: str) -> str:
        """Return the end of what a container's first process printed."""
        with explained("read the container's output"):
            return bytes(self.api.logs(container, tail=20)).decode(errors="replace").strip()

    @contextmanager
    def attached(self, container: str) -> Iterator[Iterator[bytes]]:
        """Give what a container prints, from now to its end."""
        deed = "read the container's output"
        with explained(deed):
            channel = self.api.attach_socket(container, {"stdout": 1, "stderr": 1, "stream": 1})
        with frames_of(channel) as frames:
            yield heard(frames, deed)

    def wait(self, container: str) -> int:
        """Return the exit code of a container that has ended or is about to."""
        with explained("wait for the container"):
            return int(self.api.wait(container, timeout=ANSWER_SECONDS)["StatusCode"])

    def execute(self, container: str, argv: list[str], user: str) -> bytes | None:
        """Return what a command in a running container prints; None where the container does not run, or the command
        ends badly: what it could not be started for comes as if it had printed that."""
        with suppress(NotThere, Conflict), explained("look into the container"):
            number = self.api.exec_create(container, argv, stderr=False, user=user, environment={})["Id"]
            with frames_of(self.api.exec_start(number, socket=True)) as frames:
                said = b"".join(frames)
            return said if self.has_succeeded(number) else None
        return None

    def has_succeeded(self, number: str) -> bool:
        """Whether a command has ended with 0, of which the engine may know a moment after its output has ended."""
        deadline = time.monotonic() + END_OF_COMMAND_SECONDS
        while (facts := self.api.exec_inspect(number))["Running"] and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)
        return bool(facts["ExitCode"] == 0)

    def put(self, container: str, path: str, tar: bytes | Iterable[bytes]) -> None:
        """Unpack a tar in a folder of a container."""
        with explained("copy into the container"):
            self.api.put_archive(container, path, tar)

    @contextmanager
    def archive(self, container: str, path: str) -> Iterator[Iterator[bytes] | None]:
        """Give the tar of a path of a container, None when it is not there."""
        deed = "copy out of the container"
        with explained(deed):
            response = request_archive(self.api, container, path)
        with response:
            yield None if response.status_code == 404 else heard(response.iter_content(PIECE_BYTES), deed)

    def image(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of an image, None when it is not there."""
        with suppress(NotThere), explained("look at the image"):
            return dict(self.api.inspect_image(name))  # type: ignore[no-untyped-call]
        return None

    def volume(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of a volume, None when it is not there."""
        with suppress(NotThere), explained("look at the volume"):
            return dict(self.api.inspect_volume(name))
        return None

    def volumes(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the volumes with these labels; what they hold is not measured."""
        with explained("list volumes"):
            found = self.api.volumes({"label": [f"{k}={v}" for k, v in labels.items()]})
        return list(found["Volumes"] or [])

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Create a volume; one of that name is left as it is."""
        with explained("create the volume"):
            self.api.create_volume(name, labels=dict(labels))

    def remove_volume(self, name: str) -> None:
        """Remove a volume. Raises Conflict while a container has it."""
        with suppress(NotThere), explained("remove the volume"):
            self.api.remove_volume(name)

    def volume_sizes(self, labels: Mapping[str, str], name_label: str) -> dict[str, int]:
        """Return the sizes of the volumes with these labels, by the value of another label."""
        with explained("say what takes its space"):
            volumes = self.api.df()["Volumes"] or []
        mine = [v for v in volumes if labels.items() <= (v.get("Labels") or {}).items()]
        return {v["Labels"][name_label]: int(v["UsageData"]["Size"]) for v in mine if name_label in v["Labels"]}
