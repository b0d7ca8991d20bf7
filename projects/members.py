"""Who belongs to a project: adding a person by name, changing a role, taking somebody out.

A project always keeps an owner. Raises PermissionDenied when the person who asks is not an owner of the project (and
no administrator); leaving a project oneself needs no such right.
"""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from projects.errors import SourceRefused
from projects.models import Membership, Project, Role
from projects.path_rules import shown


def add_member(project: Project, username: str, role: str, by: User) -> Membership:
    """Add a person; raises SourceRefused on "username" or "role", also when he is a member already."""
    _refuse_strangers(project, by)
    _refuse_unknown_role(role)
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        text = f"There is no active account called {shown(username.strip())!r}."
        raise SourceRefused("username", text, "Check the spelling, or ask an administrator to make the account.")
    membership, is_new = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    if not is_new:
        text = f"{user.username} is a member already, as {membership.get_role_display().lower()}."
        raise SourceRefused("username", text, "Change the role in the list of members.")
    return membership


def change_role(project: Project, user: User, role: str, by: User) -> Membership:
    """Give a member another role; raises SourceRefused on "role" or "username", also for the last owner."""
    _refuse_strangers(project, by)
    _refuse_unknown_role(role)
    with transaction.atomic():
        membership = _locked_membership(project, user)
        if role != Role.OWNER:
            _refuse_last_owner(project, membership)
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def remove_member(project: Project, user: User, by: User) -> None:
    """Take a member out; raises SourceRefused on "username" for the last owner and for somebody who is no member."""
    if user != by:
        _refuse_strangers(project, by)
    with transaction.atomic():
        membership = _locked_membership(project, user)
        _refuse_last_owner(project, membership)
        membership.delete()


def _refuse_strangers(project: Project, by: User) -> None:
    if not Project.objects.with_role(by, Role.OWNER).filter(pk=project.pk).exists():
        raise PermissionDenied("Only owners of a project change its members.")


def _refuse_unknown_role(role: str) -> None:
    if role not in Role.values:
        raise SourceRefused("role", f"There is no role {shown(role)!r}.", f"Choose one of: {', '.join(Role.values)}.")


def _locked_membership(project: Project, user: User) -> Membership:
    """Return a membership, holding the project so that two removals cannot each see the other's owner."""
    Project.objects.select_for_update().get(pk=project.pk)
    membership = Membership.objects.filter(project=project, user=user).select_related("user").first()
    if membership is None:
        raise SourceRefused("username", f"{user.get_username()} is no member.", "Open the list of members again.")
    return membership


def _refuse_last_owner(project: Project, membership: Membership) -> None:
    others = Membership.objects.filter(project=project, role=Role.OWNER).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        text = f"{membership.user.get_username()} is the only owner; a project always has one."
        raise SourceRefused("username", text, "Make somebody else an owner first.")
