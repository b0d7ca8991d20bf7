"""From a target's row to the plain facts that machines and executors work with."""

from django.conf import settings

from computes.contract import TargetSettings
from computes.models import ComputeTarget


def settings_of(target: ComputeTarget) -> TargetSettings:
    """Return a target's settings. Paths are taken literally: `~` and bare command names are looked up on the target.

    Without a work folder of its own, a target on this machine gets one named after it below
    settings.LOCAL_WORK_FOLDER, any other one `~/.amlweb`.
    """
    on_this_machine = target.kind in (ComputeTarget.Kind.LOCAL, ComputeTarget.Kind.LOCAL_DOCKER)
    default_folder = str(settings.LOCAL_WORK_FOLDER / target.name) if on_this_machine else "~/.amlweb"
    return TargetSettings(
        name=target.name,
        kind=target.kind,
        work_folder=target.work_folder or default_folder,
        python_location=target.python_location or "python3",
        native_shared_directory=target.native_shared_directory,
        spark_submit_location=target.spark_submit_location or "spark-submit",
        environment=dict(target.environment_variables),
    )
