"""The first project, so that a newcomer can run something at once."""

from django.contrib.auth.models import User

from projects.models import Project
from projects.sources import create_from_template

TEMPLATE = "iris"


def create_sample_project(administrator: User) -> Project | None:
    """Make the sample project when there is no project at all; return it, or None."""
    if Project.objects.exists():
        return None
    return create_from_template(administrator, TEMPLATE)
