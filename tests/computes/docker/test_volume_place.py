"""Environments in volumes: begun, filled, run in, completed, mounted into a run, removed."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from computes.contract import ContainerSettings, Network, Stream
from computes.environments.contract import Place
from computes.errors import PreparationFailed, TargetError
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.volume_place import VolumePlace
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import INSTALLATION, wait_for_end, wait_for_line
from tests.computes.python_scripts import WAIT
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE

HASH = "a1b2c3d4e5f60718"


@pytest.fixture
def place(engine: Engine) -> VolumePlace:
    return VolumePlace(engine, ContainerSettings(PYTHON_IMAGE, network=Network.HOST), INSTALLATION)


def tar_of_a_prefix() -> bytes:
    """Return a prefix whose Python is the image's own by a link, and a file that belongs to somebody else."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        folder = tarfile.TarInfo("bin")
        folder.type, folder.mode, folder.uid = tarfile.DIRTYPE, 0o755, 1000
        tar.addfile(folder)
        link = tarfile.TarInfo("bin/python")
        link.type, link.linkname = tarfile.SYMTYPE, "/usr/local/bin/python3"
        tar.addfile(link)
    return buffer.getvalue()


def test_a_prefix_is_whole_or_not_there(place: VolumePlace, engine: Engine) -> None:
    as_contract: Place = place
    assert not place.is_complete(HASH)
    place.begin(HASH)
    place.unpack(HASH, iter([tar_of_a_prefix()]))
    assert not place.is_complete(HASH)
    place.put(HASH, {"conda-meta/history": b"made\n", "bin/tool.sh": b"echo $GREETING; echo late >&2; exit 3\n"})
    assert place.fetch(HASH, "conda-meta/history") == b"made\n"
    lines: list[str] = []
    prefix = as_contract.prefix_of(HASH)
    argv = ["/bin/sh", "-c", f'echo "$GREETING" > {prefix}/bin/made; . {prefix}/bin/tool.sh']
    result = place.run(HASH, argv, {"GREETING": "hello 'you' $HOME"}, lines.append, 60)
    assert result.code == 3
    assert sorted(lines) == ["hello 'you' $HOME", "late"]
    assert place.fetch(HASH, "bin/made") == b"hello 'you' $HOME\n"
    place.complete(HASH)
    assert place.is_complete(HASH)
    assert set(place.sizes()) == {HASH}
    assert place.sizes()[HASH] > 0
    place.begin(HASH)
    assert not place.is_complete(HASH)
    place.remove(HASH)
    place.remove(HASH)
    assert place.sizes() == {}
    assert engine.containers({"amlweb.kind": "build"}) == []


@pytest.fixture
def another(engine: Engine) -> Iterator[VolumePlace]:
    """Return the place of a second installation that uses the same engine."""
    another = VolumePlace(engine, ContainerSettings(PYTHON_IMAGE, network=Network.HOST), "fedcba9876543210")
    yield another
    another.remove(HASH)


def test_what_another_installation_has_built_is_used_and_never_removed(
    place: VolumePlace, another: VolumePlace, engine: Engine
) -> None:
    another.begin(HASH)
    another.put(HASH, {"conda-meta/history": b"theirs\n"})
    another.complete(HASH)
    assert place.is_complete(HASH)
    assert place.sizes() == {}
    place.remove(HASH)
    with pytest.raises(PreparationFailed, match="Another installation"):
        place.begin(HASH)
    assert another.is_complete(HASH)
    assert place.fetch(HASH, "conda-meta/history") == b"theirs\n"
    another.remove(HASH)
    assert engine.volume(f"amlweb-env-{HASH}") is None


def test_what_another_installation_is_building_is_left_alone(place: VolumePlace, another: VolumePlace) -> None:
    another.begin(HASH)
    another.put(HASH, {"conda-meta/history": b"theirs\n"})
    assert not place.is_complete(HASH)
    with pytest.raises(PreparationFailed, match="Another installation") as refused:
        place.begin(HASH)
    assert f"docker volume rm amlweb-env-{HASH}" in refused.value.remedy
    place.remove(HASH)
    assert another.fetch(HASH, "conda-meta/history") == b"theirs\n"
    another.complete(HASH)
    assert place.is_complete(HASH)


def test_two_installations_that_begin_at_once_do_not_build_into_one_volume(
    place: VolumePlace, another: VolumePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "remove", another.begin)
    with pytest.raises(PreparationFailed, match="Another installation"):
        place.begin(HASH)
    another.complete(HASH)
    assert another.is_complete(HASH)


def test_a_volume_that_the_engine_has_made_for_a_mount_is_begun_anew(place: VolumePlace, engine: Engine) -> None:
    engine.create_volume(f"amlweb-env-{HASH}", {})
    place.begin(HASH)
    assert set(place.sizes()) == {HASH}


def test_what_is_not_there_is_said(place: VolumePlace) -> None:
    with pytest.raises(PreparationFailed):
        place.fetch(HASH, "x")
    place.begin(HASH)
    with pytest.raises(TargetError, match="not in the environment"):
        place.fetch(HASH, "x")
    with pytest.raises(PreparationFailed, match="leads out"):
        place.put(HASH, {"../x": b""})


def test_a_program_that_takes_too_long_is_ended(place: VolumePlace) -> None:
    place.begin(HASH)
    lines: list[str] = []
    result = place.run(HASH, ["/bin/sh", "-c", "echo begun; sleep 60"], {}, lines.append, 4.0)
    assert (result.code, lines) == (137, ["begun"])


def test_the_platform_is_that_of_the_image(engine: Engine) -> None:
    platform = VolumePlace(engine, ContainerSettings(BARE_IMAGE), INSTALLATION).platform()
    assert platform.subdir in ("linux-64", "linux-aarch64")
    assert platform.glibc.startswith("2.")
    assert platform.linux[0].isdigit()
    assert platform.cuda == ""
    with_gpus = VolumePlace(engine, ContainerSettings(BARE_IMAGE), INSTALLATION, lambda: "12.4").platform()
    assert with_gpus == replace(platform, cuda="12.4")


def test_a_run_has_its_environment_read_only(place: VolumePlace, executor: DockerExecutor, bench: DockerBench) -> None:
    place.begin(HASH)
    place.unpack(HASH, iter([tar_of_a_prefix()]))
    place.complete(HASH)
    script = f"import os, sys\nprint(sys.executable, os.access('/opt/env/{HASH}', os.W_OK))\n" + WAIT
    request = replace(bench.request(script), environment_hash=HASH)
    executor.start(request)
    log = wait_for_line(executor, request.address, b"ready\n")
    assert log.startswith(f"/opt/env/{HASH}/bin/python False\n".encode())
    with pytest.raises(TargetError, match="in use"):
        place.remove(HASH)
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)
    record = executor.describe(request.address)
    assert record.interpreter == f"/opt/env/{HASH}/bin/python"
    assert record.details["environment"] == f"amlweb-env-{HASH}"
    assert str(record.details["image_id"]).startswith("sha256:")
    assert executor.read(request.address, Stream.LOG, 0, 1 << 16).endswith(b"ready\n")
    executor.clean_up(request.address)
    place.remove(HASH)
