"""The run configuration: what to run, where and how, frozen with every run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from computes.contract import SparkSettings
from computes.spark_resources import Resources


@dataclass(frozen=True, slots=True)
class RunConfiguration:
    """Everything that was asked for, except the values of secret variables, of which only the names are kept.

    `name` is the run configuration of the project that it came from, if any; `source` is that file's text.
    `without_effect` names keys of it that do nothing on this target; `target_overrides` is what the project's own
    `.compute` file says instead of the target (`computes.project_overrides`). `environment_file` says what packages the
    run needs, on targets whose environments we make; `environment_lock` is the hash of the lock that a repeated run
    takes over instead. `spark` is what Spark is asked for: `configuration`, `repositories`, `packages`;
    `resources` is what its application takes on a cluster, which stands among the properties too.
    """

    script: str
    target: str
    arguments: tuple[str, ...] = ()
    framework: str = "Python"
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()
    name: str = ""
    conda_dependencies_file: str = ""
    spark_dependencies_file: str = ""
    prepare_environment: bool = True
    time_limit_seconds: int | None = None
    without_effect: tuple[str, ...] = ()
    target_overrides: Mapping[str, Any] = field(default_factory=dict)
    environment_file: str = ""
    environment_lock: str = ""
    spark: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what is stored with the run."""
        return asdict(self)

    @property
    def spark_settings(self) -> SparkSettings:
        """What Spark is asked for, as executors are given it."""
        return SparkSettings(
            configuration=dict(self.spark.get("configuration", {})),
            repositories=tuple(self.spark.get("repositories", ())),
            packages=tuple(self.spark.get("packages", ())),
        )

    @property
    def asked_resources(self) -> Resources:
        """What the application takes on a cluster."""
        return Resources(**self.resources)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RunConfiguration":
        """Read what `to_json` wrote; lists become tuples again."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
        return cls(**values)
