"""What a project's Spark dependencies ask for, read when a run is submitted and frozen with it."""

from typing import Any

from projects.aml_config.folder import AmlConfig
from projects.aml_config.run_configuration_file import RunConfigurationFile
from projects.aml_config.run_configuration_keys import DEFAULT_SPARK_FILE
from runs.submission_rules import Findings


def spark_file_of(configuration: RunConfigurationFile | None) -> str:
    """Return the file that a run configuration names, empty where it says null; without one the usual file."""
    return DEFAULT_SPARK_FILE if configuration is None else configuration.spark_dependencies_file or ""


def asked_of_spark(
    config: AmlConfig, path: str, configuration: RunConfigurationFile | None, findings: Findings
) -> dict[str, Any]:
    """Return `configuration`, `repositories` and `packages` of a file, empty where the project has none.

    A file that cannot be read, and one that is named and not there, is a finding.
    """
    if path in config.spark:
        asked = config.spark[path]
        return {
            "configuration": dict(asked.configuration),
            "repositories": list(asked.repositories),
            "packages": [str(package) for package in asked.packages],
        }
    problems = [problem for problem in config.problems if problem.file == path and problem.severity == "error"]
    for problem in problems:
        findings.add("run_configuration", problem.sentence)
    if not problems and configuration is not None and path and "SparkDependenciesFile" in configuration.given:
        findings.add(
            "run_configuration", f"`SparkDependenciesFile` names {path}, which the project does not have. Add the file."
        )
    return {}
