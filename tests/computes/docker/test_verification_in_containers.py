"""A target with containers is verified like any other, and nothing of it stays in the engine."""

from computes.contract import Framework
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import INSTALLATION as LABEL
from computes.verification.steps import Outcome, Step
from computes.verification.verification import Asked, Verified, verify
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import INSTALLATION


def verified(executor: DockerExecutor, bench: DockerBench) -> Verified:
    def nothing(step: Step) -> None:
        return None

    return verify(executor, Asked(bench.settings(), Framework.PYTHON, INSTALLATION, 60.0), nothing)


def test_every_step_holds_in_containers(executor: DockerExecutor, bench: DockerBench, engine: Engine) -> None:
    found = verified(executor, bench)
    assert found.holds, [step for step in found.steps if step.outcome is not Outcome.HELD]
    assert not engine.containers({LABEL: INSTALLATION})
    assert list((bench.work / "runs").iterdir()) == []


def test_an_image_that_is_not_there_is_said(executor: DockerExecutor, bench: DockerBench) -> None:
    found = verified(executor, bench.with_container(image="amlweb-test/nowhere:1"))
    start = next(step for step in found.steps if step.name == "Placing and start")
    assert start.outcome is Outcome.FAILED
    assert "amlweb-test/nowhere:1" in start.seen
    assert start.remedy
    assert found.steps[-1].outcome is Outcome.HELD, "the run that did not start is removed"
