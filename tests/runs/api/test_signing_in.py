"""Who is let in: tokens, sessions, and how refusals look."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from projects.models import AccessToken, Project
from projects.models.access_token import create_token
from tests.runs.api.conftest import Api

PROJECTS = "/api/v1/projects"
PROBLEM = {"error", "detail", "remedy"}


def ask(header: str, **more: Any) -> Any:
    """Call with an Authorization header and return the response."""
    return Client().get(PROJECTS, headers={"authorization": header}, **more)


def test_a_token_opens_the_door(bob: User) -> None:
    _, token = create_token(bob, "t")
    assert ask(f"Bearer {token}").status_code == 200
    assert ask(f"bearer  {token}").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer amlweb_", "Bearer é", "Bearer a b", "Basic YTpi", "amlweb_x", "Token x"]
)
def test_anything_else_is_401_with_a_remedy(bob: User, header: str) -> None:
    response = ask(header)
    assert response.status_code == 401
    assert response.json().keys() == PROBLEM
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_revoked_expired_and_foreign_tokens_open_nothing(bob: User) -> None:
    row, revoked = create_token(bob, "revoked")
    AccessToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    _, expired = create_token(bob, "expired", timezone.now() - timedelta(seconds=1))
    _, good = create_token(bob, "good")
    changed = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert [ask(f"Bearer {token}").status_code for token in (revoked, expired, changed, good)] == [401, 401, 401, 200]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert ask(f"Bearer {good}").status_code == 401


def test_with_a_bad_token_a_good_session_does_not_help(bob: User) -> None:
    client = Client()
    client.force_login(bob)
    assert client.get(PROJECTS).status_code == 200
    assert client.get(PROJECTS, headers={"authorization": "Bearer amlweb_wrong"}).status_code == 401


def test_with_a_token_the_session_of_another_person_is_ignored(project: Project, vera: User, charlie: User) -> None:
    client = Client()
    client.force_login(vera)
    _, token = create_token(charlie, "t")
    assert client.get(PROJECTS, headers={"authorization": f"Bearer {token}"}).json() == {"projects": []}


def test_a_token_needs_no_csrf_token(project: Project, bob: User) -> None:
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {create_token(bob, 't')[1]}"})
    response = client.post("/api/v1/projects/hello/runs", "{}", content_type="application/json")
    assert response.status_code == 422


def test_a_token_in_the_address_is_refused_even_beside_a_good_one(api: Api, bob: User) -> None:
    _, token = create_token(bob, "t")
    for name in ("token", "access_token", "q"):
        assert Client().get(PROJECTS, {name: token}).status_code == 400
        response = api(bob).get(PROJECTS, {name: token})
        assert response.json()["error"] == "token_in_address"
        assert token not in response.content.decode()


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("delete", PROJECTS, {"GET", "POST"}),
        ("patch", "/api/v1/projects/hello/source", {"PUT"}),
        ("put", "/api/v1/projects/hello/runs/1", {"GET"}),
        ("get", "/api/v1/projects/hello/runs/1/cancel", {"POST"}),
        ("trace", "/api/v1/targets", {"GET", "POST"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    api: Api, project: Project, bob: User, method: str, address: str, allowed: set[str]
) -> None:
    response = getattr(api(bob), method)(address)
    assert response.status_code == 405
    assert response.json().keys() == PROBLEM
    assert set(response["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "address", ["/api/v1/", "/api/v1/nowhere", "/api/v1/projects/hello/", "/api/v1/projects/a%20b"]
)
def test_an_unknown_address_is_told_in_the_same_shape(api: Api, bob: User, address: str) -> None:
    response = api(bob).get(address)
    assert response.status_code == 404
    assert response.json().keys() == PROBLEM


def test_what_nobody_foresaw_is_told_without_our_insides(
    api: Api, project: Project, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    Project.objects.filter(pk=project.pk).update(
        current_snapshot=project.snapshots.create(digest="gone", files=1, size_bytes=1)
    )
    response = api(bob).get("/api/v1/projects/hello")
    assert response.status_code == 500
    assert response.json().keys() == PROBLEM
    assert response.json()["error"] == "internal_error"
    assert "Traceback" not in response.content.decode()
    assert "Traceback" in caplog.text
