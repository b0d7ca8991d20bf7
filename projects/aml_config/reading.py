"""Reads one configuration file at a time: a value, and every problem with its line, column and remedy.

The value is None exactly when one of the problems is an error. No input raises, none takes long: see `strict_yaml`.
"""

from collections.abc import Callable
from typing import TypeVar

from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.compute_reading import compute_from
from projects.aml_config.conda_reading import conda_dependencies_from
from projects.aml_config.dependency_files import CondaDependencies, SparkDependencies
from projects.aml_config.findings import Findings
from projects.aml_config.nodes import MapNode
from projects.aml_config.problems import AmlConfigError, Problem
from projects.aml_config.run_configuration_file import RunConfigurationFile
from projects.aml_config.run_configuration_reading import run_configuration_from
from projects.aml_config.spark_reading import spark_dependencies_from
from projects.aml_config.strict_yaml import read_document

FOLDER = "aml_config"

Value = TypeVar("Value")


def read_compute(name: str, text: bytes | str) -> tuple[ComputeFile | None, list[Problem]]:
    """Read `aml_config/<name>.compute`."""
    return _read(f"{FOLDER}/{name}.compute", text, lambda node, findings: compute_from(name, node, findings))


def read_run_configuration(name: str, text: bytes | str) -> tuple[RunConfigurationFile | None, list[Problem]]:
    """Read `aml_config/<name>.runconfig`, in YAML or JSON."""
    file = f"{FOLDER}/{name}.runconfig"
    return _read(file, text, lambda node, findings: run_configuration_from(name, node, findings))


def read_conda_dependencies(file: str, text: bytes | str) -> tuple[CondaDependencies | None, list[Problem]]:
    """Read a conda environment file; `file` is its path from the project's root."""
    return _read(file, text, conda_dependencies_from)


def read_spark_dependencies(file: str, text: bytes | str) -> tuple[SparkDependencies | None, list[Problem]]:
    """Read a Spark dependency file; `file` is its path from the project's root."""
    return _read(file, text, spark_dependencies_from)


def _read(
    file: str, text: bytes | str, make: Callable[[MapNode, Findings], Value | None]
) -> tuple[Value | None, list[Problem]]:
    findings = Findings(file)
    try:
        node = read_document(file, text)
    except AmlConfigError as error:
        return None, [error.problem]
    if node is None:
        findings.error(None, "The file is empty.", "Write its keys, or delete the file.")
        return None, findings.problems
    if not isinstance(node, MapNode):
        findings.error(node, "The file must be a map.", "Write a line `key: value` each.")
        return None, findings.problems
    value = make(node, findings)
    return (None if findings.has_errors else value), findings.problems
