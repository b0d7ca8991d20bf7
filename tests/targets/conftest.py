"""An installation whose targets are real: this machine, an engine, a host over SSH, and that engine over SSH."""

import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE, import_image
from tests.stack.conda_channel import make_conda_channel
from tests.stack.dockerd import Dockerd, dockerd, dockerd_path
from tests.stack.left_out import leave_out
from tests.stack.package_server import package_server
from tests.stack.sshd import Sshd, sshd, sshd_path
from tests.stack.system import System, running_system, wait_until

CODE = {
    "where.py": """
import importlib.util, os, sys, time
for number in range(int(sys.argv[1])):
    print("line", number, flush=True)
    time.sleep(float(sys.argv[2]))
from amlweb_run import log
log("lines", number + 1)
open("outputs/where.txt", "w").write(sys.prefix)
print("towel", importlib.util.find_spec("towel") is not None, *sys.argv[3:])
""",
    "aml_config/with_pip.runconfig": (
        "Script: where.py\nTarget: local\nFramework: Python\nCondaDependenciesFile: aml_config/with_pip.yml\n"
    ),
    "aml_config/with_pip.yml": (
        "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n  - pip:\n    - guide\n"
    ),
    "aml_config/conda_dependencies.yml": "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n",
}


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

    def ssh(self) -> dict[str, Any]:
        """Return how the host is reached."""
        access = self.host.access
        address = f"{access.host}:{access.port}"
        account = pwd.getpwuid(os.geteuid()).pw_name
        return {"address": address, "username": account, "private_key": access.private_key}

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


@pytest.fixture(scope="module")
def hosts(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """A running installation and what its targets are made of."""
    if dockerd_path() is None or sshd_path() is None:
        leave_out("Docker or sshd is not installed")
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
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
    if dockerd_path() is None or sshd_path() is None:
        leave_out("Docker or sshd is not installed")
    with dockerd() as engine, sshd() as host, running_system(code) as system:
        yield Hosts(system, engine, host, tmp_path_factory.mktemp("no-packages"))
