"""What a `<name>.runconfig` file says: what to run, where and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from projects.aml_config.run_configuration_keys import DEFAULT_CONDA_FILE, DEFAULT_SPARK_FILE

FrameworkName = Literal["Python", "PySpark"]


@dataclass(frozen=True, slots=True)
class RunConfigurationFile:
    """A run configuration. `script` is None where the file says `$file`: any script may be run with it.

    The dependency files are paths from the project's root; None where the file says null. `notes` are sentences about
    defaults that took the place of absent keys; `given` lists the keys that are in the file. Times are seconds.
    """

    name: str
    target: str
    script: str | None = None
    arguments: tuple[str, ...] = ()
    framework: FrameworkName = "PySpark"
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    conda_dependencies_file: str | None = DEFAULT_CONDA_FILE
    spark_dependencies_file: str | None = DEFAULT_SPARK_FILE
    prepare_environment: bool = True
    tracked_run: bool = True
    time_limit_seconds: int | None = None
    use_sampling: bool = True
    data_source_settings: Mapping[str, str] = field(default_factory=dict)
    data_source_substitutions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    unknown: Mapping[str, str] = field(default_factory=dict)
