"""Fill a fresh installation, whose tables are there, with the cast, a project and the local target.

Run as `python -m tests.stack.seed FOLDER_OF_CODE SLOTS` with the installation's environment. It prints everyone's token
and Ada's session as JSON. Nobody has a password: hashing one takes a third of a second of processor time.
"""

import json
import sys
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

from amlweb.preparing.static_files import collect_static_files  # noqa: E402
from computes.models import ComputeTarget  # noqa: E402
from projects.models import Membership, Project, Role  # noqa: E402
from projects.models.access_token import create_token  # noqa: E402
from projects.snapshots import take_snapshot  # noqa: E402

CAST = {"alice": Role.OWNER, "bob": Role.RUNNER, "vera": Role.VIEWER, "charlie": None, "ada": None}


def main(folder: Path, slots: int) -> None:
    """Collect static files, make the people, the project "hello" and the target "local"."""
    collect_static_files()
    people = {name: User.objects.create_user(name, is_superuser=name == "ada", is_staff=name == "ada") for name in CAST}
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
    tokens = {name: create_token(person, "tests")[1] for name, person in people.items()}
    client = Client()
    client.force_login(people["ada"])
    print(json.dumps({"tokens": tokens, "session": client.cookies["sessionid"].value}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
