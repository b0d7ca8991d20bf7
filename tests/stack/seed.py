"""Fill a fresh installation with the cast, a project and the local target; print everyone's token as JSON.

Run as `python -m tests.stack.seed FOLDER_OF_CODE SLOTS` with the installation's environment.
"""

import json
import sys
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402

from amlweb.preparing.static_files import collect_static_files  # noqa: E402
from computes.models import ComputeTarget  # noqa: E402
from projects.models import Membership, Project, Role  # noqa: E402
from projects.models.access_token import create_token  # noqa: E402
from projects.snapshots import take_snapshot  # noqa: E402
from tests.stack.system import PASSWORD  # noqa: E402

CAST = {"alice": Role.OWNER, "bob": Role.RUNNER, "vera": Role.VIEWER, "charlie": None, "ada": None}


def main(folder: Path, slots: int) -> None:
    """Migrate, make the people, the project "hello" and the target "local"."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    collect_static_files()
    people = {
        name: User.objects.create_user(name, password=PASSWORD, is_superuser=name == "ada", is_staff=name == "ada")
        for name in CAST
    }
    project: Project = Project.objects.create(slug="hello", name="Hello", created_by=people["alice"])
    for name, role in CAST.items():
        if role:
            Membership.objects.create(project=project, user=people[name], role=role)
    project.current_snapshot = take_snapshot(project, folder)
    project.save()
    target: ComputeTarget = ComputeTarget.objects.create(
        name="local", slots=slots, python_location=sys.executable, created_by=people["ada"]
    )
    target.grants.create(project=project)
    print(json.dumps({name: create_token(person, "tests")[1] for name, person in people.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
