"""The rules of submissions to Spark clusters: what an application may take, and what a project may not ask for."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from computes.contract import Framework
from computes.environment_asking import manages_environments
from computes.models import ComputeTarget
from computes.sizes import size_for
from computes.spark_master import YARN, is_standalone
from computes.spark_resources import (
    MOST_CORES,
    NAMES,
    PROPERTIES,
    Resources,
    memory_for,
    properties_for,
    said_in,
    value_in,
)
from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.compute_keys import CLUSTER_KINDS
from projects.aml_config.run_configuration_file import RunConfigurationFile
from runs.submission_rules import Findings

LARGEST = {"executors": 100_000, "executor_cores": 1_000}
LARGEST_MEMORY = 2**50
SMALLEST_MEMORY = 512 * 2**20  # Spark refuses to begin with less
MOST_DIGITS = 18
DYNAMIC_COUNTS = ("spark.dynamicAllocation.minExecutors", "spark.dynamicAllocation.initialExecutors")


def share_folder_refusal(kind: str, file: ComputeFile | None) -> str:
    """Return in words that a project asks for a shared folder on a cluster, which has none; or nothing."""
    if file is None or kind not in CLUSTER_KINDS or "nativeSharedDirectory" not in file.given:
        return ""
    return (
        f"aml_config/{file.name}.compute asks for a shared folder, and a Spark cluster has none. Remove "
        "nativeSharedDirectory, and read and write whole addresses of the cluster's storage, such as hdfs:///data."
    )


def environment_refusal(target: ComputeTarget, configuration: RunConfigurationFile | None) -> str:
    """Return in words that a run configuration asks for packages that cannot be brought to a target; or nothing."""
    if configuration is None or not asks_for_packages(target, configuration) or not configuration.prepare_environment:
        return ""
    return (
        f"aml_config/{configuration.name}.runconfig asks for the packages of {configuration.conda_dependencies_file}, "
        f"and runs on {target.name} use the Python of the cluster: no environment is prepared there. Write "
        "PrepareEnvironment: false to run with the packages that the cluster has, let an administrator have "
        "environments prepared for that target, or choose another one."
    )


def asks_for_packages(target: ComputeTarget, configuration: RunConfigurationFile) -> bool:
    """Return whether a run configuration names packages, and a target behind Livy takes none along."""
    is_named = "CondaDependenciesFile" in configuration.given and bool(configuration.conda_dependencies_file)
    return is_named and target.kind == ComputeTarget.Kind.LIVY and not manages_environments(target)


def with_resources(
    wanted: Resources,
    target: ComputeTarget,
    framework: str,
    spark: Mapping[str, Any],
    file: str,
    findings: Findings,
) -> tuple[Resources, Mapping[str, Any]]:
    """Return what an application takes, and what Spark is asked for with the properties that say so."""
    said = spark.get("configuration", {})
    resources = check_resources(wanted, target, framework, said, file, findings)
    properties = spark_properties_of(target, resources, said) if framework == Framework.PYSPARK else {}
    return resources, {**spark, "configuration": {**said, **properties}} if properties else spark


def check_resources(
    wanted: Resources, target: ComputeTarget, framework: str, said: Mapping[str, str], file: str, findings: Findings
) -> Resources:
    """Return what an application takes: by the fields, else by the project's properties, else by the target.

    `said` are the properties of `file`. What contradicts, is more than the target allows, or has no effect is a finding
    on its field.
    """
    if framework != Framework.PYSPARK or not target.has_executors:
        for name in wanted.given():
            findings.add(name, "Only PySpark runs on a Spark cluster take executors. Leave this empty.")
        return Resources()
    before = len(findings.errors)
    for name in NAMES:
        _check_one(name, asdict(wanted)[name], said, file, findings)
    resources = wanted.over(said_in(said)).over(target.default_resources)
    if len(findings.errors) == before:
        _hold_to_largest(resources, wanted, target, said, file, findings)
    return resources


def spark_properties_of(target: ComputeTarget, resources: Resources, said: Mapping[str, str]) -> dict[str, str]:
    """Return the properties that give an application on a target its resources."""
    if not target.has_executors:
        return {}
    master = target.spark_master if target.kind == ComputeTarget.Kind.CLUSTER else YARN
    return properties_for(resources, master, {**target.spark_configuration, **said}, target.largest_executors)


def _check_one(name: str, wanted: int | None, said: Mapping[str, str], file: str, findings: Findings) -> None:
    """Hold one field against its own bounds and against the property of the same meaning."""
    prop = PROPERTIES[name]
    is_size = name.endswith("_bytes")
    smallest, largest = (SMALLEST_MEMORY, LARGEST_MEMORY) if is_size else (1, LARGEST[name])
    if wanted is not None and not smallest <= wanted <= largest:
        findings.add(name, f"From {_words(name, smallest)} to {_words(name, largest)}.")
        return
    if prop not in said:
        return
    try:
        there = value_in(name, said[prop])
    except ValueError:
        example = "4g" if is_size else "4"
        findings.add(
            name, f"{file} says {prop}: {said[prop][:60]}, which Spark cannot read. Write for example {example}."
        )
        return
    if wanted is not None and (memory_for(wanted) != memory_for(there) if is_size else wanted != there):
        findings.add(name, f"{file} says {prop}: {said[prop]}. Leave this empty, or take that line out.")


def _hold_to_largest(
    resources: Resources,
    wanted: Resources,
    target: ComputeTarget,
    said: Mapping[str, str],
    file: str,
    findings: Findings,
) -> None:
    """Refuse what is more than an administrator allows, and name the file where it is the file that asks."""
    largest = target.largest_resources.given()
    for name, value in resources.given().items():
        if value <= largest.get(name, value):
            continue
        asks = (
            "" if name in wanted.given() or PROPERTIES[name] not in said else f"{file} asks for {_words(name, value)}. "
        )
        findings.add(name, f"{asks}At most {_words(name, largest[name])} on {target.name}; ask for less.")
    most = largest.get("executors")
    if most is None:
        return
    for prop in DYNAMIC_COUNTS:
        if _is_more(said.get(prop, ""), most):
            findings.add("executors", f"{file} says {prop}: {said[prop][:60]}. At most {most:,} on {target.name}.")
    if is_standalone(target.spark_master) and resources.executors is None:
        cores = most * (largest.get("executor_cores") or resources.executor_cores or 1)
        if _is_more(said.get(MOST_CORES, ""), cores):
            findings.add(
                "executors", f"{file} says {MOST_CORES}: {said[MOST_CORES][:60]}. At most {cores:,} on {target.name}."
            )


def _is_more(text: str, most: int) -> bool:
    """Return whether a property is a number and a larger one, however many digits it has."""
    digits = text.strip().lstrip("0")
    return digits.isdecimal() and (len(digits) > MOST_DIGITS or int(digits) > most)


def _words(name: str, value: int) -> str:
    return size_for(value) if name.endswith("_bytes") else f"{value:,}"
