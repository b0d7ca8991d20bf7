"""The check of a target that makes containers says whether its environments are there."""

from dataclasses import replace

import pytest

from computes.contract import CheckItem
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import environment_volume
from tests.computes.docker.conftest import DockerBench

BUILT, REMOVED = "ab" * 32, "cd" * 32


@pytest.mark.parametrize(
    ("known", "is_right", "said"),
    [
        ((), True, "None is prepared yet."),
        ((BUILT,), True, "Prepared and there: abababababab."),
        ((BUILT, REMOVED), False, "Not there any more, though it was prepared: cdcdcdcdcdcd."),
    ],
)
def test_what_was_prepared_is_looked_for(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, known: tuple[str, ...], is_right: bool, said: str
) -> None:
    settings = replace(bench.settings(), user_managed_environment=False, environments=known)
    engine.create_volume(environment_volume(BUILT), {})
    try:
        items = {item.name: item for item in executor.check(settings)}
    finally:
        engine.remove_volume(environment_volume(BUILT))
    found: CheckItem = items["Environments"]
    assert (found.ok, found.detail) == (is_right, said)
    assert bool(found.remedy) == (known != (BUILT,))
    assert "Python in the image" not in items
