"""This machine as the first compute target."""

import os
import sys

from django.conf import settings
from django.contrib.auth.models import User

from computes.models import ComputeTarget

NAME = "local"


def create_local_target(administrator: User | None) -> ComputeTarget | None:
    """Make the target `local` when there never was a target; return it, or None.

    It runs the code of whoever may use it as the server's own user, so it is on for one person only; in team mode an
    administrator has to turn it on.
    """
    if ComputeTarget.with_detached.exists():
        return None
    sample_python = settings.SAMPLE_PYTHON
    target: ComputeTarget = ComputeTarget.objects.create(
        name=NAME,
        kind=ComputeTarget.Kind.LOCAL,
        description="The machine that the server runs on",
        is_enabled=settings.MODE == "single",
        slots=os.cpu_count() or 1,
        python_location=str(sample_python if sample_python.exists() else sys.executable),
        work_folder=str(settings.LOCAL_WORK_FOLDER / NAME),
        created_by=administrator,
    )
    return target
