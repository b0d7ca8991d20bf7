"""Reads a whole `aml_config` folder and holds its files against each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.dependency_files import CondaDependencies, SparkDependencies
from projects.aml_config.findings import Findings, shortened
from projects.aml_config.nodes import MapNode
from projects.aml_config.problems import Problem
from projects.aml_config.reading import (
    FOLDER,
    read_compute,
    read_conda_dependencies,
    read_run_configuration,
    read_spark_dependencies,
)
from projects.aml_config.run_configuration_file import RunConfigurationFile
from projects.aml_config.run_configuration_keys import DEFAULT_CONDA_FILE, DEFAULT_SPARK_FILE
from projects.aml_config.strict_yaml import read_document

COMPUTE_SUFFIX = ".compute"
RUN_CONFIGURATION_SUFFIX = ".runconfig"
MAXIMUM_NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class AmlConfig:
    """What the configuration files of a project say. Files with errors are missing here and named in `problems`.

    Computes and run configurations are keyed by name, dependency files by path from the project's root.
    """

    computes: Mapping[str, ComputeFile] = field(default_factory=dict)
    run_configurations: Mapping[str, RunConfigurationFile] = field(default_factory=dict)
    conda: Mapping[str, CondaDependencies] = field(default_factory=dict)
    spark: Mapping[str, SparkDependencies] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_aml_config(files: Mapping[str, bytes]) -> AmlConfig:
    """Read the configuration files among a project's files (path from the project's root → content).

    Only the contents of configuration files, and of dependency files that one of them names, are asked for, so the
    mapping may be a lazy one. Problems are ordered by file and line.
    """
    problems: list[Problem] = []
    computes: dict[str, ComputeFile] = {}
    for name, path in _named_files(files, COMPUTE_SUFFIX, problems).items():
        compute, found = read_compute(name, files[path])
        problems += found
        if compute:
            computes[name] = compute
    configurations: dict[str, RunConfigurationFile] = {}
    for name, path in _named_files(files, RUN_CONFIGURATION_SUFFIX, problems).items():
        configuration, found = read_run_configuration(name, files[path])
        problems += found
        if configuration:
            configurations[name] = configuration
            problems += _dangling_names(path, configuration, files)
    conda: dict[str, CondaDependencies] = {}
    for path in _paths(files, DEFAULT_CONDA_FILE, (each.conda_dependencies_file for each in configurations.values())):
        packages, found = read_conda_dependencies(path, files[path])
        problems += found
        if packages:
            conda[path] = packages
    spark: dict[str, SparkDependencies] = {}
    for path in _paths(files, DEFAULT_SPARK_FILE, (each.spark_dependencies_file for each in configurations.values())):
        settings, found = read_spark_dependencies(path, files[path])
        problems += found
        if settings:
            spark[path] = settings
    ordered = sorted(problems, key=lambda problem: (problem.file, problem.line or 0, problem.column or 0))
    return AmlConfig(computes, configurations, conda, spark, tuple(ordered))


def _named_files(files: Mapping[str, bytes], suffix: str, problems: list[Problem]) -> dict[str, str]:
    """Return name → path of the files directly in the folder that have a suffix; a name that is none is a problem."""
    named: dict[str, str] = {}
    for path in sorted(files):
        folder, _, base = path.rpartition("/")
        if folder != FOLDER or not base.endswith(suffix):
            continue
        name = base.removesuffix(suffix)
        if 0 < len(name) <= MAXIMUM_NAME_CHARACTERS and name.isprintable() and name == name.strip():
            named[name] = path
        else:
            text = f"{shortened(name)} cannot be a name: it is blank, too long or has characters that cannot be seen."
            remedy = f"Rename the file; 1 to {MAXIMUM_NAME_CHARACTERS} characters before {suffix}."
            problems.append(Problem("error", path, None, None, text, remedy))
    return named


def _paths(files: Mapping[str, bytes], default: str, named: Iterable[str | None]) -> list[str]:
    return sorted({path for path in (default, *named) if path is not None and path in files})


def _dangling_names(path: str, configuration: RunConfigurationFile, files: Mapping[str, bytes]) -> list[Problem]:
    """Return a warning for each thing that a run configuration names and the project does not have."""
    findings = Findings(path)
    root = read_document(path, files[path])
    entries = {entry.key.text: entry.value for entry in root} if isinstance(root, MapNode) else {}
    if f"{FOLDER}/{configuration.target}{COMPUTE_SUFFIX}" not in files:
        text = f"The project has no target {shortened(configuration.target)}."
        remedy = f"That is right if an administrator has attached it; else add {FOLDER}/<name>{COMPUTE_SUFFIX}."
        findings.warning(entries.get("Target"), text, remedy)
    named = {
        "CondaDependenciesFile": configuration.conda_dependencies_file,
        "SparkDependenciesFile": configuration.spark_dependencies_file,
    }
    for key, file in named.items():
        if key in configuration.given and file is not None and file not in files:
            text = f"`{key}` names {shortened(file)}, which the project does not have."
            findings.warning(entries.get(key), text, "Add the file, or correct the path.")
    return findings.problems
