"""An engine whose disk is full says so in words, and works again when there is space."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from computes.errors import TargetDiskFull
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.images import pull_if_missing
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for_end
from tests.stack.base_image import PYTHON_IMAGE, import_image
from tests.stack.dockerd import Dockerd, dockerd
from tests.stack.registry import registry

STORE_MEBIBYTES = 400


@pytest.fixture(scope="module")
def small() -> Iterator[Dockerd]:
    """An engine with a small disk, which has the image with Python."""
    with dockerd(store_mebibytes=STORE_MEBIBYTES) as engine:
        import_image(engine.socket, PYTHON_IMAGE, with_python=True)
        yield engine


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no byte free on a small disk meanwhile."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * (1 << 20)):
                continue
        except OSError:
            assert os.statvfs(folder).f_bavail == 0
    yield
    filler.unlink()


@pytest.mark.parametrize("is_shared", [True, False], ids=["mounted", "copied"])
def test_a_full_image_store_is_named_with_what_to_do(
    executor: DockerExecutor, bench: DockerBench, small: Dockerd, is_shared: bool
) -> None:
    bench = bench.with_container(socket=small.socket, is_shared=is_shared)
    request = bench.request("print('hello')")
    with filled(small.store):
        with pytest.raises(TargetDiskFull) as caught:
            executor.start(request)
        assert "Docker's disk is full" in caught.value.text
        assert "docker system df" in caught.value.remedy
    executor.clean_up(request.address)
    again = bench.request("print('hello')")
    executor.start(again)
    status = wait_for_end(executor, again.address)
    assert status.exit is not None
    assert status.exit.code == 0
    executor.clean_up(again.address)


def test_a_pull_into_a_full_image_store_is_a_full_disk(
    executor: DockerExecutor, bench: DockerBench, small: Dockerd
) -> None:
    with registry() as address, filled(small.store):
        bench = bench.with_container(socket=small.socket, image=f"{address}/lab/small:1")
        with pytest.raises(TargetDiskFull) as caught:
            pull_if_missing(executor.engine_of(bench.settings()), bench.container, lambda line: None)
    assert f"{address}/lab/small:1" in caught.value.text
    assert caught.value.remedy
