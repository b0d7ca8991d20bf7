"""The first project, so that a newcomer can run something at once."""

from django.contrib.auth.models import User

from projects.errors import SourceRefused
from projects.models import Project
from projects.sources import create_from_template

NAME = "Iris"
TEMPLATE = "iris"


def create_sample_project(administrator: User) -> str:
    """Make the sample project when there is no project at all; return what was done in words, or an empty text.

    A server without the sample is still a server, so a refusal is told and stops nothing.
    """
    if Project.objects.exists():
        return ""
    try:
        project = create_from_template(administrator, NAME, TEMPLATE)
    except SourceRefused as refusal:
        return f"no sample project could be made: {refusal}"
    return f"added the sample project {project.name}"
