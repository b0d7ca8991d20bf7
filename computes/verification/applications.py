"""What a cluster has to tell of an application while its job is alive."""

from computes.contract import Condition, ExecutionRequest, RunFolderStatus, TargetSettings
from computes.spark_master import has_executors
from computes.verification.jobs import TinyJobs
from computes.verification.words import words_of_application

WITH_PROGRESS = "id, state, and tasks that are done"
WITHOUT_PROGRESS = "id and state"
BATCH = "the number of the batch and its state"


def expected_of_application(settings: TargetSettings) -> str:
    """Return what is told there of an application; nothing where no cluster is asked. Livy tells no progress, and Spark
    none without its pages."""
    if settings.livy is not None:
        return BATCH
    if settings.cluster is None or not has_executors(settings.cluster.master):
        return ""
    has_pages = settings.cluster.configuration.get("spark.ui.enabled", "true").lower() != "false"
    return WITH_PROGRESS if has_pages else WITHOUT_PROGRESS


def application(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """Return what is told of the application, once it is all there."""
    expected = expected_of_application(jobs.settings)

    def is_told(status: RunFolderStatus) -> bool:
        found = status.application
        if found is None or not found.state or found.is_waiting:
            return False
        name = found.batch if expected == BATCH else found.id
        return bool(name) and (found.tasks_done > 0 or expected != WITH_PROGRESS)

    told = jobs.poll_until(request.address, f"word on the application ({expected})", Condition.ALIVE, enough=is_told)
    found = told.application
    assert found is not None
    return words_of_application(found)
