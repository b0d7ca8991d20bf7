"""What the tests of a project's pages share. Alice and her project are those of the whole cast, with all members."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.conftest import alice, project

__all__ = ["SeenBy", "alice", "project", "seen_by"]

SeenBy = Callable[[User], Client]


@pytest.fixture
def seen_by() -> SeenBy:
    """Give a client that is signed in as a person."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in
