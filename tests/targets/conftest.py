"""An installation whose targets are real: this machine, an engine, a host over SSH, and that engine over SSH."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from computes.executors.docker.engine import Engine
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE, import_image
from tests.stack.conda_channel import make_conda_channel
from tests.stack.dockerd import Dockerd, dockerd
from tests.stack.left_out import need
from tests.stack.package_server import package_server
from tests.stack.parts import DOCKER, SSHD
from tests.stack.sshd import Sshd, sshd
from tests.stack.system import System, running_system, wait_until
from tests.targets.project_code import CODE, talk


@dataclass
class Hosts:
    """The installation, the engine and the host."""

    system: System
    engine: Dockerd
    host: Sshd
    packages: Path

    def attach(self, name: str, **facts: Any) -> None:
        """Attach a target as an administrator does by calls, and let the project use it."""
        answer = self.system.call("POST", "/targets", by="ada", json={"name": name, "slots": 4, **facts})
        assert answer.status_code == 201, answer.text
        self.system.grant(name)
        if "address" in facts:
            self.approve(name)
        check = self.system.check(name)
        assert check["is_good"], check

    def approve(self, name: str) -> None:
        """Approve the key that a host shows, as one does who has compared it there."""
        path = f"/targets/{name}/host-key"
        wait_until(lambda: self.system.call("GET", path, by="ada").json()["hosts"][0]["shown"], 60)
        shown = self.system.call("GET", path, by="ada").json()["hosts"][0]["shown"][0]["fingerprint"]
        answer = self.system.call("POST", f"{path}/approve", by="ada", json={"fingerprint": shown})
        assert answer.status_code == 200, answer.text

    def patiently(self, method: str, path: str) -> requests.Response:
        """Call the API, whose process may just be killed and started again."""
        answers: list[requests.Response] = []

        def answered() -> bool:
            with suppress(requests.RequestException):
                answers.append(self.system.call(method, path))
            return bool(answers)

        wait_until(answered, 60)
        return answers[0]

    def one_of_each_kind(self, prefix: str, image: str, **container_facts: Any) -> list[str]:
        """Attach a target of each kind but `local`, whose scripts use the Python that is there; return their names."""
        containers = {**self.containers(image), **container_facts}
        kinds = {
            "localdocker": containers,
            "remote": self.ssh(),
            "remotedocker": {**self.ssh(), **containers},
        }
        for kind, facts in kinds.items():
            self.attach(f"{prefix}-{kind}", kind=kind, user_managed_environment=True, **facts)
        return [f"{prefix}-{kind}" for kind in kinds]

    def wait_for_line(self, number: int, line: bytes) -> None:
        """Wait until a run has printed something."""
        wait_until(lambda: line in self.system.log(number), 60)

    def assert_talked(self, number: int, lines: int, seconds: float = 60.0) -> None:
        """A run of talk.py completes, was started once, and all that it printed and wrote is here."""
        run = self.system.wait_for_end(number, seconds)
        assert (run["state"], run["exit_code"]) == ("completed", 0), run
        assert self.system.log(number) == talk(lines)
        assert [event["to_state"] for event in run["events"]].count("running") == 1
        outputs = self.system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
        assert [(output["path"], output["bytes"]) for output in outputs] == [("said.txt", len(str(lines)))]

    def assert_nothing_is_left(self, host: Sshd | None = None, seconds: float = 90.0) -> None:
        """No run folder is on a host, no container and no volume of a run in the engine; that is the last deed.

        Folders go while we look, which `os.walk` bears.
        """
        folders = [(host or self.host).home / ".amlweb" / "runs", self.system.folder / "data" / "work"]

        def left() -> list[str]:
            places = [place for folder in folders for place in os.walk(folder)]
            found = [f"{path}/{name}" for path, names, _ in places if Path(path).name == "runs" for name in names]
            found += [str(path) for folder in folders[:1] if folder.exists() for path in folder.iterdir()]
            with closing(Engine(self.engine.socket)) as engine:
                found += [str(container["Names"] or container["Id"]) for container in engine.containers({})]
                volumes = engine.api.volumes()["Volumes"] or []
            return found + [volume["Name"] for volume in volumes if volume["Name"].startswith("amlweb-run-")]

        deadline = time.monotonic() + seconds
        while found := left():
            assert time.monotonic() < deadline, f"still there after {seconds} s: {found}"
            time.sleep(0.5)

    def ssh(self, host: Sshd | None = None) -> dict[str, Any]:
        """Return how a host is reached: the ordinary one, or another."""
        access = (host or self.host).access
        address = f"{access.host}:{access.port}"
        return {"address": address, "username": access.username, "private_key": access.private_key}

    def containers(self, image: str) -> dict[str, Any]:
        """Return how containers are made: with the network of the host, because the engine has no other."""
        return {"base_docker_image": image, "docker_socket": self.engine.socket, "network": "host"}


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's folder."""
    folder = tmp_path_factory.mktemp("code")
    for name, text in CODE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="session")
def hosts(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """A running installation and what its targets are made of."""
    with running_hosts(code, tmp_path_factory) as running:
        yield running


@contextmanager
def running_hosts(code: Path, tmp_path_factory: pytest.TempPathFactory, *native: str) -> Iterator[Hosts]:
    """Run an installation with a project of its own, and a channel that has more packages when they are named."""
    need(DOCKER, SSHD)
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made", *native)
    with dockerd() as engine, sshd() as host, package_server(channel.folder) as packages:
        import_image(engine.socket, BARE_IMAGE, with_python=False)
        import_image(engine.socket, PYTHON_IMAGE, with_python=True)
        sources = {
            "AMLWEB_CHANNEL_ALIAS": packages.address("").rstrip("/"),
            "AMLWEB_PIP_INDEX": packages.address("simple"),
        }
        with running_system(code, environment=sources) as system:
            yield Hosts(system, engine, host, channel.folder)


@pytest.fixture(scope="module")
def plain_hosts(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """The same without packages to install and without an image: it starts sooner."""
    need(DOCKER, SSHD)
    with dockerd() as engine, sshd() as host, running_system(code) as system:
        yield Hosts(system, engine, host, tmp_path_factory.mktemp("no-packages"))
