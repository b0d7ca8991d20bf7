"""The program that the supervisor starts for a PySpark script, and what it reads in the run's specification."""

from collections.abc import Mapping, Sequence
from typing import Any

from computes.contract import SparkSettings
from computes.executors.spark.place import SparkPlace
from computes.executors.spark.rules import MASTER
from computes.in_run.amlweb_spark import BOOT

PACKAGES = "spark.jars.packages"
REPOSITORIES = "spark.jars.repositories"


def program_argv(interpreter: str, in_run: str) -> list[str]:
    """Return the command that becomes spark-submit; the rest stands in the specification."""
    return [interpreter, "-c", BOOT, in_run]


def spark_part(script: Sequence[str], location: str, spark: SparkSettings, place: SparkPlace) -> dict[str, Any]:
    """Return what the specification says under "spark" (`computes.in_run.amlweb_spark.submitting` reads it).

    `script` is the script with its arguments, `location` the target's spark-submit.
    """
    return {
        "script": list(script),
        "location": location,
        "defaults": dict(place.defaults),
        "properties": properties_of(spark, place),
        "environment": dict(place.environment),
        "ivy": place.ivy,
        "temporary": place.temporary,
        "workers_python": place.workers_python,
    }


def properties_of(spark: SparkSettings, place: SparkPlace) -> dict[str, str]:
    """Return the properties of a run: the project's that count here, its packages, and what the place insists on."""
    counting = {name: value for name, value in spark.configuration.items() if place.rules.counts(name, value)}
    lists = {PACKAGES: spark.packages, REPOSITORIES: spark.repositories}
    return {
        MASTER: place.rules.master,
        **counting,
        **{name: joined(counting, name, more) for name, more in lists.items() if more},
        **place.fixed,
    }


def joined(properties: Mapping[str, str], name: str, more: Sequence[str]) -> str:
    """Return a list of Spark's, separated by commas: what the property says already, and more."""
    said = [part.strip() for part in properties.get(name, "").split(",")]
    return ",".join([*(part for part in said if part), *more])
