"""Images are pulled from a registry, with a login where it wants one."""

import pytest

from computes.contract import RegistryLogin
from computes.errors import PreparationFailed, TargetDiskFull, TargetError
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.images import image_facts, in_time, pull_failed, split_name
from tests.computes.docker.conftest import DockerBench
from tests.computes.test_starting_runs import ECHO
from tests.stack.processes import free_port
from tests.stack.registry import registry

LOGIN = RegistryLogin("alice", "hush-hush")


def test_an_image_is_pulled_with_progress_and_its_digest_is_known(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    with registry() as address:
        request = bench.with_container(image=f"{address}/lab/small:1").request(ECHO)
        lines: list[str] = []
        assert executor.prepare(request, lines.append) is None
    facts = image_facts(engine, f"{address}/lab/small:1")
    assert facts is not None
    assert facts.digest.startswith(f"{address}/lab/small@sha256:")
    assert facts.environment == {"FROM": "registry"}
    assert lines[0] == f"Pulling {address}/lab/small:1"
    assert any("Pull complete" in line for line in lines)
    assert lines[-1].endswith(facts.digest)
    executor.prepare(request, lines.append)
    assert len(lines) == len(set(lines))
    engine.api.remove_image(f"{address}/lab/small:1")


def test_a_pull_that_takes_too_long_ends_with_what_to_do() -> None:
    steps = [{"status": "Pulling"}, {"status": "Downloading"}, {"status": "Pull complete"}]
    assert list(in_time(steps, "lab/big:1", None)) == list(in_time(steps, "lab/big:1", 60)) == steps
    with pytest.raises(PreparationFailed, match="takes longer") as caught:
        list(in_time(steps, "lab/big:1", 0))
    assert "docker pull lab/big:1" in caught.value.remedy


def test_a_private_registry_wants_the_login(executor: DockerExecutor, bench: DockerBench, engine: Engine) -> None:
    with registry("alice:hush-hush") as address:
        bench = bench.with_container(image=f"{address}/lab/small:1")
        with pytest.raises(PreparationFailed) as caught:
            executor.prepare(bench.request(ECHO), lambda line: None)
        assert "user and password" in caught.value.remedy
        executor.prepare(bench.with_container(login=LOGIN).request(ECHO), lambda line: None)
        assert "hush" not in repr(bench.with_container(login=LOGIN).request(ECHO))
    engine.api.remove_image(f"{address}/lab/small:1")


def test_a_tag_that_does_not_exist_is_explained(executor: DockerExecutor, bench: DockerBench) -> None:
    with registry() as address, pytest.raises(PreparationFailed) as caught:
        executor.prepare(bench.with_container(image=f"{address}/lab/small:2").request(ECHO), lambda line: None)
    assert "name or tag" in caught.value.remedy


def test_a_registry_that_cannot_be_reached_is_explained(executor: DockerExecutor, bench: DockerBench) -> None:
    image = f"127.0.0.1:{free_port()}/lab/small:1"
    with pytest.raises(PreparationFailed) as caught:
        executor.prepare(bench.with_container(image=image).request(ECHO), lambda line: None)
    assert "reaches the registry" in caught.value.remedy


def test_a_full_disk_is_a_full_disk() -> None:
    error: TargetError = pull_failed("x", "write /var/lib/docker/tmp/x: no space left on device")
    assert isinstance(error, TargetDiskFull)


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("debian", ("debian", "latest")),
        ("debian:12", ("debian", "12")),
        ("host:5000/a/b", ("host:5000/a/b", "latest")),
        ("host:5000/a/b:c", ("host:5000/a/b", "c")),
        ("a@sha256:0f", ("a", "sha256:0f")),
    ],
)
def test_the_name_of_an_image_has_two_parts(image: str, parts: tuple[str, str]) -> None:
    assert split_name(image) == parts
