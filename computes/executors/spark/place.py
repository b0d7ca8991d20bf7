"""Where the Spark of a run works, and what that place wants of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from computes.executors.spark.rules import BESIDE_THE_SCRIPT, Rules

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SparkPlace:
    """What a place wants of Spark, beside what the project asks for.

    `rules` say which of the project's properties count. `defaults` give way to the
    host's spark-defaults.conf and to the project, `fixed` to nothing. `environment` are variables for where neither
    target nor run sets them. `ivy` keeps packages between runs; `temporary` is gone with the run. `workers_python` is
    the Python of executors where that is not the driver's.
    """

    rules: Rules
    ivy: str
    temporary: str
    defaults: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    workers_python: str = ""


def beside_the_script(run_folder: str, run_id: str, ivy: str) -> SparkPlace:
    """Return the place of Spark in the script's own machine or container: on the loopback only, nothing left behind.

    Without `ivy` packages are kept for the run alone. Paths are as the script sees them.
    """
    temporary = f"{run_folder}/spark/tmp"
    return SparkPlace(
        rules=BESIDE_THE_SCRIPT,
        ivy=ivy or f"{temporary}/ivy",
        temporary=temporary,
        defaults={
            "spark.app.name": run_id,
            "spark.ui.enabled": "false",
            "spark.ui.port": "0",
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
        },
        environment={"SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": f"{run_folder}/spark/local"},
    )
