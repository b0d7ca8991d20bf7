"""A host without any Python: amlweb brings one, the supervisor serves on it, and runs have environments there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import SshAccess, Stream, TargetSettings
from computes.environments.bringing_python import ensure_python
from computes.environments.builder import prepare
from computes.environments.builder_request import BuilderFiles, BuilderRequest
from computes.environments.contract import EnvironmentSpec, PackageSources, Platform
from computes.environments.lock_json import lock_of
from computes.environments.place_factory import place_to_json
from computes.environments.stopping import PreparationStopped, never
from computes.errors import NoPython, PreparationFailed, TargetUnreachable, TransferFailed
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import BareHost, SshMachine, check_contact, install_public_key, new_key_pair
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import INSTALLATION, Bench, wait_for_end
from tests.stack.bare_host import bare_host
from tests.stack.conda_channel import make_conda_channel
from tests.stack.left_out import need
from tests.stack.package_server import package_server
from tests.stack.parts import SSHD
from tests.stack.sshd import Sshd

pytestmark = pytest.mark.timeout(600)
SCRIPT = 'import sys, towel\nprint("in", sys.prefix)\n'


@pytest.fixture(scope="module")
def bare() -> Iterator[Sshd]:
    """A host whose sessions find no Python."""
    need(SSHD)
    with bare_host() as running:
        yield running
        POOL.close_all()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageSources]:
    """A channel that stands for conda-forge."""
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    with package_server(channel.folder) as server:
        alias, index = server.address("").rstrip("/"), server.address("simple")
        yield PackageSources(alias, channel_map={"conda-forge": ("conda",)}, pip_index=index)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def access_to(host: Sshd, work: str) -> SshAccess:
    """Return how the host is reached by a target with this work folder."""
    return replace(host.access, python_folder=f"{work}/python")


def test_a_build_brings_a_python_and_the_run_has_its_environment(
    bare: Sshd, sources: PackageSources, cache: Path, tmp_path: Path
) -> None:
    access = access_to(bare, "~/a b")
    settings = TargetSettings(name="bare", kind="remote", work_folder="~/a b", ssh=access)
    with pytest.raises(NoPython):
        SshMachine(access).interpreter()
    (*good, last) = check_contact(access)
    assert all(item.ok for item in good)
    assert (last.name, last.ok) == ("Python for the supervisor", False)
    assert "amlweb brings" in last.remedy
    request = BuilderRequest(
        files=BuilderFiles.in_folder(tmp_path),
        place=place_to_json("folder", settings, INSTALLATION),
        sources=sources,
        cache_folder=cache,
        spec=EnvironmentSpec(("conda-forge",), ("python", "towel=1"), ()),
    )
    lines: list[str] = []
    found: dict[str, object] = {}
    prepare(request, lines.append, found)
    assert "The host has no Python 3.6 or newer, so amlweb brings its own." in lines
    (brought,) = (bare.home / "a b" / "python").iterdir()
    assert SshMachine(access).interpreter() == f"{brought}/bin/python3"
    items = {item.name: item for item in check_contact(access)}
    assert all(item.ok for item in items.values())
    assert "which amlweb has brought" in items["Python for the supervisor"].detail
    assert not ensure_python(access, sources, cache, lines.append, never)
    executor = ProcessExecutor(SshMachine(access))
    bench = Bench(tmp_path)
    asked = bench.request(SCRIPT)
    hash = getattr(found["lock"], "hash")  # noqa: B009 - the builder's own dictionary is loosely typed
    address = replace(asked.address, settings=settings)
    executor.start(replace(asked, address=address, environment_hash=hash))
    status = wait_for_end(executor, address)
    log = executor.read(address, Stream.LOG, 0, 1 << 16).decode()
    assert status.exit is not None
    assert status.exit.code == 0, log
    assert log == f"in {bare.home}/a b/env/{hash}\n"
    state = bare.home / "a b" / "runs" / f"{INSTALLATION}-{address.run_id}" / "state.json"
    assert json.loads(state.read_text())["pid"]
    executor.clean_up(address)


def test_a_python_that_did_not_arrive_whole_is_none(bare: Sshd, sources: PackageSources, cache: Path) -> None:
    access = access_to(bare, "~/torn")
    with BareHost(access) as host:
        with pytest.raises(TransferFailed, match="did not arrive whole"):
            host.unpack_python("ab12", iter([bytes(1024)]))
        with pytest.raises(TransferFailed, match="could not be unpacked"):
            host.unpack_python("ab12", iter([b"no tar" * 1000]))
        assert host.python_folder() == f"{bare.home}/torn/python"
    assert list((bare.home / "torn" / "python").iterdir()) == []
    with pytest.raises(NoPython):
        SshMachine(access).interpreter()
    with pytest.raises(PreparationStopped):
        ensure_python(access, sources, cache, lambda line: None, lambda: True)


def test_no_python_is_brought_for_a_lock_of_another_processor(
    bare: Sshd, sources: PackageSources, tmp_path: Path
) -> None:
    lock = lock_of(Platform("linux-ppc64le", "2.36", "ppc64le"), [], [])
    access, cache = access_to(bare, "~/other"), tmp_path / "cache"
    with pytest.raises(PreparationFailed, match="is for linux-ppc64le"):
        ensure_python(access, sources, cache, lambda line: None, never, for_lock=lock)
    assert not cache.exists()
    with pytest.raises(NoPython):
        SshMachine(access).interpreter()


def test_a_work_folder_is_never_part_of_a_command(bare: Sshd) -> None:
    work = """~/$(touch x)'"!`id`\\;*"""
    with BareHost(access_to(bare, work)) as host:
        assert host.python_folder() == f"{bare.home}{work[1:]}/python"
    with pytest.raises(NoPython):
        SshMachine(access_to(bare, work)).interpreter()
    assert not (bare.home / "x").exists()


def test_a_key_is_let_in_without_python_too(bare: Sshd) -> None:
    _, line = new_key_pair("it's me")
    assert install_public_key(bare.access, line)
    assert not install_public_key(bare.access, line)
    keys = bare.home / ".ssh" / "authorized_keys"
    assert keys.read_text() == f"{line.strip()}\n"
    assert (keys.stat().st_mode & 0o777, keys.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    keys.unlink()
    keys.mkdir()
    with pytest.raises(TargetUnreachable, match="could not be added"):
        install_public_key(bare.access, line)
