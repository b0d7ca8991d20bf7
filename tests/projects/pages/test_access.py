"""Who finds which page of a project: members by their role, administrators always, strangers never."""

import pytest
from django.test import Client

from projects.models import Project
from tests.projects.pages.conftest import SeenBy

READ = ["", "files/", "files/hello.py", "aml_config/", "members/"]
CHANGE = ["source/", "files/?new=1", "files/hello.py?edit=1"]
PEOPLE = ["alice", "bob", "vera", "charlie", "ada"]


@pytest.mark.parametrize("place", READ)
@pytest.mark.parametrize("person", PEOPLE)
def test_every_member_reads_and_strangers_do_not(
    project: Project, seen_by: SeenBy, place: str, person: str, request: pytest.FixtureRequest
) -> None:
    client = seen_by(request.getfixturevalue(person))
    assert client.get(f"/projects/hello/{place}").status_code == (404 if person == "charlie" else 200)
    assert client.put(f"/projects/hello/{place}").status_code == 405


@pytest.mark.parametrize("place", CHANGE)
@pytest.mark.parametrize("person", PEOPLE)
def test_only_runners_and_owners_find_what_changes_the_code(
    project: Project, seen_by: SeenBy, place: str, person: str, request: pytest.FixtureRequest
) -> None:
    client = seen_by(request.getfixturevalue(person))
    assert client.get(f"/projects/hello/{place}").status_code == (404 if person in ("vera", "charlie") else 200)


@pytest.mark.parametrize("place", ["source/", "files/", "files/hello.py", "aml_config/"])
@pytest.mark.parametrize("person", ["vera", "charlie"])
def test_people_who_may_not_change_the_code_cannot_post(
    project: Project, seen_by: SeenBy, place: str, person: str, request: pytest.FixtureRequest
) -> None:
    client = seen_by(request.getfixturevalue(person))
    before = project.current_snapshot
    sent = {"deed": "delete", "text": "x", "path": "x.py"}
    assert client.post(f"/projects/hello/{place}", sent).status_code == 404
    project.refresh_from_db()
    assert project.current_snapshot == before


def test_unknown_and_forbidden_look_the_same(project: Project, seen_by: SeenBy, charlie: object) -> None:
    client = seen_by(charlie)  # type: ignore[arg-type]
    answers = [client.get(f"/projects/{slug}/").content.decode() for slug in ("hello", "nowhere")]
    hidden = [answer.split("<main")[1] for answer in answers]
    assert hidden[0] == hidden[1]
    assert "There is nothing here that you may see" in hidden[0]


@pytest.mark.parametrize("place", ["/", "/projects/", "/projects/new/", "/account/", "/projects/hello/"])
def test_without_a_session_one_is_led_to_the_door(client: Client, project: Project, place: str) -> None:
    assert client.get(place).headers["Location"].startswith("/login/?next=")
