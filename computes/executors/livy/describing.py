"""What a run was executed with: the driver's own word on its Python, and Livy's on the application."""

import json
from dataclasses import dataclass

from computes.contract import EnvironmentRecord
from computes.errors import CollectionFailed, TargetError
from computes.executors.interpreter import checked
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.executors.plain_text import plain
from computes.spark_driver.layout import ENVIRONMENT, driver_name, latest_attempt

MOST_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Application:
    """The run on the cluster; each text is empty as long as it is not known."""

    id: str = ""
    state: str = ""
    driver_log: str = ""
    spark_page: str = ""
    batch: int | None = None
    host: str = ""


def application_of(run: RunBehindLivy) -> Application:
    """Return what is known of the application. Livy's silence leaves out what only it knows."""
    claim = run.shared.record(driver_name(latest_attempt(run.shared.names()))) or {}
    number = run.batch_number()
    try:
        batch = run.batch() if number is not None else None
    except TargetError:
        batch = None
    return Application(
        id=(batch.application if batch else "") or plain(claim.get("application")),
        state=batch.state if batch else "",
        driver_log=batch.driver_log if batch else "",
        spark_page=batch.spark_page if batch else "",
        batch=number,
        host=plain(claim.get("host")),
    )


def describe(run: RunBehindLivy) -> EnvironmentRecord:
    """Return the record. Raises CollectionFailed where the driver has left none."""
    data = run.shared.read(ENVIRONMENT, MOST_BYTES)
    try:
        said = checked(json.loads((data or b"").decode().splitlines()[-1]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CollectionFailed(
            "The driver has not recorded its interpreter.",
            "Nothing is to be done; run it again if you need to know its packages.",
        ) from error
    application = application_of(run)
    said.pop("path")
    return EnvironmentRecord(
        interpreter=said.pop("executable"),
        version=said.pop("version"),
        packages=said.pop("packages"),
        details={
            **said,
            "application": application.id,
            "driver_log": application.driver_log,
            "spark_page": application.spark_page,
            "host": application.host,
        },
    )
