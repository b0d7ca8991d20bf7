"""A real conda channel, a server for it, and one environment that is built once and looked at by many tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from computes.environments.building import BuildReport, build
from computes.environments.contract import Lock, PackageSources
from computes.environments.folder_place import FolderPlace
from computes.environments.package_sources import with_credentials
from computes.environments.solving import solve
from computes.environments.spec_reading import ReadSpec, spec_from_conda
from computes.environments.stopping import ShouldStop, never
from computes.machines.local import LocalMachine
from projects.aml_config.dependency_files import CondaDependencies
from tests.stack.conda_channel import CondaChannel, make_conda_channel
from tests.stack.package_server import PackageServer, package_server
from tests.stack.small_wheels import make_wheel

INSTALLATION = "ab12"
LOGIN = "alice:Tr0ub4dor&3:@x"
PASSWORD = LOGIN.partition(":")[2]
QUOTED_PASSWORD = "Tr0ub4dor%263%3A%40x"


@dataclass
class Workshop:
    """A place in a folder, a cache beside it, and what was logged."""

    folder: Path
    sources: PackageSources
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place = FolderPlace(LocalMachine(), str(self.folder / "work"), INSTALLATION)
        self.cache = self.folder / "cache"

    def solve(self, read: ReadSpec, should_stop: ShouldStop = never) -> Lock:
        """Solve what was read for this machine."""
        sources = with_credentials(self.sources, read.credentials)
        platform = self.place.platform()
        return solve(
            read.spec,
            platform,
            sources,
            self.place,
            self.lines.append,
            cache_folder=self.cache,
            should_stop=should_stop,
        )

    def build(self, lock: Lock, wheels: dict[str, Path] | None = None, should_stop: ShouldStop = never) -> BuildReport:
        """Build a lock."""
        return build(lock, self.place, self.sources, wheels or {}, self.lines.append, should_stop, self.cache)


@dataclass
class Built:
    """The environment that many tests look at, and what it was made of."""

    workshop: Workshop
    read: ReadSpec
    lock: Lock
    report: BuildReport
    wheel: Path

    @property
    def prefix(self) -> Path:
        """Return the prefix."""
        return Path(self.workshop.place.prefix_of(self.lock.hash))


@pytest.fixture(scope="session")
def channel(tmp_path_factory: pytest.TempPathFactory) -> CondaChannel:
    """The channel of this test run."""
    return make_conda_channel(tmp_path_factory.mktemp("channel") / "made")


@pytest.fixture(scope="session")
def guarded(channel: CondaChannel) -> Iterator[PackageServer]:
    """A server that asks for a login."""
    with package_server(channel.folder, LOGIN) as server:
        yield server


@pytest.fixture(scope="session")
def server(channel: CondaChannel) -> Iterator[PackageServer]:
    """A server for everybody."""
    with package_server(channel.folder) as server:
        yield server


@pytest.fixture
def workshop(tmp_path: Path, server: PackageServer) -> Workshop:
    """A workshop of this test's own."""
    return Workshop(tmp_path, PackageSources(server.address("").rstrip("/"), pip_index=server.address("simple")))


@pytest.fixture(scope="session")
def built(guarded: PackageServer, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An environment with conda packages, pip packages of an index with a password, and a wheel of the project."""
    folder = tmp_path_factory.mktemp("built")
    wheel = make_wheel(folder / "blobs", "hat", "3.0", requires=["towel"])
    dependencies = CondaDependencies(
        channels=(guarded.address("conda", with_login=True),),
        dependencies=("python", "towel=1", "idna"),
        pip=(f"--index-url {guarded.address('simple', with_login=True)}", "guide", "wheels/hat-3.0-py3-none-any.whl"),
    )
    read = spec_from_conda(dependencies, files={"wheels/hat-3.0-py3-none-any.whl": wheel})
    workshop = Workshop(folder, PackageSources())
    workshop.sources = with_credentials(workshop.sources, read.credentials)
    lock = workshop.solve(read)
    report = workshop.build(lock, dict(read.spec.wheels))
    return Built(workshop, read, lock, report, wheel)
