"""What Spark was asked for with a run, as the run's page shows it."""

from dataclasses import dataclass

from computes.contract import Framework
from computes.environments.address_secrets import with_masked_secrets
from computes.executors.spark.rules import MASTER, RULES
from computes.models import ComputeTarget
from computes.registry import ALIASES
from projects.aml_config.spark_properties import without_secrets
from runs.models import Run
from runs.run_configuration import RunConfiguration


@dataclass(frozen=True, slots=True)
class SparkPart:
    """Properties that Spark is given, by name, without secrets, with the packages and repositories of the project."""

    properties: tuple[tuple[str, str], ...]
    packages: tuple[str, ...]
    repositories: tuple[str, ...]


def spark_part_of(run: Run, asked: RunConfiguration) -> SparkPart | None:
    """Return what a PySpark run asks of Spark, None for other runs. What has no effect on the target is left out."""
    rules = RULES.get(ALIASES.get(run.target.kind, run.target.kind))
    if asked.framework != Framework.PYSPARK or rules is None:
        return None
    spark = asked.spark_settings
    shown = without_secrets(spark.configuration)
    counting = {name: shown[name] for name, value in spark.configuration.items() if rules.counts(name, value)}
    master = run.target.spark_master if run.target.kind == ComputeTarget.Kind.CLUSTER else rules.master
    repositories = tuple(with_masked_secrets(address) for address in spark.repositories)
    return SparkPart(tuple(sorted({MASTER: master, **counting}.items())), spark.packages, repositories)
