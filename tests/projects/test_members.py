"""Members come by name with a role, and a project always keeps an owner."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from projects.errors import SourceRefused
from projects.members import add_member, change_role, remove_member
from projects.models import Membership, Project, Role


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


def test_an_owner_adds_changes_and_removes(project: Project, alice: User, bob: User) -> None:
    assert add_member(project, " bob ", "viewer", by=alice).role == Role.VIEWER
    assert Project.objects.visible_to(bob).get() == project
    assert change_role(project, bob, "runner", by=alice).role == Role.RUNNER
    remove_member(project, bob, by=alice)
    assert not Project.objects.visible_to(bob).exists()


@pytest.mark.parametrize(
    ("username", "role", "field"),
    [
        ("nobody", "viewer", "username"),
        ("gone", "viewer", "username"),
        ("bob", "king", "role"),
        ("alice", "viewer", "username"),
    ],
)
def test_what_cannot_be_added_is_said_on_its_field(
    project: Project, alice: User, bob: User, username: str, role: str, field: str
) -> None:
    User.objects.create_user("gone", is_active=False)
    with pytest.raises(SourceRefused) as refused:
        add_member(project, username, role, by=alice)
    assert refused.value.field == field
    assert Membership.objects.count() == 1


def test_the_last_owner_stays(project: Project, alice: User, bob: User) -> None:
    add_member(project, "bob", "runner", by=alice)
    with pytest.raises(SourceRefused, match="only owner"):
        remove_member(project, alice, by=alice)
    with pytest.raises(SourceRefused, match="only owner"):
        change_role(project, alice, "viewer", by=alice)
    change_role(project, bob, "owner", by=alice)
    remove_member(project, alice, by=bob)
    assert [membership.user for membership in project.memberships.all()] == [bob]


def test_only_owners_and_administrators_change_members(project: Project, alice: User, bob: User) -> None:
    add_member(project, "bob", "runner", by=alice)
    with pytest.raises(PermissionDenied):
        change_role(project, bob, "owner", by=bob)
    with pytest.raises(PermissionDenied):
        remove_member(project, alice, by=bob)
    with pytest.raises(PermissionDenied):
        add_member(project, "charlie", "viewer", by=bob)
    ada = User.objects.create_superuser("ada")
    change_role(project, bob, "viewer", by=ada)


def test_a_member_may_leave(project: Project, alice: User, bob: User) -> None:
    add_member(project, "bob", "viewer", by=alice)
    remove_member(project, bob, by=bob)
    with pytest.raises(SourceRefused, match="no member"):
        remove_member(project, bob, by=alice)
