"""A Docker engine with two small images for the whole session, and the executor of containers on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from computes.contract import ContainerSettings, Network, TargetSettings
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import INSTALLATION as LABEL
from computes.machines.local import LocalMachine
from tests.computes.on_targets import INSTALLATION, Bench, wait_for
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE, import_image
from tests.stack.dockerd import dockerd
from tests.stack.left_out import need
from tests.stack.parts import DOCKER


@dataclass(frozen=True)
class DockerBench(Bench):
    """A target whose runs are containers."""

    kind: str = "docker"
    python: str = "python3"
    container: ContainerSettings = field(default_factory=lambda: ContainerSettings(PYTHON_IMAGE))

    def settings(self) -> TargetSettings:
        return replace(super().settings(), container=self.container)

    def with_container(self, **changes: object) -> "DockerBench":
        return replace(self, container=replace(self.container, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def docker_socket() -> Iterator[str]:
    """Return the socket of an engine of our own that has the bare image and the one with Python."""
    need(DOCKER)
    with dockerd() as engine:
        import_image(engine.socket, BARE_IMAGE, with_python=False)
        import_image(engine.socket, PYTHON_IMAGE, with_python=True)
        yield engine.socket


@pytest.fixture(scope="session")
def engine(docker_socket: str) -> Iterator[Engine]:
    """Return the engine for a look behind the executor's back."""
    engine = Engine(docker_socket)
    yield engine
    engine.close()


@pytest.fixture
def bench(tmp_path: Path, docker_socket: str) -> DockerBench:
    """Return a bench with mounted folders."""
    container = ContainerSettings(PYTHON_IMAGE, network=Network.NONE, socket=docker_socket)
    return DockerBench(tmp_path, container=container)


@pytest.fixture
def executor() -> Iterator[DockerExecutor]:
    """Return the executor that a `docker` target on this machine has."""
    executor = DockerExecutor(LocalMachine(), engine_socket)
    yield executor
    executor.close()


@pytest.fixture(autouse=True)
def nothing_is_left_running(engine: Engine) -> Iterator[None]:
    """Fail a test that leaves a container running; remove the ended ones and their volumes."""
    yield

    def running() -> list[str]:
        return [c["Id"] for c in engine.containers({LABEL: INSTALLATION}) if c["State"] == "running"]

    try:
        wait_for(lambda: not running(), "end of all containers of the test")
    finally:
        remove_all(engine)


def remove_all(engine: Engine) -> None:
    for container in engine.containers({LABEL: INSTALLATION}):
        engine.remove(container["Id"], force=True)
    for volume in engine.api.volumes({"label": [f"{LABEL}={INSTALLATION}"]})["Volumes"] or []:
        engine.remove_volume(volume["Name"])
