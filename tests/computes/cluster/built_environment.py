"""An environment with one package, built on a head node from a real channel."""

from pathlib import Path

from computes.environments.building import build
from computes.environments.contract import PackageSources
from computes.environments.folder_place import FolderPlace
from computes.environments.solving import solve
from computes.environments.spec_reading import spec_from_conda
from computes.environments.stopping import never
from computes.machines.contract import Machine
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.on_targets import INSTALLATION
from tests.stack.conda_channel import make_conda_channel
from tests.stack.package_server import package_server


def build_environment(machine: Machine, work: Path, folder: Path) -> str:
    """Build it below a work folder and return its hash; `folder` is for channel and cache."""
    channel = make_conda_channel(folder / "channel")
    lines: list[str] = []
    with package_server(channel.folder) as server:
        sources = PackageSources(server.address("").rstrip("/"), pip_index=server.address("simple"))
        read = spec_from_conda(CondaDependencies(channels=("conda",), dependencies=("python", "towel=1")), files={})
        place = FolderPlace(machine, str(work), INSTALLATION)
        platform, cache = place.platform(), folder / "cache"
        lock = solve(read.spec, platform, sources, place, lines.append, cache_folder=cache, should_stop=never)
        build(lock, place, sources, {}, lines.append, never, cache)
    return lock.hash
