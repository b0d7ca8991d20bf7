"""Environments that are built on this server, packed into the storage, and used by the driver of a batch.

Livy is played and unpacks them as YARN does, packages and drivers are real; the storage is a folder, or a played
WebHDFS.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from computes.contract import Stream
from computes.environments.building import BuildReport, build
from computes.environments.contract import Lock, PackageSources, PackingSettings
from computes.environments.place_factory import place_from_json, place_to_json
from computes.environments.solving import solve
from computes.environments.spec_reading import spec_from_conda
from computes.environments.stopping import PreparationStopped, ShouldStop, never
from computes.errors import EnvironmentGone, PreparationFailed
from computes.executors.livy.executor import LivyExecutor
from computes.executors.livy.packed_place import PackedPlace
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.livy.livy_bench import LivyBench
from tests.computes.on_targets import INSTALLATION, wait_for_end
from tests.stack.conda_channel import make_conda_channel
from tests.stack.livy_contract import LivyContract
from tests.stack.package_server import PackageServer, package_server
from tests.stack.small_wheels import make_wheel
from tests.stack.webhdfs_contract import WebHdfsContract, webhdfs_contract

LARGEST = 1 << 30
SCRIPT = """
import os, subprocess, sys, towel
print("prefix", sys.prefix)
print("towel", os.path.dirname(os.path.dirname(towel.__file__)))
print("child", subprocess.check_output([sys.executable, "-c", "import towel; print(towel.VERSION)"], text=True))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageServer]:
    """A conda channel and an index for pip."""
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    make_wheel(channel.wheels, "fish", "3.0").rename(channel.wheels / "fish-3.0-py3-none-manylinux_2_30_x86_64.whl")
    with package_server(channel.folder) as server:
        yield server


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of packages."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def hdfs(tmp_path: Path) -> Iterator[WebHdfsContract]:
    with webhdfs_contract(tmp_path) as played:
        yield played


@pytest.fixture(params=["folder", "webhdfs"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, livy: LivyContract) -> LivyBench:
    """Return a bench whose storage is a folder for drivers, and a folder or WebHDFS for the server."""
    over_folder = LivyBench(tmp_path, kind="livy", livy={"url": livy.url})
    if request.param == "folder":
        return over_folder
    hdfs: WebHdfsContract = request.getfixturevalue("hdfs")
    return replace(over_folder, work_address=hdfs.address(f"/{over_folder.work.name}"))


@dataclass
class Packery:
    """Builds environments for a bench, as the builder does."""

    bench: LivyBench
    server: PackageServer
    cache: Path
    glibc: str = "2.17"
    largest: int = LARGEST
    lines: list[str] = field(default_factory=list)

    @property
    def place(self) -> PackedPlace:
        packing = PackingSettings(str(self.bench.root / "packing"), self.glibc, self.largest)
        data = place_to_json("packed", self.bench.settings(), INSTALLATION, packing)
        place = place_from_json(json.loads(json.dumps(data)))
        assert isinstance(place, PackedPlace)
        return place

    @property
    def sources(self) -> PackageSources:
        return PackageSources(self.server.address("").rstrip("/"), pip_index=self.server.address("simple"))

    def lock(self, *dependencies: str, pip: tuple[str, ...] = ()) -> Lock:
        asked = CondaDependencies(channels=("conda",), dependencies=dependencies, pip=pip)
        spec, place = spec_from_conda(asked, files={}).spec, self.place
        return solve(spec, place.platform(), self.sources, place, self.lines.append, cache_folder=self.cache)

    def build(self, lock: Lock, should_stop: ShouldStop = never) -> BuildReport:
        place = self.place
        place.make_ready(self.lines.append, should_stop)
        return build(lock, place, self.sources, {}, self.lines.append, should_stop, self.cache)

    def said(self, words: str) -> int:
        return sum(words in line for line in self.lines)

    def left_here(self) -> list[str]:
        """Return what is left on this server of what was built."""
        folder = self.bench.root / "packing"
        return [path.name for path in [*folder.glob("env/*"), *folder.glob("pack-*")] if path.name != ".states"]


@pytest.fixture
def packery(bench: LivyBench, packages: PackageServer, cache: Path) -> Packery:
    return Packery(bench, packages, cache)


def test_a_script_has_the_packages_of_the_packed_environment_alone(
    packery: Packery, bench: LivyBench, livy: LivyContract, executor: LivyExecutor
) -> None:
    lock = packery.lock("python", "towel=1")
    report = packery.build(lock)
    assert report.deliver > 0
    pack = bench.work / f"environments/{lock.hash}.tar.gz"
    assert packery.place.sizes() == {lock.hash: pack.stat().st_size}
    assert packery.left_here() == []
    request = replace(bench.request(SCRIPT), environment_hash=lock.hash)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 16).decode()
    assert status.exit is not None
    assert status.exit.code == 0, log
    body = livy.ever[0].body
    assert body["archives"] == [f"file://{pack}#environment"]
    assert body["conf"]["spark.pyspark.python"] == "./environment/bin/python"
    prefix = next(livy.scratch.glob("container_*")) / "environment"
    assert f"prefix {prefix}\n" in log
    assert f"towel {prefix}/lib/" in log
    assert "child 1.0\n" in log
    said = executor.describe(request.address)
    assert said.interpreter.startswith(f"{prefix}/bin/")
    assert said.packages["towel"] == "1.0"

    before = pack.stat().st_mtime_ns
    packery.build(lock)
    assert packery.said("is there already") == 1
    assert (pack.stat().st_mtime_ns, packery.said("Bringing")) == (before, 1)
    packery.place.remove(lock.hash)
    assert not list((bench.work / "environments").iterdir())
    with pytest.raises(EnvironmentGone):
        executor.start(replace(request, address=bench.address()))


@pytest.fixture
def local_packery(tmp_path: Path, livy: LivyContract, packages: PackageServer, cache: Path) -> Packery:
    """A packery whose storage is a folder."""
    return Packery(LivyBench(tmp_path, kind="livy", livy={"url": livy.url}), packages, cache)


def begun(packery: Packery) -> PackedPlace:
    """Return a place with a small prefix that is ready to be packed."""
    place = packery.place
    place.make_ready(packery.lines.append)
    place.begin("beef")
    noise = random.Random(1).randbytes(2_000_000)
    place.put("beef", {"bin/python": b"#!/bin/sh\n", "conda-meta/history": b"", "lib/noise": noise})
    return place


def test_a_pack_that_is_too_large_is_refused_in_words(local_packery: Packery) -> None:
    local_packery.largest = 1_000_000
    with pytest.raises(PreparationFailed, match="has 2 MB, and at most 1 MB may be sent") as caught:
        begun(local_packery).deliver("beef", local_packery.lines.append, never)
    assert "AMLWEB_PACKED_ENVIRONMENT_BYTES" in caught.value.remedy
    assert local_packery.left_here() == ["beef"]
    assert not list(local_packery.bench.work.glob("environments/*"))


def test_a_build_that_is_stopped_while_it_packs_leaves_nothing(local_packery: Packery) -> None:
    place = begun(local_packery)
    with pytest.raises(PreparationStopped):
        place.deliver("beef", local_packery.lines.append, lambda: local_packery.said("Packing") > 0)
    assert local_packery.left_here() == ["beef"]
    assert not list(local_packery.bench.work.glob("environments/*"))
    place.deliver("beef", local_packery.lines.append, never)
    place.complete("beef")
    assert place.is_complete("beef")
    assert local_packery.left_here() == []


def test_a_prefix_that_cannot_be_packed_is_told_in_words(local_packery: Packery) -> None:
    place = begun(local_packery)
    Path(place.prefix_of("beef"), "conda-meta/history").unlink()
    with pytest.raises(PreparationFailed, match="could not be packed for the nodes"):
        place.deliver("beef", local_packery.lines.append, never)


def test_what_a_builder_that_died_has_left_is_removed_by_the_next(local_packery: Packery) -> None:
    place = local_packery.place
    place.make_ready(local_packery.lines.append)
    place.begin("beef")
    (local_packery.bench.root / "packing/pack-dead").mkdir()
    assert sorted(local_packery.left_here()) == ["beef", "pack-dead"]
    local_packery.place.make_ready(local_packery.lines.append)
    assert local_packery.left_here() == []


def test_an_environment_without_a_python_is_refused_in_words(local_packery: Packery) -> None:
    place = local_packery.place
    place.make_ready(local_packery.lines.append)
    place.begin("beef")
    with pytest.raises(PreparationFailed, match="no Python in the environment"):
        place.deliver("beef", local_packery.lines.append, never)


def test_packages_fit_the_nodes_and_not_this_server(local_packery: Packery) -> None:
    """A wheel for a C library that this server has, and the nodes have not, is not taken (PEP 600)."""
    platform = local_packery.place.platform()
    assert (platform.subdir, platform.glibc, platform.archspec) == ("linux-64", "2.17", "x86_64")
    lock = local_packery.lock("python", pip=("fish",))
    assert [(each.name, each.version) for each in lock.packages if each.kind == "pip"] == [("fish", "2.0")]
    local_packery.glibc = "2.30"
    lock = local_packery.lock("python", pip=("fish",))
    assert [(each.name, each.version) for each in lock.packages if each.kind == "pip"] == [("fish", "3.0")]


def test_a_library_that_this_server_has_not_is_not_counted_on(local_packery: Packery) -> None:
    local_packery.glibc = "2.999"
    here = local_packery.place.here.platform().glibc
    assert local_packery.place.platform().glibc == here
    local_packery.glibc = "new"
    with pytest.raises(PreparationFailed, match="no version") as caught:
        local_packery.place.platform()
    assert "CONDA_OVERRIDE_GLIBC" in caught.value.remedy
