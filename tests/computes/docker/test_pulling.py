"""Images are pulled from a registry, with a login where it wants one."""

import pytest

from computes.contract import RegistryLogin
from computes.environments.stopping import PreparationStopped, never
from computes.errors import ImageMissing, PreparationFailed, TargetDiskFull, TargetError
from computes.executors.docker import pull_progress
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.images import image_facts, pull_failed, pull_if_missing, split_name
from computes.executors.docker.pull_progress import tell
from tests.computes.docker.conftest import DockerBench
from tests.computes.test_starting_runs import ECHO
from tests.stack.processes import free_port
from tests.stack.registry import registry

LOGIN = RegistryLogin("alice", "hush-hush")


def test_an_image_is_pulled_with_progress_and_its_digest_is_known(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    with registry() as address:
        bench = bench.with_container(image=f"{address}/lab/small:1")
        with pytest.raises(ImageMissing):
            executor.prepare(bench.request(ECHO), print)
        lines: list[str] = []
        pull_if_missing(engine, bench.container, lines.append)
        assert executor.prepare(bench.request(ECHO), print) is None
    facts = image_facts(engine, f"{address}/lab/small:1")
    assert facts is not None
    assert facts.digest.startswith(f"{address}/lab/small@sha256:")
    assert facts.environment["FROM"] == "registry"
    assert lines[0] == f"Pulling {address}/lab/small:1"
    assert any("Pull complete" in line for line in lines)
    assert lines[-1].endswith(facts.digest)
    pull_if_missing(engine, bench.container, lines.append)
    assert len(lines) == len(set(lines))
    engine.api.remove_image(f"{address}/lab/small:1")


def test_what_has_come_is_told_now_and_then_and_a_stop_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_progress, "PACE_SECONDS", 0.0)
    part = {"current": 3 * 2**20, "total": 9 * 2**20}
    steps = [
        {"id": "ab", "status": "Downloading", "progressDetail": part},
        {"id": "cd", "status": "Downloading", "progressDetail": part},
        {"error": "no space left"},
    ]
    lines: list[str] = []
    assert tell(steps, lines.append, never) == "no space left"
    assert "Downloaded 6 of 18 MiB so far" in lines
    with pytest.raises(PreparationStopped):
        tell(steps, lines.append, lambda: True)


def test_a_private_registry_wants_the_login(bench: DockerBench, engine: Engine) -> None:
    with registry("alice:hush-hush") as address:
        bench = bench.with_container(image=f"{address}/lab/small:1")
        with pytest.raises(PreparationFailed) as caught:
            pull_if_missing(engine, bench.container, print)
        assert "user and password" in caught.value.remedy
        pull_if_missing(engine, bench.with_container(login=LOGIN).container, print)
        assert "hush" not in repr(bench.with_container(login=LOGIN).request(ECHO))
    engine.api.remove_image(f"{address}/lab/small:1")


def test_a_tag_that_does_not_exist_is_explained(bench: DockerBench, engine: Engine) -> None:
    with registry() as address, pytest.raises(PreparationFailed) as caught:
        pull_if_missing(engine, bench.with_container(image=f"{address}/lab/small:none").container, print)
    assert "name or tag" in caught.value.remedy


def test_a_registry_that_cannot_be_reached_is_explained(bench: DockerBench, engine: Engine) -> None:
    image = f"127.0.0.1:{free_port()}/lab/small:1"
    with pytest.raises(PreparationFailed) as caught:
        pull_if_missing(engine, bench.with_container(image=image).container, print)
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
