"""The members' page: owners add, change and remove; others look; everybody may leave."""

from django.contrib.auth.models import User

from projects.models import Membership, Project
from tests.projects.pages.conftest import SeenBy

ADDRESS = "/projects/hello/members/"


def role_of(project: Project, person: User) -> str | None:
    """Return a person's role, None when he is no member."""
    found = Membership.objects.filter(project=project, user=person).first()
    return found.role if found else None


def test_an_owner_adds_changes_and_removes(seen_by: SeenBy, project: Project, alice: User, charlie: User) -> None:
    client = seen_by(alice)
    client.post(ADDRESS, {"deed": "add", "username": "charlie", "role": "viewer"})
    assert role_of(project, charlie) == "viewer"
    client.post(ADDRESS, {"deed": "change", "username": "charlie", "role": "owner"})
    assert role_of(project, charlie) == "owner"
    client.post(ADDRESS, {"deed": "remove", "username": "charlie"})
    assert role_of(project, charlie) is None


def test_mistakes_are_said_in_words(seen_by: SeenBy, project: Project, alice: User) -> None:
    client = seen_by(alice)
    response = client.post(ADDRESS, {"deed": "add", "username": "nobody", "role": "viewer"})
    assert response.status_code == 422
    assert "no active account" in response.content.decode()
    last = client.post(ADDRESS, {"deed": "remove", "username": "alice"}, follow=True)
    assert "only owner" in last.content.decode()
    assert client.post(ADDRESS, {"deed": "change", "username": "nobody", "role": "viewer"}).status_code == 404


def test_others_change_nobody_but_may_leave(seen_by: SeenBy, project: Project, bob: User, vera: User) -> None:
    for person in (bob, vera):
        client = seen_by(person)
        assert client.post(ADDRESS, {"deed": "add", "username": "charlie", "role": "owner"}).status_code == 404
        assert client.post(ADDRESS, {"deed": "change", "username": person.username, "role": "owner"}).status_code == 404
        assert client.post(ADDRESS, {"deed": "remove", "username": "alice"}).status_code == 404
    assert seen_by(vera).post(ADDRESS, {"deed": "remove", "username": "vera"}).headers["Location"] == "/projects/"
    assert role_of(project, vera) is None
