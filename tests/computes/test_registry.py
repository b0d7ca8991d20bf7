"""Which pairs of kind and framework work, and how the others are refused."""

from dataclasses import replace

import pytest

from computes.contract import Framework, SshAccess, TargetSettings
from computes.executors.process import ProcessExecutor
from computes.executors.spark.rules import RULES
from computes.registry import (
    ALIASES,
    KNOWN_KINDS,
    REGISTRY,
    UnknownTargetKind,
    executor_for,
    framework_on,
    refusal_for,
)


@pytest.mark.parametrize(("kind", "framework"), list(REGISTRY))
def test_every_registered_pair_has_one_executor_per_process(kind: str, framework: str) -> None:
    assert refusal_for(kind, framework) is None
    settings = TargetSettings("here", kind, "/nowhere", ssh=SshAccess("host", "me"))
    executor = executor_for(settings, framework)
    assert executor is executor_for(replace(settings, name="there"), str(framework))
    for verb in ("check", "prepare", "start", "poll", "read", "link_log", "stop", "collect", "describe", "clean_up"):
        assert callable(getattr(executor, verb))


def test_python_on_this_machine_is_a_process() -> None:
    assert isinstance(executor_for(TargetSettings("here", "local", "/nowhere"), Framework.PYTHON), ProcessExecutor)


def test_a_framework_that_a_kind_does_not_run_is_refused_with_what_to_change() -> None:
    text = "A local target does not run Fortran scripts. Change Framework to Python or PySpark."
    assert refusal_for("local", "Fortran") == text
    with pytest.raises(UnknownTargetKind, match="Change Framework to Python"):
        executor_for(TargetSettings("here", "local", "/nowhere"), "Fortran")


def test_every_kind_that_runs_pyspark_says_which_properties_count() -> None:
    assert {kind for kind, framework in REGISTRY if framework == Framework.PYSPARK} <= set(RULES) <= set(KNOWN_KINDS)


@pytest.mark.parametrize("kind", [*KNOWN_KINDS, "localdocker", "teleport", ""])
@pytest.mark.parametrize("framework", [*Framework, "Fortran"])
def test_every_pair_works_or_is_refused_in_a_sentence(kind: str, framework: str) -> None:
    refusal = refusal_for(kind, framework)
    if refusal is not None:
        assert refusal.endswith(".")
        assert "Change" in refusal or "Choose" in refusal


def test_kinds_that_exist_are_exactly_those_with_an_executor() -> None:
    offered = {kind for kind, _ in REGISTRY if kind != "fake"}
    assert {name for name, kind in KNOWN_KINDS.items() if kind.exists} == offered


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in REGISTRY} | set(ALIASES)))
def test_every_kind_has_a_framework_for_what_nobody_knows(kind: str) -> None:
    for wanted in Framework:
        framework = framework_on(kind, wanted)
        assert refusal_for(kind, framework) is None
        assert framework == wanted or refusal_for(kind, wanted)
