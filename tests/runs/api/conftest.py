"""What the tests of the API share: clients that speak with a personal token."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.models import ComputeTarget
from projects.models import Project
from projects.models.access_token import create_token
from runs.models import Run
from runs.submission import Submission, submit_run

Api = Callable[[User], Client]


@pytest.fixture
def api() -> Api:
    """Give a client that shows a person's token, and nothing else."""

    def with_token(person: User) -> Client:
        _, token = create_token(person, "test")
        return Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)

    return with_token


@pytest.fixture
def run(project: Project, local_target: ComputeTarget, bob: User) -> Run:
    """A queued run of Bob's."""
    return submit_run(bob, project, Submission(script="hello.py", target="local"))
